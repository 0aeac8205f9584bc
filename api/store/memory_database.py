"""In-memory database that all threads of a process share. It can be restored to a saved state."""

from __future__ import annotations

import sqlite3
import typing
from threading import Lock
from uuid import uuid4

from api.store.database import Store
from api.store.tables import metadata

# Seconds between two attempts to restore while other connections use the database.
_RETRY_SECONDS = 0.01


class MemoryDatabase(Store):
    """A store that exists until it is closed.

    Its connections share one SQLite database by the VFS `memdb`, which locks like a file.
    """

    def __init__(self, *, seconds: float = 5):
        super().__init__(f"sqlite:///file:/onrecord-{uuid4().hex}?vfs=memdb&uri=true", seconds=seconds)
        # SQLite deletes the database when its last connection is closed.
        self._pooled_connection = self.engine.raw_connection()
        self._connection = typing.cast("sqlite3.Connection", self._pooled_connection.driver_connection)
        self._saved: sqlite3.Connection | None = None
        self._lock = Lock()
        metadata.create_all(self.engine)

    def at_head(self) -> bool:
        """Return True, because the tables are created in the newest version."""
        return True

    def save(self) -> None:
        """Save the current state."""
        self._saved = sqlite3.connect(":memory:", check_same_thread=False)
        self._connection.backup(self._saved)

    def restore(self) -> None:
        """Restore the saved state, as soon as no other connection reads or writes."""
        if self._saved is None:
            raise RuntimeError("No state is saved. Call save() first.")
        with self._lock:
            self._saved.backup(self._connection, sleep=_RETRY_SECONDS)

    def close(self) -> None:
        """Close all connections, which deletes the database."""
        self._pooled_connection.close()
        if self._saved is not None:
            self._saved.close()
        super().close()
