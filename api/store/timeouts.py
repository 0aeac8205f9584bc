"""Waiting: how long a query or a lock may take, and what is raised when the database does not answer in time."""

from __future__ import annotations

import math
import sqlite3
import time
import typing
from types import TracebackType

import psycopg
from sqlalchemy import Connection, Engine, event
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as NoConnection

from api.store import errors

# So many steps of SQLite's machine, about a tenth of a millisecond, between two looks at the clock.
_STEPS = 10_000

_DRIVERS = (sqlite3.OperationalError, psycopg.OperationalError)
_BUSY = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)


class Deadline:
    """The end of the time that a statement on a SQLite connection, or a view, has."""

    def __init__(self, seconds: float):
        self._seconds = seconds
        self._at = math.inf

    def restart(self) -> None:
        """Begin the time anew: for another statement, or for a view."""
        self._at = time.monotonic() + self._seconds

    def lift(self) -> None:
        """What runs now may take as long as it likes, until the next restart."""
        self._at = math.inf

    def passed(self) -> bool:
        """Return whether the time is over. SQLite calls this, and stops if it is."""
        return time.monotonic() > self._at


def limit(engine: Engine, seconds: float) -> None:
    """Give every statement on an engine's connections this long, unless it runs with the option onrecord_untimed."""

    def prepare_sqlite(connection: typing.Any, record: typing.Any) -> None:
        record.info["deadline"] = deadline = Deadline(seconds)
        connection.set_progress_handler(deadline.passed, _STEPS)

    def prepare_postgresql(connection: typing.Any, _record: object) -> None:
        milliseconds = max(2, int(seconds * 1000))
        # The lock first: whose wait for another ends it is told so, and not that its query was slow.
        for name, value in (("statement_timeout", milliseconds), ("lock_timeout", milliseconds * 9 // 10)):
            connection.execute(f"SET {name} = {value}")
        connection.commit()

    def restart(connection: Connection, *_: typing.Any) -> None:
        deadline: Deadline = connection.info["deadline"]
        if connection.get_execution_options().get("onrecord_untimed"):
            deadline.lift()
        else:
            deadline.restart()

    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", prepare_sqlite)
        event.listen(engine, "before_cursor_execute", restart)
    else:
        event.listen(engine, "connect", prepare_postgresql)


def unlimited(connection: Connection) -> Connection:
    """The connection, on which statements of this transaction take as long as they need."""
    untimed = connection.execution_options(onrecord_untimed=True)
    if connection.dialect.name != "sqlite":
        for name in ("statement_timeout", "lock_timeout"):
            untimed.exec_driver_sql(f"SET LOCAL {name} = 0")
    return untimed


class _Answering:
    """Raises Unavailable for what a driver raises when its database does not answer."""

    def __enter__(self) -> None:
        return None

    def __exit__(
        self, _type: type[BaseException] | None, error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        if error is not None and (failure := _meaning(error)) is not None:
            raise failure from error


answering = _Answering()


def _meaning(error: BaseException) -> errors.Unavailable | None:
    """What an error says of the database, or None where it is about something else."""
    if isinstance(error, NoConnection):
        return errors.Unavailable("All connections to the database are in use. Try again.")
    if isinstance(error, OperationalError):
        error = error.orig or error
    if not isinstance(error, _DRIVERS):
        return None
    code = getattr(error, "sqlite_errorcode", None)
    if isinstance(error, psycopg.errors.QueryCanceled) or code == sqlite3.SQLITE_INTERRUPT:
        return errors.QueryTimeout(
            "The query took longer than it may. Ask for less: fewer facets, no exact total, narrower filters."
        )
    # The low byte is the kind of an error, what is above it the finer cause.
    if isinstance(error, psycopg.errors.LockNotAvailable) or (code is not None and code & 0xFF in _BUSY):
        return errors.Unavailable("Others are writing to the database. Try again.")
    if code == sqlite3.SQLITE_ERROR:
        # A statement that SQLite does not understand, which waiting will not mend.
        return None
    return errors.Unavailable("The database cannot be used at the moment. Try again.")
