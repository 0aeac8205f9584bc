"""Store: the database, opened for reading or for writing, and brought to the tables' newest form."""

from __future__ import annotations

import math
import typing
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext

from sqlalchemy import URL, Connection, create_engine, event, make_url, text
from sqlalchemy.exc import ArgumentError

from api.store import timeouts
from api.store.statement_cache import HintingSqlite, Reader, preparer

_DRIVERS = {"sqlite": "sqlite", "postgresql": "postgresql+psycopg", "postgresql+psycopg": "postgresql+psycopg"}

# Any number that nothing else in the database locks; it stands for "whoever writes".
_WRITERS = 1_869_505_125


class Store:
    """A database of records.

    `reading()` sees one moment throughout; `writing()` is one writer at a time, all or nothing. In both, a statement
    that takes longer than `seconds`, or waits as long for others, raises Unavailable.
    """

    def __init__(self, url: str, *, seconds: float = 5):
        driver = url.partition(":")[0]
        if driver not in _DRIVERS or "://" not in url:
            raise ValueError(f"Databases are SQLite (sqlite:///file) or PostgreSQL (postgresql://…), not {driver!r}.")
        try:
            parsed = make_url(url).set(drivername=_DRIVERS[driver])
        except (ArgumentError, ValueError):
            told = "The database's address is none: write sqlite:///file or postgresql://user@host/name."
            raise ValueError(told) from None
        self.url = parsed
        self.is_sqlite = parsed.get_backend_name() == "sqlite"
        if self.is_sqlite:
            waits: dict[str, typing.Any] = {} if _in_memory(parsed) else {"pool_timeout": seconds}
            self.engine = create_engine(
                parsed, hide_parameters=True, connect_args={"timeout": seconds, "isolation_level": None}, **waits
            )
            self.engine.dialect.statement_compiler = HintingSqlite
            event.listen(self.engine, "connect", _prepare_sqlite)
            event.listen(self.engine, "begin", _begin_sqlite)
        else:
            patience = {"connect_timeout": math.ceil(seconds) + 1}
            self.engine = create_engine(
                parsed,
                hide_parameters=True,
                pool_pre_ping=True,
                pool_timeout=seconds,
                isolation_level="REPEATABLE READ",
                connect_args={} if "connect_timeout" in parsed.query else patience,
            )
        timeouts.limit(self.engine, seconds)
        self._prepare = preparer(self.engine.dialect)

    @contextmanager
    def reading(self) -> Iterator[Reader]:
        """A connection that sees the database as it is now, until it is given back."""
        with timeouts.answering:
            pooled = self.engine.raw_connection()
            try:
                connection: typing.Any = pooled.driver_connection
                if self.is_sqlite:
                    connection.execute("BEGIN")
                yield Reader(connection, self._prepare, pooled.info.get("deadline"))
            finally:
                # Ends the transaction, too.
                pooled.close()

    @contextmanager
    def snapshot(self) -> Iterator[Connection]:
        """Open a transaction that reads one snapshot of the database. It holds no lock that writers wait for."""
        with timeouts.answering, self.engine.connect() as connection, connection.begin():
            yield connection

    @contextmanager
    def writing(self, connection: Connection | None = None, *, keep: bool = True) -> Iterator[Connection]:
        """A transaction that nobody else writes beside; committed whole at the end, or not at all.

        On a connection of its own unless one is given; without `keep`, all is undone at the end.
        Writers wait for one another, so the order of change numbers is the order of commits: a reader of the
        feed can never be told 8 and later find a 7 that it was not told.
        """
        # On PostgreSQL, a snapshot taken before the lock was had would not see what the writer before has written.
        option, here, elsewhere = (
            ("onrecord_begin", "IMMEDIATE", "DEFERRED")
            if self.is_sqlite
            else ("isolation_level", "READ COMMITTED", "REPEATABLE READ")
        )
        with timeouts.answering, nullcontext(connection) if connection is not None else self.engine.connect() as writer:
            writer.execution_options(**{option: here})
            try:
                with writer.begin() as transaction:
                    if not self.is_sqlite:
                        writer.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _WRITERS})
                    yield writer
                    if not keep:
                        transaction.rollback()
            finally:
                # What comes next on a connection that was given is no writing, and nobody is to wait for it.
                writer.execution_options(**{option: elsewhere})

    @contextmanager
    def aside(self) -> Iterator[Connection]:
        """A connection for long work beside everybody; its temporary tables end with it."""
        with timeouts.answering, self.engine.connect() as connection:
            try:
                yield connection
            finally:
                connection.invalidate()

    def upgrade(self) -> None:
        """Create the tables or bring them to the newest form; raises UnknownTables where they are of no known one."""
        from api.store import migrations  # noqa: PLC0415 - Alembic takes a fifth of the time that a process starts in

        with self.engine.connect() as connection:
            migrations.upgrade(timeouts.unlimited(connection))
            connection.commit()

    def at_head(self) -> bool:
        """Whether the tables are of the newest form."""
        from api.store import migrations  # noqa: PLC0415 - as above

        with timeouts.answering, self.engine.connect() as connection:
            return migrations.at_head(connection)

    def close(self) -> None:
        """Give all connections back."""
        self.engine.dispose()


def _in_memory(url: URL) -> bool:
    # Of these each thread has its own, so that none waits for another's.
    return url.database in (None, "", ":memory:")


def _prepare_sqlite(connection: typing.Any, _record: object) -> None:
    cursor = connection.cursor()
    for pragma in ("journal_mode = WAL", "foreign_keys = ON", "synchronous = FULL"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    # A deferred transaction that turns to writing midway loses against another without a chance to wait.
    mode = connection.get_execution_options().get("onrecord_begin", "DEFERRED")
    connection.exec_driver_sql(f"BEGIN {mode}")
