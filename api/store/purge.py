"""Purge of records with their history, for example by a court order."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Connection, delete, func, insert, select

from api.kinds.collections import COLLECTION_BY_NAME, KIND_BY_NAME
from api.store import errors, timeouts
from api.store.database import Store
from api.store.errors import InUse
from api.store.idempotency import IMPORT
from api.store.lookup import STORED, RecordLookup
from api.store.prepare import now
from api.store.tables import change, idempotency
from api.store.write import delete_rows
from schemas.fields import is_identifier

# The maximum number of attempts to overwrite a file that readers use. Each one waits as long as the query timeout.
_ATTEMPTS_MAX = 3


def purge(store: Store, ids: Iterable[str]) -> dict[tuple[str, str], int]:
    """Erase records with their history, including deleted ones. The claims of an article are erased with it.

    Returns the number of versions of each record, by type and id. The feed keeps a marker. The erased rows are
    overwritten in the database's files.

    Raises NotFound for an id that never existed, InUse if another claim restates an erased one, or DatabaseInUse if the
    files cannot be overwritten.
    """
    with store.writing() as connection:
        lookup = RecordLookup(connection, STORED)
        targets = dict.fromkeys(record for id_ in ids for record in _named(connection, lookup, id_))
        for type_, id_ in targets:
            remaining = [other for other in lookup.restating(id_) if other not in targets]
            if remaining and type_ in KIND_BY_NAME:
                others = ", ".join(other for _, other in remaining)
                raise InUse("", f"{id_!r} is restated by {others}. Purge them too, or change them first.", remaining)
        # Claims refer to their articles, so they are erased first.
        claims_first = sorted(targets, key=lambda record: record[0] == "article")
        purged = {record: _erase(connection, lookup, *record) for record in claims_first}
    _overwrite(store)
    return purged


def _named(connection: Connection, lookup: RecordLookup, id_: str) -> list[tuple[str, str]]:
    """Return the records with an id: an article with all claims it ever had, a claim, or both."""
    if not is_identifier(id_):
        raise errors.NotFound(f"{id_!r} is not a valid id.")
    types = list(connection.execute(select(change.c.type).where(change.c.id == id_).distinct()).scalars())
    if not types:
        raise errors.NotFound(f"A record with the id {id_!r} never existed.")
    records = [(type_, id_) for type_ in types]
    if "article" in types:
        # Deleted claims are only in the table of changes.
        of_article = change.c.document.contains(f'"article_id":"{id_}"', autoescape=True)
        rows = connection.execute(
            select(change.c.type, change.c.id).where(change.c.type != "article", of_article).distinct()
        )
        stored = {claim["id"] for claim in lookup.claims_of(id_)}
        records += [(type_, claim) for type_, claim in rows if claim in stored or lookup.claim(claim) is None]
    return records


def _erase(connection: Connection, lookup: RecordLookup, type_: str, id_: str) -> int:
    """Erase a record, and return the number of its versions."""
    if (lookup.article(id_) if type_ == "article" else lookup.claim(id_)) is not None:
        delete_rows(connection, COLLECTION_BY_NAME[type_], id_)
    history = (change.c.type == type_) & (change.c.id == id_)
    version, count = connection.execute(select(func.max(change.c.version), func.count()).where(history)).one()
    connection.execute(delete(change).where(history))
    # The errors of an import can quote any record.
    connection.execute(delete(idempotency).where(idempotency.c.record_id.in_((id_, IMPORT))))
    marker = {"at": now(), "action": "purged", "type": type_, "id": id_, "version": version + 1, "document": None}
    connection.execute(insert(change).values(marker))
    return int(count)


def _overwrite(store: Store) -> None:
    """Overwrite erased rows in the database's files."""
    with store.aside() as connection:
        if store.is_sqlite:
            timeouts.unlimited(connection)
            # FTS5 keeps deleted words until its index is optimized. VACUUM cannot run in a transaction.
            for statement in ("COMMIT", "INSERT INTO search_index(search_index) VALUES ('optimize')", "VACUUM"):
                connection.exec_driver_sql(statement)
            for _ in range(_ATTEMPTS_MAX):
                # It waits for readers of older snapshots, and returns whether they still block it.
                busy, *_rest = connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").one()
                if not busy:
                    return
            raise errors.DatabaseInUse
        autocommit = connection.execution_options(isolation_level="AUTOCOMMIT")
        for statement in ("SET statement_timeout = 0", "ANALYZE", "VACUUM FULL"):
            autocommit.exec_driver_sql(statement)
