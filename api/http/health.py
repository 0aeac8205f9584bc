"""Health: whether the process answers, and whether it is ready to be asked."""

from __future__ import annotations

import typing

import orjson
from flask import Flask, Response, current_app

from api.http.problems import RETRY_AFTER, Problem
from api.store.database import Store


def register(app: Flask) -> None:
    """Serve both."""

    @app.get("/healthz", endpoint="healthz")
    def healthz() -> Response:
        return _well("The process answers.")

    @app.get("/readyz", endpoint="readyz")
    def readyz() -> Response:
        store = typing.cast("Store", current_app.extensions["onrecord"])
        # What the database does when it does not answer is a problem already.
        if not store.at_head():
            told = "The database's tables are not in the form that this version needs. Run: onrecord db upgrade"
            raise Problem(told, slug="unavailable", headers={"Retry-After": RETRY_AFTER})
        return _well("The database answers, and its tables are in the newest form.")


def _well(detail: str) -> Response:
    response = Response(orjson.dumps({"status": "ok", "detail": detail}), mimetype="application/json")
    response.headers["Cache-Control"] = "no-store"
    return response
