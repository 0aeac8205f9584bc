"""Timeouts of queries and locks, and the errors of a database that does not respond in time."""

from __future__ import annotations

import math
import sqlite3
import time
import typing
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from psycopg.pq import TransactionStatus
from sqlalchemy import Connection, Engine, event
from sqlalchemy.exc import DatabaseError
from sqlalchemy.exc import TimeoutError as NoConnection

from api.store import errors
from api.store.statement_cache import Deadline

# SQLite checks the deadline after this many steps, which take about a tenth of a millisecond.
_STEPS = 10_000

# The errors of the pool, of SQLAlchemy and of the drivers.
DATABASE_ERRORS = (NoConnection, DatabaseError, sqlite3.DatabaseError, psycopg.Error)
_DRIVERS = (sqlite3.OperationalError, psycopg.OperationalError)
_LOCKED = "The database is locked by other writers. Try again."
_DAMAGED = "The database cannot be used: its file is damaged, or is not a SQLite database. Restore a backup."
# The messages for primary result codes of SQLite.
_MESSAGES: dict[int | None, str] = {
    sqlite3.SQLITE_BUSY: _LOCKED,
    sqlite3.SQLITE_LOCKED: _LOCKED,
    sqlite3.SQLITE_CORRUPT: _DAMAGED,
    sqlite3.SQLITE_NOTADB: _DAMAGED,
    sqlite3.SQLITE_READONLY: "The database is read-only. Make its file and its folder writable for the server.",
    sqlite3.SQLITE_FULL: "The disk of the database or of its temporary files is full. Free some space.",
}


# The seconds after its timeout in which PostgreSQL must report it.
_REPORT = 1.0
# The maximum wait for the response of a connection that was idle.
_PING = 1.0
# The seconds in which further connections fail at once after one timed out. Otherwise each request that waited for a
# thread would also wait for the database.
_PAUSE = 1.0


class TimedConnection(psycopg.Connection[typing.Any]):
    """A connection that is closed if PostgreSQL does not respond. The timeouts of a hung server do not end a wait."""

    seconds: float | None = None

    def wait(self, gen: typing.Any, interval: float = 0.1, timeout: float | None = None) -> typing.Any:
        try:
            return super().wait(gen, interval, self.seconds if timeout is None else timeout)
        except psycopg.OperationalError:
            if self.pgconn.transaction_status == TransactionStatus.ACTIVE:
                self.pgconn.finish()
            raise


def limit(engine: Engine, seconds: float) -> None:
    """Set the timeout of all statements of an engine. The execution option `onrecord_untimed` lifts it."""
    if engine.dialect.name == "sqlite":
        _limit_sqlite(engine, seconds)
    else:
        _limit_postgresql(engine, seconds)


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


def _limit_postgresql(engine: Engine, seconds: float) -> None:
    ping = engine.dialect.do_ping
    paused_until = -math.inf

    def connect(_dialect: object, _record: object, arguments: list[str], options: dict[str, typing.Any]) -> object:
        nonlocal paused_until
        if time.monotonic() < paused_until:
            raise psycopg.errors.ConnectionTimeout("PostgreSQL did not respond to an earlier connection.")
        try:
            return TimedConnection.connect(*arguments, **options)
        except psycopg.errors.ConnectionTimeout:
            paused_until = time.monotonic() + _PAUSE
            raise

    def prepare(connection: TimedConnection, _record: object) -> None:
        milliseconds = max(2, int(seconds * 1000))
        # The timeout of locks is shorter, so that a wait for a lock is not reported as a slow query.
        for name, value in (("statement_timeout", milliseconds), ("lock_timeout", milliseconds * 9 // 10)):
            connection.execute(f"SET {name} = {value}")
        connection.commit()
        connection.seconds = seconds + _REPORT

    def restore(connection: TimedConnection | None, _record: object) -> None:
        if connection is not None:
            connection.seconds = seconds + _REPORT

    def ping_quickly(connection: typing.Any) -> bool:
        connection.seconds = min(_PING, seconds)
        try:
            return ping(connection)
        finally:
            restore(connection, None)

    event.listen(engine, "do_connect", connect)
    event.listen(engine, "connect", prepare)
    event.listen(engine, "checkin", restore)
    engine.dialect.do_ping = ping_quickly  # type: ignore[assignment, method-assign]


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
    except DATABASE_ERRORS as error:
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
    code = primary_code(error)
    if isinstance(error, psycopg.errors.QueryCanceled) or code == sqlite3.SQLITE_INTERRUPT:
        return errors.QueryTimeout(
            "The query timed out. Request fewer facets, no exact total, or use narrower filters."
        )
    if isinstance(error, psycopg.errors.DiskFull):
        code = sqlite3.SQLITE_FULL
    message = _LOCKED if isinstance(error, psycopg.errors.LockNotAvailable) else _MESSAGES.get(code)
    # With SQLITE_ERROR, SQLite rejects the statement. A retry does not help.
    if message is None and isinstance(error, _DRIVERS) and code != sqlite3.SQLITE_ERROR:
        message = "The database cannot be used at the moment. Try again."
    return None if message is None else errors.Unavailable(message)
