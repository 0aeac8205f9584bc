"""Changes: the feed of all changes, and the history of a record."""

from __future__ import annotations

import typing
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import BindParameter, Connection, Select, bindparam, delete, insert, or_, select

from api.kinds.kind import Collection
from api.store.read import types_of
from api.store.statement_cache import Reader
from api.store.tables import change, feed, new_epoch
from schemas.fields import is_identifier


@dataclass(frozen=True)
class Change:
    """A change of a record. `document` is None if the record was deleted or purged."""

    sequence: int
    at: str
    action: str
    type: str
    id: str
    version: int
    document: str | None


_CHANGES = select(*(change.c[name] for name in Change.__annotations__))


def since(reader: Reader, sequence: int, limit: int, types: Sequence[str] = ()) -> tuple[list[Change], bool]:
    """Return the changes after a sequence number, oldest first, and whether more follow."""
    values = {f"type{number}": type_ for number, type_ in enumerate(types)}
    rows = reader.rows(_since, len(types), after=sequence, limit=limit + 1, **values)
    return [Change(*row) for row in rows[:limit]], len(rows) > limit


def renew_epoch(connection: Connection) -> None:
    """Give the feed another epoch, so that clients that followed it start again."""
    connection.execute(delete(feed))
    connection.execute(insert(feed).values(epoch=new_epoch()))


def history(
    reader: Reader, collection: Collection, id_: str, limit: int, position: int | None = None, *, backward: bool = False
) -> tuple[list[Change], bool]:
    """Return the changes of a record, newest first, and whether more follow. The record can be deleted.

    The changes are older than the sequence number `position` or, if `backward`, newer.
    """
    if not is_identifier(id_):
        return [], False
    types = (collection.type,) if collection.type else types_of(collection)
    values = {"id": id_, "limit": limit + 1} | ({} if position is None else {"position": position})
    rows = reader.rows(_history, types, position is not None, backward, **values)
    changes = [Change(*row) for row in rows[:limit]]
    return changes[::-1] if backward else changes, len(rows) > limit


def _history(types: tuple[str, ...], positioned: bool, backward: bool) -> tuple[Select[typing.Any]]:
    statement = _CHANGES.where(or_(*(change.c.type == type_ for type_ in types)), change.c.id == bindparam("id"))
    sequence = change.c.sequence
    if positioned:
        position: BindParameter[int] = bindparam("position")
        statement = statement.where(sequence > position if backward else sequence < position)
    return (statement.order_by(sequence.asc() if backward else sequence.desc()).limit(bindparam("limit")),)


def _since(type_count: int) -> tuple[Select[typing.Any]]:
    statement = _CHANGES.where(change.c.sequence > bindparam("after"))
    if type_count:
        statement = statement.where(change.c.type.in_([bindparam(f"type{number}") for number in range(type_count)]))
    return (statement.order_by(change.c.sequence).limit(bindparam("limit")),)
