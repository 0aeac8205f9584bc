"""Metrics for Prometheus: how many requests each operation had, how they ended and how long they took."""

from __future__ import annotations

import os
from collections.abc import Iterable
from functools import lru_cache

from flask import Flask, Response, request
from prometheus_client import CollectorRegistry, Counter, Histogram, values
from prometheus_client.exposition import choose_encoder
from prometheus_client.multiprocess import MultiProcessCollector

from api.http.operations import Deprecated, Operation

# Where the processes of one server count together; the library's own variable, which `onrecord serve` sets.
SHARED = "PROMETHEUS_MULTIPROC_DIR"

_METHODS = frozenset({"GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"})
# From an answer that was there to a query that has used up its time.
_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)


class Metrics:
    """The counts of one app."""

    def __init__(self) -> None:
        # The library looks at the variable when it is imported, which is before `onrecord serve` sets it.
        values.ValueClass = values.get_value_class()  # type: ignore[no-untyped-call]
        self.registry = CollectorRegistry()
        self._requests = Counter(
            "onrecord_requests",
            "Requests that were answered.",
            ("operation", "method", "status", "version"),
            registry=self.registry,
        )
        self._seconds = Histogram(
            "onrecord_request_seconds",
            "How long they took, in seconds.",
            ("operation", "version"),
            buckets=_SECONDS,
            registry=self.registry,
        )
        self._deprecated = Counter(
            "onrecord_deprecated_requests",
            "Requests that used what is deprecated: a parameter or, with none, the operation itself.",
            ("operation", "parameter", "version"),
            registry=self.registry,
        )
        # To look a counter up by its labels costs three times what it costs to count.
        self._counter = lru_cache(maxsize=4096)(self._requests.labels)
        self._histogram = lru_cache(maxsize=512)(self._seconds.labels)

    def count(self, operation: Operation | None, method: str, status: int, seconds: float) -> None:
        """Count an answer. Pages are one operation of no version, and methods that nobody knows are one method."""
        name, version = ("page", "") if operation is None else (operation.id, operation.version)
        self._counter(name, method if method in _METHODS else "other", status, version).inc()
        self._histogram(name, version).observe(seconds)

    def count_deprecated(self, operation: Operation, used: Iterable[Deprecated]) -> None:
        """Count a request once for each thing that it used and that is deprecated."""
        for each in used:
            self._deprecated.labels(operation.id, each.parameter, operation.version).inc()


def register(app: Flask, metrics: Metrics) -> None:
    """Serve the metrics."""

    @app.get("/metrics", endpoint="metrics")
    def served() -> Response:
        registry = metrics.registry
        if os.environ.get(SHARED):
            registry = CollectorRegistry()
            MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
        encode, media_type = choose_encoder(request.headers.get("Accept", ""))
        response = Response(encode(registry), content_type=media_type)
        response.headers["Cache-Control"] = "no-store"
        return response
