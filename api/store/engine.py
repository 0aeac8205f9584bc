"""Store: the database, opened for reading or for writing, and brought to the tables' newest form."""

from __future__ import annotations

import typing
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import resources
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, create_engine, event, make_url, text
from sqlalchemy.exc import ArgumentError

from api.store.statements import Reader, preparer

_DRIVERS = {"sqlite": "sqlite", "postgresql": "postgresql+psycopg", "postgresql+psycopg": "postgresql+psycopg"}

# Any number that nothing else in the database locks; it stands for "whoever writes".
_WRITERS = 1_869_505_125


class Store:
    """A database of records.

    `reading()` sees one moment throughout; `writing()` is one writer at a time, all or nothing.
    """

    def __init__(self, url: str):
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
            self.engine = create_engine(parsed, connect_args={"timeout": 5, "isolation_level": None})
            event.listen(self.engine, "connect", _prepare_sqlite)
            event.listen(self.engine, "begin", _begin_sqlite)
        else:
            self.engine = create_engine(parsed, pool_pre_ping=True, isolation_level="REPEATABLE READ")
        self._prepare = preparer(self.engine.dialect)

    @contextmanager
    def reading(self) -> Iterator[Reader]:
        """A connection that sees the database as it is now, until it is given back."""
        pooled = self.engine.raw_connection()
        try:
            connection: typing.Any = pooled.driver_connection
            if self.is_sqlite:
                connection.execute("BEGIN")
            yield Reader(connection, self._prepare)
        finally:
            # Ends the transaction, too.
            pooled.close()

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A transaction that nobody else writes beside; committed whole at the end, or not at all.

        Writers wait for one another, so the order of change numbers is the order of commits: a reader of the
        feed can never be told 8 and later find a 7 that it was not told.
        """
        # On PostgreSQL, a snapshot taken before the lock was had would not see what the writer before has written.
        options = {"onrecord_begin": "IMMEDIATE"} if self.is_sqlite else {"isolation_level": "READ COMMITTED"}
        with self.engine.connect() as unset:
            connection = unset.execution_options(**options)
            with connection.begin():
                if not self.is_sqlite:
                    connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _WRITERS})
                yield connection

    def upgrade(self) -> None:
        """Create the tables or bring them to the newest form."""
        with self.engine.connect() as connection:
            command.upgrade(_alembic(connection), "head")
            connection.commit()

    def at_head(self) -> bool:
        """Whether the tables are of the newest form."""
        with self.engine.connect() as connection:
            current = MigrationContext.configure(connection).get_current_revision()
        return current == ScriptDirectory.from_config(_alembic(None)).get_current_head()

    def close(self) -> None:
        """Give all connections back."""
        self.engine.dispose()


def _prepare_sqlite(connection: typing.Any, _record: object) -> None:
    cursor = connection.cursor()
    for pragma in ("journal_mode = WAL", "foreign_keys = ON", "synchronous = FULL", "busy_timeout = 5000"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    # A deferred transaction that turns to writing midway loses against another without a chance to wait.
    mode = connection.get_execution_options().get("onrecord_begin", "DEFERRED")
    connection.exec_driver_sql(f"BEGIN {mode}")


def _alembic(connection: Connection | None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(str(resources.files("api.store"))) / "migrations"))
    config.attributes["connection"] = connection
    return config
