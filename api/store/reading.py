"""Reading: items, pages by keyset, totals and facets; stored texts go out as they are."""

from __future__ import annotations

import typing
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, Select, Table, and_, func, literal, select, true

from api.kinds.collections import KIND_BY_NAME
from api.kinds.filters import Filter, Member, Party, PartyName, PartyWord, Word
from api.kinds.kind import Collection
from api.store.conditions import Clause, Condition, clause, owner_of
from api.store.tables import article, change, claim, party, table_of, term

# Past this, counting costs more than the number is worth; what was counted is then a floor.
COUNT_CAP = 10_000
FACET_VALUES = 100

Position = tuple[typing.Any, ...]


class NotFound(LookupError):
    """There is no such record; the message says what was looked for and, where it helps, what there is."""


@dataclass(frozen=True)
class Item:
    """A stored record: its version and its text, with its article's where that was asked for."""

    version: int
    document: str
    article_version: int | None = None
    article_document: str | None = None


@dataclass(frozen=True)
class Ask:
    """What is asked of a list.

    `sort` are columns and whether each descends; `position` is the sort values and id of the record to begin
    after, or before when `backward`.
    """

    collection: Collection
    conditions: tuple[Condition, ...] = ()
    sort: tuple[tuple[str, bool], ...] = ()
    limit: int = 20
    position: Position | None = None
    backward: bool = False


@dataclass(frozen=True)
class Entry:
    """A record on a page, and where it stands in the list's order."""

    position: Position
    document: str
    article_id: str | None


@dataclass(frozen=True)
class Page:
    """A stretch of a list in its order, and whether there is more on either side."""

    entries: list[Entry]
    more_before: bool
    more_after: bool


@dataclass(frozen=True)
class Moment:
    """The last change that a reader sees: what every list, total and facet is true as of."""

    sequence: int
    at: str


@dataclass(frozen=True)
class Tally:
    """Values with their labels and counts; `capped` when not all was counted or told."""

    values: list[tuple[str, str, int]]
    capped: bool


def moment(connection: Connection) -> Moment:
    """The last change."""
    row = connection.execute(
        select(change.c.sequence, change.c.at).order_by(change.c.sequence.desc()).limit(1)
    ).one_or_none()
    return Moment(row.sequence, row.at) if row else Moment(0, "")


def version(connection: Connection, collection: Collection, id_: str) -> tuple[int, int | None]:
    """The versions of a record and, if it is a claim, of its article, without reading either.

    Raises NotFound.
    """
    table = table_of(collection)
    wanted = select(table.c.version, literal(None)).where(table.c.id == id_)
    if table is claim:
        wanted = select(claim.c.version, article.c.version).join_from(claim, article).where(claim.c.id == id_)
    row = connection.execute(_narrowed(wanted, collection)).one_or_none()
    if row is None:
        raise NotFound(_absent(connection, collection, id_))
    return row[0], row[1]


def item(connection: Connection, collection: Collection, id_: str) -> Item:
    """A record and, if it is a claim, its article.

    Raises NotFound.
    """
    table = table_of(collection)
    wanted = select(table.c.version, table.c.document).where(table.c.id == id_)
    if table is claim:
        wanted = (
            select(claim.c.version, claim.c.document, article.c.version, article.c.document)
            .join_from(claim, article)
            .where(claim.c.id == id_)
        )
    row = connection.execute(_narrowed(wanted, collection)).one_or_none()
    if row is None:
        raise NotFound(_absent(connection, collection, id_))
    return Item(*row)


def page(connection: Connection, ask: Ask) -> Page:
    """A page of a list: one look-up for each stretch of the order that it touches, most often one."""
    table = table_of(ask.collection)
    columns = [table.c[name] for name, _ in ask.sort]
    owner = claim.c.article_id if table is claim else literal(None)
    base = _narrowed(select(table.c.document, owner, *columns, table.c.id), ask.collection)
    base = base.where(*(clause(condition, table) for condition in ask.conditions))
    rows: list[typing.Any] = []
    for stretch, order in _Order(table, ask).stretches(ask.position):
        wanted = ask.limit + 1 - len(rows)
        rows += connection.execute(base.where(stretch).order_by(*order).limit(wanted)).all()
        if len(rows) > ask.limit:
            break
    beyond = len(rows) > ask.limit
    entries = [Entry(position=tuple(row)[2:], document=row[0], article_id=row[1]) for row in rows[: ask.limit]]
    if ask.backward:
        return Page(entries[::-1], more_before=beyond, more_after=True)
    return Page(entries, more_before=ask.position is not None, more_after=beyond)


def articles(connection: Connection, ids: Sequence[str]) -> dict[str, str]:
    """The documents of articles by id."""
    rows = connection.execute(select(article.c.id, article.c.document).where(article.c.id.in_(set(ids))))
    return {row.id: row.document for row in rows}


def total(connection: Connection, ask: Ask, *, exact: bool) -> tuple[int, bool]:
    """How many records match, and whether that is exact and not a floor."""
    table = table_of(ask.collection)
    matching = _narrowed(select(table.c.id), ask.collection).where(
        *(clause(condition, table) for condition in ask.conditions)
    )
    if not exact:
        matching = matching.limit(COUNT_CAP + 1)
    count = connection.execute(select(func.count()).select_from(matching.subquery())).scalar_one()
    return (count, True) if exact or count <= COUNT_CAP else (COUNT_CAP, False)


def tally(connection: Connection, ask: Ask, facet: Filter) -> Tally:
    """How often each value of a facet occurs among the records that match, its own filter left out."""
    table = table_of(ask.collection)
    others = [condition for condition in ask.conditions if condition.filter is not facet]
    columns = [table.c[name] for name in facet.columns] if isinstance(facet, Word) else []
    matching = (
        _narrowed(select(table.c.id, *columns), ask.collection)
        .where(*(clause(condition, table) for condition in others))
        .limit(COUNT_CAP)
        .subquery()
    )
    value, label, count, rows = _counted(facet, matching, table)
    counted = connection.execute(
        rows.with_only_columns(value, label, count)
        .where(value.is_not(None))
        .group_by(value)
        .order_by(count.desc(), value)
        .limit(FACET_VALUES + 1)
    ).all()
    seen = connection.execute(select(func.count()).select_from(matching)).scalar_one()
    return Tally(
        [(row[0], row[1], row[2]) for row in counted[:FACET_VALUES]],
        capped=seen == COUNT_CAP or len(counted) > FACET_VALUES,
    )


def _counted(
    facet: Filter, matching: typing.Any, table: Table
) -> tuple[ColumnElement[typing.Any], ColumnElement[typing.Any], ColumnElement[int], Select[typing.Any]]:
    """Value, label and count of a facet, and the rows that they are taken from."""
    if isinstance(facet, Word):
        value = matching.c[facet.key]
        return value, func.min(matching.c[facet.name]), func.count(), select(value)
    if isinstance(facet, Member):
        joined = select(term.c.value).join_from(
            matching,
            term,
            and_(term.c.record_id == matching.c.id, term.c.owner == owner_of(table), term.c.list == facet.list_),
        )
        return term.c.value, term.c.value, func.count(), joined
    if not isinstance(facet, Party):
        raise TypeError(f"{facet.name} is no facet.")
    role = true() if facet.role is None else party.c.role == facet.role
    joined = select(party.c.claim_id).join_from(matching, party, and_(party.c.claim_id == matching.c.id, role))
    count = func.count(party.c.claim_id.distinct())
    if isinstance(facet, PartyName):
        identity = func.coalesce(party.c.same_as, party.c.name_key)
        return identity, func.min(party.c.name), count, joined
    value = party.c[typing.cast("PartyWord", facet).column]
    return value, value, count, joined


class _Order:
    """The order of a list, in the direction that it is read, as stretches that an index can follow each.

    Sorted by k1, k2 and id, what comes after (v1, v2, id) is: the same k1 and k2 and a later id; the same k1 and a
    later k2; the same k1 without a k2; a later k1; no k1. Nulls so stay last on every database. Read backward, the
    stretches and the order within them turn round.
    """

    def __init__(self, table: Table, ask: Ask):
        self.backward = ask.backward
        self.keys = [(table.c[name], descending != ask.backward) for name, descending in ask.sort]
        self.id, self.id_falls = table.c.id, self.keys[-1][1]

    def stretches(self, position: Position | None) -> Iterator[tuple[Clause, list[ColumnElement[typing.Any]]]]:
        """Condition and order of each stretch from a position on, the nearest first."""
        if position is None:
            yield from self._ends()
            return
        *values, id_ = position
        equal = [
            column.is_(None) if value is None else column == value
            for (column, _), value in zip(self.keys, values, strict=True)
        ]
        yield and_(*equal, self.id < id_ if self.id_falls else self.id > id_), self._order(len(self.keys))
        for depth in reversed(range(len(self.keys))):
            column, falls = self.keys[depth]
            if values[depth] is not None:
                beyond = column < values[depth] if falls else column > values[depth]
                yield and_(*equal[:depth], beyond), self._order(depth, stated=True)
            if (values[depth] is None) == self.backward and column.nullable:
                # Nulls come after all values, and all values before nulls.
                other = column.is_not(None) if self.backward else column.is_(None)
                yield and_(*equal[:depth], other), self._order(depth, stated=True)

    def _ends(self) -> Iterator[tuple[Clause, list[ColumnElement[typing.Any]]]]:
        """All of it from one end: with a value of the first key, and without one."""
        column, _ = self.keys[0]
        if not column.nullable:
            yield true(), self._order(0)
            return
        halves = [
            (column.is_not(None), self._order(0, stated=True)),
            (column.is_(None), self._order(1)),
        ]
        yield from reversed(halves) if self.backward else halves

    def _order(self, depth: int, *, stated: bool = False) -> list[ColumnElement[typing.Any]]:
        """The order by the keys from a depth on; `stated` says that the first of them has no nulls here."""
        order: list[ColumnElement[typing.Any]] = []
        for index, (column, falls) in enumerate(self.keys[depth:]):
            if column.nullable and not (stated and index == 0):
                order.append(column.is_(None).desc() if self.backward else column.is_(None))
            order.append(column.desc() if falls else column.asc())
        return [*order, self.id.desc() if self.id_falls else self.id.asc()]


def _narrowed(wanted: Select[typing.Any], collection: Collection) -> Select[typing.Any]:
    return wanted if collection.type is None else wanted.where(claim.c.type == collection.type)


def _absent(connection: Connection, collection: Collection, id_: str) -> str:
    """What to tell somebody who asked for a record that is not there."""
    plain = f"There is no {collection.title} with the id {id_!r}."
    if not collection.of_claims:
        return plain
    other = connection.execute(select(claim.c.type).where(claim.c.id == id_)).scalar_one_or_none()
    if other is None:
        return plain
    kind = KIND_BY_NAME[other]
    return f"{plain} It is a {kind.title}: ask for it under {kind.path}."
