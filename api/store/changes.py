"""Changes: every one in its order, each with the record as it stood then; and those of one record, its history."""

from __future__ import annotations

import typing
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import BindParameter, Select, bindparam, or_, select

from api.kinds.kind import Collection
from api.store.read import types_of
from api.store.statement_cache import Reader
from api.store.tables import change
from schemas.fields import is_identifier


@dataclass(frozen=True)
class Change:
    """One change; `document` is None where the record was deleted or purged."""

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


def history(
    reader: Reader, collection: Collection, id_: str, limit: int, position: int | None = None, *, backward: bool = False
) -> tuple[list[Change], bool]:
    """The changes of a collection's record, deleted or not, newest first, and whether there are more.

    They begin behind the change with the sequence number `position` or, when `backward`, end before it.
    """
    if not is_identifier(id_):
        return [], False
    types = (collection.type,) if collection.type else types_of(collection)
    given = {"id": id_, "limit": limit + 1} | ({} if position is None else {"position": position})
    rows = reader.rows(_history, types, position is not None, backward, **given)
    found = [Change(*row) for row in rows[:limit]]
    return found[::-1] if backward else found, len(rows) > limit


def _history(types: tuple[str, ...], positioned: bool, backward: bool) -> tuple[Select[typing.Any]]:
    wanted = _changes().where(or_(*(change.c.type == type_ for type_ in types)), change.c.id == bindparam("id"))
    number = change.c.sequence
    if positioned:
        position: BindParameter[int] = bindparam("position")
        wanted = wanted.where(number > position if backward else number < position)
    return (wanted.order_by(number.asc() if backward else number.desc()).limit(bindparam("limit")),)


def _changes() -> Select[typing.Any]:
    return select(*(change.c[name] for name in ("sequence", "at", "action", "type", "id", "version", "document")))


def _since(types: int) -> tuple[Select[typing.Any]]:
    wanted = _changes().where(change.c.sequence > bindparam("after"))
    if types:
        wanted = wanted.where(change.c.type.in_([bindparam(f"type{number}") for number in range(types)]))
    return (wanted.order_by(change.c.sequence).limit(bindparam("limit")),)
