"""Invariants of a database: each row matches its documents and its feed, and no row is left over."""

from __future__ import annotations

import typing
from collections.abc import Iterator

import orjson
from sqlalchemy import Connection, Table, select

from api.kinds.article import ARTICLES
from api.kinds.collections import KIND_BY_NAME
from api.kinds.record_input import RecordInput
from api.store import prepare
from api.store.database import Store
from api.store.tables import article, article_text, change, claim, party, search, term

Row = dict[str, typing.Any]
# Type and id.
Name = tuple[str, str]


def assert_sound(store: Store) -> None:
    """Raise AssertionError with the violated invariants."""
    with store.engine.connect() as connection:
        wrong = [*_of_the_file(store, connection), *_feed_differences(connection), *_index_differences(connection)]
    assert not wrong, "\n".join(wrong[:20])


def stored_documents(store: Store) -> dict[Name, str]:
    """Return the stored documents of all records."""
    with store.engine.connect() as connection:
        return _documents(connection)


def _documents(connection: Connection) -> dict[Name, str]:
    documents = {("article", row["id"]): row["document"] for row in _rows(connection, article)}
    return documents | {(row["type"], row["id"]): row["document"] for row in _rows(connection, claim)}


def _of_the_file(store: Store, connection: Connection) -> Iterator[str]:
    if store.is_sqlite:
        actual = [tuple(row) for row in connection.exec_driver_sql("PRAGMA integrity_check")]
        if actual != [("ok",)]:
            yield f"integrity: {actual}"
        # Raises an error if the search index does not match the terms.
        connection.exec_driver_sql("INSERT INTO search_index(search_index, rank) VALUES ('integrity-check', 1)")
        connection.rollback()
        yield from (f"points nowhere: {tuple(row)}" for row in connection.exec_driver_sql("PRAGMA foreign_key_check"))


def _feed_differences(connection: Connection) -> Iterator[str]:
    """Return the differences between the records and the replayed feed, and gaps between versions."""
    changes = sorted(_rows(connection, change), key=lambda item: item["sequence"])
    replayed: dict[Name, str | None] = {}
    versions: dict[Name, int] = {}
    for row in changes:
        name, document = (row["type"], row["id"]), row["document"]
        if row["version"] <= versions.get(name, 0):
            yield f"{name}: version {row['version']} after {versions[name]}"
        versions[name], replayed[name] = row["version"], document
        if (document is None) != (row["action"] in ("deleted", "purged")):
            yield f"{name}: {row['action']} with the document {document}"
        elif document is not None:
            known = orjson.loads(document)
            if (known["id"], known["version"], known["updated_at"]) != (row["id"], row["version"], row["at"]):
                yield f"{name}: the feed's line {row['sequence']} does not fit its document"
    yield from _versions_of_purged_articles(changes)
    stored = _documents(connection)
    for name in stored.keys() | replayed.keys():
        if stored.get(name) != replayed.get(name):
            yield f"{name}: stored {stored.get(name)}, in the feed {replayed.get(name)}"


def _versions_of_purged_articles(changes: list[Row]) -> Iterator[str]:
    """Return the versions of claims that belonged to an article which was purged later."""
    purged = {row["id"]: row["sequence"] for row in changes if (row["type"], row["action"]) == ("article", "purged")}
    for row in changes:
        owner = None if row["document"] is None else orjson.loads(row["document"]).get("article_id")
        if row["sequence"] < purged.get(owner, 0):
            yield f"{row['id']}: the feed's line {row['sequence']} belongs to the purged article {owner}"


def _index_differences(connection: Connection) -> Iterator[str]:
    """Return the columns, parties and terms that differ from those of the stored document."""
    articles = {row["id"]: row for row in _rows(connection, article)}
    texts = {row["article_id"]: row["text"] for row in _rows(connection, article_text)}
    parties, terms = list(_rows(connection, party)), list(_rows(connection, term))
    searched = [{"claim_id": row["claim_id"], "words": row["words"]} for row in _rows(connection, search)]
    expected: dict[str, list[Row]] = {"party": [], "term": [], "search": []}
    for id_, row in articles.items():
        document, text = orjson.loads(row["document"]), texts.get(id_)
        rows = prepare._rows(ARTICLES, document, "unchanged", None, None)
        yield from _differing(row, rows["article"][0])
        expected["term"] += rows["term"]
        if document["text_held"] != (text is not None):
            yield f"article {id_}: text_held is {document['text_held']}, and the text is {text!r}"
    claims = {row["id"] for row in _rows(connection, claim)}
    for row in _rows(connection, claim):
        kind, document = KIND_BY_NAME[row["type"]], orjson.loads(row["document"])
        owner = orjson.loads(articles[row["article_id"]]["document"])
        record_input = RecordInput(kind.name, document)
        made = prepare._grounded(record_input, owner, texts.get(owner["id"]), document)
        if made.outcome != "unchanged":
            yield f"{row['id']}: reads {document}, where its article and text make it {made.document}"
        yield from _differing(row, made.row)
        for name in expected:
            expected[name] += made.rows[name]
        if document["restates"] is not None and document["restates"] not in claims - {row["id"]}:
            yield f"{row['id']} restates {document['restates']}, which is itself or does not exist"
    for name, actual in (("party", parties), ("term", terms), ("search", searched)):
        ours, theirs = _bag(expected[name]), _bag(actual)
        yield from (f"{name}: missing {row}" for row in ours - theirs)
        yield from (f"{name}: left over {row}" for row in theirs - ours)


def _differing(row: Row, expected: Row) -> Iterator[str]:
    for name, value in row.items():
        if value != expected.get(name):
            yield f"{row['id']}: {name} is {value!r}, to be {expected.get(name)!r}"


def _bag(rows: list[Row]) -> set[tuple[tuple[str, typing.Any], ...]]:
    return {tuple(sorted(row.items())) for row in rows}


def _rows(connection: Connection, table: Table) -> Iterator[Row]:
    yield from (dict(row) for row in connection.execute(select(table)).mappings())
