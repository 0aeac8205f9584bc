"""Logs: a line of JSON on stderr for each request and each failure. On a terminal, the lines are plain text.

The line of a request contains nothing secret or personal: no query, header, body, key or IP address.
"""

from __future__ import annotations

import logging
import os
import re
import select
import stat
import sys
import threading
import time
import typing
from datetime import UTC, datetime
from functools import lru_cache

import orjson
import structlog
from flask import has_request_context, request
from structlog.dev import ConsoleRenderer, plain_traceback
from structlog.processors import format_exc_info
from structlog.typing import EventDict, FilteringBoundLogger

if typing.TYPE_CHECKING:
    from api.http.context import Request

# Keys, and passwords in URLs. The error messages of libraries can contain them.
_SECRET = re.compile(r"(?<=onrecord_)[A-Za-z0-9_-]{6,}|(?<=://)[^\s/@]*:[^\s/@]*(?=@)")


class _Stderr:
    """A writer of whole lines to the current stderr. If `only_errors` is set, it drops other lines."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.only_errors = False

    def msg(self, line: str) -> None:
        with self._lock:
            # Python flushes stderr at the end of each line.
            sys.stderr.write(f"{line}\n")

    def info(self, line: str) -> None:
        if not self.only_errors:
            self.msg(line)

    debug = info
    warning = error = critical = msg


def _add_context(logger: typing.Any, method: str, event: EventDict) -> EventDict:
    """Return an event with its timestamp, level and name first, and the id of the current request."""
    ordered = {"timestamp": _timestamp(), "level": method, "event": event.pop("event"), **event}
    if "request_id" not in ordered and has_request_context() and (id_ := typing.cast("Request", request).id):
        ordered["request_id"] = id_
    return ordered if "exc_info" not in ordered else format_exc_info(logger, method, ordered)


def _timestamp() -> str:
    """Return the current time in UTC with milliseconds."""
    seconds, fraction = divmod(time.time(), 1)
    return f"{_second(seconds)}.{int(fraction * 1000):03}Z"


@lru_cache(maxsize=1)
def _second(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat()[:19]


# Without the values of local variables, because they contain parts of requests.
_CONSOLE = ConsoleRenderer(exception_formatter=plain_traceback)


def _render(logger: typing.Any, method: str, event: EventDict) -> str:
    is_terminal = _is_terminal(sys.stderr)
    line = str(_CONSOLE(logger, method, event)) if is_terminal else orjson.dumps(event, default=str).decode()
    # The search for these texts takes a tenth of the time of the pattern.
    return _SECRET.sub("…", line) if "onrecord_" in line or "://" in line else line


@lru_cache(maxsize=1)
def _is_terminal(stream: typing.TextIO) -> bool:
    return stream.isatty()


@lru_cache(maxsize=1)
def _is_file(stream: typing.TextIO) -> bool:
    """Return whether a stream writes to a file, and not to another process."""
    try:
        return stat.S_ISREG(os.fstat(stream.fileno()).st_mode)
    except (OSError, ValueError):
        return False


class _ForwardHandler(logging.Handler):
    """A handler that forwards the messages of Flask to this log."""

    def emit(self, record: logging.LogRecord) -> None:
        log.log(record.levelno, record.getMessage(), exc_info=record.exc_info or None)


_STDERR = _Stderr()
log: FilteringBoundLogger = structlog.wrap_logger(
    _STDERR, processors=[_add_context, _render], wrapper_class=structlog.make_filtering_bound_logger(logging.INFO)
).bind()
FORWARD_HANDLER = _ForwardHandler()


def info(event: str, values: EventDict) -> None:
    """Write a line with a request id as `log.info` does, in half the time."""
    _STDERR.info(_render(log, "info", {"timestamp": _timestamp(), "level": "info", "event": event, **values}))


def would_wait() -> bool:
    """Return whether a line would wait until another process has read earlier lines."""
    if _is_file(sys.stderr):
        return False
    try:
        return not select.select([], [sys.stderr], [], 0)[1]
    except (OSError, ValueError):
        # It is not a file, or it is closed.
        return False


def log_only_errors() -> None:
    """Write only errors from now on, because the parent process may not read stderr."""
    _STDERR.only_errors = True
