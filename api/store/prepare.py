"""Preparing: what a record would be once it was written, or why it is refused. Nothing is written here."""

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
from api.store.filter_sql import owner_of
from api.store.lookup import RecordLookup
from api.store.tables import table_of
from api.text import fold

Record = Mapping[str, typing.Any]
Row = dict[str, typing.Any]
Outcome = typing.Literal["created", "updated", "unchanged"]

# What of an article its claims are held against, and what of it stands in their documents or beside them.
_OF_ITS_TEXT = ("text_sha256", "text_length", "text_held", "language")
_OF_ITS_CLAIMS = (*_OF_ITS_TEXT, "headline", "url", *(each.name for each in CLAIMS.filters if each.of_article))


@dataclass(frozen=True, kw_only=True)
class Prepared:
    """A record as it will stand: its document, and the rows that index it.

    `words` are those that a claim is found by.
    `before` is the version that it takes the place of, None where there is none. `text` is what is held of an
    article's text. `follows` says that it moves with its article: even unchanged, it is to be indexed anew.
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
        """Return its row in the feed of changes."""
        return {
            "at": self.document["updated_at"],
            "action": self.outcome,
            "type": self.type,
            "id": self.id,
            "version": self.document["version"],
            "document": self.row["document"],
        }


def now() -> str:
    """This moment as records have it: UTC with milliseconds."""
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def prepare(known: RecordLookup, given: RecordInput) -> list[Prepared]:
    """The record as it will stand, and behind an article the claims that move with it.

    Raises RecordRejected, or what is under it.
    """
    return _article(known, given) if given.type == "article" else [_claim(known, given)]


def find_duplicates(known: RecordLookup, prepared: list[Prepared]) -> Iterator[tuple[Prepared, Duplicate]]:
    """The new claims that say what another claim says already, with the refusal of each."""
    new = [each for each in prepared if each.collection.of_claims and each.outcome != "unchanged"]
    said = known.find_by_content_hash({each.row["said"] for each in new}) if new else {}
    for each in new:
        type_, id_ = said.setdefault(each.row["said"], (each.type, each.id))
        if id_ != each.id:
            yield each, duplicate(type_, id_)


def duplicate(type_: str, id_: str) -> Duplicate:
    """The refusal of a claim that says what the claim of this type and id says."""
    detail = f"The {KIND_BY_NAME[type_].title} {id_!r} says exactly this. Use it, or say what differs."
    return Duplicate("", detail, [(type_, id_)])


def _article(known: RecordLookup, given: RecordInput) -> list[Prepared]:
    stored, held = known.article(given.id), None
    whole = dict(given.record)
    if stored is not None:
        held = known.text(given.id)
        if given.record["text_sha256"] is None:
            # An article that comes again and says nothing of its text keeps what is known of it.
            whole |= {"text": held, "text_sha256": stored["text_sha256"], "text_length": stored["text_length"]}
        elif stored["text_sha256"] == given.record["text_sha256"]:
            whole["text"] = given.record["text"] or held
    return article_with_text(known, whole, whole["text"])


def article_with_text(known: RecordLookup, whole: Record, text: str | None) -> list[Prepared]:
    """An article with the text that is held from now on, and the claims that move with it."""
    stored = known.article(whole["id"])
    document = article_document({**whole, "text": text}, _stamp(known, ARTICLES.name, whole["id"], stored))
    article = _compared(ARTICLES, document, stored, text=text)
    followers: list[Prepared] = []
    if stored is not None and _differ(stored, document, _OF_ITS_CLAIMS):
        other_text = stored["text_sha256"] not in (None, document["text_sha256"])
        if other_text and (others := known.some_claims_of(article.id)):
            reason = (
                f"Claims were taken from the text with the SHA-256 {stored['text_sha256']}, and their offsets depend "
                "on it. Put another text on record as another article."
            )
            raise InUse("/text_sha256", reason, others)
        anew = _differ(stored, document, _OF_ITS_TEXT)
        followers = list(_followers(article, known.followers_of(article.id), anew=anew))
    return [article, *followers]


def _differ(one: Record, other: Record, names: tuple[str, ...]) -> bool:
    return any(one[name] != other[name] for name in names)


def _followers(article: Prepared, claims: list[Record], *, anew: bool) -> Iterator[Prepared]:
    """The claims of a changed article in line with it: day on record, index and, `anew`, grounding."""
    wrong: list[tuple[str | None, Failure]] = []
    for stored in claims:
        kind = KIND_BY_NAME[stored["type"]]
        if not anew:
            document = kind.document(stored, article.document, stored["grounding"], _stamp_of(stored))
            follower = _compared(kind.collection, document, stored, owner=article.document, kind=kind)
            yield replace(follower, follows=True)
            continue
        given = RecordInput(kind.name, stored, kind.sent_fields(stored))
        try:
            follower = _grounded(
                kind, given, article.document, text=article.text, stored=stored, stamp=_stamp_of(stored)
            )
            yield replace(follower, follows=True)
        except NotGrounded as refusal:
            wrong += [(stored["id"], failure) for _, failure in refusal.failures]
    if wrong:
        raise NotGrounded(wrong)


def _claim(known: RecordLookup, given: RecordInput) -> Prepared:
    kind, record = KIND_BY_NAME[given.type], given.record
    owner = known.article(record["article_id"])
    if owner is None:
        raise RecordRejected(("/article_id", f"There is no article {record['article_id']!r}. Put it on record first."))
    stored = known.claim(given.id)
    last = known.last(given.type, given.id) if stored is None else None
    other = stored["type"] if stored is not None else last.type if last is not None else kind.name
    if other != kind.name:
        verb = "is" if stored is not None else "was"
        told = f"{given.id!r} {verb} a {KIND_BY_NAME[other].title}. Choose another id."
        raise IdTaken("/id", told, [(other, given.id)])
    _refuse_circles(known, given, stored)
    stamp = _stamp(known, kind.name, given.id, stored)
    return _grounded(kind, given, owner, text=known.text(owner["id"]), stored=stored, stamp=stamp)


def _grounded(
    kind: Kind, given: RecordInput, owner: Record, *, text: str | None, stored: Record | None, stamp: Record
) -> Prepared:
    """A claim whose evidence bears it out; raises NotGrounded where it does not."""
    grounding = ground(
        given.record,
        given.sent,
        kind.checked,
        Source(text, owner["text_length"], owner["language"], owner["published_on"]),
    )
    if grounding.failures:
        raise NotGrounded([(None, failure) for failure in grounding.failures])
    document = kind.document({**given.record, "evidence": grounding.evidence}, owner, grounding.report, stamp)
    return _compared(kind.collection, document, stored, owner=owner, kind=kind)


def _stamp(known: RecordLookup, type_: str, id_: str, stored: Record | None) -> Record:
    """Version and times of a record before anything is changed; a new one counts on from where its id was left."""
    if stored is not None:
        return _stamp_of(stored)
    last, at = known.last(type_, id_), now()
    return {"version": 1 if last is None else last.version + 1, "created_at": at, "updated_at": at}


def _stamp_of(stored: Record) -> Record:
    return {name: stored[name] for name in ("version", "created_at", "updated_at")}


def _compared(
    collection: Collection,
    document: Row,
    stored: Record | None,
    *,
    owner: Record | None = None,
    kind: Kind | None = None,
    text: str | None = None,
) -> Prepared:
    """What differs from what is stored, with the rows that go with it."""
    outcome: Outcome = "created" if stored is None else "unchanged" if document == stored else "updated"
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


def _row(collection: Collection, document: Record, owner: Record | None, kind: Kind | None) -> Row:
    """A record's columns; those of its article stand beside a claim's own, so that one look-up answers."""
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
    owner = owner_of(table_of(collection))
    for list_ in sorted({filter_.list_ for filter_ in collection.filters if isinstance(filter_, ListFilter)}):
        for value in dict.fromkeys(document[list_]):
            yield {"owner": owner, "record_id": document["id"], "list": list_, "value": value}


def _party_rows(kind: Kind, document: Record) -> Iterator[Row]:
    for ordinal, (role, named) in enumerate(kind.parties(document)):
        yield {
            "claim_id": document["id"],
            "role": role,
            "ordinal": ordinal,
            "name": named["name"],
            "name_key": fold(named["name"]),
            "same_as": named["same_as"],
            "kind": named["kind"],
            "country": named["country"],
        }


def _refuse_circles(known: RecordLookup, given: RecordInput, stored: Record | None) -> None:
    """A claim restates one that is there, and never, by however many steps, itself."""
    restated = given.record["restates"]
    if restated is None:
        return
    if restated != given.id and known.claim(restated) is None:
        raise RecordRejected(("/restates", f"There is no claim {restated!r}. Put it on record first."))
    if stored is None and restated != given.id:
        # Nothing restates what was not there, so nothing comes round to it.
        return
    seen = {given.id: None}
    next_: str | None = restated
    while next_ is not None:
        if next_ in seen:
            raise circle("/restates", [*seen, next_])
        seen[next_] = None
        claim = known.claim(next_)
        next_ = None if claim is None else claim["restates"]
