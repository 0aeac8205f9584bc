"""Staging: temporary tables beside the database's own, in which an import is made ready before anybody has to wait."""

from __future__ import annotations

import typing
from collections.abc import Iterable, Iterator

import orjson
from sqlalchemy import (
    Boolean,
    Column,
    Connection,
    Index,
    Insert,
    Integer,
    MetaData,
    Select,
    String,
    Table,
    Text,
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
from api.store.lookup import STORED, Layer
from api.store.prepare import Prepared

# Over how many steps the claims of one import may restate one another: each takes a turn of its own.
MOST_TURNS = 100

# A circle of more claims than this is told by its beginning.
_LONGEST_CHAIN = 20

_metadata = MetaData()


def _staged(table: Table, *more: Column[typing.Any], but: tuple[str, ...] = ()) -> Table:
    """The temporary twin of a table."""
    columns = [Column(column.name, column.type) for column in table.c if column.name not in but]
    return Table(f"staged_{table.name}", _metadata, *more, *columns, prefixes=["TEMPORARY"])


# Which version each record takes the place of, so that only what is replaced has to be cleared.
STAGED = Layer(
    _staged(STORED.article, Column("before", Integer)),
    _staged(STORED.article_text),
    _staged(STORED.claim, Column("before", Integer)),
    _staged(STORED.party),
    _staged(STORED.term),
    _staged(STORED.search, but=("number",)),
    _staged(STORED.change, Column("number", Integer, primary_key=True), but=("sequence",)),
)

_line = Table(
    "staged_line",
    _metadata,
    Column("number", Integer, primary_key=True),
    Column("source", String, nullable=False),
    Column("line", Integer, nullable=False),
    Column("type", String, nullable=False),
    # "article", or "claim" for any kind: within one of these, ids are unique.
    Column("space", String, nullable=False),
    Column("id", String, nullable=False),
    Column("article_id", String, nullable=False),
    Column("restates", String),
    Column("record", Text, nullable=False),
    Column("sent", Text, nullable=False),
    # When it is its turn: 0 articles, 1 claims that restate nothing of the import, 2 those that restate them …
    Column("level", Integer),
    # What came of it when it was last prepared, and what a claim then said; nothing where it was refused.
    Column("outcome", String),
    Column("said", String),
    # Whether it is refused for good, so that what is stored in its place stays.
    Column("is_out", Boolean, nullable=False),
    prefixes=["TEMPORARY"],
)
# The ids of the claims that an import brings and that have a turn.
BROUGHT = select(_line.c.id).where(_line.c.space == "claim", _line.c.level.is_not(None), ~_line.c.is_out)

for _columns in (("id", "space"), ("article_id",), ("restates",), ("level", "article_id", "number"), ("said",)):
    Index(f"ix_staged_line_{'_'.join(_columns)}", *(_line.c[name] for name in _columns))
for _table, _name in (
    (STAGED.article, "id"),
    (STAGED.claim, "id"),
    (STAGED.claim, "said"),
    (STAGED.claim, "article_id"),
):
    Index(f"ix_{_table.name}_{_name}", _table.c[_name])
for _table in (STAGED.article_text, STAGED.party, STAGED.term):
    Index(f"ix_{_table.name}", _table.c[0 if _table is not STAGED.term else 1])


class Line(typing.NamedTuple):
    """A line of an import: in which source and where it stands, and what it holds."""

    source: str
    line: int
    record_input: RecordInput
    # Which of all lines it is, once it is laid down.
    number: int = 0


class Place(typing.NamedTuple):
    """Where a line stands, and whose record it is."""

    source: str
    line: int
    id: str


class Staging:
    """The temporary tables of one import, on one connection."""

    def __init__(self, connection: Connection):
        self.connection = connection
        with connection.begin():
            _metadata.create_all(connection, checkfirst=False)

    def add(self, lines: Iterable[Line]) -> None:
        """Lay lines down, to be read again in the order that they need."""
        rows = [
            {
                "source": source,
                "line": line,
                "type": record_input.type,
                "space": "claim" if record_input.type in KIND_BY_NAME else "article",
                "id": record_input.id,
                "article_id": record_input.record.get("article_id", record_input.id),
                "restates": record_input.record.get("restates"),
                "record": orjson.dumps(record_input.record).decode(),
                "sent": orjson.dumps(sorted(record_input.sent)).decode(),
                "is_out": False,
            }
            for source, line, record_input, _ in lines
        ]
        if rows:
            self.connection.execute(insert(_line), rows)

    def repeated(self, most: int) -> Iterator[tuple[Place, Place]]:
        """The lines whose record an earlier line is already, so many of them, each with that line; all are let go."""
        first = (
            select(_line.c.space, _line.c.id, func.min(_line.c.number).label("number"))
            .group_by(_line.c.space, _line.c.id)
            .having(func.count() > 1)
            .subquery()
        )
        one, other = _line.alias(), _line
        pairs = (
            select(other.c.source, other.c.line, other.c.id, one.c.source, one.c.line, one.c.id)
            .join(first, (other.c.space == first.c.space) & (other.c.id == first.c.id))
            .join(one, one.c.number == first.c.number)
            .where(other.c.number > first.c.number)
            .order_by(other.c.number)
            .limit(most)
        )
        found = self.connection.execute(pairs).all()
        if found:
            same = (one.c.id == _line.c.id) & (one.c.space == _line.c.space)
            self.connection.execute(delete(_line).where(exists().where(same, one.c.number < _line.c.number)))
        for places in found:
            yield Place(*places[:3]), Place(*places[3:])

    def without_turn(self, most: int) -> Iterator[tuple[Place, list[str]]]:
        """Give every line its turn, and tell some of those that have none, each with the ids of what it restates.

        They restate one another in a circle, or over too many steps.
        """
        claims = _line.c.space == "claim"
        sent = _line.alias()
        elsewhere = ~exists().where(sent.c.space == "claim", sent.c.id == _line.c.restates)
        self.connection.execute(update(_line).where(_line.c.space == "article").values(level=0))
        self.connection.execute(update(_line).where(claims, or_(_line.c.restates.is_(None), elsewhere)).values(level=1))
        for level in range(1, MOST_TURNS + 1):
            before = select(sent.c.id).where(sent.c.space == "claim", sent.c.level == level)
            turn = update(_line).where(claims, _line.c.level.is_(None), _line.c.restates.in_(before))
            if not self.connection.execute(turn.values(level=level + 1)).rowcount:
                break
        left = self.connection.execute(
            select(_line.c.source, _line.c.line, _line.c.id, _line.c.restates)
            .where(_line.c.level.is_(None))
            .order_by(_line.c.number)
            .limit(most)
        ).all()
        restated = {id_: restates for *_, id_, restates in left}
        for source, line, id_, _ in left:
            yield Place(source, line, id_), _walked(restated, id_)

    def levels(self) -> list[int]:
        """The turns there are, in their order."""
        wanted = select(_line.c.level).where(_line.c.level.is_not(None)).distinct().order_by(_line.c.level)
        return list(self.connection.execute(wanted).scalars())

    def batches(self, level: int, size: int) -> Iterator[list[Line]]:
        """The lines of a turn, those of an article one after the other."""
        after = ("", 0)
        columns = (_line.c.article_id, _line.c.number, _line.c.source, _line.c.line, _line.c.type, _line.c.record)
        while True:
            wanted = (
                select(*columns, _line.c.sent)
                .where(_line.c.level == level, ~_line.c.is_out, tuple_(_line.c.article_id, _line.c.number) > after)
                .order_by(_line.c.article_id, _line.c.number)
                .limit(size)
            )
            rows = self.connection.execute(wanted).all()
            if not rows:
                return
            after = (rows[-1].article_id, rows[-1].number)
            yield [
                Line(source, line, RecordInput(type_, orjson.loads(record), frozenset(orjson.loads(sent))), number)
                for _, number, source, line, type_, record, sent in rows
            ]

    def clear(self) -> None:
        """Forget what was made ready; the lines stay."""
        for table in vars(STAGED).values():
            self.connection.execute(delete(table))
        self.connection.execute(update(_line).where(_line.c.outcome.is_not(None)).values(outcome=None, said=None))

    def let_out(self, numbers: list[int]) -> None:
        """Give these lines no turn any more."""
        if numbers:
            each = update(_line).where(_line.c.number == bindparam("which")).values(is_out=True)
            self.connection.execute(each, [{"which": number} for number in numbers])

    def let_all_in(self) -> None:
        """Give every line its turn again."""
        self.connection.execute(update(_line).where(_line.c.is_out).values(is_out=False))

    def changed(self, article_ids: set[str]) -> set[str]:
        """Which of these articles are made ready because they change."""
        wanted = select(STAGED.article.c.id).where(STAGED.article.c.id.in_(article_ids))
        return set(self.connection.execute(wanted).scalars())

    def note(self, prepared: list[tuple[int, Prepared]]) -> None:
        """Take down what came of lines."""
        rows = [{"which": number, "came_to": each.outcome, "says": each.row.get("said")} for number, each in prepared]
        if rows:
            each = update(_line).where(_line.c.number == bindparam("which"))
            self.connection.execute(each.values(outcome=bindparam("came_to"), said=bindparam("says")), rows)

    def refuse(self, number: int) -> None:
        """Take back what came of a line."""
        self.connection.execute(update(_line).where(_line.c.number == number).values(outcome=None, said=None))

    def outcomes(self) -> dict[str, int]:
        """How many lines came to what."""
        wanted = select(_line.c.outcome, func.count()).where(_line.c.outcome.is_not(None)).group_by(_line.c.outcome)
        return dict(iter(self.connection.execute(wanted)))

    def duplicates(self, most: int) -> list[tuple[int, Place, tuple[str, str]]]:
        """Some claims that would say what another says once all is stored: number, place, type and id of the other.

        A stored claim that the import brings counts as what it becomes. Of two lines, it is the later one.
        """
        changed = _line.c.outcome.in_(("created", "updated"))
        columns = (_line.c.number, _line.c.source, _line.c.line, _line.c.id)
        found, other = STORED.claim.c, _line.alias()
        brought = exists().where(
            other.c.space == "claim", other.c.id == found.id, other.c.level.is_not(None), ~other.c.is_out
        )
        beside_stored = (
            select(*columns, found.type, found.id)
            .join(STORED.claim, found.said == _line.c.said)
            .where(changed, ~brought)
        )
        # Negative where a line says what is stored under its own id already: that one has the better right.
        rank = case((_line.c.outcome == "unchanged", -_line.c.number), else_=_line.c.number)
        first = (
            select(_line.c.said, func.abs(func.min(rank)).label("number"))
            .where(_line.c.said.is_not(None))
            .group_by(_line.c.said)
            .having(func.count() > 1)
            .subquery()
        )
        beside_line = (
            select(*columns, other.c.type, other.c.id)
            .join(first, first.c.said == _line.c.said)
            .join(other, other.c.number == first.c.number)
            .where(changed, _line.c.number != first.c.number)
        )
        told: dict[int, tuple[int, Place, tuple[str, str]]] = {}
        for wanted in (beside_stored, beside_line):
            rows = self.connection.execute(wanted.order_by(_line.c.number).limit(most))
            for number, source, line, id_, type_, other_id in rows:
                told.setdefault(number, (number, Place(source, line, id_), (type_, other_id)))
        return [told[number] for number in sorted(told)]

    def stage(self, prepared: list[Prepared]) -> None:
        """Make records ready, none of which is yet."""
        for name, records in (("article", _of_articles(prepared)), ("claim", _of_claims(prepared))):
            table: Table = getattr(STAGED, name)
            names = table.columns.keys()
            # Each kind has rows of its own, without the columns of other kinds.
            rows = [{**record.row, "before": record.before} for record in records]
            self._insert(table, [{name: row.get(name) for name in names} for row in rows])
            self._insert(STAGED.party, [row for record in records for row in record.parties])
            self._insert(STAGED.term, [row for record in records for row in record.terms])
        words = [{"claim_id": each.id, "words": each.words} for each in _of_claims(prepared)]
        self._insert(STAGED.search, words)
        texts = [{"article_id": each.id, "text": each.text} for each in _of_articles(prepared) if each.text is not None]
        self._insert(STAGED.article_text, texts)
        self._insert(
            STAGED.change,
            [each.change for each in prepared if each.outcome != "unchanged"],
        )

    def overtaken(self, since: int) -> bool:
        """Whether what was made ready may no longer be so, for somebody has since written what it has to do with."""
        told, found = STORED.change.c, STORED.claim.c
        # Said to be of the change outside: two selects further in, it would else be of any change.
        article = select(found.article_id).where(found.id == told.id).correlate(STORED.change).scalar_subquery()
        touched = or_(
            exists().where(_line.c.id == told.id),
            exists().where(_line.c.restates == told.id),
            exists().where(_line.c.article_id == told.id),
            exists().where(_line.c.article_id == article),
            exists().where(STAGED.claim.c.id == told.id),
            # By way of a claim that restates another, one of ours may have come to restate itself.
            exists().where(found.id == told.id, found.restates.is_not(None))
            & exists().where(_line.c.restates.is_not(None)),
        )
        wanted = select(literal(1)).select_from(STORED.change).where(told.sequence > since, touched).limit(1)
        return self.connection.execute(wanted).first() is not None

    def merge(self) -> None:
        """Put on record what was made ready, in a transaction that is open for writing."""
        run = self.connection.execute
        for name, lists in (("article", (STORED.article_text,)), ("claim", (STORED.party,))):
            staged, stored = getattr(STAGED, name), getattr(STORED, name)
            run(self._upsert(staged, stored, "id"))
            replaced = select(staged.c.id).where(staged.c.before.is_not(None))
            for table in lists:
                run(delete(table).where(table.c[0].in_(replaced)))
            terms = STORED.term.c
            run(delete(STORED.term).where(terms.owner == name, terms.record_id.in_(replaced)))
        for name in ("article_text", "party", "term"):
            run(_copied(getattr(STAGED, name), getattr(STORED, name)))
        run(self._upsert(STAGED.search, STORED.search, "claim_id"))
        run(_copied(STAGED.change, STORED.change, order=STAGED.change.c.number))

    def _upsert(self, staged: Table, stored: Table, key: str) -> Insert:
        dialect = sqlite if self.connection.dialect.name == "sqlite" else postgresql
        # Without a WHERE, SQLite takes "ON CONFLICT" for the join's.
        names = [column.name for column in stored.c if column.name in staged.c]
        copied = select(*(staged.c[name] for name in names)).where(literal(1) == literal(1))
        statement: typing.Any = dialect.insert(stored).from_select(names, copied)
        replaced = {name: statement.excluded[name] for name in names if name != key}
        return typing.cast("Insert", statement.on_conflict_do_update(index_elements=[key], set_=replaced))

    def _insert(self, table: Table, rows: list[dict[str, typing.Any]]) -> None:
        if rows:
            self.connection.execute(insert(table), rows)


def _of_claims(prepared: list[Prepared]) -> list[Prepared]:
    return [each for each in prepared if each.collection.of_claims and (each.outcome != "unchanged" or each.follows)]


def _of_articles(prepared: list[Prepared]) -> list[Prepared]:
    return [each for each in prepared if not each.collection.of_claims and each.outcome != "unchanged"]


def _copied(staged: Table, stored: Table, order: Column[typing.Any] | None = None) -> Insert:
    names = [column.name for column in stored.c if column.name in staged.c]
    wanted: Select[typing.Any] = select(*(staged.c[name] for name in names))
    return insert(stored).from_select(names, wanted if order is None else wanted.order_by(order))


def _walked(restated: dict[str, str], id_: str) -> list[str]:
    """The ids that one comes to by what each restates, up to the first that comes again; of a long way, its beginning.

    >>> _walked({"one": "two", "two": "one"}, "one")
    ['one', 'two', 'one']
    """
    chain = [id_]
    while chain[-1] in restated and len(chain) <= _LONGEST_CHAIN:
        chain.append(restated[chain[-1]])
        if chain[-1] in chain[:-1]:
            break
    return chain
