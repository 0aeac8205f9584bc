"""Backups: the whole database at one time as a file, and the restore of such a file."""

from __future__ import annotations

import os
import typing
from pathlib import Path

from api.store import migrations, postgresql_backup, sqlite_backup
from api.store.backup_file import Content, os_errors, temporary_file
from api.store.database import Store
from api.store.errors import BackupError


class Format(typing.Protocol):
    """The backups of one type of database. A file begins with `MAGIC`."""

    MAGIC: bytes

    def write(self, store: Store, file: Path) -> Content:
        """Write a snapshot of the database to an empty file, and return the content of the snapshot."""
        ...

    def read(self, store: Store, file: Path) -> Content:
        """Read a whole backup, and return its content. Raises BackupError if it is damaged."""
        ...

    def restore(self, store: Store, file: Path, content: Content) -> Content:
        """Replace the database with a backup, and return the content that it then has."""
        ...


def write(store: Store, file: Path) -> Content:
    """Write a backup of the database to a new file, which only its owner can read. Writers do not wait for it.

    Raises BackupError if the file exists, or if it cannot be written and verified. Then it is not created.
    """
    format_ = _format_of(store)
    if os.path.lexists(file):
        raise BackupError(f"{file} exists. Choose another name, or delete it first.")
    with temporary_file(file) as partial:
        content = format_.write(store, partial)
        if content.revision is None:
            raise BackupError("The database has no tables. Run: onrecord db upgrade")
        if format_.read(store, partial) != content:
            raise BackupError("The backup differs from the database and was deleted. Check the disk, and try again.")
        with os_errors(file):
            _sync(partial)
            partial.rename(file)
            _sync(file.parent)
    return content


def restore(store: Store, file: Path) -> tuple[Content, bool]:
    """Replace the database with a backup, and renew the epoch of the feed.

    Returns the content, and whether its tables have the newest version. Raises BackupError if the file is not a
    complete backup or if another process uses the database. Raises UnknownTables for a backup of a later version. After
    an error, the database is as it was.
    """
    format_ = _format_of(store)
    with os_errors(file), file.open("rb") as stream:
        start = stream.read(len(format_.MAGIC))
    if start != format_.MAGIC:
        raise BackupError(f"{file} is not a backup of {'SQLite' if store.is_sqlite else 'PostgreSQL'}.")
    content = format_.read(store, file)
    if content.revision is None:
        raise BackupError(f"{file} has no tables of onrecord.")
    at_head = migrations.is_head(content.revision)
    # Open connections of this store would count as those of another process.
    store.close()
    if format_.restore(store, file, content) != content:
        raise BackupError("The database differs from the backup. Check the disk, and restore the backup again.")
    return content, at_head


def _format_of(store: Store) -> Format:
    if store.in_memory:
        raise BackupError("The database is in memory. Set ONRECORD_DATABASE_URL to a file.")
    return sqlite_backup if store.is_sqlite else postgresql_backup


def _sync(path: Path) -> None:
    """Write a file, or the entries of a folder, to the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
