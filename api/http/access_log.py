"""Watching: every request is logged and counted when it is answered."""

from __future__ import annotations

import time
import typing
from urllib.parse import quote

from flask import Flask, Response, g

from api.http import deprecation
from api.http.context import current_request
from api.http.logs import FORWARD, log
from api.http.metrics import Metrics
from api.http.operations import current_operation

# What watches the service asks for these every few seconds; a line each would be noise.
QUIET = frozenset({"healthz", "readyz", "metrics"})

_LONGEST_PATH = 500


def register(app: Flask, metrics: Metrics) -> None:
    """Log and count every request of the app; to be registered first, so that none goes unseen."""
    app.logger.handlers = [FORWARD]
    app.logger.propagate = False
    # A failure is logged where it is answered (problems.from_http), once.
    app.log_exception = lambda *_: None  # type: ignore[method-assign]

    @app.before_request
    def start() -> None:
        g.started = time.perf_counter()

    @app.after_request
    def finish(response: Response) -> Response:
        asked, known = current_request(), g._get_current_object()
        if asked.endpoint in QUIET:
            return response
        seconds = time.perf_counter() - known.started
        operation, key, status = current_operation(), known.get("key"), response.status_code
        metrics.count(operation, asked.method, status, seconds)
        more: dict[str, typing.Any] = {}
        if operation is not None and (used := deprecation.used(operation)):
            metrics.count_deprecated(operation, used)
            more["deprecated"] = [each.parameter for each in used]
        log.info(
            "request",
            method=asked.method,
            path=quote(asked.path[:_LONGEST_PATH]),
            status=status,
            operation=None if operation is None else operation.id,
            duration_ms=round(seconds * 1000, 2),
            key=None if key is None else key.id,
            request_id=known.request_id,
            **more,
        )
        return response
