"""Timeouts of queries and locks, and the errors of a database that does not respond in time."""

from __future__ import annotations

import sqlite3
import typing
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, Engine, event
from sqlalchemy.exc import DatabaseError
from sqlalchemy.exc import TimeoutError as NoConnection

from api.store import errors
from api.store.statement_cache import Deadline

if typing.TYPE_CHECKING:
    from api.store.postgresql_timeouts import TimedConnection

# SQLite checks the deadline after this many steps, which take about a tenth of a millisecond.
_STEPS = 10_000

_LOCKED = "The database is locked by other writers. Try again."
_DAMAGED = "The database cannot be used: its file is damaged, or is not a SQLite database. Restore a backup."
# The primary result codes of SQLite for errors of PostgreSQL: query_canceled, lock_not_available and disk_full.
_CODES: dict[str | None, int] = {
    "57014": sqlite3.SQLITE_INTERRUPT,
    "55P03": sqlite3.SQLITE_LOCKED,
    "53100": sqlite3.SQLITE_FULL,
}
# The messages for primary result codes of SQLite.
_MESSAGES: dict[int | None, str] = {
    sqlite3.SQLITE_BUSY: _LOCKED,
    sqlite3.SQLITE_LOCKED: _LOCKED,
    sqlite3.SQLITE_CORRUPT: _DAMAGED,
    sqlite3.SQLITE_NOTADB: _DAMAGED,
    sqlite3.SQLITE_READONLY: "The database is read-only. Make its file and its folder writable for the server.",
    sqlite3.SQLITE_FULL: "The disk of the database or of its temporary files is full. Free some space.",
}


def limit(engine: Engine, seconds: float) -> None:
    """Set the timeout of all statements of an engine. The execution option `onrecord_untimed` lifts it."""
    if engine.dialect.name == "sqlite":
        _limit_sqlite(engine, seconds)
    else:
        from api.store import postgresql_timeouts  # noqa: PLC0415 - its driver takes a tenth of the memory of a process

        postgresql_timeouts.limit(engine, seconds)


def _limit_sqlite(engine: Engine, seconds: float) -> None:
    def prepare(connection: typing.Any, record: typing.Any) -> None:
        record.info["deadline"] = deadline = Deadline(seconds)
        connection.set_progress_handler(deadline.passed, _STEPS)

    def restart(connection: Connection, *_: typing.Any) -> None:
        deadline: Deadline = connection.info["deadline"]
        if connection.get_execution_options().get("onrecord_untimed"):
            deadline.lift()
        else:
            deadline.restart()

    event.listen(engine, "connect", prepare)
    event.listen(engine, "before_cursor_execute", restart)


def unlimited(connection: Connection) -> Connection:
    """Return the connection without timeouts until the end of its transaction."""
    untimed = connection.execution_options(onrecord_untimed=True)
    if connection.dialect.name != "sqlite":
        for name in ("statement_timeout", "lock_timeout"):
            untimed.exec_driver_sql(f"SET LOCAL {name} = 0")
        typing.cast("TimedConnection", untimed.connection.driver_connection).seconds = None
    return untimed


def unlimited_statements(connection: Connection) -> Connection:
    """Return a PostgreSQL connection without timeouts of statements until it is closed. Locks keep their timeout."""
    connection.exec_driver_sql("SET statement_timeout = 0")
    typing.cast("TimedConnection", connection.connection.driver_connection).seconds = None
    return connection


@contextmanager
def translate_errors() -> Iterator[None]:
    """Raise Unavailable for a driver's error about the database."""
    try:
        yield
    except Exception as error:
        raise_unavailable(error)
        raise


def raise_unavailable(error: BaseException) -> None:
    """Raise Unavailable if an error of the driver is about the database."""
    if (unavailable := _translate(error)) is not None:
        raise unavailable from error


def primary_code(error: BaseException) -> int | None:
    """Return the primary result code of an error of SQLite, or None for another error."""
    code: int | None = getattr(error, "sqlite_errorcode", None)
    # The low byte is the type of the error. The higher bytes are details.
    return None if code is None else code & 0xFF


def _translate(error: BaseException) -> errors.Unavailable | None:
    """Return the error of the store for an error of the driver, or None if the database is not the cause."""
    if isinstance(error, NoConnection):
        return errors.Unavailable("All connections to the database are in use. Try again.")
    if isinstance(error, DatabaseError):
        error = error.orig or error
    code = primary_code(error) or _CODES.get(getattr(error, "sqlstate", None))
    if code == sqlite3.SQLITE_INTERRUPT:
        return errors.QueryTimeout(
            "The query timed out. Request fewer facets, no exact total, or use narrower filters."
        )
    message = _MESSAGES.get(code)
    # Each driver has an exception of this name (PEP 249). With SQLITE_ERROR, SQLite rejects the statement. A retry does
    # not help.
    operational = any(base.__name__ == "OperationalError" for base in type(error).__mro__)
    if message is None and operational and code != sqlite3.SQLITE_ERROR:
        message = "The database cannot be used at the moment. Try again."
    return None if message is None else errors.Unavailable(message)
