"""The access log: a log line and a metric for each response."""

from __future__ import annotations

import time
from urllib.parse import quote

from flask import Flask, Response, g

from api.http import deprecation
from api.http.context import current_request
from api.http.logs import FORWARD_HANDLER, log
from api.http.metrics import Metrics
from api.http.operations import current_operation

# Monitoring requests these every few seconds. A line for each would be noise.
_UNLOGGED = frozenset({"healthz", "readyz", "metrics"})

_PATH_MAX = 500


def register(app: Flask, metrics: Metrics) -> None:
    """Log and count every request of the app. Register this first, so that no hook can hide a request from it."""
    app.logger.handlers = [FORWARD_HANDLER]
    app.logger.propagate = False
    # problems.from_http_exception logs each failure, so Flask must not log it again.
    app.log_exception = lambda *_: None  # type: ignore[method-assign]

    @app.before_request
    def start() -> None:
        g.started = time.perf_counter()

    @app.after_request
    def finish(response: Response) -> Response:
        request, context = current_request(), g._get_current_object()
        if request.endpoint in _UNLOGGED:
            return response
        seconds = time.perf_counter() - context.started
        operation, key, status = current_operation(), context.get("key"), response.status_code
        deprecated = [item.parameter for item in deprecation.current_deprecations(operation)]
        metrics.count(operation, request.method, status, seconds, deprecated)
        log.info(
            "request",
            method=request.method,
            path=quote(request.path[:_PATH_MAX]),
            status=status,
            operation=None if operation is None else operation.id,
            duration_ms=round(seconds * 1000, 2),
            key=None if key is None else key.id,
            request_id=context.request_id,
            **({"deprecated": deprecated} if deprecated else {}),
        )
        return response
