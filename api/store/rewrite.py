"""Rewriting of stored documents in the current shape, in short transactions."""

from __future__ import annotations

import typing
from collections.abc import Callable, Sequence

import orjson
from sqlalchemy import Connection, Row, select, update

from api.kinds.collections import COLLECTION_BY_NAME
from api.kinds.rendering import render
from api.store import rendering
from api.store.changes import VERSION_DOCUMENT
from api.store.database import Store
from api.store.lookup import STORED, RecordLookup
from api.store.prepare import Prepared, rows_of
from api.store.tables import GONE, change, table_of
from api.store.write import write_records

# The number of changes whose documents are rewritten in one transaction.
_BATCH = 100


def rewrite(store: Store, progress: Callable[[int], None] = lambda _: None) -> int:
    """Store all documents of records and changes in the current shape, and return the number of rewritten changes.

    Versions stay, and the feed gets no changes. If this ends early, a repetition reads the rewritten documents again,
    but writes only the others. `progress` is called with the number of changes that were read.
    """
    position = count = 0
    while rows := _batch(store, position):
        if stale := [(row, rendered) for row in rows if (rendered := render(row.document)) != row.document]:
            with store.writing() as connection:
                _write(connection, stale)
        position, count = rows[-1].sequence, count + len(stale)
        progress(len(rows))
    with store.writing() as connection:
        rendering.mark(connection)
    return count


def _batch(store: Store, position: int) -> typing.Any:
    columns = (change.c.sequence, change.c.type, change.c.id, change.c.version, VERSION_DOCUMENT)
    statement = select(*columns).where(change.c.sequence > position, change.c.action.not_in(GONE))
    with store.snapshot() as connection:
        return connection.execute(statement.order_by(change.c.sequence).limit(_BATCH)).all()


def _write(connection: Connection, stale: Sequence[tuple[Row[typing.Any], str]]) -> None:
    """Replace the documents of changes. If the record still has this version, replace its document and rows instead."""
    lookup = RecordLookup(connection, STORED)
    for row, rendered in stale:
        # Null if the version is the current one, or was purged meanwhile.
        kept = (change.c.sequence == row.sequence) & change.c.document.is_not(None)
        connection.execute(update(change).where(kept).values(document=rendered))
        collection, document = COLLECTION_BY_NAME[row.type], orjson.loads(rendered)
        table = table_of(collection)
        same_version = (table.c.id == row.id) & (table.c.version == row.version)
        if connection.execute(select(table.c.id).where(same_version)).first() is None:
            continue
        owner = lookup.article(document["article_id"]) if collection.of_claims else None
        text = None if collection.of_claims else lookup.text(row.id)
        rows = rows_of(collection, document, "unchanged", owner, text)
        record = Prepared(collection=collection, outcome="updated", document=document, before=row.version, rows=rows)
        write_records(connection, [record])
