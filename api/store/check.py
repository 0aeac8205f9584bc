"""Checks that documents agree with columns, parties, terms, counts, search index and feed, and the repair."""

from __future__ import annotations

import hashlib
import typing
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import chain, zip_longest

import orjson
from sqlalchemy import Connection, Table, delete, exists, insert, select, tuple_, update
from sqlalchemy.exc import DatabaseError

from api.kinds.article import ARTICLES
from api.kinds.collections import KIND_BY_NAME
from api.kinds.rendering import render_fields
from api.store import facet_counts, rendering, timeouts
from api.store.database import Store
from api.store.prepare import Row, rows_of
from api.store.tables import GONE, article, article_text, change, claim, feed, party, search, term
from schemas.documents import Fields

# The number of records, or of changes, that are in memory at one time.
_BATCH = 200
# The tables with the rows of a claim, and their columns with its id.
_OF_CLAIMS = {party: party.c.claim_id, search: search.c.claim_id}
# The columns that a document consists of.
_DOCUMENT = ("document", "part")

# The type and id of a record.
Name = tuple[str, str]


@dataclass(frozen=True)
class Disagreement:
    """One difference between stored rows. A repair removes it if the differing rows are `derived` from documents."""

    message: str
    derived: bool = False


def check(store: Store, *, repair: bool = False) -> Iterator[Disagreement]:
    """Yield the disagreements of a database.

    Each batch of records is read in one snapshot, so others can write at the same time. With `repair`, derived rows
    are written again from the documents, in one short transaction for each batch. Documents are never changed.
    """
    yield from _file_problems(store)
    of_records = (_record_problems(store, table, repair=repair) for table in (article, claim))
    differ = False
    for disagreement in chain(*of_records, _left_over_rows(store, repair=repair)):
        differ |= disagreement.derived
        yield disagreement
    if repair or not differ:
        # The counts of rows that differ would differ, too.
        yield from _count_problems(store, repair=repair)
    yield from _feed_problems(store)
    if store.is_sqlite:
        yield from _index_problems(store, repair=repair)


def _file_problems(store: Store) -> Iterator[Disagreement]:
    """Yield the errors that SQLite finds in the file."""
    if not store.is_sqlite:
        return
    with store.snapshot() as connection:
        untimed = timeouts.unlimited(connection)
        for (problem,) in untimed.exec_driver_sql("PRAGMA integrity_check"):
            if problem != "ok":
                yield Disagreement(f"The file is damaged: {' '.join(problem.split())}.")
        for table, _, parent, _ in untimed.exec_driver_sql("PRAGMA foreign_key_check"):
            if table not in {party.name, search.name}:
                yield Disagreement(f"A row of {table} refers to a missing row of {parent}.")


def _record_problems(store: Store, table: Table, *, repair: bool) -> Iterator[Disagreement]:
    """Yield the disagreements of each article or claim with its own rows."""
    last = ""
    while True:
        with store.snapshot() as connection:
            batch = _read(connection, select(table).where(table.c.id > last).order_by(table.c.id).limit(_BATCH))
            if not batch:
                return
            derived, others = _compare(connection, table, batch)
        last = batch[-1]["id"]
        if repair and derived:
            with store.writing() as connection:
                _repair(connection, table, sorted(derived))
        yield from (Disagreement(message) for message in others)
        for id_, differing in derived.items():
            message = f"{table.name} {id_}: {', '.join(differing)} differ from the document."
            yield Disagreement(message, derived=True)


def _compare(connection: Connection, table: Table, batch: Sequence[Row]) -> tuple[dict[str, list[str]], list[str]]:
    """Return the columns and tables that differ from the document, by id, and the messages of other differences."""
    derived, others = dict[str, list[str]](), list[str]()
    expected, messages = _expected(connection, table, batch)
    others += messages
    ids = [row["id"] for row in batch]
    lists = {other: _by_id(connection, other, id_column, ids) for other, id_column in _lists(table).items()}
    for row in batch:
        if (rows := expected.get(row["id"])) is None:
            continue
        own = rows[table.name][0]
        differing = [name for name in row if name not in _DOCUMENT and row[name] != own[name]]
        differing += [
            other.name
            for other, stored in lists.items()
            if _bag(stored.get(row["id"], [])) != _bag(rows.get(other.name, []))
        ]
        if "said" in differing and not rendering.is_due(connection):
            # Its rows cannot be written again, because no other row has the document that was stored.
            others.append(f"{table.name} {row['id']}: the document differs from the hash of its content.")
        elif differing:
            derived[row["id"]] = differing
    others += _text_problems(connection, batch) if table is article else _restates_problems(connection, batch)
    return derived, others


def _expected(
    connection: Connection, table: Table, batch: Sequence[Row]
) -> tuple[dict[str, Mapping[str, list[Row]]], list[str]]:
    """Return the rows that documents require, by id, and the messages of unusable documents."""
    rows, messages = dict[str, Mapping[str, list[Row]]](), list[str]()
    owner_ids = {row["article_id"] for row in batch} if table is claim else set()
    owners = dict(connection.execute(select(article.c.id, article.c.document).where(article.c.id.in_(owner_ids))).all())
    for row in batch:
        try:
            document = _rendered(row["document"])
            if document["id"] != row["id"]:
                messages.append(f"{table.name} {row['id']}: the document has the id {document['id']}.")
            elif table is article:
                rows[row["id"]] = rows_of(ARTICLES, document, "unchanged", None, None)
            else:
                owner = _rendered(owners[document["article_id"]])
                rows[row["id"]] = rows_of(KIND_BY_NAME[document["type"]].collection, document, "unchanged", owner, None)
        except (ValueError, TypeError, LookupError) as error:
            reason = f"{type(error).__name__} {error}"
            messages.append(f"{table.name} {row['id']}: the document or its article cannot be used ({reason}).")
    return rows, messages


def _rendered(document: str) -> typing.Any:
    """Return a stored document in the current shape, which it has only after `onrecord db render`."""
    return render_fields(orjson.loads(document))


def _text_problems(connection: Connection, batch: Sequence[Row]) -> Iterator[str]:
    """Yield the texts that differ from the documents of their articles. Only one is in memory."""
    for row in batch:
        document: Fields = orjson.loads(row["document"])
        statement = select(article_text.c.text).where(article_text.c.article_id == row["id"])
        text = connection.execute(statement).scalar_one_or_none()
        if document["text_held"] != (text is not None):
            stored = "not stored" if text is None else "stored"
            yield f"article {row['id']}: text_held is {document['text_held']}, but the text is {stored}."
        elif text is not None and document["text_sha256"] != hashlib.sha256(text.encode()).hexdigest():
            yield f"article {row['id']}: the stored text has another hash than text_sha256."


def _restates_problems(connection: Connection, batch: Sequence[Row]) -> Iterator[str]:
    restated = {row["restates"] for row in batch} - {None}
    stored = set(connection.execute(select(claim.c.id).where(claim.c.id.in_(restated))).scalars())
    for row in batch:
        if row["restates"] in restated - stored:
            yield f"claim {row['id']}: restates {row['restates']}, which does not exist."


def _repair(connection: Connection, table: Table, ids: Sequence[str]) -> None:
    """Write the derived rows of some records again."""
    batch = _read(connection, select(table).where(table.c.id.in_(ids)))
    expected, _ = _expected(connection, table, batch)
    for id_, rows in expected.items():
        columns = {name: value for name, value in rows[table.name][0].items() if name not in ("id", *_DOCUMENT)}
        connection.execute(update(table).where(table.c.id == id_).values(columns))
        for other, id_column in _lists(table).items():
            own = _owned(other, id_column, [id_], table)
            connection.execute(delete(other).where(own))
            if rows.get(other.name):
                connection.execute(insert(other), rows[other.name])


def _left_over_rows(store: Store, *, repair: bool) -> Iterator[Disagreement]:
    """Yield the rows of records that do not exist."""
    for other, id_column, owner, own in (
        (party, party.c.claim_id, claim, None),
        (search, search.c.claim_id, claim, None),
        (term, term.c.record_id, claim, term.c.owner == claim.name),
        (term, term.c.record_id, article, term.c.owner == article.name),
    ):
        missing = ~exists().where(owner.c.id == id_column)
        condition = missing if own is None else missing & own
        while True:
            with store.snapshot() as connection:
                statement = select(id_column).where(condition).distinct().limit(_BATCH)
                ids = list(timeouts.unlimited(connection).execute(statement).scalars())
            if repair and ids:
                with store.writing() as connection:
                    connection.execute(delete(other).where(condition, id_column.in_(ids)))
            for id_ in ids:
                message = f"{other.name}: rows of the {owner.name} {id_}, which does not exist."
                yield Disagreement(message, derived=True)
            if not repair or not ids:
                break


def _count_problems(store: Store, *, repair: bool) -> Iterator[Disagreement]:
    """Yield the facets whose stored counts differ from the records."""
    with store.snapshot() as connection:
        differences = facet_counts.differences(timeouts.unlimited(connection))
    if repair and differences:
        with store.writing() as connection:
            facet_counts.recount(timeouts.unlimited(connection))
    for facet, type_ in differences:
        yield Disagreement(f"facet_count: the counts of {facet} differ from the records of type {type_}.", derived=True)


def _feed_problems(store: Store) -> Iterator[Disagreement]:
    """Yield the differences between the records and the last changes of the feed, and wrong changes."""
    key = (change.c.id, change.c.type, change.c.version, change.c.sequence)
    batch: list[Row] = []
    while True:
        with store.snapshot() as connection:
            statement = select(change).order_by(*key).limit(_BATCH + 1)
            if batch:
                position = tuple(batch[-1][column.name] for column in key)
                statement = statement.where(tuple_(*key) >= tuple_(*position))
            batch = _read(connection, statement)
            stored = _documents(connection, [row["id"] for row in batch])
        is_last = len(batch) <= _BATCH
        # A change is compared with the next one and with its record in one snapshot. So the last change of a full batch
        # is read again.
        for row, next_ in zip_longest(batch if is_last else batch[:-1], batch[1:]):
            later = next_ if next_ is not None and _name(next_) == _name(row) else None
            yield from map(Disagreement, _change_problems(row, later, stored.get(_name(row))))
        if is_last:
            break
    yield from _records_without_changes(store)
    with store.snapshot() as connection:
        epochs = len(_read(connection, select(feed)))
    if epochs != 1:
        yield Disagreement(f"The feed has {epochs} epochs. Run: onrecord db renew-epoch")


def _change_problems(row: Row, later: Row | None, stored: str | None) -> Iterator[str]:
    """Yield the problems of a change, with the next change of its record and the record's document."""
    record = f"{row['type']} {row['id']}"
    where, is_gone = f"{record}: change {row['sequence']}", row["action"] in GONE
    if later is not None and (later["version"] == row["version"] or later["sequence"] < row["sequence"]):
        yield f"{record}: change {later['sequence']} has the version {later['version']} after {row['version']}."
    if later is None and _version_of(stored) != (None if is_gone else (row["version"], row["at"])):
        yield f"{record}: the record differs from its last change in the feed."
    if row["document"] is None:
        if later is not None and not is_gone:
            yield f"{where} is an earlier version without a document."
    elif is_gone:
        yield f"{where} is {row['action']} with a document."
    elif later is None:
        yield f"{where} is the current version, but has a document of its own."
    else:
        document = orjson.loads(row["document"])
        if [document["id"], document["version"], document["updated_at"]] != [row["id"], row["version"], row["at"]]:
            yield f"{where} has another id, version or time than its document."


def _version_of(document: str | None) -> tuple[int, str] | None:
    """Return the version and time of a document, or None if it is missing or cannot be used."""
    with suppress(ValueError, TypeError, LookupError):
        fields: Fields = orjson.loads(document or "null")
        return fields["version"], fields["updated_at"]
    return None


def _records_without_changes(store: Store) -> Iterator[Disagreement]:
    for table, type_ in ((article, "article"), (claim, claim.c.type)):
        recorded = exists().where(change.c.type == type_, change.c.id == table.c.id)
        with store.snapshot() as connection:
            for id_ in timeouts.unlimited(connection).execute(select(table.c.id).where(~recorded)).scalars():
                yield Disagreement(f"{table.name} {id_}: the feed has no change of it.")


def _index_problems(store: Store, *, repair: bool) -> Iterator[Disagreement]:
    """Compare SQLite's search index with the tokens. A rebuild takes seconds for each 100,000 claims."""
    with store.writing() as connection:
        untimed = timeouts.unlimited(connection)
        try:
            untimed.exec_driver_sql("INSERT INTO search_index(search_index, rank) VALUES ('integrity-check', 1)")
        except DatabaseError:
            if repair:
                untimed.exec_driver_sql("INSERT INTO search_index(search_index) VALUES ('rebuild')")
            yield Disagreement("The search index differs from the tokens.", derived=True)


def _lists(table: Table) -> dict[Table, typing.Any]:
    """Return the tables with the derived rows of a record, and their columns with its id."""
    return {**(_OF_CLAIMS if table is claim else {}), term: term.c.record_id}


def _owned(other: Table, id_column: typing.Any, ids: Sequence[str], table: Table) -> typing.Any:
    own = id_column.in_(ids)
    return own & (term.c.owner == table.name) if other is term else own


def _by_id(connection: Connection, other: Table, id_column: typing.Any, ids: Sequence[str]) -> dict[str, list[Row]]:
    """Return the derived rows of some records in another table, by the id of the record."""
    by_id: dict[str, list[Row]] = {}
    for row in _read(connection, select(other).where(id_column.in_(ids))):
        by_id.setdefault(row[id_column.name], []).append(row)
    return by_id


def _documents(connection: Connection, ids: Sequence[str]) -> dict[Name, str]:
    """Return the documents of the records with these ids."""
    articles = connection.execute(select(article.c.id, article.c.document).where(article.c.id.in_(ids)))
    claims = connection.execute(select(claim.c.type, claim.c.id, claim.c.document).where(claim.c.id.in_(ids)))
    documents: dict[Name, str] = {("article", id_): document for id_, document in articles}
    return documents | {(type_, id_): document for type_, id_, document in claims}


def _name(row: Row) -> Name:
    return row["type"], row["id"]


def _bag(rows: Sequence[Row]) -> list[str]:
    """Return rows in a comparable form. Their numbers do not count."""
    return sorted(repr(sorted((name, value) for name, value in row.items() if name != "number")) for row in rows)


def _read(connection: Connection, statement: typing.Any) -> list[Row]:
    return [dict(row) for row in connection.execute(statement).mappings()]
