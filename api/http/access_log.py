"""The access log: a log line and a metric for each response."""

from __future__ import annotations

import time
import typing
from collections.abc import Sequence
from urllib.parse import quote

from flask import Flask, Response

from api.http import deprecation, logs
from api.http.context import current_request
from api.http.logs import FORWARD_HANDLER
from api.http.metrics import Metrics
from api.http.operations import Operation

# Monitoring requests these every few seconds. A line for each would be noise.
_UNLOGGED = frozenset({"healthz", "readyz", "metrics"})

_PATH_MAX = 500

# The variable of the WSGI environment with the outcome of a request.
OUTCOME = "onrecord.outcome"


class Outcome(typing.NamedTuple):
    """The part of a log line that a repeated response repeats. `path` is quoted, and `cost` is the charge."""

    method: str
    path: str
    status: int
    operation: Operation | None
    deprecated: Sequence[str]
    cost: int


def register(app: Flask, metrics: Metrics) -> None:
    """Log and count every request of the app. Register this first, so that no hook can hide a request from it."""
    app.logger.handlers = [FORWARD_HANDLER]
    app.logger.propagate = False
    # problems.from_http_exception logs each failure, so Flask must not log it again.
    app.log_exception = lambda *_: None  # type: ignore[method-assign]

    @app.before_request
    def start() -> None:
        current_request().started = time.perf_counter()

    @app.after_request
    def finish(response: Response) -> Response:
        request = current_request()
        if request.endpoint in _UNLOGGED:
            return response
        operation, key, charge = request.operation, request.key, request.charge
        outcome = Outcome(
            method=request.method,
            path=quote(request.path[:_PATH_MAX]),
            status=response.status_code,
            operation=operation,
            deprecated=[item.parameter for item in deprecation.current_deprecations(operation)],
            cost=0 if charge is None else charge.cost,
        )
        record(metrics, outcome, request.started, request.id, None if key is None else key.id)
        request.environ[OUTCOME] = outcome
        return response


def record(metrics: Metrics, outcome: Outcome, started: float, request_id: str, key: str | None = None) -> None:
    """Log and count a response to a request that began at `started`, a value of `time.perf_counter`."""
    operation, deprecated = outcome.operation, outcome.deprecated
    seconds = time.perf_counter() - started
    metrics.count(operation, outcome.method, outcome.status, seconds, deprecated)
    line = {
        "method": outcome.method,
        "path": outcome.path,
        "status": outcome.status,
        "operation": None if operation is None else operation.id,
        "duration_ms": round(seconds * 1000, 2),
        "key": key,
        "request_id": request_id,
    }
    logs.info("request", line | {"deprecated": deprecated} if deprecated else line)
