"""Health checks: whether the process responds, and whether its database is ready."""

from __future__ import annotations

import orjson
from flask import Flask, Response

from api.http.context import current_store
from api.http.problems import Problem


def register(app: Flask) -> None:
    """Serve /healthz and /readyz."""

    @app.get("/healthz", endpoint="healthz")
    def healthz() -> Response:
        return _ok("The process responds.")

    @app.get("/readyz", endpoint="readyz")
    def readyz() -> Response:
        # If the database does not respond, this raises a problem.
        if not current_store().at_head():
            detail = "The tables of the database are not up to date. Run: onrecord db upgrade"
            raise Problem(detail, slug="unavailable")
        return _ok("The database responds, and its tables are up to date.")


def _ok(detail: str) -> Response:
    body = orjson.dumps({"status": "ok", "detail": detail})
    return Response(body, mimetype="application/json", headers={"Cache-Control": "no-store"})
