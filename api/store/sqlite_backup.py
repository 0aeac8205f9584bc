"""Backups of SQLite: a copy of the database as one file."""

from __future__ import annotations

import os
import sqlite3
import typing
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from api.store import migrations, timeouts
from api.store.backup_file import IN_USE, TABLES, Content, os_errors, temporary_file
from api.store.database import Store
from api.store.errors import BackupError
from api.store.tables import feed, new_epoch

MAGIC = b"SQLite format 3\0"

# The pages of one step, about 8 MB. Signals are handled between two steps.
_STEP = 2000
# Files that can belong to a database file.
_SUFFIXES = ("-journal", "-wal", "-shm")
_BUSY = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)


def write(store: Store, file: Path) -> Content:
    """Write a snapshot of the database to an empty file, and return the content of the snapshot."""
    with store.snapshot() as connection:
        source = typing.cast("sqlite3.Connection", timeouts.unlimited(connection).connection.driver_connection)
        # This begins the snapshot. Without one, each concurrent write would make the copy start again.
        content = _content(source)
        _copy(source, file)
    return content


def read(_store: Store, file: Path) -> Content:
    """Read a whole backup, and return its content. Raises BackupError if it is damaged."""
    with _errors(f"{file} is damaged"), closing(_open(file)) as connection:
        return _checked(connection, file)


def restore(store: Store, file: Path, _content: Content) -> Content:
    """Replace the database with a backup, and return the content that it then has.

    SQLite writes the new content in one transaction: a process that is killed leaves the old content or the new one.
    """
    database = Path(str(store.url.database))
    with temporary_file(database) as copy:
        with _errors(f"Cannot copy {file}"), closing(_open(file)) as source:
            _copy(source, copy)
        with _errors(f"Cannot copy {file}"), closing(sqlite3.connect(copy)) as prepared:
            # Before the restore, because a later transaction could be lost.
            if feed.name in _tables(prepared):
                prepared.execute(f"UPDATE {feed.name} SET epoch = ?", [new_epoch()])  # noqa: S608 - a constant
                prepared.commit()
            with _unused(database) as connection, _errors(f"Cannot write {database}"):
                prepared.backup(connection)
                return _checked(connection, database)


@contextmanager
def _unused(database: Path) -> Iterator[sqlite3.Connection]:
    """Open a database that no other process has open, without a write-ahead log. Create it if it is missing."""
    is_new = not database.exists()
    if is_new:
        with os_errors(database):
            # They belonged to a database that is gone. SQLite would apply them to the new one.
            for suffix in _SUFFIXES:
                Path(f"{database}{suffix}").unlink(missing_ok=True)
            os.close(os.open(database, os.O_CREAT | os.O_EXCL, 0o600))
    try:
        with closing(sqlite3.connect(database, isolation_level=None, timeout=1)) as connection:
            try:
                # An open connection holds a shared lock, so nobody has one while this holds the exclusive lock.
                connection.execute("PRAGMA locking_mode = EXCLUSIVE")
                connection.execute("PRAGMA journal_mode = DELETE")
                connection.execute("BEGIN EXCLUSIVE")
                connection.execute("COMMIT")
            except sqlite3.Error as error:
                if error.sqlite_errorcode & 0xFF in _BUSY:
                    raise BackupError(IN_USE) from None
                message = f"{database} cannot be opened: {error}. Move it away with {database.name}-*, and try again."
                raise BackupError(message) from None
            yield connection
    except BaseException:
        if is_new:
            database.unlink()
        raise


def _copy(source: sqlite3.Connection, file: Path) -> None:
    """Copy a database to an empty file."""
    with _errors(f"Cannot write {file.parent}"), closing(sqlite3.connect(file, isolation_level=None)) as target:
        # The file is deleted after an error, and synchronized at the end.
        target.execute("PRAGMA journal_mode = OFF")
        target.execute("PRAGMA synchronous = OFF")
        # A signal is handled only in a callback.
        source.backup(target, pages=_STEP, progress=lambda *_: None)
        # The copy says that it has a write-ahead log. Without it, one file is the whole database.
        target.execute("PRAGMA journal_mode = DELETE")


def _checked(connection: sqlite3.Connection, file: Path) -> Content:
    """Return the content of a database after a check of all its pages and indexes."""
    ((problem, *_),) = connection.execute("PRAGMA integrity_check(1)").fetchall()
    if problem != "ok":
        raise BackupError(f"{file} is damaged: {' '.join(problem.split())}.")
    return _content(connection)


def _content(connection: sqlite3.Connection) -> Content:
    tables = _tables(connection)
    rows = {}
    for name in TABLES:
        if name in tables:
            ((rows[name],),) = connection.execute(f"SELECT count(*) FROM {name}")  # noqa: S608 - a constant
    revision: str | None = None
    if rows.get(migrations.TABLE):
        (revision,) = connection.execute(f"SELECT version_num FROM {migrations.TABLE}").fetchone()  # noqa: S608 - as above
    return Content(revision, rows)


def _tables(connection: sqlite3.Connection) -> set[str]:
    return {name for (name,) in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")}


def _open(file: Path) -> sqlite3.Connection:
    """Open a database that is not changed."""
    return sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro", uri=True, isolation_level=None)


@contextmanager
def _errors(message: str) -> Iterator[None]:
    """Raise BackupError for an error of SQLite."""
    try:
        yield
    except sqlite3.Error as error:
        raise BackupError(f"{message}: {error}.") from None
