"""Writes of a record: its row, terms, parties, tokens and change, in one transaction."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import Connection, Table, bindparam, delete, insert, select, update

from api.kinds.collections import COLLECTION_BY_NAME
from api.kinds.kind import Collection
from api.kinds.record_input import RecordInput, apply_merge_patch
from api.store import idempotency
from api.store.database import Store
from api.store.errors import ConcurrentWrite, IdTaken, InUse
from api.store.lookup import STORED, RecordLookup
from api.store.prepare import Prepared, Row, duplicate, now, prepare
from api.store.read import Versions, missing
from api.store.tables import article, article_text, change, claim, party, search, table_of, term
from schemas.documents import Document, Fields
from schemas.fields import is_identifier

# Compares the stored version, or None without a record, with the version that a writer expects. It raises any error.
Precondition = Callable[[Versions | None], None]

# The maximum number of times that a write is prepared, because the records that it depends on change.
ATTEMPTS_MAX = 10
# The number of records that are written with one statement for each table.
_BATCH = 500


def create(
    store: Store, record_input: RecordInput, *, keep: bool = True, once: idempotency.Request | None = None
) -> Prepared:
    """Create a record. Raises RecordRejected, ConcurrentWrite or idempotency.Replayed."""
    type_, id_ = record_input.type, record_input.record["id"]

    def check_new(versions: Versions | None) -> None:
        if versions is not None:
            title = COLLECTION_BY_NAME[type_].title
            message = f"The {title} {id_!r} exists. To replace it, use PUT. To create another, omit `id`."
            raise IdTaken("/id", message, [(type_, id_)])

    return carry_out(store, lambda lookup: _put(lookup, record_input, check_new), keep=keep, once=once)


def put(store: Store, record_input: RecordInput, precondition: Precondition, *, keep: bool = True) -> Prepared:
    """Create or replace the record with an id, and update the claims of an article with it.

    Raises RecordRejected, ConcurrentWrite, or the errors of the precondition.
    """
    return carry_out(store, lambda lookup: _put(lookup, record_input, precondition), keep=keep)


def patch(
    store: Store, type_: str, id_: str, changes: Fields, precondition: Precondition, *, keep: bool = True
) -> Prepared:
    """Change a stored record by a JSON Merge Patch.

    Raises ValidationError, NotFound, RecordRejected, ConcurrentWrite, or the errors of the precondition.
    """
    collection = COLLECTION_BY_NAME[type_]

    def prepare_patch(lookup: RecordLookup) -> list[Prepared]:
        stored = _stored(lookup, collection, id_)
        if stored is None:
            raise absent(lookup, collection, id_)
        return _put(lookup, apply_merge_patch(type_, stored, changes), precondition)

    return carry_out(store, prepare_patch, keep=keep)


def carry_out(
    store: Store,
    plan: Callable[[RecordLookup], list[Prepared]],
    *,
    keep: bool = True,
    once: idempotency.Request | None = None,
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
            lookup = RecordLookup(connection, STORED)
            prepared = plan(lookup)
        with store.writing(keep=keep) as connection:
            if once is not None:
                idempotency.check(connection, once)
            if lookup.outdated(connection):
                continue
            _check_content(connection, prepared[0])
            write_records(connection, prepared)
            if once is not None and keep:
                idempotency.remember(connection, once, prepared[0])
            return prepared[0]
    raise ConcurrentWrite


def delete_record(connection: Connection, type_: str, id_: str, precondition: Precondition) -> None:
    """Delete a record, and add a change to the feed.

    Raises NotFound, Gone, InUse if other records refer to it, or the errors of the precondition.
    """
    lookup = RecordLookup(connection, STORED)
    collection = COLLECTION_BY_NAME[type_]
    stored = _stored(lookup, collection, id_)
    if stored is None:
        raise absent(lookup, collection, id_)
    precondition(Versions(stored["version"], stored["updated_at"]))
    _check_not_in_use(lookup, collection, id_)
    delete_rows(connection, collection, id_, stored["version"])
    version = stored["version"] + 1
    row = {"at": now(), "action": "deleted", "type": type_, "id": id_, "version": version, "document": None}
    _write_changes(connection, [row])


def absent(lookup: RecordLookup, collection: Collection, id_: str) -> LookupError:
    """Return the error for a record that does not exist: NotFound, or Gone if it was deleted."""
    if not is_identifier(id_):
        return missing(collection, id_, None, None)
    other = lookup.claim(id_) if collection.of_claims else None
    last = lookup.last_change(collection.name, id_)
    return missing(
        collection,
        id_,
        None if other is None else other["type"],
        None if last is None else (last.type, last.at),
    )


def write_records(connection: Connection, prepared: list[Prepared]) -> None:
    """Write prepared records and their changes. Raises ConcurrentWrite if a stored record has another version."""
    changed = [record for record in prepared if record.outcome != "unchanged" or record.follows]
    for start in range(0, len(changed), _BATCH):
        batch = changed[start : start + _BATCH]
        for table in (article, claim):
            if records := [record for record in batch if record.table is table]:
                _write_rows(connection, table, records)
                # The terms and parties of a claim do not depend on its article.
                own = [record for record in records if record.outcome != "unchanged" and not record.follows]
                _write_lists(connection, table, own)
        _write_changes(connection, [record.change for record in batch if record.outcome != "unchanged"])


def delete_rows(connection: Connection, collection: Collection, id_: str, version: int) -> None:
    """Delete the rows of a record. Raises ConcurrentWrite if it has another version."""
    table = table_of(collection)
    connection.execute(delete(term).where(term.c.owner == table.name, term.c.record_id == id_))
    same = (table.c.id == id_) & (table.c.version == version)
    if connection.execute(delete(table).where(same)).rowcount != 1:
        raise ConcurrentWrite


def _put(lookup: RecordLookup, record_input: RecordInput, precondition: Precondition) -> list[Prepared]:
    lookup.look_up([record_input])
    stored = _stored(lookup, COLLECTION_BY_NAME[record_input.type], record_input.record["id"])
    precondition(None if stored is None else Versions(stored["version"], stored["updated_at"]))
    return prepare(lookup, record_input)


def _check_content(connection: Connection, record: Prepared) -> None:
    """Raise Duplicate if another claim has the same content."""
    if "said" not in record.row or record.outcome == "unchanged":
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


def _check_not_in_use(lookup: RecordLookup, collection: Collection, id_: str) -> None:
    if collection.of_claims:
        others = lookup.restating(id_)
        reason = "is restated by other claims. Delete them first, or change their `restates`"
    else:
        others = lookup.some_claims_of(id_)
        reason = "has claims. Delete them first"
    if others:
        raise InUse("", f"The {collection.title} {id_!r} {reason}.", others)


def _write_rows(connection: Connection, table: Table, records: list[Prepared]) -> None:
    """Write the rows of records of one table, and the search terms of claims."""
    new = [record for record in records if record.before is None]
    old = [record for record in records if record.before is not None]
    if new:
        connection.execute(insert(table), [_full_row(table, record) for record in new])
    if old:
        same = (table.c.id == bindparam("same_id")) & (table.c.version == bindparam("same_version"))
        rows = [_full_row(table, record) | {"same_id": record.id, "same_version": record.before} for record in old]
        if connection.execute(update(table).where(same), rows).rowcount != len(rows):
            raise ConcurrentWrite
    if table is claim:
        words = [{"same_id": record.id, "same_words": record.words, "words": record.words} for record in old]
        if new:
            rows = [{"claim_id": record.id, "words": record.words} for record in new]
            connection.execute(insert(search), rows)
        if words:
            of_claim = (search.c.claim_id == bindparam("same_id")) & (search.c.words != bindparam("same_words"))
            connection.execute(update(search).where(of_claim), words)


def _full_row(table: Table, record: Prepared) -> Row:
    """Return a row with all columns, because rows that are written together need the same ones."""
    return {column.name: record.row.get(column.name) for column in table.columns}


def _write_lists(connection: Connection, table: Table, records: list[Prepared]) -> None:
    """Write the terms and parties of records of one table, and the texts of articles."""
    if not records:
        return
    if updated := [record.id for record in records if record.outcome == "updated"]:
        connection.execute(delete(term).where(term.c.owner == table.name, term.c.record_id.in_(updated)))
        if table is claim:
            connection.execute(delete(party).where(party.c.claim_id.in_(updated)))
        else:
            connection.execute(delete(article_text).where(article_text.c.article_id.in_(updated)))
    texts = [{"article_id": record.id, "text": record.text} for record in records if record.text is not None]
    rows_by_table = {
        term: [row for record in records for row in record.terms],
        party: [row for record in records for row in record.parties],
        article_text: texts,
    }
    for list_table, rows in rows_by_table.items():
        if rows:
            connection.execute(insert(list_table), rows)


def _write_changes(connection: Connection, changes: list[Row]) -> None:
    if changes:
        connection.execute(insert(change), changes)
