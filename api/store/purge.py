"""Purge of records with their history, for example by a court order."""

from __future__ import annotations

import re
import time
import typing
from collections.abc import Iterable, Iterator, Sequence

from sqlalchemy import ColumnElement, Connection, delete, func, insert, literal, or_, select, update
from sqlalchemy.exc import DBAPIError

from api.kinds.collections import KIND_BY_NAME, RECORD_TYPES
from api.store import errors, facet_counts, timeouts
from api.store.database import Store
from api.store.errors import FilesNotOverwritten, InUse
from api.store.idempotency import IMPORT
from api.store.lookup import last_sequence
from api.store.prepare import now
from api.store.tables import GONE, article, change, claim, document_part, idempotency, metadata, term
from schemas.fields import is_identifier

if typing.TYPE_CHECKING:
    import psycopg

# Type and id of a record.
Name = tuple[str, str]
Value = typing.TypeVar("Value")

# The number of records that are erased with one statement for each table.
_BATCH = 500
# The maximum number of attempts to overwrite a file that readers use. Each one waits as long as the query timeout.
_ATTEMPTS_MAX = 3
# The seconds between two polls of the open transactions of PostgreSQL.
_POLL = 0.05

# Transactions of other connections to the database. Each one holds a lock of its own id, which every role can see.
_OPEN_TRANSACTIONS = """
SELECT virtualxid, pid FROM pg_locks JOIN pg_stat_activity USING (pid)
WHERE locktype = 'virtualxid' AND datname = current_database() AND pid <> pg_backend_pid()
"""
# The number of deleted rows that VACUUM had to keep. It is the first number of the detail in every language.
_KEPT_ROWS = re.compile(r"\D*(\d+)")


class Erased(typing.NamedTuple):
    """A record with its number of erased versions. If it `remains`, it has versions of another article."""

    type: str
    id: str
    versions: int
    remains: bool = False


def purge(store: Store, ids: Iterable[str]) -> list[Erased]:
    """Erase records with their history, including deleted ones. Afterwards, call overwrite_files.

    With an article, every version that belonged to it is erased, and every claim whose last version is one of them.
    The feed keeps a marker of each erased record, and each erased version of a claim that has later ones.

    Raises NotFound for an id that never existed, or InUse if another claim restates an erased one.
    """
    with store.snapshot() as connection:
        requested = [name for id_ in ids for name in _named(connection, id_)]
        article_ids = [id_ for type_, id_ in requested if type_ == "article"]
        since = last_sequence(timeouts.unlimited(connection))
        # This reads all changes, so it holds no lock.
        versions = list(_versions_of(connection, article_ids, change.c.sequence <= since))
    with store.writing() as connection:
        timeouts.unlimited(connection)
        versions += _versions_of(connection, article_ids, change.c.sequence > since)
        sequences = {sequence for sequence, _ in versions}
        last = _last_versions(connection, (id_ for _, (_, id_) in versions))
        erased = dict.fromkeys([*requested, *(name for name, sequence in last.items() if sequence in sequences)])
        _check_not_restated(connection, erased)
        records = [*_erase(connection, erased), *_erase_versions(connection, versions, erased)]
        connection.execute(delete(document_part).where(document_part.c.number.not_in(select(claim.c.part))))
        return records


def overwrite_files(store: Store) -> None:
    """Overwrite erased rows in the files of the database. A repeated call does no harm.

    Raises FilesNotOverwritten if the files can still contain them.
    """
    try:
        with store.aside() as connection:
            if store.is_sqlite:
                _overwrite_sqlite(timeouts.unlimited(connection))
            else:
                _overwrite_postgresql(connection, store.seconds)
    except (errors.Unavailable, DBAPIError) as error:
        reason = error.orig if isinstance(error, DBAPIError) else error
        raise FilesNotOverwritten(" ".join(str(reason).split())) from error


def _named(connection: Connection, id_: str) -> list[Name]:
    """Return the records with an id: an article, a claim, or both."""
    if not is_identifier(id_):
        raise errors.NotFound(f"{id_!r} is not a valid id.")
    of_id = change.c.type.in_(RECORD_TYPES) & (change.c.id == id_)
    types = list(connection.execute(select(change.c.type).where(of_id).distinct()).scalars())
    if not types:
        raise errors.NotFound(f"A record with the id {id_!r} never existed.")
    return [(type_, id_) for type_ in types]


def _versions_of(
    connection: Connection, article_ids: Sequence[str], condition: ColumnElement[bool]
) -> Iterator[tuple[int, Name]]:
    """Yield the sequence number and the claim of each version that belonged to one of these articles."""
    if article_ids:
        # In JSON, the quotation marks of a text are escaped, so no text can match.
        keys = (f'"article_id":"{id_}"' for id_ in article_ids)
        earlier = or_(*(change.c.document.contains(key, autoescape=True) for key in keys))
        versions = select(change.c.sequence, change.c.type, change.c.id).where(condition)
        current = (change.c.type == claim.c.type) & (change.c.id == claim.c.id) & (change.c.version == claim.c.version)
        of_claims = versions.join_from(claim, change, current).where(claim.c.article_id.in_(article_ids))
        for statement in (versions.where(earlier), of_claims):
            for sequence, type_, id_ in connection.execute(statement):
                yield sequence, (type_, id_)


def _last_versions(connection: Connection, claim_ids: Iterable[str]) -> dict[Name, int]:
    """Return the sequence number of the last version of claims. A deletion is not a version."""
    last: dict[Name, int] = {}
    for batch in _batches(dict.fromkeys(claim_ids)):
        versions = change.c.type.in_(KIND_BY_NAME) & change.c.id.in_(batch) & change.c.action.not_in(GONE)
        statement = select(change.c.type, change.c.id, func.max(change.c.sequence)).where(versions)
        for type_, id_, sequence in connection.execute(statement.group_by(change.c.type, change.c.id)):
            last[type_, id_] = sequence
    return last


def _check_not_restated(connection: Connection, erased: Iterable[Name]) -> None:
    """Raise InUse if a claim restates an erased claim, and is not erased itself."""
    names = set(erased)
    for batch in _batches(id_ for type_, id_ in erased if type_ in KIND_BY_NAME):
        restating = select(claim.c.restates, claim.c.type, claim.c.id).where(claim.c.restates.in_(batch))
        for id_, *other in connection.execute(restating.order_by(claim.c.restates, claim.c.id)):
            if tuple(other) not in names:
                detail = f"{id_!r} is restated by {other[1]}. Purge it too, or change it first."
                raise InUse("", detail, [tuple(other)])


def _erase(connection: Connection, names: Iterable[Name]) -> Iterator[Erased]:
    """Erase records, and yield them. Claims refer to their articles, so they are erased first."""
    claims = [name for name in names if name[0] in KIND_BY_NAME]
    articles = [name for name in names if name[0] == "article"]
    for table, types, records in ((claim, list(KIND_BY_NAME), claims), (article, ["article"], articles)):
        for batch in _batches(id_ for _, id_ in records):
            facet_counts.subtract(connection, table.c.id, batch)
            connection.execute(delete(term).where(term.c.owner == table.name, term.c.record_id.in_(batch)))
            connection.execute(delete(table).where(table.c.id.in_(batch)))
            _delete_responses(connection, batch)
            history = change.c.type.in_(types) & change.c.id.in_(batch)
            columns = (change.c.type, change.c.id, func.max(change.c.version), func.count())
            rows = connection.execute(
                select(*columns).where(history).group_by(*columns[:2]).order_by(*columns[:2])
            ).all()
            connection.execute(delete(change).where(history))
            marker = {"at": now(), "action": "purged"}
            markers = [marker | {"type": type_, "id": id_, "version": version + 1} for type_, id_, version, _ in rows]
            connection.execute(insert(change), markers)
            yield from (Erased(type_, id_, count) for type_, id_, _, count in rows)


def _erase_versions(
    connection: Connection, versions: Iterable[tuple[int, Name]], erased: typing.Container[Name]
) -> Iterator[Erased]:
    """Erase versions of claims that are not erased themselves, and yield those claims."""
    counts: dict[Name, int] = {}
    remaining = [(sequence, name) for sequence, name in versions if name not in erased]
    for batch in _batches(remaining):
        sequences, ids = [sequence for sequence, _ in batch], {id_ for _, (_, id_) in batch}
        statement = update(change).where(change.c.sequence.in_(sequences)).values(action="purged", document=None)
        connection.execute(statement)
        _delete_responses(connection, ids)
        for _, name in batch:
            counts[name] = counts.get(name, 0) + 1
    yield from (Erased(*name, count, remains=True) for name, count in counts.items())


def _delete_responses(connection: Connection, ids: Iterable[str]) -> None:
    """Delete the stored responses about records, and those to imports: their errors can quote any record."""
    connection.execute(delete(idempotency).where(idempotency.c.record_id.in_([*ids, IMPORT])))


def _batches(values: Iterable[Value]) -> Iterator[list[Value]]:
    rows = list(values)
    for start in range(0, len(rows), _BATCH):
        yield rows[start : start + _BATCH]


def _overwrite_sqlite(connection: Connection) -> None:
    # FTS5 keeps deleted words until its index is optimized. VACUUM cannot run in a transaction.
    for statement in ("COMMIT", "INSERT INTO search_index(search_index) VALUES ('optimize')", "VACUUM"):
        connection.exec_driver_sql(statement)
    for _ in range(_ATTEMPTS_MAX):
        # It waits for readers of older snapshots, and returns whether they still block it.
        busy, *_rest = connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").one()
        if not busy:
            return
    raise FilesNotOverwritten("Other processes read an earlier state of the database.")


def _overwrite_postgresql(connection: Connection, seconds: float) -> None:
    # VACUUM cannot run in a transaction.
    autocommit = timeouts.unlimited_statements(connection.execution_options(isolation_level="AUTOCOMMIT"))
    tables = ", ".join(metadata.tables)
    _wait_for_older_snapshots(autocommit, _ATTEMPTS_MAX * seconds)
    # The statistics have values of columns. Readers that began before can also see the old ones.
    _drop_statistics_of_empty_tables(autocommit)
    autocommit.exec_driver_sql(f"ANALYZE {tables}")
    _wait_for_older_snapshots(autocommit, _ATTEMPTS_MAX * seconds)
    reasons: list[str] = []

    def note(diagnostic: psycopg.errors.Diagnostic) -> None:
        kept = _KEPT_ROWS.match(diagnostic.message_detail or "")
        if diagnostic.severity_nonlocalized == "WARNING" or (kept is not None and int(kept[1])):
            detail = (diagnostic.message_detail or "").partition("\n")[0]
            reasons.append(f"PostgreSQL reports: {diagnostic.message_primary}. {detail}".strip())

    typing.cast("psycopg.Connection", autocommit.connection.driver_connection).add_notice_handler(note)
    autocommit.exec_driver_sql(f"VACUUM (FULL, VERBOSE) {tables}, pg_statistic")
    if reasons:
        raise FilesNotOverwritten(reasons[0])


def _wait_for_older_snapshots(connection: Connection, seconds: float) -> None:
    """Wait until the transactions that are open now have ended. While they can see an erased row, VACUUM keeps it."""
    last = time.monotonic() + seconds
    older: set[tuple[str, int]] | None = None
    while older is None or older:
        if time.monotonic() > last:
            pids = ", ".join(sorted({str(pid) for _, pid in older or ()}))
            raise FilesNotOverwritten(f"Older transactions of PostgreSQL are still open, in the processes {pids}.")
        if older is not None:
            time.sleep(_POLL)
        transactions = {tuple(row) for row in connection.exec_driver_sql(_OPEN_TRANSACTIONS)}
        older = transactions if older is None else older & transactions


def _drop_statistics_of_empty_tables(connection: Connection) -> None:
    """Drop the statistics that ANALYZE does not replace. A change of a column's type drops them, even to the same."""
    for table in metadata.tables.values():
        if connection.execute(select(literal(1)).select_from(table).limit(1)).first() is None:
            quote = connection.dialect.identifier_preparer.quote
            types = ((quote(column.name), column.type.compile(connection.dialect)) for column in table.c)
            columns = ", ".join(f"ALTER {name} TYPE {type_}" for name, type_ in types)
            connection.exec_driver_sql(f"ALTER TABLE {table.name} {columns}")
