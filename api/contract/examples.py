"""The examples of the OpenAPI document: the fixtures, as the service answers them."""

from __future__ import annotations

import typing
from functools import cache

import orjson

from api.contract.fixtures import files
from api.grounding.checks import Source, ground
from api.kinds.article import SHAPE, article_document
from api.kinds.collections import KIND_BY_NAME
from api.kinds.kind import Collection

# Examples must not change with the day they are rendered on.
_STAMP = {"version": 1, "created_at": "2026-01-01T12:00:00.000Z", "updated_at": "2026-01-01T12:00:00.000Z"}

Document = dict[str, typing.Any]


@cache
def _documents() -> dict[str, list[Document]]:
    """The fixtures' documents by collection; `claim` has the first of each kind."""
    given: dict[str, list[Document]] = {}
    for _, file in files():
        for line in file.read_bytes().splitlines():
            record = orjson.loads(line)
            given.setdefault(record.pop("type"), []).append(record)
    articles = [article_document(SHAPE.load(record), _STAMP) for record in given["article"]]
    by_id = {article["id"]: article for article in articles}
    documents = {"article": articles}
    for name, kind in KIND_BY_NAME.items():
        documents[name] = []
        for record in given[name]:
            claim = typing.cast("Document", kind.shape.load(record))
            article = by_id[claim["article_id"]]
            source = Source(None, article["text_length"], article["language"])
            report = ground(claim, frozenset(record), kind.checked, source).report
            documents[name].append(kind.document(claim, article, report, _STAMP))
    documents["claim"] = [documents[name][0] for name in KIND_BY_NAME]
    return documents


def example_of(collection: Collection) -> Document:
    """A record of a collection."""
    return _documents()[collection.name][0]


def example_page(collection: Collection) -> Document:
    """A page of a collection's list."""
    data = _documents()[collection.name][: 4 if collection.name == "claim" else 1]
    return {"data": data, "page": {"limit": 20, "next": None, "prev": None}}


def example_changes() -> Document:
    """A page of the feed."""
    article = _documents()["article"][0]
    change = {
        "sequence": 1,
        "at": article["created_at"],
        "action": "created",
        "type": "article",
        "id": article["id"],
        "version": 1,
        "document": article,
    }
    return {"data": [change], "page": {"limit": 20, "next": None, "since": 1}}
