"""Writes of a record: its row, terms, parties, tokens and change, in one transaction."""

from __future__ import annotations

import typing
from collections.abc import Callable, Mapping, Sequence

from sqlalchemy import Connection, Table, bindparam, delete, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from api.kinds.collections import COLLECTION_BY_NAME
from api.kinds.kind import Collection
from api.kinds.record_input import RecordInput, apply_merge_patch, parse_record
from api.store import changes, facet_counts, idempotency
from api.store.database import Store
from api.store.errors import ConcurrentWrite, IdTaken, InUse, RecordRejected, duplicate
from api.store.lookup import STORED, RecordLookup, last_sequence
from api.store.prepare import Prepared, Row, now, prepare
from api.store.read import Versions, missing
from api.store.tables import (
    DAY_OF,
    article,
    article_text,
    change,
    claim,
    document_part,
    party,
    search,
    table_of,
    term,
)
from schemas.documents import Document, Fields
from schemas.fields import Identifier, is_identifier

# Compares the stored version, or None without a record, with the version that a writer expects. It raises any error.
Precondition = Callable[[Versions | None], None]

# The maximum number of times that a write is prepared, because the records that it depends on change.
ATTEMPTS_MAX = 10
# The number of records that are written with one statement for each table.
_BATCH = 500
# The tables with the rows that are deleted and inserted again.
_LISTS = ("article_text", "party", "term")


def create(
    store: Store, record_input: RecordInput, *, keep: bool = True, once: idempotency.Request[Prepared] | None = None
) -> Prepared:
    """Create a record. Raises RecordRejected, ConcurrentWrite or idempotency.Replayed."""
    type_, id_ = record_input.type, record_input.record["id"]

    def prepare_new(lookup: RecordLookup) -> list[Prepared]:
        collection = COLLECTION_BY_NAME[type_]
        if _stored(lookup, collection, id_) is not None:
            message = f"The {collection.title} {id_!r} exists. To replace it, use PUT. To create another, omit `id`."
            raise IdTaken("/id", message, [(type_, id_)])
        return prepare(lookup, record_input)

    return carry_out(store, prepare_new, keep=keep, once=once)


def put(
    store: Store, type_: str, id_: str, load: Callable[[], Fields], precondition: Precondition, *, keep: bool = True
) -> Prepared:
    """Create or replace the record with an id, and update the claims of an article with it.

    Raises the errors of the precondition first, then those of `load`, which returns the record, and ValidationError,
    RecordRejected or ConcurrentWrite.
    """
    if not is_identifier(id_):
        raise RecordRejected(("/id", Identifier.message))

    def prepare_put(lookup: RecordLookup) -> list[Prepared]:
        stored = _stored(lookup, COLLECTION_BY_NAME[type_], id_)
        precondition(_versions(stored))
        document = None if stored is None else _with_article(lookup, stored)
        record_input = parse_record(type_, {"id": id_, **load()}, document)
        if record_input.id != id_:
            raise RecordRejected(("/id", f"The path has the id {id_!r}. Send the same id, or omit it."))
        return prepare(lookup, record_input)

    return carry_out(store, prepare_put, keep=keep)


def patch(
    store: Store, type_: str, id_: str, load: Callable[[], Fields], precondition: Precondition, *, keep: bool = True
) -> Prepared:
    """Change a stored record by a JSON Merge Patch.

    Raises NotFound, Gone or the errors of the precondition first, then those of `load`, which returns the patch, and
    ValidationError, RecordRejected or ConcurrentWrite.
    """

    def prepare_patch(lookup: RecordLookup) -> list[Prepared]:
        stored = require(lookup, COLLECTION_BY_NAME[type_], id_, precondition)
        return prepare(lookup, apply_merge_patch(type_, _with_article(lookup, stored), load()))

    return carry_out(store, prepare_patch, keep=keep)


def carry_out(
    store: Store,
    plan: Callable[[RecordLookup], list[Prepared]],
    *,
    keep: bool = True,
    once: idempotency.Request[Prepared] | None = None,
) -> Prepared:
    """Prepare records without a lock, then write them in one transaction. Return the first record.

    The plan reads one snapshot of the database. If a record that it looked up changes before the lock is acquired,
    the plan runs again. Without `keep`, the transaction is rolled back. The response to `once` is stored
    with the record.

    Raises the errors of the plan and Duplicate. Raises idempotency.Replayed if the request was carried out before, and
    ConcurrentWrite if the records change in each of ATTEMPTS_MAX attempts.
    """
    for _ in range(ATTEMPTS_MAX):
        with store.snapshot() as connection:
            if once is not None:
                idempotency.check(connection, once)
            since, lookup = last_sequence(connection), RecordLookup(connection, STORED)
            prepared = plan(lookup)
        with store.writing(keep=keep) as connection:
            if once is not None:
                idempotency.check(connection, once)
            if lookup.outdated(connection, since):
                continue
            _check_content(connection, prepared[0])
            write_records(connection, prepared)
            if once is not None and keep:
                idempotency.remember(connection, once, prepared[0], prepared[0].id)
            return prepared[0]
    raise ConcurrentWrite


def delete_record(connection: Connection, type_: str, id_: str, precondition: Precondition) -> None:
    """Delete a record, and add a change to the feed.

    Raises NotFound, Gone, InUse if other records refer to it, or the errors of the precondition.
    """
    lookup = RecordLookup(connection, STORED)
    collection = COLLECTION_BY_NAME[type_]
    stored = require(lookup, collection, id_, precondition)
    _check_not_in_use(lookup, collection, id_)
    changes.keep_documents(connection, [(type_, id_, stored["version"])])
    delete_rows(connection, collection, id_)
    row = {"at": now(), "action": "deleted", "type": type_, "id": id_, "version": stored["version"] + 1}
    connection.execute(insert(change).values(row))


def require(
    lookup: RecordLookup, collection: Collection, id_: str, precondition: Precondition | None = None
) -> Mapping[str, typing.Any]:
    """Return the stored record of a collection.

    Raises NotFound, Gone if it was deleted, or the errors of the precondition.
    """
    stored = _stored(lookup, collection, id_)
    if stored is None:
        raise missing(collection, id_, lookup.last_change(collection.name, id_))
    if precondition is not None:
        precondition(_versions(stored))
    return stored


def write_records(connection: Connection, prepared: list[Prepared]) -> None:
    """Write a record, the claims that are updated with it, their changes, and the counts of their facets."""
    record, written = prepared[0], [other for other in prepared if other.is_written]
    own = claim if "claim" in record.rows else article
    counted = [own.c.id] if record.is_written else []
    if any(other.follows for other in written):
        counted.append(claim.c.article_id)
    if record.before is not None:
        for column in counted:
            facet_counts.subtract(connection, column, [record.id])
    _write_rows(connection, record, written)
    _insert(connection, change, [row for other in prepared for row in other.rows.get("change", ())])
    for column in counted:
        facet_counts.add(connection, column, [record.id])


def _write_rows(connection: Connection, record: Prepared, written: Sequence[Prepared]) -> None:
    parts = (row for other in written for row in other.rows.get("document_part", ()))
    insert_missing(connection, document_part, list({row["number"]: row for row in parts}.values()))
    replacing = [other for other in written if other.before is not None]
    for start in range(0, len(replacing), _BATCH):
        batch = replacing[start : start + _BATCH]
        replaced = [(other.collection.name, other.id, other.before) for other in batch if "change" in other.rows]
        changes.keep_documents(connection, typing.cast("list[tuple[str, str, int]]", replaced))
        for table in (article, claim):
            if rows := [other.row | {"same_id": other.id} for other in batch if table.name in other.rows]:
                connection.execute(update(table).where(table.c.id == bindparam("same_id")), rows)
        words = [row | {"same_words": row["words"]} for other in batch for row in other.rows.get("search", ())]
        _set_days(connection, [other for other in batch if other.follows])
        if words:
            same = (search.c.claim_id == bindparam("same_id")) & (search.c.words != bindparam("same_words"))
            connection.execute(update(search).where(same), [row | {"same_id": row["claim_id"]} for row in words])
    if record.outcome == "updated":
        _delete_lists(connection, record.collection, record.id)
    names = {"created": ("article", "claim", "search", *_LISTS), "updated": _LISTS, "unchanged": ()}[record.outcome]
    for name in names:
        _insert(connection, STORED[name], record.rows.get(name, ()))


def delete_rows(connection: Connection, collection: Collection, id_: str) -> None:
    """Delete the rows of a record."""
    table = table_of(collection)
    facet_counts.subtract(connection, table.c.id, [id_])
    connection.execute(delete(term).where(term.c.owner == table.name, term.c.record_id == id_))
    connection.execute(delete(table).where(table.c.id == id_))


def _check_content(connection: Connection, record: Prepared) -> None:
    """Raise Duplicate if another claim has the same content."""
    if "claim" not in record.rows or record.outcome == "unchanged":
        return
    same = (claim.c.said == record.row["said"]) & (claim.c.id != record.row["id"])
    for type_, id_ in connection.execute(select(claim.c.type, claim.c.id).where(same)):
        raise duplicate(type_, id_)


def _stored(lookup: RecordLookup, collection: Collection, id_: str) -> Document | None:
    """Return the stored record of a collection, or None. A claim of another kind does not belong to it."""
    if not collection.of_claims:
        return lookup.article(id_)
    stored = lookup.claim(id_)
    return stored if stored is not None and stored["type"] == collection.name else None


def _versions(stored: Fields | None) -> Versions | None:
    return None if stored is None else Versions(stored["version"], stored["updated_at"])


def _with_article(lookup: RecordLookup, stored: Fields) -> Fields:
    """Return a stored record as `include=article` returns it."""
    return {**stored, "article": lookup.article(stored["article_id"])} if "article_id" in stored else stored


def _check_not_in_use(lookup: RecordLookup, collection: Collection, id_: str) -> None:
    if collection.of_claims:
        others = lookup.restating(id_)
        reason = "is restated by other claims. Delete them first, or change their `restates`"
    else:
        others = lookup.some_claims_of(id_)
        reason = "has claims. Delete them first"
    if others:
        raise InUse("", f"The {collection.title} {id_!r} {reason}.", others)


def _delete_lists(connection: Connection, collection: Collection, id_: str) -> None:
    """Delete the terms of a record, and the parties of a claim or the text of an article."""
    table = table_of(collection)
    connection.execute(delete(term).where(term.c.owner == table.name, term.c.record_id == id_))
    owned = party.c.claim_id if table is claim else article_text.c.article_id
    connection.execute(delete(owned.table).where(owned == id_))


def _set_days(connection: Connection, followers: Sequence[Prepared]) -> None:
    """Set the day of the parties and terms of claims that are updated with their article."""
    rows = [{"same_id": claim_.id, "new_day": claim_.row[DAY_OF[claim].name]} for claim_ in followers]
    of_claim = {
        party: party.c.claim_id == bindparam("same_id"),
        term: (term.c.owner == claim.name) & (term.c.record_id == bindparam("same_id")),
    }
    for table, owned in of_claim.items():
        if rows:
            moved = table.c.day.is_distinct_from(bindparam("new_day"))
            connection.execute(update(table).where(owned, moved).values(day=bindparam("new_day")), rows)


def _insert(connection: Connection, table: Table, rows: Sequence[Row]) -> None:
    if rows:
        connection.execute(insert(table), rows)


def insert_missing(connection: Connection, table: Table, rows: Sequence[Row]) -> None:
    """Insert the rows whose primary key the table does not have."""
    if rows:
        dialect = sqlite if connection.dialect.name == "sqlite" else postgresql
        connection.execute(dialect.insert(table).on_conflict_do_nothing(), rows)
