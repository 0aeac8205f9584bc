"""Throwaway: a database in memory that all threads of one process share, and that can be put back to a moment."""

from __future__ import annotations

import sqlite3
import typing
from threading import Lock
from uuid import uuid4

from api.store.database import Store
from api.store.tables import metadata

# Seconds between two looks at whether others are done with the database.
_LOOK_AGAIN = 0.01


class MemoryDatabase(Store):
    """A store that is gone when it is closed.

    Its connections share one SQLite database by the VFS `memdb`, whose locks are those of a file.
    """

    def __init__(self, *, seconds: float = 5):
        super().__init__(f"sqlite:///file:/onrecord-{uuid4().hex}?vfs=memdb&uri=true", seconds=seconds)
        # The database lives as long as somebody is connected to it.
        self._pooled = self.engine.raw_connection()
        self._kept: sqlite3.Connection | None = None
        self._lock = Lock()
        metadata.create_all(self.engine)

    def at_head(self) -> bool:
        """Whether the tables are of the newest form: made from it, they are, and Alembic need not be asked."""
        return True

    def save(self) -> None:
        """Remember what is stored now."""
        self._kept = sqlite3.connect(":memory:", check_same_thread=False)
        self._connection.backup(self._kept)

    def restore(self) -> None:
        """Put back what was kept, all of it at once, when nobody reads or writes."""
        if self._kept is None:
            raise RuntimeError("Nothing was kept.")
        with self._lock:
            self._kept.backup(self._connection, sleep=_LOOK_AGAIN)

    def close(self) -> None:
        """Give all connections back, and with the last of them the database."""
        self._pooled.close()
        if self._kept is not None:
            self._kept.close()
        super().close()

    @property
    def _connection(self) -> sqlite3.Connection:
        return typing.cast("sqlite3.Connection", self._pooled.driver_connection)
