"""Changes: the feed of all changes, and the history of a record."""

from __future__ import annotations

import typing
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import (
    BindParameter,
    Connection,
    Select,
    Table,
    bindparam,
    case,
    delete,
    func,
    insert,
    or_,
    select,
    update,
)

from api.kinds.kind import Collection
from api.store.read import types_of
from api.store.statement_cache import Reader
from api.store.tables import article, change, claim, document_of, feed, new_epoch
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


def _of_record(table: Table) -> typing.Any:
    """Return the document of a change's record, or null if the record has another version now."""
    current = select(document_of(table)).where(table.c.id == change.c.id, table.c.version == change.c.version)
    return current.correlate(change).scalar_subquery()


# A change has a document only if its version is not the current one. Otherwise, its record has it.
VERSION_DOCUMENT = func.coalesce(
    change.c.document, case((change.c.type == "article", _of_record(article)), else_=_of_record(claim))
).label("document")

_CHANGES = select(*(change.c[name] for name in Change.__annotations__ if name != "document"), VERSION_DOCUMENT)


def since(reader: Reader, sequence: int, limit: int, types: Sequence[str] = ()) -> tuple[list[Change], bool]:
    """Return the changes after a sequence number, oldest first, and whether more follow."""
    values = {f"type{number}": type_ for number, type_ in enumerate(types)}
    rows = reader.rows(_since, len(types), after=sequence, limit=limit + 1, **values)
    return [Change(*row) for row in rows[:limit]], len(rows) > limit


def keep_documents(connection: Connection, versions: Sequence[tuple[str, str, int]]) -> None:
    """Copy documents of current versions to their changes, before the records are replaced or deleted.

    A version is the type, the id and the number.
    """
    names = ("old_type", "old_id", "old_version")
    same = (
        column == bindparam(name)
        for column, name in zip((change.c.type, change.c.id, change.c.version), names, strict=True)
    )
    if rows := [dict(zip(names, version, strict=True)) for version in versions]:
        connection.execute(update(change).where(*same).values(document=VERSION_DOCUMENT), rows)


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
