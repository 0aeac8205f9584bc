"""The feed: every change in its order, each with the record as it stood then."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, select

from api.store.tables import change


@dataclass(frozen=True)
class Change:
    """One change; `document` is None where the record was deleted."""

    sequence: int
    at: str
    action: str
    type: str
    id: str
    version: int
    document: str | None


def since(connection: Connection, sequence: int, limit: int, types: Sequence[str] = ()) -> tuple[list[Change], bool]:
    """The changes after a sequence number, oldest first, and whether there are more."""
    wanted = select(
        change.c.sequence, change.c.at, change.c.action, change.c.type, change.c.id, change.c.version, change.c.document
    )
    wanted = wanted.where(change.c.sequence > sequence)
    if types:
        wanted = wanted.where(change.c.type.in_(types))
    rows = connection.execute(wanted.order_by(change.c.sequence).limit(limit + 1)).all()
    return [Change(*row) for row in rows[:limit]], len(rows) > limit
