"""The examples of the OpenAPI document: the fixtures, as the service answers them."""

from __future__ import annotations

import typing
from functools import cache

import orjson

from api.comparison.reported import Reported
from api.contract.fixtures import files
from api.grounding.checks import Source, ground
from api.kinds.article import SHAPE, article_document
from api.kinds.collections import KIND_BY_NAME
from api.kinds.given import shape_of
from api.kinds.kind import Collection
from api.representations import jsonld, table
from api.representations.columns import columns_of
from schemas.evidence import stated

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
    return _shown(collection)[0]


def _shown(collection: Collection) -> list[Document]:
    """The records of a collection as clients get them."""
    return [dict(collection.show(document)) for document in _documents()[collection.name]]


def reported(name: str) -> list[Reported]:
    """The fixtures of a kind, as comparison sees them."""
    conflicts = {article["id"]: article["conflict"] for article in _documents()["article"]}
    return [Reported(claim, conflicts[claim["article_id"]]) for claim in _documents()[name]]


def example_page(collection: Collection) -> Document:
    """A page of a collection's list."""
    data = _shown(collection)[: 4 if collection.name == "claim" else 1]
    return {"data": data, "page": {"limit": 20, "next": None, "prev": None}}


def example_linked(collection: Collection, prefix: str) -> Document:
    """A record of a collection as linked data, of the version whose paths begin so."""
    document, base = _documents()[collection.name][0], f"https://onrecord.example{prefix}"
    if not collection.of_claims:
        return jsonld.article(document, base)
    (article,) = [each for each in _documents()["article"] if each["id"] == document["article_id"]]
    return jsonld.claim(document, article, base)


def example_lines(collection: Collection) -> str:
    """A collection's list as lines of JSON."""
    return "".join(f"{orjson.dumps(record).decode()}\n" for record in example_page(collection)["data"])


def example_table(collection: Collection) -> str:
    """A collection's list as a table."""
    columns = columns_of(collection)
    return table.header(columns) + table.rows(columns, example_lines(collection).splitlines())


def example_changes() -> Document:
    """A page of the feed."""
    change = _change(_documents()["article"][0], "article")
    return {"data": [change], "page": {"limit": 20, "next": None, "since": 1}}


def example_versions(collection: Collection) -> Document:
    """A page of a record's history."""
    document = example_of(collection)
    change = _change(document, document.get("type", "article"))
    return {"data": [change], "page": {"limit": 20, "next": None, "prev": None}}


def example_of_replacing(collection: Collection) -> Document:
    """A record as it is sent: one that is on record."""
    document, type_ = example_of(collection), str(collection.writes)
    fields = shape_of(type_).fields
    derived = KIND_BY_NAME[type_].shape.derived(document) if collection.of_claims else ()
    own = {name: document[name] for name in fields if name in document and name not in ("id", *derived)}
    if collection.of_claims:
        own["evidence"] = [stated(span) for span in own["evidence"]]
    return {name: value for name, value in own.items() if value not in (None, [], fields[name].load_default)}


def example_of_sending(collection: Collection) -> Document:
    """A new record as it is sent: one that says a little more than one that is on record."""
    given = example_of_replacing(collection)
    if not collection.of_claims:
        return {**given, "headline": "Norland and Suland agree on a truce (an invented headline)"}
    inferred = given.get("inferred", [])
    return {**given, "claimed_on": "2020", "inferred": [*inferred, *({"claimed_on"} - set(inferred))]}


def example_of_patching(collection: Collection) -> Document:
    """A merge patch of a record."""
    return {"same_as": ["https://www.wikidata.org/wiki/Q97344498"]} if collection.of_claims else {"byline": None}


def example_of_importing() -> str:
    """Lines of an import: an article, and a claim that it prints."""
    text = "An invented text: the ministry of Norland said that three soldiers were killed."
    article = {"type": "article", "id": "an-invented-article", "headline": "An invented article", "text": text}
    claim = {
        "type": "casualty_report",
        "id": "norland-three-soldiers",
        "article_id": "an-invented-article",
        "claimant": {"name": "Norland", "kind": "government"},
        "evidence": [{"exact": "the ministry of Norland said that three soldiers were killed"}],
        "harm": "killed",
        "population": "combatant",
        "count": 3,
        "qualifier": "exact",
    }
    return "".join(f"{orjson.dumps(line).decode()}\n" for line in (article, claim))


def _change(document: Document, type_: str) -> Document:
    return {
        "sequence": 1,
        "at": document["created_at"],
        "action": "created",
        "type": type_,
        "id": document["id"],
        "version": 1,
        "document": document,
    }
