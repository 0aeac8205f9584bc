"""Timeouts of queries and locks, and the errors of a database that does not respond in time."""

from __future__ import annotations

import sqlite3
import typing
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from sqlalchemy import Connection, Engine, event
from sqlalchemy.exc import DatabaseError
from sqlalchemy.exc import TimeoutError as NoConnection

from api.store import errors
from api.store.statement_cache import Deadline

# SQLite checks the deadline after this many steps, which take about a tenth of a millisecond.
_STEPS = 10_000

_DRIVERS = (sqlite3.OperationalError, psycopg.OperationalError)
_BUSY = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)
_DAMAGED = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)


def limit(engine: Engine, seconds: float) -> None:
    """Set the timeout of all statements of an engine. The execution option `onrecord_untimed` lifts it."""

    def prepare_sqlite(connection: typing.Any, record: typing.Any) -> None:
        record.info["deadline"] = deadline = Deadline(seconds)
        connection.set_progress_handler(deadline.passed, _STEPS)

    def prepare_postgresql(connection: typing.Any, _record: object) -> None:
        milliseconds = max(2, int(seconds * 1000))
        # The timeout of locks is shorter, so that a wait for a lock is not reported as a slow query.
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
    """Return the connection without timeouts until the end of its transaction."""
    untimed = connection.execution_options(onrecord_untimed=True)
    if connection.dialect.name != "sqlite":
        for name in ("statement_timeout", "lock_timeout"):
            untimed.exec_driver_sql(f"SET LOCAL {name} = 0")
    return untimed


@contextmanager
def translate_errors() -> Iterator[None]:
    """Raise Unavailable for a driver's error about the database."""
    try:
        yield
    except (NoConnection, DatabaseError, sqlite3.DatabaseError, psycopg.Error) as error:
        if (unavailable := _translate(error)) is not None:
            raise unavailable from error
        raise


def _translate(error: BaseException) -> errors.Unavailable | None:
    """Return the error of the store for an error of the driver, or None if the database is not the cause."""
    if isinstance(error, NoConnection):
        return errors.Unavailable("All connections to the database are in use. Try again.")
    if isinstance(error, DatabaseError):
        error = error.orig or error
    code = getattr(error, "sqlite_errorcode", None)
    if isinstance(error, psycopg.errors.QueryCanceled) or code == sqlite3.SQLITE_INTERRUPT:
        return errors.QueryTimeout(
            "The query timed out. Request fewer facets, no exact total, or use narrower filters."
        )
    # The low byte is the type of the error. The higher bytes are details.
    primary_code = None if code is None else code & 0xFF
    if isinstance(error, psycopg.errors.LockNotAvailable) or primary_code in _BUSY:
        return errors.Unavailable("The database is locked by other writers. Try again.")
    if primary_code in _DAMAGED:
        return errors.Unavailable(
            "The database cannot be used: its file is damaged, or is not a SQLite database. Restore a backup."
        )
    # With this code, SQLite rejects the statement. A retry does not help.
    if isinstance(error, _DRIVERS) and code != sqlite3.SQLITE_ERROR:
        return errors.Unavailable("The database cannot be used at the moment. Try again.")
    return None
