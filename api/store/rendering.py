"""The shape of the stored documents: current, or that of an earlier version.

After an update, documents are rendered when they are read, until `api/store/rewrite.py` has rewritten all of them.
"""

from __future__ import annotations

from sqlalchemy import Connection, exists, select, update

from api.store.tables import change, rendering
from api.version import RENDERER


def is_due(connection: Connection) -> bool:
    """Return whether stored documents can have the shape of an earlier version."""
    return bool(connection.execute(select(rendering.c.renderer)).scalar_one() < RENDERER)


def mark(connection: Connection) -> None:
    """Record that all stored documents have the current shape."""
    connection.execute(update(rendering).values(renderer=RENDERER))


def mark_if_new(connection: Connection) -> None:
    """Record that a database without documents has none of an earlier shape."""
    connection.execute(update(rendering).where(~exists().select_from(change)).values(renderer=RENDERER))
