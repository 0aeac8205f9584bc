"""Preparation of records: their documents and rows, or the error. Nothing is written here."""

from __future__ import annotations

import typing
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import orjson

from api.grounding.case import Source
from api.grounding.checks import ground
from api.grounding.spans import Failure
from api.kinds.article import ARTICLES, article_document
from api.kinds.collections import CLAIMS, KIND_BY_NAME
from api.kinds.filters import ListFilter
from api.kinds.kind import Collection, Kind
from api.kinds.record_input import RecordInput
from api.kinds.search import indexed
from api.store.errors import Duplicate, IdTaken, InUse, NotGrounded, RecordRejected, circle
from api.store.lookup import RecordLookup
from api.store.tables import table_of
from api.text import fold

Record = Mapping[str, typing.Any]
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


@dataclass(frozen=True, kw_only=True)
class Prepared:
    """A record that is ready to be written: its document, and the rows that index it.

    `before` is the version that it replaces, or None for a new record. `words` are the tokens of a claim, and `text` is
    the text of an article. `follows` is true for a claim that is updated with its article. Its rows are written even if
    its document is unchanged.
    """

    collection: Collection
    outcome: Outcome
    document: Record
    before: int | None
    row: Row
    parties: list[Row]
    terms: list[Row]
    words: str | None = None
    text: str | None = None
    follows: bool = False

    @property
    def type(self) -> str:
        return self.collection.name

    @property
    def id(self) -> str:
        return typing.cast("str", self.document["id"])

    @property
    def change(self) -> Row:
        """Row of the table of changes."""
        return {
            "at": self.document["updated_at"],
            "action": self.outcome,
            "type": self.type,
            "id": self.id,
            "version": self.document["version"],
            "document": self.row["document"],
        }


def now() -> str:
    """Return the current time in UTC, with milliseconds."""
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def prepare(lookup: RecordLookup, record_input: RecordInput) -> list[Prepared]:
    """Prepare a record and, for an article, the claims that are updated with it. Raises RecordRejected."""
    return _article(lookup, record_input) if record_input.type == "article" else [_claim(lookup, record_input)]


def find_duplicates(lookup: RecordLookup, prepared: list[Prepared]) -> Iterator[tuple[Prepared, Duplicate]]:
    """Yield the prepared claims that have the same content as another claim, each with its error."""
    changed = [record for record in prepared if record.collection.of_claims and record.outcome != "unchanged"]
    claims = lookup.find_by_content_hash({record.row["said"] for record in changed}) if changed else {}
    for record in changed:
        type_, id_ = claims.setdefault(record.row["said"], (record.type, record.id))
        if id_ != record.id:
            yield record, duplicate(type_, id_)


def duplicate(type_: str, id_: str) -> Duplicate:
    """Return the error for a claim with the same content as the claim of this type and id."""
    detail = f"The {KIND_BY_NAME[type_].title} {id_!r} has the same content. Use it, or correct the claim."
    return Duplicate("", detail, [(type_, id_)])


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


def article_with_text(lookup: RecordLookup, record: Record, text: str | None) -> list[Prepared]:
    """Prepare an article with a text or without one, and the claims that are updated with it."""
    stored = lookup.article(record["id"])
    document = article_document({**record, "text": text}, _stamp(lookup, ARTICLES.name, record["id"], stored))
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
        followers = list(_followers(article, lookup.followers_of(article.id), ground_again=ground_again))
    return [article, *followers]


def _differ(one: Record, other: Record, names: tuple[str, ...]) -> bool:
    return any(one[name] != other[name] for name in names)


def _followers(article: Prepared, claims: list[Record], *, ground_again: bool) -> Iterator[Prepared]:
    """Yield the updated claims of a changed article. With `ground_again`, check their evidence again."""
    failures: list[tuple[str | None, Failure]] = []
    for stored in claims:
        kind = KIND_BY_NAME[stored["type"]]
        if not ground_again:
            document = kind.document(stored, article.document, stored["grounding"], _stamp_of(stored))
            follower = _compare(kind.collection, document, stored, owner=article.document, kind=kind)
            yield replace(follower, follows=True)
            continue
        record_input = RecordInput(kind.name, stored, kind.sent_fields(stored))
        try:
            follower = _grounded(
                kind, record_input, article.document, text=article.text, stored=stored, stamp=_stamp_of(stored)
            )
            yield replace(follower, follows=True)
        except NotGrounded as error:
            failures += [(stored["id"], failure) for _, failure in error.failures]
    if failures:
        raise NotGrounded(failures)


def _claim(lookup: RecordLookup, record_input: RecordInput) -> Prepared:
    kind, record = KIND_BY_NAME[record_input.type], record_input.record
    owner = lookup.article(record["article_id"])
    if owner is None:
        raise RecordRejected(("/article_id", f"The article {record['article_id']!r} does not exist. Create it first."))
    stored = lookup.claim(record_input.id)
    last = lookup.last_change(record_input.type, record_input.id) if stored is None else None
    other = stored["type"] if stored is not None else last.type if last is not None else kind.name
    if other != kind.name:
        verb = "is" if stored is not None else "was"
        message = f"{record_input.id!r} {verb} a {KIND_BY_NAME[other].title}. Choose another id."
        raise IdTaken("/id", message, [(other, record_input.id)])
    _check_restates(lookup, record_input, stored)
    stamp = _stamp(lookup, kind.name, record_input.id, stored)
    return _grounded(kind, record_input, owner, text=lookup.text(owner["id"]), stored=stored, stamp=stamp)


def _grounded(
    kind: Kind, record_input: RecordInput, owner: Record, *, text: str | None, stored: Record | None, stamp: Record
) -> Prepared:
    """Prepare a claim. Raises NotGrounded if its evidence does not support it."""
    grounding = ground(
        record_input.record,
        record_input.sent,
        kind.checked,
        Source(text, owner["text_length"], owner["language"], owner["published_on"]),
    )
    if grounding.failures:
        raise NotGrounded([(None, failure) for failure in grounding.failures])
    document = kind.document({**record_input.record, "evidence": grounding.evidence}, owner, grounding.report, stamp)
    return _compare(kind.collection, document, stored, owner=owner, kind=kind)


def _stamp(lookup: RecordLookup, type_: str, id_: str, stored: Record | None) -> Record:
    """Return version and times of a record before the write. A new record continues the versions of its id."""
    if stored is not None:
        return _stamp_of(stored)
    last, at = lookup.last_change(type_, id_), now()
    return {"version": 1 if last is None else last.version + 1, "created_at": at, "updated_at": at}


def _stamp_of(stored: Record) -> Record:
    return {name: stored[name] for name in ("version", "created_at", "updated_at")}


def _compare(
    collection: Collection,
    document: Row,
    stored: Record | None,
    *,
    owner: Record | None = None,
    kind: Kind | None = None,
    text: str | None = None,
) -> Prepared:
    """Compare a document with the stored one. Return the record with outcome, version and rows."""
    outcome: Outcome = "created"
    if stored is not None:
        outcome = "unchanged" if _without_reasons(document) == _without_reasons(stored) else "updated"
    if stored is not None and outcome == "unchanged":
        document = dict(stored)
    if outcome == "updated":
        document = {**document, "version": document["version"] + 1, "updated_at": now()}
    return Prepared(
        collection=collection,
        outcome=outcome,
        document=document,
        before=None if stored is None else stored["version"],
        row=_row(collection, document, owner, kind),
        parties=[] if kind is None else list(_party_rows(kind, document)),
        terms=list(_term_rows(collection, document)),
        words=None if kind is None or owner is None else indexed(kind.texts(document, owner)),
        text=text,
    )


def _without_reasons(document: Record) -> Record:
    """Return a document without the reasons of its checks. A release may reword them, which changes no record."""
    if "grounding" not in document:
        return document
    grounding = document["grounding"]
    checks = [(check["check"], check["outcome"]) for check in grounding["checks"]]
    return {**document, "grounding": (grounding["status"], checks)}


def _row(collection: Collection, document: Record, owner: Record | None, kind: Kind | None) -> Row:
    """Return the row of a record. The row of a claim also has columns of its article, so that queries need no join."""
    row: Row = {}
    for filter_ in collection.filters:
        row |= filter_.values(owner if owner is not None and filter_.of_article else document)
    row |= {key: document[key] for key in ("id", "version", "created_at", "updated_at")}
    row["document"] = orjson.dumps(document).decode()
    if kind is not None:
        row |= {"type": kind.name, "article_id": document["article_id"]}
        row |= {"position": document["evidence"][0]["start"], "said": kind.content_hash(document)}
    return row


def _term_rows(collection: Collection, document: Record) -> Iterator[Row]:
    owner = table_of(collection).name
    for list_ in sorted({filter_.list_ for filter_ in collection.filters if isinstance(filter_, ListFilter)}):
        for value in dict.fromkeys(document[list_]):
            yield {"owner": owner, "record_id": document["id"], "list": list_, "value": value}


def _party_rows(kind: Kind, document: Record) -> Iterator[Row]:
    for ordinal, (role, party) in enumerate(kind.parties(document)):
        yield {
            "claim_id": document["id"],
            "role": role,
            "ordinal": ordinal,
            "name": party["name"],
            "name_key": fold(party["name"]),
            "same_as": party["same_as"],
            "kind": party["kind"],
            "country": party["country"],
        }


def _check_restates(lookup: RecordLookup, record_input: RecordInput, stored: Record | None) -> None:
    """Raise RecordRejected if the restated claim does not exist, or claims restate one another in a circle."""
    restated = record_input.record["restates"]
    if restated is None:
        return
    if restated != record_input.id and lookup.claim(restated) is None:
        raise RecordRejected(("/restates", f"The claim {restated!r} does not exist. Create it first."))
    if stored is None and restated != record_input.id:
        # No claim restates a claim that did not exist, so there is not a circle.
        return
    seen = {record_input.id: None}
    next_: str | None = restated
    while next_ is not None:
        if next_ in seen:
            raise circle("/restates", [*seen, next_])
        seen[next_] = None
        claim = lookup.claim(next_)
        next_ = None if claim is None else claim["restates"]
