"""Change counter: a value that changes with each commit to the database, by any process.

The cache of responses compares it. On SQLite, it is `PRAGMA data_version`. On PostgreSQL, it is the snapshot of a new
transaction, which has the transactions that have not ended. So it covers every write, also by other programs.
"""

from __future__ import annotations

import asyncio
import itertools
import os
import sqlite3
import threading
import time
import typing
from collections.abc import Hashable
from pathlib import Path

from sqlalchemy import Engine

if typing.TYPE_CHECKING:
    from api.store.postgresql_timeouts import TimedConnection

# The maximum wait for PostgreSQL in seconds.
_TIMEOUT = 0.5
# The maximum wait for a connection in seconds, the minimum of libpq. Its default is two minutes.
_CONNECT_TIMEOUT = 2
# The seconds without further attempts after PostgreSQL did not respond.
_PAUSE = 5.0

# Each connection has a number, because values of different connections cannot be compared.
_NUMBERS = itertools.count()


class ChangeCounter(typing.Protocol):
    """A change counter, which has a connection of its own."""

    # Whether a read waits for another process.
    waits: bool

    def read(self) -> Hashable | None:
        """Return the value, or None if it cannot be read. No value returns after a commit."""

    def close(self) -> None:
        """Close the connection. The next read opens another one."""


def change_counter(engine: Engine) -> ChangeCounter:
    """Return the change counter of a database. That of SQLite in memory is never readable."""
    if engine.dialect.name != "sqlite":
        return _PostgresqlCounter(engine)
    # With `uri`, the name of the database is not a path. `memdb` is such a name.
    is_file = engine.url.database not in (None, "", ":memory:") and "uri" not in engine.url.query
    return _SqliteCounter(engine.url.database or "") if is_file else _NoCounter()


class SharedReads:
    """Reads of a change counter in an event loop: one for all requests that have already arrived.

    A loop runs callbacks in the order of their creation. Each request that runs before `_forget` arrived before the
    read, so the value covers every commit that its client can know of.
    """

    def __init__(self, counter: ChangeCounter):
        self._counter = counter
        self._has_value = False
        self._value: Hashable | None = None

    def read(self) -> Hashable | None:
        """Return the value, or None if it cannot be read."""
        if not self._has_value:
            # Before the read, because a request can arrive during it, after a commit that the value does not cover.
            asyncio.get_running_loop().call_soon(self._forget)
            self._value, self._has_value = self._counter.read(), True
        return self._value

    def _forget(self) -> None:
        self._has_value = False


class _NoCounter:
    waits = False

    def read(self) -> None:
        return None

    def close(self) -> None:
        pass


class _SqliteCounter:
    """Counter of a file. Its connection never writes, because its own commits would not change the value."""

    waits = False

    def __init__(self, path: str):
        self._path = path
        self._lock = threading.Lock()
        self._cursor: sqlite3.Cursor | None = None
        self._number = 0
        self._file = (0, 0)

    def read(self) -> Hashable | None:
        with self._lock:
            try:
                # A method of Path takes twice as long.
                status = os.stat(self._path)  # noqa: PTH116
                file = status.st_dev, status.st_ino
                cursor = self._cursor or self._open(file)
                # After the file was moved or deleted, the connections of this process still read it.
                if file != self._file:
                    return None
                ((version,),) = cursor.execute("PRAGMA data_version")
            except (OSError, sqlite3.Error):
                return None
            return self._number, version

    def _open(self, file: tuple[int, int]) -> sqlite3.Cursor:
        uri = f"{Path(self._path).absolute().as_uri()}?mode=rw"
        # The event loop reads the value, so a locked database is an error at once.
        connection = sqlite3.connect(uri, uri=True, timeout=0, isolation_level=None, check_same_thread=False)
        self._cursor, self._number, self._file = connection.cursor(), next(_NUMBERS), file
        return self._cursor

    def close(self) -> None:
        with self._lock:
            if self._cursor is not None:
                self._cursor.connection.close()
                self._cursor = None


class _PostgresqlCounter:
    """Counter of all databases of a PostgreSQL server."""

    waits = True

    def __init__(self, engine: Engine):
        self._engine = engine
        self._lock = threading.Lock()
        self._connection: TimedConnection | None = None
        self._number = 0
        self._paused_until = 0.0

    def read(self) -> Hashable | None:
        import psycopg  # noqa: PLC0415 - a driver that SQLite does not need

        if not self._lock.acquire(timeout=_TIMEOUT):
            return None
        try:
            if time.monotonic() < self._paused_until:
                return None
            connection = self._connection or self._open()
            ((snapshot,),) = connection.execute("SELECT pg_current_snapshot()::text").fetchall()
            return self._number, snapshot
        except psycopg.Error:
            self._paused_until = time.monotonic() + _PAUSE
            self._close()
            return None
        finally:
            self._lock.release()

    def _open(self) -> TimedConnection:
        from api.store.postgresql_timeouts import TimedConnection  # noqa: PLC0415 - as above

        arguments, options = self._engine.dialect.create_connect_args(self._engine.url)
        options.setdefault("connect_timeout", _CONNECT_TIMEOUT)
        connection = TimedConnection.connect(*arguments, autocommit=True, **options)
        connection.seconds = _TIMEOUT
        self._connection, self._number = connection, next(_NUMBERS)
        return connection

    def close(self) -> None:
        with self._lock:
            self._close()

    def _close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None
