"""Logs: a line of JSON for each request and each failure, on stderr; readable where that is a terminal.

The line of a request has nothing that may be secret or personal: no query, header, body, key or address of a client.
"""

from __future__ import annotations

import logging
import re
import sys
import threading
import typing
from datetime import UTC, datetime

import orjson
import structlog
from flask import g, has_request_context
from structlog.dev import ConsoleRenderer, plain_traceback
from structlog.processors import format_exc_info
from structlog.typing import EventDict, FilteringBoundLogger

# Keys, and the passwords of addresses: in case that a library puts one into the message of an error.
_SECRET = re.compile(r"(?<=onrecord_)[A-Za-z0-9_-]{6,}|(?<=://)[^\s/@]*:[^\s/@]*(?=@)")


class _Stderr:
    """Writes whole lines to whatever stderr is at that moment; once `hushed`, none of what went well."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.hushed = False

    def msg(self, line: str) -> None:
        with self._lock:
            sys.stderr.write(f"{line}\n")
            sys.stderr.flush()

    def info(self, line: str) -> None:
        if not self.hushed:
            self.msg(line)

    debug = info
    warning = error = critical = msg


def _frame(logger: typing.Any, method: str, event: EventDict) -> EventDict:
    """When, how bad and what, before the rest; and whose request it was."""
    moment = datetime.now(UTC).isoformat(timespec="milliseconds")
    framed = {"timestamp": f"{moment[:-6]}Z", "level": method, "event": event.pop("event"), **event}
    if "request_id" not in framed and has_request_context() and "request_id" in g:
        framed["request_id"] = g.request_id
    return framed if "exc_info" not in framed else format_exc_info(logger, method, framed)


# Without the values of local variables, which hold what was sent.
_READABLE = ConsoleRenderer(exception_formatter=plain_traceback)


def _render(logger: typing.Any, method: str, event: EventDict) -> str:
    readable = sys.stderr.isatty()
    line = str(_READABLE(logger, method, event)) if readable else orjson.dumps(event, default=str).decode()
    # Looking for one word first takes a tenth of the time.
    return _SECRET.sub("…", line) if "onrecord_" in line or "://" in line else line


class _Forward(logging.Handler):
    """Takes what Flask logs by itself into this log."""

    def emit(self, record: logging.LogRecord) -> None:
        log.log(record.levelno, record.getMessage(), exc_info=record.exc_info or None)


_STDERR = _Stderr()
log: FilteringBoundLogger = structlog.wrap_logger(
    _STDERR, processors=[_frame, _render], wrapper_class=structlog.make_filtering_bound_logger(logging.INFO)
).bind()
FORWARD = _Forward()


def hush() -> None:
    """Write only of what went wrong, from now on: whoever started this process may not read what it says."""
    _STDERR.hushed = True
