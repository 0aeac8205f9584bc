"""A WSGI function that returns stored bytes. Nothing in Python on this server is faster."""

from __future__ import annotations

from tests.benchmarks.peers.stored_responses import ITEMS, PAGES


def app(environ, start_response):
    id_ = environ["PATH_INFO"].rpartition("/")[2]
    body = ITEMS.get(id_) or PAGES["100" if "limit=100" in environ["QUERY_STRING"] else "20"]
    start_response("200 OK", [("Content-Type", "application/json"), ("Content-Length", str(len(body)))])
    return [body]
