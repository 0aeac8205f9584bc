"""Timeouts of PostgreSQL, and its errors. Only a store on PostgreSQL loads this module, because its driver is large."""

from __future__ import annotations

import math
import time
import typing

import psycopg
from psycopg.pq import TransactionStatus
from sqlalchemy import Engine, event

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
    """Set the timeout of all statements of an engine."""
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
