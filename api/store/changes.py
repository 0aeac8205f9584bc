"""The feed: every change in its order, each with the record as it stood then."""

from __future__ import annotations

import typing
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Select, bindparam, select

from api.store.statements import Reader
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


def since(reader: Reader, sequence: int, limit: int, types: Sequence[str] = ()) -> tuple[list[Change], bool]:
    """The changes after a sequence number, oldest first, and whether there are more."""
    named = {f"type{number}": type_ for number, type_ in enumerate(types)}
    rows = reader.rows(_since, len(types), after=sequence, limit=limit + 1, **named)
    return [Change(*row) for row in rows[:limit]], len(rows) > limit


def _since(types: int) -> tuple[Select[typing.Any]]:
    names = ("sequence", "at", "action", "type", "id", "version", "document")
    wanted = select(*(change.c[name] for name in names)).where(change.c.sequence > bindparam("after"))
    if types:
        wanted = wanted.where(change.c.type.in_([bindparam(f"type{number}") for number in range(types)]))
    return (wanted.order_by(change.c.sequence).limit(bindparam("limit")),)
