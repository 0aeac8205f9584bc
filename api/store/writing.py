"""Writing: a record, its index columns, its parties and words, and its line in the changes, in one go."""

from __future__ import annotations

import typing
from collections.abc import Mapping
from datetime import UTC, datetime

import orjson
from sqlalchemy import Connection, delete, insert, select, update

from api.grounding.checks import Source, ground
from api.grounding.folding import fold
from api.grounding.spans import Failure
from api.kinds.article import ARTICLES, article_document
from api.kinds.collections import KIND_BY_NAME
from api.kinds.filters import Member
from api.kinds.kind import Collection, Kind
from api.store.conditions import owner_of
from api.store.tables import article_text, change, claim, party, table_of, term

Record = Mapping[str, typing.Any]
Outcome = typing.Literal["created", "updated", "unchanged"]


class Refused(ValueError):
    """A record that cannot be stored as it is; `problems` are pointers into it and what is wrong there."""

    def __init__(self, *problems: tuple[str, str]):
        super().__init__("; ".join(detail for _, detail in problems))
        self.problems = problems


class NotGrounded(Refused):
    """A claim that its article's text, or its own evidence, does not bear out."""

    def __init__(self, failures: list[Failure]):
        super().__init__(*((failure.pointer, f"{failure.detail} ({failure.check})") for failure in failures))


def now() -> str:
    """This moment as records have it: UTC with milliseconds."""
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def put_article(connection: Connection, given: Record) -> Outcome:
    """Store an article under its id, new or in place of what stands there; its claims move with its dates.

    Raises Refused where a claim was taken from another text than the one it names now.
    """
    stored = _stored(connection, ARTICLES, given["id"])
    held = connection.execute(
        select(article_text.c.text).where(article_text.c.article_id == given["id"])
    ).scalar_one_or_none()
    whole = dict(given)
    if stored is not None and given["text_sha256"] is None:
        # An article that comes again and says nothing of its text keeps what is known of it.
        whole |= {"text": held, "text_sha256": stored["text_sha256"], "text_length": stored["text_length"]}
    elif stored is not None and stored["text_sha256"] == given["text_sha256"] and given["text"] is None:
        whole["text"] = held
    elif stored is not None and stored["text_sha256"] != given["text_sha256"]:
        _refuse_another_text(connection, stored)
    outcome, document = _put(connection, ARTICLES, stored, lambda stamp: article_document(whole, stamp))
    if whole["text"] != held:
        connection.execute(delete(article_text).where(article_text.c.article_id == given["id"]))
        if whole["text"] is not None:
            connection.execute(insert(article_text).values(article_id=given["id"], text=whole["text"]))
    if outcome == "updated":
        _follow(connection, document, whole["text"])
    return outcome


def put_claim(connection: Connection, kind: Kind, given: Record, sent: frozenset[str]) -> Outcome:
    """Store a claim under its id, new or in place of what stands there, once its evidence holds.

    `given` is what the input shape loaded, defaults and all; `sent` are the fields that were given for it.
    Raises Refused where it names an article or claim that is not there or an id that another kind has, and
    NotGrounded where its evidence is not in the text.
    """
    owner = _stored(connection, ARTICLES, given["article_id"])
    if owner is None:
        raise Refused(("/article_id", f"There is no article {given['article_id']!r}. Put it on record first."))
    other = connection.execute(select(claim.c.type).where(claim.c.id == given["id"])).scalar_one_or_none()
    if other not in (None, kind.name):
        raise Refused(("/id", f"{given['id']!r} is a {KIND_BY_NAME[other].title}. Choose another id."))
    _refuse_cycles(connection, given)
    text = connection.execute(
        select(article_text.c.text).where(article_text.c.article_id == given["article_id"])
    ).scalar_one_or_none()
    stored = _stored(connection, kind.collection, given["id"])
    return _put_claim(connection, kind, given, sent=sent, owner=owner, text=text, stored=stored)[0]


def _put_claim(
    connection: Connection,
    kind: Kind,
    given: Record,
    *,
    sent: frozenset[str],
    owner: Record,
    text: str | None,
    stored: Record | None,
) -> tuple[Outcome, Record]:
    grounding = ground(given, sent, kind.checked, Source(text, owner["text_length"], owner["language"]))
    if grounding.failures:
        raise NotGrounded(grounding.failures)
    whole = {**given, "evidence": grounding.evidence}
    return _put(
        connection,
        kind.collection,
        stored,
        lambda stamp: kind.document(whole, owner, grounding.report, stamp),
        owner=owner,
        kind=kind,
    )


def _put(
    connection: Connection,
    collection: Collection,
    stored: Record | None,
    render: typing.Callable[[Record], dict[str, typing.Any]],
    *,
    owner: Record | None = None,
    kind: Kind | None = None,
) -> tuple[Outcome, Record]:
    """Write what differs from what is stored, and the change; nothing where nothing differs."""
    if stored is None:
        at = now()
        document = render({"version": 1, "created_at": at, "updated_at": at})
        outcome: Outcome = "created"
    else:
        document = render({key: stored[key] for key in ("version", "created_at", "updated_at")})
        outcome = "unchanged" if document == stored else "updated"
        if outcome == "updated":
            document |= {"version": stored["version"] + 1, "updated_at": now()}
    if outcome == "unchanged" and owner is None:
        return outcome, document
    table = table_of(collection)
    row = _row(collection, document, owner)
    if outcome == "created":
        connection.execute(insert(table).values(row))
    else:
        connection.execute(update(table).where(table.c.id == document["id"]).values(row))
    if outcome != "unchanged":
        _index_lists(connection, collection, document, kind)
        _tell(connection, outcome, collection.name, document, row["document"])
    return outcome, document


def _row(collection: Collection, document: Record, owner: Record | None) -> dict[str, typing.Any]:
    """A record's columns; those of its article stand beside a claim's own, so that one look-up answers."""
    row: dict[str, typing.Any] = {}
    for filter_ in collection.filters:
        row |= filter_.values(owner if owner is not None and filter_.of_article else document)
    row |= {key: document[key] for key in ("id", "version", "created_at", "updated_at")}
    row["document"] = orjson.dumps(document).decode()
    if owner is not None:
        row |= {"type": document["type"], "article_id": document["article_id"]}
        row["position"] = document["evidence"][0]["start"]
    return row


def _index_lists(connection: Connection, collection: Collection, document: Record, kind: Kind | None) -> None:
    id_, owner = document["id"], owner_of(table_of(collection))
    connection.execute(delete(term).where(term.c.owner == owner, term.c.record_id == id_))
    lists = {filter_.list_ for filter_ in collection.filters if isinstance(filter_, Member)}
    words = [
        {"owner": owner, "record_id": id_, "list": list_, "value": value}
        for list_ in sorted(lists)
        for value in dict.fromkeys(document[list_])
    ]
    if words:
        connection.execute(insert(term), words)
    if kind is None:
        return
    connection.execute(delete(party).where(party.c.claim_id == id_))
    connection.execute(insert(party), list(_party_rows(kind, document)))


def _party_rows(kind: Kind, document: Record) -> typing.Iterator[dict[str, typing.Any]]:
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


def _tell(connection: Connection, action: str, type_: str, document: Record, text: str | None) -> None:
    connection.execute(
        insert(change).values(
            at=document["updated_at"],
            action=action,
            type=type_,
            id=document["id"],
            version=document["version"],
            document=text,
        )
    )


def _stored(connection: Connection, collection: Collection, id_: str) -> dict[str, typing.Any] | None:
    table = table_of(collection)
    text = connection.execute(select(table.c.document).where(table.c.id == id_)).scalar_one_or_none()
    return None if text is None else orjson.loads(text)


def _follow(connection: Connection, owner: Record, text: str | None) -> None:
    """Bring the claims of a changed article in line with it: their day on record, their grounding, their index."""
    rows = connection.execute(
        select(claim.c.type, claim.c.document)
        .where(claim.c.article_id == owner["id"])
        .order_by(claim.c.position, claim.c.id)
    ).all()
    wrong: list[tuple[str, str]] = []
    for type_, document in rows:
        kind, stored = KIND_BY_NAME[type_], orjson.loads(document)
        try:
            _put_claim(connection, kind, stored, sent=kind.sent(stored), owner=owner, text=text, stored=stored)
        except NotGrounded as refusal:
            wrong += [("/text", f"claim {stored['id']}, {pointer}: {told}") for pointer, told in refusal.problems]
    if wrong:
        raise Refused(*wrong)


def _refuse_another_text(connection: Connection, stored: Record) -> None:
    taken = connection.execute(select(claim.c.id).where(claim.c.article_id == stored["id"]).limit(1)).first()
    if taken is not None and stored["text_sha256"] is not None:
        reason = (
            f"Claims were taken from the text with the SHA-256 {stored['text_sha256']}, and their offsets depend "
            "on it. Put another text on record as another article."
        )
        raise Refused(("/text_sha256", reason))


def _refuse_cycles(connection: Connection, given: Record) -> None:
    """A claim restates one that is there, and never, by however many steps, itself."""
    seen, next_ = [given["id"]], given["restates"]
    while next_ is not None:
        if next_ in seen:
            chain = " → ".join([*seen, next_])
            raise Refused(("/restates", f"Claims would restate one another in a circle: {chain}."))
        seen.append(next_)
        text = connection.execute(select(claim.c.document).where(claim.c.id == next_)).scalar_one_or_none()
        if text is None:
            raise Refused(("/restates", f"There is no claim {next_!r}. Put it on record first."))
        next_ = orjson.loads(text)["restates"]
