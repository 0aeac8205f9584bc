"""Invariants of a database: those that `onrecord db check` proves, and the grounding of each claim."""

from __future__ import annotations

from collections.abc import Iterator

import orjson
from sqlalchemy import Connection, select

from api.kinds.collections import KIND_BY_NAME
from api.kinds.record_input import RecordInput
from api.store import prepare
from api.store.changes import VERSION_DOCUMENT
from api.store.check import check
from api.store.database import Store
from api.store.tables import article, article_text, change, claim

# Type and id.
Name = tuple[str, str]


def assert_sound(store: Store) -> None:
    """Raise AssertionError with the violated invariants."""
    wrong = [disagreement.message for disagreement in check(store)]
    with store.engine.connect() as connection:
        wrong += [*_grounding_differences(connection), *_versions_of_purged_articles(connection)]
    assert not wrong, "\n".join(wrong[:20])


def stored_documents(store: Store) -> dict[Name, str]:
    """Return the stored documents of all records."""
    with store.engine.connect() as connection:
        articles = connection.execute(select(article.c.id, article.c.document))
        documents: dict[Name, str] = {("article", id_): document for id_, document in articles}
        claims = connection.execute(select(claim.c.type, claim.c.id, claim.c.document))
        return documents | {(type_, id_): document for type_, id_, document in claims}


def _grounding_differences(connection: Connection) -> Iterator[str]:
    """Return the claims that their article and text would make another document of."""
    articles = dict(connection.execute(select(article.c.id, article.c.document)).all())
    texts = dict(connection.execute(select(article_text.c.article_id, article_text.c.text)).all())
    for (stored,) in connection.execute(select(claim.c.document)):
        document = orjson.loads(stored)
        kind, owner = KIND_BY_NAME[document["type"]], orjson.loads(articles[document["article_id"]])
        record_input = RecordInput(kind.name, document)
        made = prepare.prepare_claim(record_input, owner, texts.get(owner["id"]), document)
        if made.outcome != "unchanged":
            yield f"{document['id']}: reads {document}, where its article and text make it {made.document}"
        if document["restates"] == document["id"]:
            yield f"{document['id']} restates itself"


def _versions_of_purged_articles(connection: Connection) -> Iterator[str]:
    """Return the versions of claims that belonged to an article which was purged later."""
    purged = select(change.c.id, change.c.sequence).where(change.c.type == "article", change.c.action == "purged")
    sequences = dict(connection.execute(purged).all())
    versions = select(change.c.id, change.c.sequence, VERSION_DOCUMENT).where(VERSION_DOCUMENT.is_not(None))
    for id_, sequence, document in connection.execute(versions):
        owner = orjson.loads(document).get("article_id")
        if sequence < sequences.get(owner, 0):
            yield f"{id_}: the feed's line {sequence} belongs to the purged article {owner}"
