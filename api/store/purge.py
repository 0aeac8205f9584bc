"""Purging: a record and all that was ever kept of it erased for good, as a court may order."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import Connection, delete, func, insert, select

from api.kinds.collections import COLLECTION_BY_NAME, KIND_BY_NAME
from api.store import errors, timeouts
from api.store.database import Store
from api.store.errors import InUse
from api.store.lookup import STORED, RecordLookup
from api.store.prepare import now
from api.store.tables import change, idempotency
from api.store.write import delete_rows
from schemas.fields import is_identifier

# How often a file is tried to be overwritten while somebody reads it; each waits as long as a query may take.
_ATTEMPTS = 3


@dataclass(frozen=True)
class Purged:
    """A record that was erased, and how many versions of it."""

    type: str
    id: str
    versions: int


def purge(store: Store, ids: Iterable[str]) -> list[Purged]:
    """Erase records, deleted ones too, with their history; an article's claims go with it. The feed keeps a marker.

    What the database's files still held of them is overwritten. Raises NotFound for an id that never was, and InUse
    where a claim that stays restates one that is to go; DatabaseInUse where the files could not be overwritten.
    """
    with store.writing() as connection:
        lookup = RecordLookup(connection, STORED)
        wanted = dict.fromkeys(record for id_ in ids for record in _named(connection, lookup, id_))
        for type_, id_ in wanted:
            staying = [other for other in lookup.restating(id_) if other not in wanted]
            if staying and type_ in KIND_BY_NAME:
                others = ", ".join(other for _, other in staying)
                raise InUse("", f"{id_!r} is restated by {others}. Purge those too, or change them first.", staying)
        # Claims before the articles that they are of.
        purged = [
            _erase(connection, lookup, *record) for record in sorted(wanted, key=lambda each: each[0] == "article")
        ]
    _overwrite(store)
    return purged


def _named(connection: Connection, lookup: RecordLookup, id_: str) -> list[tuple[str, str]]:
    """The records that an id names: an article with all the claims it ever had, a claim, or both."""
    if not is_identifier(id_):
        raise errors.NotFound(f"{id_!r} can be no record's id.")
    types = list(connection.execute(select(change.c.type).where(change.c.id == id_).distinct()).scalars())
    if not types:
        raise errors.NotFound(f"There is and was no record with the id {id_!r}.")
    found = [(type_, id_) for type_ in types]
    if "article" in types:
        # Those that were deleted stand in the changes alone.
        told = change.c.document.contains(f'"article_id":"{id_}"', autoescape=True)
        rows = connection.execute(select(change.c.type, change.c.id).where(change.c.type != "article", told).distinct())
        of_it = {claim["id"] for claim in lookup.claims_of(id_)}
        found += [(type_, claim) for type_, claim in rows if claim in of_it or lookup.claim(claim) is None]
    return found


def _erase(connection: Connection, lookup: RecordLookup, type_: str, id_: str) -> Purged:
    stored = lookup.article(id_) if type_ == "article" else lookup.claim(id_)
    if stored is not None:
        delete_rows(connection, COLLECTION_BY_NAME[type_], id_, stored["version"])
    history = (change.c.type == type_) & (change.c.id == id_)
    version, count = connection.execute(select(func.max(change.c.version), func.count()).where(history)).one()
    connection.execute(delete(change).where(history))
    connection.execute(delete(idempotency).where(idempotency.c.record_id == id_))
    marker = {"at": now(), "action": "purged", "type": type_, "id": id_, "version": version + 1, "document": None}
    connection.execute(insert(change).values(marker))
    return Purged(type_, id_, count)


def _overwrite(store: Store) -> None:
    """Rewrite what the database keeps of erased rows in its files."""
    with store.aside() as connection:
        if store.is_sqlite:
            timeouts.unlimited(connection)
            # Neither can be done within a transaction.
            # FTS5 keeps the words of what is gone until it puts its index into one piece.
            for statement in ("COMMIT", "INSERT INTO search_index(search_index) VALUES ('optimize')", "VACUUM"):
                connection.exec_driver_sql(statement)
            for _ in range(_ATTEMPTS):
                # It waits for those who read as it was before, and says whether that was for nothing.
                busy, *_rest = connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").one()
                if not busy:
                    return
            raise errors.DatabaseInUse
        alone = connection.execution_options(isolation_level="AUTOCOMMIT")
        for statement in ("SET statement_timeout = 0", "ANALYZE", "VACUUM FULL"):
            alone.exec_driver_sql(statement)
