"""The examples of the OpenAPI document: the fixtures, as the service answers them."""

from __future__ import annotations

import typing
from functools import cache

import orjson

from api.comparison.claims import ComparableClaim
from api.contract.fixtures import files
from api.grounding.case import Source
from api.grounding.checks import ground
from api.kinds.article import ARTICLES, SHAPE, article_document
from api.kinds.collections import KIND_BY_NAME
from api.kinds.given import shape_of
from api.kinds.kind import Collection, Kind
from api.openapi.problem_examples import ROOT
from api.representations import jsonld, table
from api.representations.columns import columns_of
from schemas import edtf
from schemas.evidence import stated

# Examples must not change with the day they are rendered on.
_STAMP = {"version": 1, "created_at": "2026-01-01T12:00:00.000Z", "updated_at": "2026-01-01T12:00:00.000Z"}
_CHANGED = {**_STAMP, "version": 2, "updated_at": "2026-01-02T12:00:00.000Z"}
# What an id made by the server ends in.
_MADE = "01kdx0hfb4ezscyf4wkb8j7m2q"

EXAMPLE_TEXT = "An invented text: the ministry of Norland said that three soldiers were killed on 1 May 2031."

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
        documents[name] = [_claim(kind, record, by_id[record["article_id"]], _STAMP) for record in given[name]]
    firsts = [documents[name][0] for name in KIND_BY_NAME]
    # In the order of every list of claims, that of `-on_record`, then of `-id`.
    documents["claim"] = sorted(firsts, key=lambda each: (each["on_record"]["earliest"], each["id"]), reverse=True)
    return documents


def _claim(kind: Kind, record: Document, article: Document, stamp: Document) -> Document:
    """What becomes of a claim that is sent."""
    claim = typing.cast("Document", kind.shape.load(record))
    source = Source(None, article["text_length"], article["language"], article["published_on"])
    report = ground(claim, frozenset(record), kind.checked, source).report
    return kind.document(claim, article, report, stamp)


def _answered(collection: Collection, sent: Document, stamp: Document) -> Document:
    """What becomes of a record of a collection that is sent."""
    if not collection.of_claims:
        return article_document(SHAPE.load(sent), stamp)
    return _claim(KIND_BY_NAME[collection.name], sent, _documents()["article"][0], stamp)


def record_example(collection: Collection) -> Document:
    """A record of a collection."""
    return _documents()[collection.name][0]


def comparable_claims(name: str) -> list[ComparableClaim]:
    """The fixtures of a kind, as comparison sees them: by id."""
    articles = {article["id"]: article for article in _documents()["article"]}
    found = []
    for claim in sorted(_documents()[name], key=lambda claim: str(claim["id"])):
        article = articles[claim["article_id"]]
        days = edtf.days(article["published_on"])
        published = (str(days.earliest), str(days.latest))
        found.append(ComparableClaim(claim, article["conflict"], published, orjson.dumps(claim).decode()))
    return found


def page_example(collection: Collection, *, of_article: bool = False) -> Document:
    """A page of a collection's list, or of an article's claims, as it is answered to who asks for these by `id=`."""
    data = _documents()[collection.name][: 4 if collection.name == "claim" else 1]
    if of_article:
        data = sorted(data, key=lambda claim: claim["evidence"][0]["start"])
    return {"data": data, "page": {"limit": 20, "next": None, "prev": None}}


def linked_data_example(collection: Collection, prefix: str) -> Document:
    """A record of a collection as linked data, of the version whose paths begin so."""
    document, base = _documents()[collection.name][0], f"{ROOT}{prefix}"
    if not collection.of_claims:
        return jsonld.article(document, base)
    (article,) = [each for each in _documents()["article"] if each["id"] == document["article_id"]]
    return jsonld.claim(document, article, base)


def ndjson_example(collection: Collection, *, of_article: bool = False) -> str:
    """The same as lines of JSON."""
    records = page_example(collection, of_article=of_article)["data"]
    return "".join(f"{orjson.dumps(record).decode()}\n" for record in records)


def csv_example(collection: Collection, *, of_article: bool = False) -> str:
    """The same as a table."""
    columns = columns_of(collection)
    return table.header(columns) + table.rows(columns, ndjson_example(collection, of_article=of_article).splitlines())


def changes_example(prefix: str) -> Document:
    """A page of the feed, the first with `limit=1`, of the version whose paths begin so."""
    change = _change(_documents()["article"][0], "article")
    return {"data": [change], "page": {"limit": 1, "next": f"{ROOT}{prefix}/changes?limit=1&since=1", "since": 1}}


def versions_example(collection: Collection) -> Document:
    """A page of a record's history."""
    document = record_example(collection)
    change = _change(document, document.get("type", "article"))
    return {"data": [change], "page": {"limit": 20, "next": None, "prev": None}}


def put_body(collection: Collection) -> Document:
    """A record as it is sent: one that is on record."""
    document, type_ = record_example(collection), str(collection.writes)
    fields = shape_of(type_).fields
    derived = KIND_BY_NAME[type_].shape.derived(document) if collection.of_claims else ()
    own = {name: document[name] for name in fields if name in document and name not in ("id", *derived)}
    if collection.of_claims:
        own["evidence"] = [stated(span) for span in own["evidence"]]
    return {name: value for name, value in own.items() if value not in (None, [], fields[name].load_default)}


def create_body(collection: Collection) -> Document:
    """A new record as it is sent: one that says a little more than one that is on record."""
    given = put_body(collection)
    if not collection.of_claims:
        return {**given, "headline": "Norland and Suland agree on a truce (an invented headline)"}
    inferred = given.get("inferred", [])
    return {**given, "claimed_on": "2020", "inferred": [*inferred, *({"claimed_on"} - set(inferred))]}


def patch_body(collection: Collection) -> Document:
    """A merge patch of a record."""
    if collection.of_claims:
        return {"same_as": ["https://www.wikidata.org/wiki/Q97344498"]}
    inferred = [name for name in record_example(collection)["inferred"] if name != "publisher"]
    return {"publisher": None, "inferred": inferred}


def create_response(collection: Collection) -> Document:
    """What becomes of the new record that is sent as an example."""
    id_ = f"{str(collection.writes).replace('_', '-')}-{_MADE}"
    return _answered(collection, {"id": id_, **create_body(collection)}, _STAMP)


def put_response(collection: Collection) -> Document:
    """What becomes of the record that is put as an example."""
    return _answered(collection, {"id": record_example(collection)["id"], **put_body(collection)}, _STAMP)


def patch_response(collection: Collection) -> Document:
    """What becomes of the record that is patched as an example."""
    whole = {"id": record_example(collection)["id"], **put_body(collection), **patch_body(collection)}
    return _answered(collection, whole, _CHANGED)


def article_with_text() -> Document:
    """An article whose text is held: the example of a text."""
    article = put_body(ARTICLES)
    sent = {name: value for name, value in article.items() if name not in ("text_sha256", "text_length")}
    return _answered(ARTICLES, {"id": record_example(ARTICLES)["id"], **sent, "text": EXAMPLE_TEXT}, _CHANGED)


def import_body() -> str:
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
