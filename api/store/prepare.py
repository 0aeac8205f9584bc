"""Preparation of records: their documents and rows, or the error. Nothing is written here."""

from __future__ import annotations

import typing
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import orjson

from api.grounding.case import Source
from api.grounding.checks import ground
from api.grounding.spans import Failure
from api.kinds.article import ARTICLES, article_document
from api.kinds.collections import CLAIMS, KIND_BY_NAME
from api.kinds.kind import Collection, Kind
from api.kinds.record_input import RecordInput
from api.kinds.search import indexed
from api.store.document_text import split
from api.store.errors import InUse, NotGrounded
from api.store.lookup import RecordLookup
from api.store.read import LastChange
from api.store.tables import DAY_OF, table_of
from api.text import fold
from schemas.documents import ArticleDocument, ClaimDocument, Document, Fields, Stamp

Row = dict[str, typing.Any]
Outcome = typing.Literal["created", "updated", "unchanged"]

# The fields of an article that the grounding of its claims depends on, and those that their rows depend on.
_GROUNDING_FIELDS = ("text_sha256", "text_length", "text_held", "language")
_CLAIM_ROW_FIELDS = (
    *_GROUNDING_FIELDS,
    "headline",
    "url",
    *(filter_.name for filter_ in CLAIMS.filters if filter_.of_article),
)
# The columns of each table of records.
_COLUMNS = {table.name: table.columns.keys() for table in map(table_of, (ARTICLES, CLAIMS))}


@dataclass(frozen=True, kw_only=True)
class Prepared:
    """A record that is ready to be written: its document, and its rows by the name of their table.

    `before` is the version that it replaces, or None for a new record. `follows` is true for a claim that is updated
    with its article. Its rows are written even if its document is unchanged.
    """

    collection: Collection
    outcome: Outcome
    document: Document
    before: int | None
    rows: Mapping[str, list[Row]]
    follows: bool = False

    @property
    def id(self) -> str:
        return self.document["id"]

    @property
    def json(self) -> str:
        """The document as stored."""
        return orjson.dumps(self.document).decode()

    @property
    def row(self) -> Row:
        """The row of the article or claim."""
        return (self.rows.get("claim") or self.rows["article"])[0]

    @property
    def is_written(self) -> bool:
        return self.follows or self.outcome != "unchanged"


def now(ago: timedelta = timedelta()) -> str:
    """Return the current or an earlier time in UTC, with milliseconds."""
    return (datetime.now(UTC) - ago).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def prepare(lookup: RecordLookup, record_input: RecordInput) -> list[Prepared]:
    """Prepare a record and, for an article, the claims that are updated with it. Raises RecordRejected."""
    if record_input.type == "article":
        return _article(lookup, record_input)
    record = record_input.record
    context = lookup.claim_context(record_input.type, record_input.id, record["article_id"], record["restates"])
    return [prepare_claim(record_input, *context)]


def _article(lookup: RecordLookup, record_input: RecordInput) -> list[Prepared]:
    stored = lookup.article(record_input.id)
    record = dict(record_input.record)
    if stored is not None:
        stored_text = lookup.text(record_input.id)
        if record_input.record["text_sha256"] is None:
            # If the new record does not describe its text, the stored text, hash and length stay.
            record |= {"text": stored_text, "text_sha256": stored["text_sha256"], "text_length": stored["text_length"]}
        elif stored["text_sha256"] == record_input.record["text_sha256"]:
            record["text"] = record_input.record["text"] or stored_text
    return article_with_text(lookup, record, record["text"])


def article_with_text(lookup: RecordLookup, record: Fields, text: str | None) -> list[Prepared]:
    """Prepare an article with a text or without one, and the claims that are updated with it."""
    stored = lookup.article(record["id"])
    last_change = lookup.last_change(ARTICLES.name, record["id"]) if stored is None else None
    document = article_document({**record, "text": text}, _stamp(stored, last_change))
    article = _compare(ARTICLES, document, stored, text=text)
    followers: list[Prepared] = []
    if stored is not None and _differ(stored, document, _CLAIM_ROW_FIELDS):
        other_text = stored["text_sha256"] not in (None, document["text_sha256"])
        if other_text and (others := lookup.some_claims_of(article.id)):
            reason = (
                f"The offsets of the article's claims depend on the text with the SHA-256 {stored['text_sha256']}. "
                "Create another article for another text."
            )
            raise InUse("/text_sha256", reason, others)
        ground_again = _differ(stored, document, _GROUNDING_FIELDS)
        claims = lookup.followers_of(article.id)
        followers = list(_followers(document, text, claims, ground_again=ground_again))
    return [article, *followers]


def _differ(one: Fields, other: Fields, names: tuple[str, ...]) -> bool:
    return any(one[name] != other[name] for name in names)


def _followers(
    article: ArticleDocument, text: str | None, claims: list[ClaimDocument], *, ground_again: bool
) -> Iterator[Prepared]:
    """Yield the updated claims of a changed article. With `ground_again`, check their evidence again."""
    failures: list[tuple[str | None, Failure]] = []
    for stored in claims:
        kind = KIND_BY_NAME[stored["type"]]
        if not ground_again:
            document = kind.document(stored, article, stored["grounding"], _stamp(stored))
            yield replace(_compare(kind.collection, document, stored, owner=article), follows=True)
            continue
        record_input = RecordInput(kind.name, stored)
        try:
            yield replace(prepare_claim(record_input, article, text, stored), follows=True)
        except NotGrounded as error:
            failures += [(stored["id"], failure) for _, failure in error.failures]
    if failures:
        raise NotGrounded(failures)


def prepare_claim(
    record_input: RecordInput,
    owner: ArticleDocument,
    text: str | None,
    stored: ClaimDocument | None,
    last_change: LastChange | None = None,
) -> Prepared:
    """Prepare a claim. Raises NotGrounded if its evidence does not support it."""
    kind = KIND_BY_NAME[record_input.type]
    grounding = ground(
        record_input.record,
        kind.sent_fields(record_input.record),
        kind.checked,
        Source(text, owner["text_length"], owner["language"], owner["published_on"]),
    )
    if grounding.failures:
        raise NotGrounded([(None, failure) for failure in grounding.failures])
    claim = {**record_input.record, "evidence": grounding.evidence}
    document = kind.document(claim, owner, grounding.report, _stamp(stored, last_change))
    return _compare(kind.collection, document, stored, owner=owner)


def _stamp(stored: Stamp | None, last_change: LastChange | None = None) -> Stamp:
    """Return version and times of a stored or a new record. A new one continues the versions of its id."""
    if stored is not None:
        return {"version": stored["version"], "created_at": stored["created_at"], "updated_at": stored["updated_at"]}
    at = now()
    return {"version": 1 if last_change is None else last_change.version + 1, "created_at": at, "updated_at": at}


def _compare(
    collection: Collection,
    document: Document,
    stored: Document | None,
    *,
    owner: ArticleDocument | None = None,
    text: str | None = None,
) -> Prepared:
    """Compare a document with the stored one. Return the record with outcome, version and rows."""
    outcome: Outcome = "created"
    if stored is not None:
        outcome = "unchanged" if _without_reasons(document) == _without_reasons(stored) else "updated"
    if stored is not None and outcome == "unchanged":
        document = stored
    if outcome == "updated":
        document = document | {"version": document["version"] + 1, "updated_at": now()}
    return Prepared(
        collection=collection,
        outcome=outcome,
        document=document,
        before=None if stored is None else stored["version"],
        rows=rows_of(collection, document, outcome, owner, text),
    )


def _without_reasons(document: Document) -> Fields:
    """Return a document without the reasons of its checks. A release may reword them, which changes no record."""
    if "grounding" not in document:
        return document
    grounding = document["grounding"]
    checks = [(check["check"], check["outcome"]) for check in grounding["checks"]]
    return {**document, "grounding": (grounding["status"], checks)}


def rows_of(
    collection: Collection, document: Document, outcome: Outcome, owner: ArticleDocument | None, text: str | None
) -> dict[str, list[Row]]:
    """Return the rows of a record by table.

    The row of a claim also has columns of its article, so that queries need no join.
    """
    table = table_of(collection)
    # Rows that are written together need the same columns.
    row: Row = dict.fromkeys(_COLUMNS[table.name])
    for filter_ in collection.indexed:
        row |= filter_.values(owner if owner is not None and filter_.of_article else document)
    row |= {"id": document["id"], **_stamp(document)}
    row["document"] = orjson.dumps(document).decode()
    day = row[DAY_OF[table].name]
    rows = {table.name: [row], "term": list(_term_rows(collection, table.name, document, day))}
    if outcome != "unchanged":
        change = {"at": row["updated_at"], "action": outcome, "type": collection.name}
        rows["change"] = [change | {name: row[name] for name in ("id", "version")}]
    if owner is not None and "evidence" in document:
        kind = KIND_BY_NAME[collection.name]
        row |= {"type": kind.name, "article_id": document["article_id"]}
        row |= {"position": document["evidence"][0]["start"], "said": kind.content_hash(document)}
        row["document"], row["part"], part = split(row["document"], row["created_at"], row["updated_at"])
        rows["document_part"] = [{"number": row["part"], "text": part}]
        rows["party"] = list(_party_rows(kind, document, day))
        rows["search"] = [{"claim_id": row["id"], "words": indexed(kind.texts(document, owner))}]
    elif text is not None:
        rows["article_text"] = [{"article_id": row["id"], "text": text}]
    return rows


def _term_rows(collection: Collection, owner: str, document: Fields, day: str | None) -> Iterator[Row]:
    for list_ in collection.lists:
        for value in dict.fromkeys(document[list_]):
            yield {"owner": owner, "record_id": document["id"], "list": list_, "value": value, "day": day}


def _party_rows(kind: Kind, document: Fields, day: str | None) -> Iterator[Row]:
    for ordinal, (role, party) in enumerate(kind.parties(document)):
        row = {name: party[name] for name in ("name", "same_as", "kind", "country")}
        name_key = fold(party["name"])
        yield row | {"claim_id": document["id"], "role": role, "ordinal": ordinal, "name_key": name_key, "day": day}
