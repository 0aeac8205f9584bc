"""The examples of the OpenAPI document: requests and responses of a service that has the fixtures.

Only rendering the document calls these functions.
"""

from __future__ import annotations

import typing
from functools import cache

import orjson

from api.comparison.claims import ComparableClaim
from api.formats import jsonld, table
from api.formats.columns import columns_of
from api.grounding.case import Source
from api.grounding.checks import ground
from api.kinds.article import ARTICLES, INPUT_SCHEMA, article_document
from api.kinds.collections import KIND_BY_NAME
from api.kinds.kind import Collection, Kind
from api.kinds.record_input import input_schema
from api.openapi.problem_examples import ROOT
from api.seed import sources
from schemas import edtf
from schemas.documents import ArticleDocument, ClaimDocument, Document, Fields, Stamp
from schemas.evidence import without_link

# Examples must not change with the day of rendering.
_STAMP: Stamp = {"version": 1, "created_at": "2026-01-01T12:00:00.000Z", "updated_at": "2026-01-01T12:00:00.000Z"}
_CHANGED: Stamp = {**_STAMP, "version": 2, "updated_at": "2026-01-02T12:00:00.000Z"}
_EPOCH = "0123456789abcdef"
# The end of the id that the server makes for a new record.
_ID_SUFFIX = "01kdx0hfb4ezscyf4wkb8j7m2q"

Example = dict[str, typing.Any]


@cache
def _documents() -> dict[str, list[typing.Any]]:
    """Return the documents of the fixtures by collection. `claim` has the first of each kind."""
    records: dict[str, list[Example]] = {}
    for _, lines in sources():
        for line in lines:
            record = orjson.loads(line)
            records.setdefault(record.pop("type"), []).append(record)
    articles = [article_document(INPUT_SCHEMA.load(record), _STAMP) for record in records["article"]]
    by_id = {article["id"]: article for article in articles}
    documents: dict[str, list[typing.Any]] = {"article": articles}
    for name, kind in KIND_BY_NAME.items():
        documents[name] = [_claim(kind, record, by_id[record["article_id"]], _STAMP) for record in records[name]]
    firsts = [documents[name][0] for name in KIND_BY_NAME]
    # Lists of claims are sorted by `-on_record`, then by `-id`.
    documents["claim"] = sorted(firsts, key=lambda claim: (claim["on_record"]["earliest"], claim["id"]), reverse=True)
    return documents


def _claim(kind: Kind, record: Example, article: ArticleDocument, stamp: Stamp) -> ClaimDocument:
    """Return the document of a claim from its request body."""
    claim = kind.input_schema.load(record)
    source = Source(None, article["text_length"], article["language"], article["published_on"])
    report = ground(claim, kind.sent_fields(claim), kind.checked, source).report
    return kind.document(claim, article, report, stamp)


def _record(collection: Collection, body: Example, stamp: Stamp) -> Document:
    """Return the document of a record from its request body."""
    if not collection.of_claims:
        return article_document(INPUT_SCHEMA.load(body), stamp)
    return _claim(KIND_BY_NAME[collection.name], body, _documents()["article"][0], stamp)


def record_example(collection: Collection) -> typing.Any:
    """Return a record of a collection."""
    return _documents()[collection.name][0]


def comparable_claims(name: str) -> list[ComparableClaim[typing.Any]]:
    """Return the fixtures of a kind as input of a comparison, sorted by id."""
    articles = {article["id"]: article for article in _documents()["article"]}
    claims = []
    for claim in sorted(_documents()[name], key=lambda claim: str(claim["id"])):
        article = articles[claim["article_id"]]
        days = edtf.days(article["published_on"])
        published = (str(days.earliest), str(days.latest))
        claims.append(ComparableClaim(claim, article["conflict"], published, orjson.dumps(claim).decode()))
    return claims


def page_example(collection: Collection, *, of_article: bool = False) -> Example:
    """Return a page of a list, or of an article's claims: the response to a query for their ids."""
    data = _documents()[collection.name][: 4 if collection.name == "claim" else 1]
    if of_article:
        data = sorted(data, key=lambda claim: claim["evidence"][0]["start"])
    return {"data": data, "page": {"limit": 20, "next": None, "prev": None}}


def linked_data_example(collection: Collection, prefix: str) -> Example:
    """Return a record of a collection as linked data. `prefix` begins the paths of the version."""
    document, base = _documents()[collection.name][0], f"{ROOT}{prefix}"
    if not collection.of_claims:
        return jsonld.article(document, base)
    (article,) = [article for article in _documents()["article"] if article["id"] == document["article_id"]]
    return jsonld.claim(document, article, base)


def ndjson_example(collection: Collection, *, of_article: bool = False) -> str:
    """Return the first record of a page as NDJSON."""
    first, *_ = page_example(collection, of_article=of_article)["data"]
    return f"{orjson.dumps(first).decode()}\n"


def full_export_example() -> str:
    """Return the export of one claim: its article, then the claim."""
    records = (_documents()["article"][0], _documents()["claim"][0])
    return "".join(f"{orjson.dumps(record).decode()}\n" for record in records)


def csv_example(collection: Collection, *, of_article: bool = False) -> str:
    """Return the first record of a page as CSV."""
    columns = columns_of(collection)
    return table.header(columns) + table.rows(columns, ndjson_example(collection, of_article=of_article).splitlines())


def changes_example(prefix: str) -> Example:
    """Return the first page of the feed with `limit=1`. `prefix` begins the paths of the version."""
    # The seed is stored in one import, whose changes are in the order of ids.
    first = min(_documents()[ARTICLES.name], key=lambda article: article["id"])
    return {
        "data": [_change(first)],
        "page": {
            "limit": 1,
            "next": f"{ROOT}{prefix}/changes?limit=1&since=1&epoch={_EPOCH}",
            "since": 1,
            "epoch": _EPOCH,
        },
    }


def versions_example(collection: Collection) -> Example:
    """Return a page of a record's history."""
    return {"data": [_change(record_example(collection))], "page": {"limit": 20, "next": None, "prev": None}}


def put_body(collection: Collection) -> Example:
    """Return the request body that puts a stored record again."""
    document, schema = record_example(collection), input_schema(str(collection.writes))
    omitted, fields = ("id", *schema.derived(document)), schema.fields
    own = {name: document[name] for name in fields if name in document and name not in omitted}
    if collection.of_claims:
        own["evidence"] = [without_link(span) for span in own["evidence"]]
    return {name: value for name, value in own.items() if value not in (None, [], fields[name].load_default)}


def create_body(collection: Collection) -> Example:
    """Return the request body of a new record, which differs from the stored one."""
    body = put_body(collection)
    if not collection.of_claims:
        return {**body, "headline": "Norland and Suland agree on a truce (an invented headline)"}
    inferred = body.get("inferred", [])
    return {**body, "claimed_on": "2020", "inferred": [*inferred, *({"claimed_on"} - set(inferred))]}


def patch_body(collection: Collection) -> Example:
    """Return a JSON Merge Patch of a record."""
    if collection.of_claims:
        return {"same_as": ["https://www.wikidata.org/wiki/Q97344498"]}
    inferred = [name for name in record_example(collection)["inferred"] if name != "publisher"]
    return {"publisher": None, "inferred": inferred}


def create_response(collection: Collection) -> Document:
    """Return the record that `create_body` creates."""
    id_ = f"{str(collection.writes).replace('_', '-')}-{_ID_SUFFIX}"
    return _record(collection, {"id": id_, **create_body(collection)}, _STAMP)


def put_response(collection: Collection) -> Document:
    """Return the record after a PUT of `put_body`."""
    return _record(collection, {"id": record_example(collection)["id"], **put_body(collection)}, _STAMP)


def patch_response(collection: Collection) -> Document:
    """Return the record after a PATCH with `patch_body`."""
    whole = {"id": record_example(collection)["id"], **put_body(collection), **patch_body(collection)}
    return _record(collection, whole, _CHANGED)


def example_text() -> str:
    """Return the text of the article that `article_with_text` returns."""
    (text,) = [
        record["text"]
        for _, lines in sources()
        for record in map(orjson.loads, lines)
        if record["id"] == article_with_text()["id"]
    ]
    return typing.cast("str", text)


def article_with_text() -> Document:
    """Return an article whose text is stored."""
    return typing.cast("Document", _documents()[ARTICLES.name][1])


def article_to_lose_its_text() -> Document:
    """Return another article whose text is stored. The request that deletes the text leaves the first one as it is."""
    return typing.cast("Document", _documents()[ARTICLES.name][2])


def deletion_example(collection: Collection) -> Document:
    """Return a record that can be deleted: the last one to which no other record refers."""
    documents = _documents()
    needed = {claim[name] for kind in KIND_BY_NAME for claim in documents[kind] for name in ("article_id", "restates")}
    return typing.cast("Document", [item for item in documents[collection.name] if item["id"] not in needed][-1])


def import_lines_body() -> str:
    """Return the records of an import as NDJSON."""
    return "".join(f"{orjson.dumps(record).decode()}\n" for record in import_body()["records"])


def import_body() -> Example:
    """Return the JSON body of an import: an article and a claim of it."""
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
    return {"records": [article, claim]}


def _change(document: Fields) -> Example:
    return {
        "sequence": 1,
        "at": document["created_at"],
        "action": "created",
        "type": document["type"],
        "id": document["id"],
        "version": 1,
        "document": document,
    }
