"""Metrics for Prometheus: the number, status and duration of the requests of each operation."""

from __future__ import annotations

import os
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path

from flask import Flask, Response, request
from prometheus_client import CollectorRegistry, Counter, Histogram, values
from prometheus_client.exposition import choose_encoder
from prometheus_client.multiprocess import MultiProcessCollector

from api.http.logs import log
from api.http.operations import Operation

# The directory in which the processes of one server share metrics. `onrecord serve` sets this variable of the library.
MULTIPROCESS_DIR = "PROMETHEUS_MULTIPROC_DIR"

# The bytes of each metrics file of a process. The labels are limited, so more are not necessary.
_FILE_BYTES = 1_048_576

_METHODS = frozenset({"GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"})
# From a cached response to the default query timeout and twice that.
_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)


def reserve_files() -> None:
    """Reserve the disk space for the metrics of this process. If the disk is full, do not share them.

    The library maps its files into memory. Without reserved space, a full disk would end the process with SIGBUS.
    """
    folder = os.environ.get(MULTIPROCESS_DIR)
    # macOS cannot reserve space.
    if not folder or not hasattr(os, "posix_fallocate"):
        return
    try:
        for type_ in ("counter", "histogram"):
            _reserve(Path(folder) / f"{type_}_{os.getpid()}.db")
    except OSError as error:
        log.warning("this process does not share its metrics", error=str(error))
        del os.environ[MULTIPROCESS_DIR]


def _reserve(path: Path) -> None:
    # Another process can read the metrics now, and it fails at an empty file.
    new = path.with_suffix(".new")
    try:
        with new.open("wb") as file:
            os.posix_fallocate(file.fileno(), 0, _FILE_BYTES)
        new.rename(path)
    except OSError:
        new.unlink(missing_ok=True)
        raise


class Metrics:
    """The metrics of one app."""

    def __init__(self) -> None:
        # The library reads the variable on import, before `onrecord serve` sets it.
        values.ValueClass = values.get_value_class()  # type: ignore[no-untyped-call]
        self.registry = CollectorRegistry()
        self._requests = Counter(
            "onrecord_requests",
            "Requests with a response.",
            ("operation", "method", "status", "version"),
            registry=self.registry,
        )
        self._seconds = Histogram(
            "onrecord_request_seconds",
            "Duration of requests, in seconds.",
            ("operation", "version"),
            buckets=_BUCKETS,
            registry=self.registry,
        )
        self._deprecated = Counter(
            "onrecord_deprecated_requests",
            "Requests to a deprecated operation, or with a deprecated parameter.",
            ("operation", "parameter", "version"),
            registry=self.registry,
        )
        self.repeated = Counter(
            "onrecord_repeated_responses", "Responses from the cache, which are requests, too.", registry=self.registry
        )
        # The lookup of a counter by its labels takes three times as long as counting.
        self._counter = lru_cache(maxsize=4096)(self._requests.labels)
        self._histogram = lru_cache(maxsize=512)(self._seconds.labels)

    def count(
        self, operation: Operation | None, method: str, status: int, seconds: float, deprecated: Iterable[str]
    ) -> None:
        """Count a response, and each deprecated parameter of its request. A deprecated operation has the name "".

        All pages share one label, and so do all unknown methods.
        """
        name, version = ("page", "") if operation is None else (operation.id, operation.version)
        self._counter(name, method if method in _METHODS else "other", status, version).inc()
        self._histogram(name, version).observe(seconds)
        for parameter in deprecated:
            self._deprecated.labels(name, parameter, version).inc()


def register(app: Flask, metrics: Metrics) -> None:
    """Serve the metrics."""

    @app.get("/metrics", endpoint="metrics")
    def serve() -> Response:
        registry = metrics.registry
        if os.environ.get(MULTIPROCESS_DIR):
            registry = CollectorRegistry()
            MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
        encode, media_type = choose_encoder(request.headers.get("Accept", ""))
        return Response(encode(registry), content_type=media_type, headers={"Cache-Control": "no-store"})
