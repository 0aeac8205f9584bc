"""Writing: a record, its index, its parties and words, and its line in the changes, in one go."""

from __future__ import annotations

import secrets
import time
import typing
from collections.abc import Callable, Mapping

from sqlalchemy import Connection, delete, insert, update

from api.kinds.collections import COLLECTION_BY_NAME, KIND_BY_NAME
from api.kinds.given import Given, Record, merged
from api.kinds.kind import Collection
from api.store.conditions import owner_of
from api.store.known import STORED, Known
from api.store.preparing import Prepared, now, prepare, unheard
from api.store.reading import Versions, missing
from api.store.refusals import InUse, Stale
from api.store.tables import article_text, change, party, search, table_of, term
from schemas.values import is_identifier

# Holds what a writer has seen of a record against what is stored, None where nothing is, and raises what it likes.
Precondition = Callable[[Versions | None], None]

_DIGITS = "0123456789abcdefghjkmnpqrstvwxyz"


def new_id(type_: str) -> str:
    """An id for a new record: its type, and 26 digits that begin with the time, so that ids sort by it."""
    number, digits = int(time.time() * 1000) << 80 | secrets.randbits(80), ""
    for _ in range(26):
        number, digit = divmod(number, len(_DIGITS))
        digits = _DIGITS[digit] + digits
    return f"{type_.replace('_', '-')}-{digits}"


def put(connection: Connection, given: Given, precondition: Precondition) -> Prepared:
    """Store a record under its id, new or in place of what stands there; the claims of an article move with it.

    Raises Refused, or what is under it, or what the precondition raises.
    """
    known = Known(connection, STORED)
    known.look_up([given])
    stored = _stored(known, COLLECTION_BY_NAME[given.type], given.id)
    precondition(None if stored is None else Versions(stored["version"], stored["updated_at"]))
    prepared = prepare(known, given)
    for _, duplicate in unheard(known, prepared[:1]):
        raise duplicate
    return write(connection, prepared)


def patch(connection: Connection, type_: str, id_: str, changes: Record, precondition: Precondition) -> Prepared:
    """Change a stored record by a JSON Merge Patch.

    Raises ValidationError, NotFound, Refused or what is under it, or what the precondition raises.
    """
    known = Known(connection, STORED)
    collection = COLLECTION_BY_NAME[type_]
    stored = _stored(known, collection, id_)
    if stored is None:
        raise absent(known, collection, id_)
    return put(connection, merged(type_, stored, changes), precondition)


def remove(connection: Connection, type_: str, id_: str, precondition: Precondition) -> None:
    """Take a record off the record; the feed says that it was.

    Raises NotFound, InUse where others need it, or what the precondition raises.
    """
    known = Known(connection, STORED)
    collection = COLLECTION_BY_NAME[type_]
    stored = _stored(known, collection, id_)
    if stored is None:
        raise absent(known, collection, id_)
    precondition(Versions(stored["version"], stored["updated_at"]))
    _refuse_if_needed(known, collection, id_)
    erase(connection, collection, id_, stored["version"])
    _tell(connection, "deleted", type_, id_, stored["version"] + 1, at=now(), document=None)


def absent(known: Known, collection: Collection, id_: str) -> LookupError:
    """What to raise where there is no such record."""
    if not is_identifier(id_):
        return missing(collection, id_, None, None)
    other = known.claim(id_) if collection.of_claims else None
    last = known.last(collection.name, id_)
    return missing(
        collection,
        id_,
        None if other is None else other["type"],
        None if last is None else (last.type, last.at),
    )


def write(connection: Connection, prepared: list[Prepared]) -> Prepared:
    """Write records as they were prepared, and tell of each that changed; gives back the first."""
    for record in prepared:
        if record.outcome == "unchanged" and not record.follows:
            continue
        table = table_of(record.collection)
        if record.outcome == "created":
            connection.execute(insert(table), record.row)
        else:
            same = (table.c.id == record.id) & (table.c.version == record.before)
            if connection.execute(update(table).where(same), record.row).rowcount != 1:
                raise Stale
        if record.words is not None:
            _write_words(connection, record)
        if record.outcome != "unchanged":
            _write_lists(connection, record)
            document = record.row["document"]
            version, at = record.document["version"], record.document["updated_at"]
            _tell(connection, record.outcome, record.type, record.id, version, at=at, document=document)
    return prepared[0]


def erase(connection: Connection, collection: Collection, id_: str, version: int) -> None:
    """Take the rows of a record away, its texts and parties with it; raises Stale where it has another version."""
    table = table_of(collection)
    connection.execute(delete(term).where(term.c.owner == owner_of(table), term.c.record_id == id_))
    same = (table.c.id == id_) & (table.c.version == version)
    if connection.execute(delete(table).where(same)).rowcount != 1:
        raise Stale


def _stored(known: Known, collection: Collection, id_: str) -> Mapping[str, typing.Any] | None:
    """The stored record of a collection with an id; a claim of another kind is none of it."""
    if not collection.of_claims:
        return known.article(id_)
    claim = known.claim(id_)
    return claim if claim is not None and claim["type"] == collection.name else None


def _refuse_if_needed(known: Known, collection: Collection, id_: str) -> None:
    if collection.of_claims:
        others = known.restating(id_)
        reason = "is restated by other claims. Delete those first, or change what they restate"
    else:
        others = [(claim["type"], claim["id"]) for claim in known.claims_of(id_)[:10]]
        reason = "has claims. Delete those first"
    if others:
        raise InUse("", f"The {collection.title} {id_!r} {reason}.", others)


def _write_lists(connection: Connection, record: Prepared) -> None:
    owner = owner_of(table_of(record.collection))
    if record.outcome == "updated":
        connection.execute(delete(term).where(term.c.owner == owner, term.c.record_id == record.id))
        connection.execute(delete(party).where(party.c.claim_id == record.id))
    if record.terms:
        connection.execute(insert(term), record.terms)
    if record.parties:
        connection.execute(insert(party), record.parties)
    if record.type not in KIND_BY_NAME:
        connection.execute(delete(article_text).where(article_text.c.article_id == record.id))
        if record.text is not None:
            connection.execute(insert(article_text).values(article_id=record.id, text=record.text))


def _write_words(connection: Connection, record: Prepared) -> None:
    if record.outcome == "created":
        connection.execute(insert(search).values(claim_id=record.id, words=record.words))
    else:
        connection.execute(update(search).where(search.c.claim_id == record.id).values(words=record.words))


def _tell(
    connection: Connection, action: str, type_: str, id_: str, version: int, *, at: str, document: str | None
) -> None:
    row = {"at": at, "action": action, "type": type_, "id": id_, "version": version, "document": document}
    connection.execute(insert(change), row)
