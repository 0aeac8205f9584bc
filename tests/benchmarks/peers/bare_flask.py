"""Two routes of Flask that return stored bytes: the least that an API on Flask does."""

from __future__ import annotations

from flask import Flask, Response, request

from tests.benchmarks.peers.stored_responses import ITEMS, PAGES

app = Flask(__name__)


@app.get("/v1/casualty-reports/<id_>")
def get_item(id_: str) -> Response:
    return Response(ITEMS[id_], mimetype="application/json")


@app.get("/v1/casualty-reports")
def get_page() -> Response:
    return Response(PAGES[request.args.get("limit", "20")], mimetype="application/json")
