"""The content of a backup, and the temporary files that backups and restores write."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from api.store import migrations
from api.store.errors import BackupError
from api.store.tables import metadata

# All tables, with the one that has their version.
TABLES = (*(table.name for table in metadata.sorted_tables), migrations.TABLE)

IN_USE = "Another process uses the database. Stop the server and other commands, and try again."


@dataclass(frozen=True)
class Content:
    """The content of a database or of a backup: the version of its tables, and the number of rows of each table."""

    revision: str | None
    rows: dict[str, int]


@contextmanager
def temporary_file(file: Path) -> Iterator[Path]:
    """Create an empty file in the folder of a file. Only its owner can read it. It is deleted at the end."""
    partial = file.with_name(f".{file.name}.{secrets.token_hex(4)}.partial")
    # A signal can arrive as soon as the file exists, so its name is determined before.
    try:
        with os_errors(file):
            os.close(os.open(partial, os.O_CREAT | os.O_EXCL, 0o600))
        yield partial
    finally:
        for suffix in ("", "-journal", "-wal", "-shm"):
            Path(f"{partial}{suffix}").unlink(missing_ok=True)


@contextmanager
def os_errors(file: Path) -> Iterator[None]:
    """Raise BackupError for an error of the operating system about a file."""
    try:
        yield
    except OSError as error:
        raise BackupError(f"Cannot use {file}: {error.strerror}.") from None
