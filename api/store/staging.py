"""Temporary tables in which an import is prepared, so that its lock is short."""

from __future__ import annotations

import typing
from collections.abc import Iterable, Iterator, Mapping

import orjson
from sqlalchemy import (
    Boolean,
    Column,
    Connection,
    Index,
    Insert,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    Update,
    bindparam,
    case,
    delete,
    exists,
    func,
    insert,
    literal,
    or_,
    select,
    tuple_,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite

from api.kinds.collections import KIND_BY_NAME
from api.kinds.record_input import RecordInput
from api.store import changes, facet_counts
from api.store.document_text import SplitDocument
from api.store.driver_statement import DriverStatement
from api.store.lookup import STORED
from api.store.prepare import Outcome, Prepared, Row
from api.store.tables import Word, article, claim, facet_count
from api.store.write import insert_missing

# The maximum number of levels of restated claims in an import.
LEVELS_MAX = 100

# The maximum number of claims of a circle in a message.
_CHAIN_MAX = 20

_metadata = MetaData()


# `before` is the version that a record replaces. Only rows of replaced records are deleted.
_MORE_COLUMNS = {
    "article": [Column("before", Integer)],
    "claim": [Column("before", Integer)],
    "change": [Column("number", Integer, primary_key=True)],
}

# The columns by which `RecordLookup` reads records. The other tables are only copied.
_INDEXED = {"article": ("id",), "article_text": ("article_id",), "claim": ("id", "article_id")}


def _staged(table: Table) -> Table:
    """Return a temporary table with the columns of a table. Rows are numbered when they are merged."""
    serial = table.autoincrement_column
    columns = [
        Column(
            column.name,
            SplitDocument(STAGED["document_part"]) if isinstance(column.type, SplitDocument) else column.type,
            primary_key=table.name == "document_part" and column.primary_key,
            index=column.name in _INDEXED.get(table.name, ()),
        )
        for column in table.c
        if column is not serial
    ]
    return Table(
        f"staged_{table.name}", _metadata, *_MORE_COLUMNS.get(table.name, ()), *columns, prefixes=["TEMPORARY"]
    )


STAGED: dict[str, Table] = {}
for _name, _table in STORED.items():
    STAGED[_name] = _staged(_table)

_facet_count = _staged(facet_count)

# Its texts have the collation of the stored columns. PostgreSQL uses no index to compare texts of different collations.
_line = Table(
    "staged_line",
    _metadata,
    Column("number", Integer, primary_key=True),
    Column("source", Word, nullable=False),
    Column("line", Integer, nullable=False),
    Column("type", Word, nullable=False),
    # "article", or "claim" for any kind. Ids are unique in each space.
    Column("space", Word, nullable=False),
    Column("id", Word, nullable=False),
    Column("article_id", Word, nullable=False, index=True),
    Column("restates", Word, index=True),
    Column("record", Text, nullable=False),
    # The order of preparation: 0 for articles, 1 for claims that restate no claim of the import, 2 for their restaters.
    Column("level", Integer),
    # The outcome of the last preparation, and the content hash of a claim. Null if the line was rejected.
    Column("outcome", Word),
    Column("said", LargeBinary, index=True),
    # Whether the line is excluded for good, so that its stored version stays.
    Column("is_excluded", Boolean, nullable=False),
    prefixes=["TEMPORARY"],
)
# The ids of the claims of an import that have a level.
IMPORTED_IDS = select(_line.c.id).where(_line.c.space == "claim", _line.c.level.is_not(None), ~_line.c.is_excluded)

_ADD_LINE = insert(_line)
_STAGE = {name: insert(table) for name, table in STAGED.items()}
_SET_OUTCOME = update(_line).where(_line.c.number == bindparam("which"))

# Source and number of a line, and the id of its record.
Place = tuple[str, int, str]

Index("ix_staged_line_id", _line.c.id, _line.c.space)
Index("ix_staged_line_level", _line.c.level, _line.c.article_id, _line.c.number)


class Line(typing.NamedTuple):
    """A line of an import, with its source, its number in it, and its number in the table of lines.

    The article id of an article is its id. `record` is the loaded record as JSON.
    """

    source: str
    line: int
    number: int
    type: str
    id: str
    article_id: str
    restates: str | None
    record: str

    @property
    def record_input(self) -> RecordInput:
        return RecordInput(self.type, orjson.loads(self.record))


class Staged(typing.NamedTuple):
    """A prepared record: its outcome, its content hash, and its rows by table. It has no rows if it stays as it is."""

    outcome: Outcome
    said: bytes | None
    rows: Mapping[str, list[Row]]


def line_row(record_input: RecordInput) -> Row:
    """Return the row of a line without its source and its number there."""
    return {
        "type": record_input.type,
        "space": "claim" if record_input.type in KIND_BY_NAME else "article",
        "id": record_input.id,
        "article_id": record_input.record.get("article_id", record_input.id),
        "restates": record_input.record.get("restates"),
        "record": orjson.dumps(record_input.record).decode(),
        "is_excluded": False,
    }


def staged(record: Prepared, *, follows: bool) -> Staged:
    """Return a record for the temporary tables. With `follows`, its article changes, so its rows are written again."""
    record.row["before"] = record.before
    return Staged(record.outcome, record.row.get("said"), record.rows if follows or record.is_written else {})


class Staging:
    """The temporary tables of one import, on one connection."""

    def __init__(self, connection: Connection):
        self.connection = connection
        self._statements: dict[Insert | Update, DriverStatement] = {}
        with connection.begin():
            _metadata.create_all(connection, checkfirst=False)

    def add(self, rows: list[Row]) -> None:
        """Store the rows of lines, which are read again in the order of their dependencies."""
        self._execute(_ADD_LINE, rows)

    def repeated(self, lines_max: int) -> Iterator[tuple[Place, tuple[str, int]]]:
        """Delete the lines with the id of an earlier line. Yield the first ones, each with that line."""
        first = (
            select(_line.c.space, _line.c.id, func.min(_line.c.number).label("number"))
            .group_by(_line.c.space, _line.c.id)
            .having(func.count() > 1)
            .subquery()
        )
        one = _line.alias()
        pairs = (
            select(_line.c.source, _line.c.line, _line.c.id, one.c.source, one.c.line)
            .join(first, (_line.c.space == first.c.space) & (_line.c.id == first.c.id))
            .join(one, one.c.number == first.c.number)
            .where(_line.c.number > first.c.number)
            .order_by(_line.c.number)
            .limit(lines_max)
        )
        rows = self.connection.execute(pairs).all()
        if rows:
            same = (one.c.id == _line.c.id) & (one.c.space == _line.c.space)
            self.connection.execute(delete(_line).where(exists().where(same, one.c.number < _line.c.number)))
        for source, line, id_, earlier_source, earlier_line in rows:
            yield (source, line, id_), (earlier_source, earlier_line)

    def assign_levels(self, lines_max: int) -> Iterator[tuple[Place, list[str]]]:
        """Set the level of each line. Yield lines without a level, each with the ids of the claims that it restates.

        They restate one another in a circle, or over too many steps.
        """
        claims = _line.c.space == "claim"
        sent = _line.alias()
        not_imported = ~exists().where(sent.c.space == "claim", sent.c.id == _line.c.restates)
        self.connection.execute(update(_line).where(_line.c.space == "article").values(level=0))
        self.connection.execute(
            update(_line).where(claims, or_(_line.c.restates.is_(None), not_imported)).values(level=1)
        )
        for level in range(1, LEVELS_MAX + 1):
            restated = select(sent.c.id).where(sent.c.space == "claim", sent.c.level == level)
            next_level = update(_line).where(claims, _line.c.level.is_(None), _line.c.restates.in_(restated))
            if not self.connection.execute(next_level.values(level=level + 1)).rowcount:
                break
        rows = self.connection.execute(
            select(_line.c.source, _line.c.line, _line.c.id, _line.c.restates)
            .where(_line.c.level.is_(None))
            .order_by(_line.c.number)
            .limit(lines_max)
        ).all()
        restates_by_id = {id_: restates for *_, id_, restates in rows}
        for source, line, id_, _ in rows:
            yield (source, line, id_), _chain(restates_by_id, id_)

    def count_claims(self) -> int:
        """Return the number of lines with claims."""
        return self.connection.execute(select(func.count()).where(_line.c.space == "claim")).scalar_one()

    def levels(self) -> list[int]:
        """Return the levels in ascending order."""
        statement = select(_line.c.level).where(_line.c.level.is_not(None)).distinct().order_by(_line.c.level)
        return list(self.connection.execute(statement).scalars())

    def batches(self, level: int, size: int) -> Iterator[list[Line]]:
        """Yield the lines of a level in batches, sorted by article."""
        after = ("", 0)
        columns = [_line.c[name] for name in Line._fields]
        while True:
            statement = (
                select(*columns)
                .where(_line.c.level == level, ~_line.c.is_excluded, tuple_(_line.c.article_id, _line.c.number) > after)
                .order_by(_line.c.article_id, _line.c.number)
                .limit(size)
            )
            lines = [Line(*row) for row in self.connection.execute(statement)]
            if not lines:
                return
            after = (lines[-1].article_id, lines[-1].number)
            yield lines

    def clear(self, excluded: list[int]) -> None:
        """Delete the prepared records. The lines stay, and only those with these numbers are excluded."""
        for table in STAGED.values():
            self.connection.execute(delete(table))
        prepared = or_(_line.c.outcome.is_not(None), _line.c.is_excluded)
        self.connection.execute(update(_line).where(prepared).values(outcome=None, said=None, is_excluded=False))
        if excluded:
            statement = update(_line).where(_line.c.number == bindparam("which")).values(is_excluded=True)
            self.connection.execute(statement, [{"which": number} for number in excluded])

    def changed(self, article_ids: set[str]) -> set[str]:
        """Return the articles that the import changes, out of these."""
        statement = select(STAGED["article"].c.id).where(STAGED["article"].c.id.in_(article_ids))
        return set(self.connection.execute(statement).scalars())

    def set_outcomes(self, outcomes: Iterable[tuple[str | None, bytes | None, int]]) -> None:
        """Set the outcomes and content hashes of lines. A line that is rejected later has neither."""
        names = ("outcome", "said", "which")
        self._execute(_SET_OUTCOME, [dict(zip(names, row, strict=True)) for row in outcomes])

    def outcomes(self) -> dict[str, int]:
        """Return the number of lines by outcome."""
        statement = select(_line.c.outcome, func.count()).where(_line.c.outcome.is_not(None)).group_by(_line.c.outcome)
        return dict(iter(self.connection.execute(statement)))

    def duplicates(self, lines_max: int) -> list[tuple[int, Place, tuple[str, str]]]:
        """Return lines with the content of another claim: number, place, and type and id of the other claim.

        A stored claim that the import replaces counts with its new content. Of two equal lines, the later is returned.
        """
        changed = _line.c.outcome.in_(("created", "updated"))
        columns = (_line.c.number, _line.c.source, _line.c.line, _line.c.id)
        stored, other = STORED["claim"].c, _line.alias()
        replaced = exists().where(
            other.c.space == "claim", other.c.id == stored.id, other.c.level.is_not(None), ~other.c.is_excluded
        )
        equal_stored = (
            select(*columns, stored.type, stored.id)
            .join(STORED["claim"], stored.said == _line.c.said)
            .where(changed, ~replaced)
        )
        # An unchanged claim precedes other lines with the same content, so its rank is negative.
        rank = case((_line.c.outcome == "unchanged", -_line.c.number), else_=_line.c.number)
        first = (
            select(_line.c.said, func.abs(func.min(rank)).label("number"))
            .where(_line.c.said.is_not(None))
            .group_by(_line.c.said)
            .having(func.count() > 1)
            .subquery()
        )
        equal_line = (
            select(*columns, other.c.type, other.c.id)
            .join(first, first.c.said == _line.c.said)
            .join(other, other.c.number == first.c.number)
            .where(changed, _line.c.number != first.c.number)
        )
        # A stored claim is reported rather than another line.
        rows = {
            row.number: row
            for statement in (equal_line, equal_stored)
            for row in self.connection.execute(statement.order_by(_line.c.number).limit(lines_max))
        }
        return [(row[0], tuple(row[1:4]), tuple(row[4:])) for row in sorted(rows.values())]

    def stage(self, records: list[Staged]) -> None:
        """Insert prepared records into the temporary tables."""
        for name, table in STAGED.items():
            rows = [row for record in records for row in record.rows.get(name, ())]
            if name == "document_part":
                insert_missing(self.connection, table, list({row["number"]: row for row in rows}.values()))
            else:
                self._execute(_STAGE[name], rows)

    def _execute(self, statement: Insert | Update, rows: list[Row]) -> None:
        """Execute a statement for each row."""
        if rows:
            if statement not in self._statements:
                self._statements[statement] = DriverStatement(statement, [*rows[0]], self.connection)
            self._statements[statement].execute(rows)

    def overtaken(self, since: int) -> bool:
        """Return whether a later change concerns records that the prepared records depend on."""
        changes, claims = STORED["change"].c, STORED["claim"].c
        # Without correlate(), the nested SELECT would use any change instead of the outer one.
        article = select(claims.article_id).where(claims.id == changes.id).correlate(STORED["change"]).scalar_subquery()
        touched = or_(
            exists().where(_line.c.id == changes.id),
            exists().where(_line.c.restates == changes.id),
            exists().where(_line.c.article_id == changes.id),
            exists().where(_line.c.article_id == article),
            exists().where(STAGED["claim"].c.id == changes.id),
            # If a stored claim now restates another one, an imported claim can be part of a circle.
            exists().where(claims.id == changes.id, claims.restates.is_not(None))
            & exists().where(_line.c.restates.is_not(None)),
        )
        statement = select(literal(1)).select_from(STORED["change"]).where(changes.sequence > since, touched).limit(1)
        return self.connection.execute(statement).first() is not None

    def count_values(self) -> None:
        """Count the values of facets of the prepared records without those that they replace, before the lock is held.

        A later change of the replaced ones is noticed. Only a repair of their rows is not.
        """
        self.connection.execute(delete(_facet_count))
        for table in (article, claim):
            staged = STAGED[table.name]
            replaced = table.c.id.in_(select(staged.c.id).where(staged.c.before.is_not(None)))
            old, new = facet_counts.counts(table, replaced, sign=-1), facet_counts.counts(table, layer=STAGED)
            counts = facet_counts.total(old, new)
            self.connection.execute(insert(_facet_count).from_select(_facet_count.c.keys(), counts))

    def merge(self) -> None:
        """Copy the prepared records to the stored tables. The transaction must be open for writing."""
        self._copy("document_part", "number")
        for name, owned in (("article", STORED["article_text"].c.article_id), ("claim", STORED["party"].c.claim_id)):
            staged, terms = STAGED[name], STORED["term"].c
            self._keep_documents(staged)
            self._copy(name, "id")
            replaced = select(staged.c.id).where(staged.c.before.is_not(None))
            self.connection.execute(delete(owned.table).where(owned.in_(replaced)))
            self.connection.execute(delete(STORED["term"]).where(terms.owner == name, terms.record_id.in_(replaced)))
        for name in ("article_text", "party", "term"):
            self._copy(name)
        self._copy("search", "claim_id")
        self._copy("change")
        facet_counts.merge(self.connection, select(_facet_count))

    def _keep_documents(self, staged: Table) -> None:
        """Copy the documents that staged records replace to their changes."""
        stored, type_ = STORED["change"], staged.c.get("type", literal("article"))
        old = stored.alias()
        of_record = (old.c.type == type_) & (old.c.id == staged.c.id) & (old.c.version == staged.c.before)
        # A claim that only follows its article keeps its version.
        sequences = select(old.c.sequence).join_from(staged, old, of_record).where(staged.c.version != staged.c.before)
        kept = update(stored).where(stored.c.sequence.in_(sequences)).values(document=changes.VERSION_DOCUMENT)
        self.connection.execute(kept)

    def _copy(self, name: str, key: str | None = None) -> None:
        """Copy the rows of a table. A row with the same `key` is replaced."""
        staged, stored = STAGED[name], STORED[name]
        dialect = sqlite if self.connection.dialect.name == "sqlite" else postgresql
        names = [column.name for column in stored.c if column.name in staged.c]
        # Without WHERE, SQLite parses "ON CONFLICT" as part of a join.
        rows = select(*(staged.c[name] for name in names)).where(literal(1) == literal(1))
        if staged is STAGED["change"]:
            rows = rows.order_by(staged.c.number)
        statement: typing.Any = dialect.insert(stored).from_select(names, rows)
        if key is not None:
            replaced = {name: statement.excluded[name] for name in names if name != key}
            statement = statement.on_conflict_do_update(index_elements=[key], set_=replaced)
        self.connection.execute(statement)


def _chain(restates_by_id: dict[str, str], id_: str) -> list[str]:
    """Return the ids of the claims that a claim restates, up to the first repeated id or the maximum length.

    >>> _chain({"one": "two", "two": "one"}, "one")
    ['one', 'two', 'one']
    """
    chain = [id_]
    while chain[-1] in restates_by_id and len(chain) <= _CHAIN_MAX:
        chain.append(restates_by_id[chain[-1]])
        if chain[-1] in chain[:-1]:
            break
    return chain
