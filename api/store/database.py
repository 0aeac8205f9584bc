"""Store: the database, with transactions that read and write."""

from __future__ import annotations

import math
import os
import sqlite3
import stat
import time
import typing
from collections.abc import Hashable, Iterator
from contextlib import contextmanager, nullcontext, suppress
from pathlib import Path

from sqlalchemy import Connection, ExceptionContext, PoolProxiedConnection, create_engine, event, make_url, text
from sqlalchemy.exc import ArgumentError

from api.kinds.rendering import render
from api.store import migrations, rendering, timeouts
from api.store.change_counter import change_counter
from api.store.statement_cache import READ_CACHE, Deadline, HintingSqlite, Reader, preparer

_DRIVERS = {"sqlite": "sqlite", "postgresql": "postgresql+psycopg", "postgresql+psycopg": "postgresql+psycopg"}

# The key of the advisory lock that a writer holds. No other lock in the database has it.
_WRITER_LOCK = 1_869_505_125
# The key of the advisory lock that each connection holds, shared. A restore needs it alone. SQLite has such a lock.
CONNECTION_LOCK = 1_869_505_126

# The maximum of connections to a SQLite file that wait for a reader. The pool counts them as used. By default, the
# server has as many threads.
_IDLE_MAX = 4
# The maximum of additional connections. The pool keeps five.
_OVERFLOW_MAX = 10

# An import changes pages of all indexes. With SQLite's default of 2,000 kibibytes, it writes the same pages again and
# again.
_LONG_TASK_CACHE = "PRAGMA cache_size = -6000"
# A sort of many rows takes as much memory as the cache.
_SORT_CACHE = "PRAGMA cache_size = -300"

# The seconds that an upgrade waits for another one. A migration of millions of claims takes minutes.
_UPGRADE_WAIT = 600


class _ReadConnection(typing.NamedTuple):
    """A connection of a reader: as the pool has it, as the driver has it, and its deadline on SQLite."""

    pooled: PoolProxiedConnection
    driver: typing.Any
    deadline: Deadline | None


class Store:
    """A database of records.

    `reading()` reads one snapshot. `writing()` is one transaction, and only one writer runs at a time. In both, a
    statement raises Unavailable if it runs, or waits for a lock, longer than `seconds`.
    """

    def __init__(self, url: str, *, seconds: float = 5):
        driver = url.partition(":")[0]
        if driver not in _DRIVERS or "://" not in url:
            raise ValueError(
                f"The database must be SQLite (sqlite:///file) or PostgreSQL (postgresql://…), not {driver!r}."
            )
        try:
            parsed = make_url(url).set(drivername=_DRIVERS[driver])
        except (ArgumentError, ValueError):
            message = "The database's URL is not valid. Use sqlite:///file or postgresql://user@host/name."
            raise ValueError(message) from None
        self.url = parsed
        self.seconds = seconds
        self.is_sqlite = parsed.get_backend_name() == "sqlite"
        if self.is_sqlite:
            # In memory, each thread has its own database, so the pool needs no timeout.
            pool_options: dict[str, typing.Any] = {}
            if not self.in_memory:
                pool_options = {"pool_timeout": seconds, "max_overflow": _OVERFLOW_MAX + _IDLE_MAX}
            self.engine = create_engine(
                parsed, hide_parameters=True, connect_args={"timeout": seconds, "isolation_level": None}, **pool_options
            )
            self.engine.dialect.statement_compiler = HintingSqlite
            event.listen(self.engine, "do_connect", _prepare_files)
            event.listen(self.engine, "connect", lambda connection, _: _prepare_sqlite(connection, seconds))
            event.listen(self.engine, "begin", _begin_sqlite)
            event.listen(self.engine, "handle_error", _close_read_only)
        else:
            # Two seconds are the minimum of libpq.
            connect_args = {"connect_timeout": max(2, math.ceil(seconds) - 1)}
            self.engine = create_engine(
                parsed,
                hide_parameters=True,
                pool_pre_ping=True,
                pool_timeout=seconds,
                max_overflow=_OVERFLOW_MAX,
                isolation_level="REPEATABLE READ",
                connect_args={} if "connect_timeout" in parsed.query else connect_args,
            )
        timeouts.limit(self.engine, seconds)
        if not self.is_sqlite:
            event.listen(self.engine, "connect", _share_postgresql)
        self.changes = change_counter(self.engine)
        self._is_rendered = False
        # To take a connection from the pool and to return it takes twice as long as to read a record. PostgreSQL needs
        # the pool, because a connection to it can be closed at any time. In memory, each thread has its own database.
        self._idle: list[_ReadConnection] = []
        self._idle_max = _IDLE_MAX if self.is_sqlite and not self.in_memory else 0
        self._prepare = preparer(self.engine.dialect)
        self._frequent: dict[Hashable, int] = {}

    @property
    def in_memory(self) -> bool:
        """Whether the database is SQLite's in the memory of this process."""
        return self.is_sqlite and self.url.database in (None, "", ":memory:")

    @contextmanager
    def reading(self) -> Iterator[Reader]:
        """Open a reader of one snapshot of the database."""
        render_document = render if self.render_due() else None
        connection: _ReadConnection | None = None
        try:
            connection = self._read_connection()
            if self.is_sqlite:
                connection.driver.execute("BEGIN")
            yield Reader(connection.driver, self._prepare, connection.deadline, render_document, self._frequent)
            if len(self._idle) < self._idle_max:
                connection.driver.rollback()
                self._idle.append(connection)
                connection = None
        except Exception as error:
            timeouts.raise_unavailable(error)
            raise
        finally:
            if connection is not None:
                # This ends the transaction, too.
                connection.pooled.close()

    def _read_connection(self) -> _ReadConnection:
        try:
            return self._idle.pop()
        except IndexError:
            pooled = self.engine.raw_connection()
            if self.is_sqlite:
                typing.cast("sqlite3.Connection", pooled.driver_connection).execute(READ_CACHE)
            return _ReadConnection(pooled, pooled.driver_connection, pooled.info.get("deadline"))

    @contextmanager
    def snapshot(self) -> Iterator[Connection]:
        """Open a transaction that reads one snapshot of the database. It holds no lock that writers wait for."""
        with timeouts.translate_errors(), self.engine.connect() as connection, connection.begin():
            yield connection

    @contextmanager
    def writing(self, connection: Connection | None = None, *, keep: bool = True) -> Iterator[Connection]:
        """Open a transaction that writes, on a new connection unless one is passed. Without `keep`, roll it back.

        Writers wait for one another, so sequence numbers are in the order of commits. A reader of the feed that has
        read change 8 never misses a change 7 that is committed later.
        """
        # On PostgreSQL, a snapshot taken before the lock would not contain the rows of the previous writer.
        option, writer_value, reader_value = (
            ("onrecord_begin", "IMMEDIATE", "DEFERRED")
            if self.is_sqlite
            else ("isolation_level", "READ COMMITTED", "REPEATABLE READ")
        )
        with (
            timeouts.translate_errors(),
            nullcontext(connection) if connection is not None else self.engine.connect() as writer,
        ):
            writer.execution_options(**{option: writer_value})
            try:
                with writer.begin() as transaction:
                    if not self.is_sqlite:
                        writer.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _WRITER_LOCK})
                    yield writer
                    if not keep:
                        transaction.rollback()
            finally:
                # The caller can go on to read with its connection, and then needs no lock.
                writer.execution_options(**{option: reader_value})

    @contextmanager
    def aside(self) -> Iterator[Connection]:
        """Open a connection for a long task. It is closed at the end, and its temporary tables are dropped."""
        with timeouts.translate_errors(), self.engine.connect() as connection:
            try:
                if self.is_sqlite:
                    typing.cast("sqlite3.Connection", connection.connection.driver_connection).execute(_LONG_TASK_CACHE)
                yield connection
            finally:
                connection.invalidate()

    @contextmanager
    def sorting(self, connection: Connection) -> Iterator[None]:
        """Limit the memory of the sorts of a long task."""
        if self.is_sqlite:
            connection.exec_driver_sql(_SORT_CACHE)
        yield
        if self.is_sqlite:
            connection.exec_driver_sql(_LONG_TASK_CACHE)

    def upgrade(self) -> None:
        """Create the tables, or migrate them to the newest version. Raises UnknownTables for an unknown version.

        If another process migrates them, this waits for it.
        """
        # A database in memory belongs to this store. Other processes cannot use it.
        url = self.url.render_as_string(hide_password=False)
        patient = self if self.in_memory else Store(url, seconds=_UPGRADE_WAIT)
        try:
            with patient.writing() as connection:
                migrations.upgrade(timeouts.unlimited(connection))
        finally:
            if patient is not self:
                patient.close()

    def at_head(self) -> bool:
        """Return whether the tables have the newest version."""
        with timeouts.translate_errors(), self.engine.connect() as connection:
            return migrations.at_head(connection)

    def render_due(self) -> bool:
        """Return whether stored documents can have the shape of an earlier version."""
        if not self._is_rendered:
            with timeouts.translate_errors(), self.engine.connect() as connection:
                self._is_rendered = not rendering.is_due(connection)
        return not self._is_rendered

    def close(self) -> None:
        """Close all connections."""
        while self._idle:
            self._idle.pop().pooled.close()
        # The last connection that closes moves the write-ahead log into the file.
        self.changes.close()
        self.engine.dispose()


def _prepare_files(_dialect: object, _record: object, arguments: list[str], options: dict[str, object]) -> None:
    """Create a missing database file, which only its owner can read: it contains keys and texts."""
    # With `uri`, the argument is a URL, not a path.
    if arguments[0] == ":memory:" or options.get("uri"):
        return
    # If the file cannot be created, SQLite has the better message.
    with suppress(OSError):
        os.close(os.open(arguments[0], os.O_CREAT | os.O_EXCL, 0o600))
    for file in (Path(f"{arguments[0]}-wal"), Path(f"{arguments[0]}-shm")):
        # SQLite creates them with the mode of a read-only file, and then nobody can write to the database.
        with suppress(OSError):
            if not (mode := file.stat().st_mode) & stat.S_IWUSR:
                file.chmod(stat.S_IMODE(mode) | stat.S_IWUSR)


def _prepare_sqlite(connection: sqlite3.Connection, seconds: float) -> None:
    cursor, deadline = connection.cursor(), time.monotonic() + seconds
    # A row of a claim is longer than a third of a page of 4096 bytes, so a quarter of each page would be empty.
    cursor.execute("PRAGMA page_size = 8192")
    while True:
        try:
            cursor.execute("PRAGMA journal_mode = WAL")
            break
        except sqlite3.OperationalError as error:
            # While another process creates the database, SQLite fails at once instead of waiting.
            if timeouts.primary_code(error) != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                raise
            time.sleep(0.01)
    for pragma in ("foreign_keys = ON", "synchronous = FULL"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _share_postgresql(connection: typing.Any, _record: object) -> None:
    connection.execute(f"SELECT pg_advisory_lock_shared({CONNECTION_LOCK})")
    connection.commit()


def _close_read_only(context: ExceptionContext) -> None:
    """Close all connections after a write to a read-only file. A connection that was opened read-only stays so."""
    if timeouts.primary_code(context.original_exception) == sqlite3.SQLITE_READONLY:
        context.is_disconnect = True


def _begin_sqlite(connection: Connection) -> None:
    # If a deferred transaction writes after another writer committed, SQLite fails at once instead of waiting.
    mode = connection.get_execution_options().get("onrecord_begin", "DEFERRED")
    connection.exec_driver_sql(f"BEGIN {mode}")
