"""Reading: items, pages by keyset, totals and facets; stored texts go out as they are."""

from __future__ import annotations

import typing
from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass, replace
from math import isqrt

from sqlalchemy import (
    ColumnElement,
    Select,
    Table,
    and_,
    bindparam,
    case,
    func,
    literal_column,
    null,
    or_,
    select,
    true,
    union_all,
)

from api.kinds.collections import COLLECTION_BY_NAME, KIND_BY_NAME
from api.kinds.filters import Calendar, Filter, Member, Party, PartyName, PartyWord, Search, Word
from api.kinds.kind import Collection
from api.store import searching
from api.store.conditions import WALKED, Binds, Clause, Condition, Shape, binder, clauses, owner_of, ready
from api.store.statements import Builder, Reader
from api.store.tables import article, change, claim, party, table_of, term
from schemas.values import is_identifier

# Past this, counting costs more than the number is worth; what was counted is then a floor.
COUNT_CAP = 10_000
FACET_VALUES = 100
# Of a list that is read whole: more leave the processor's caches, and take half as long again.
_AT_ONCE = 100

Position = tuple[typing.Any, ...]
# Columns, and whether each descends.
Sort = tuple[tuple[str, bool], ...]
Query = Select[typing.Any]
# By how well they answer a search, the best first: not by a column.
BY_RELEVANCE: Sort = (("relevance", True),)
# Of more that match, these many are ranked: the latest on record.
MOST_RANKED = 1000
_LATEST: Sort = (("on_record_from", True),)
Stretch = tuple[Clause, list[ColumnElement[typing.Any]]]


class NotFound(LookupError):
    """There is no such record; the message says what was looked for and, where it helps, what there is."""


class Gone(LookupError):
    """There was such a record, and it was taken off the record; the message says when."""


@dataclass(frozen=True)
class Versions:
    """Which version of a record is stored and since when; of its article, too, where that was asked for."""

    version: int
    updated_at: str
    article_version: int | None = None
    article_updated_at: str | None = None


@dataclass(frozen=True)
class Item:
    """A stored record, and its article where that was asked for."""

    versions: Versions
    document: str
    article_document: str | None = None


@dataclass(frozen=True)
class Ask:
    """What is asked of a list.

    `sort` are columns and whether each descends; `position` is the sort values and id of the record to begin
    after, or before when `backward`.
    """

    collection: Collection
    conditions: tuple[Condition, ...] = ()
    sort: Sort = ()
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


def moment(reader: Reader) -> Moment:
    """The last change."""
    rows = reader.rows(_last_change)
    return Moment(*rows[0]) if rows else Moment(0, "")


def _last_change() -> tuple[Query]:
    return (select(change.c.sequence, change.c.at).order_by(change.c.sequence.desc()).limit(1),)


def versions(reader: Reader, collection: Collection, id_: str, *, with_article: bool) -> Versions:
    """The versions of a record and, where asked for, of its claim's article, without reading either.

    Raises NotFound, or Gone.
    """
    return Versions(*_found(reader, _versions, collection, id_, with_article))


def item(reader: Reader, collection: Collection, id_: str, *, with_article: bool) -> Item:
    """A record and, where asked for, its claim's article.

    Raises NotFound, or Gone.
    """
    document, *rest = _found(reader, _item, collection, id_, with_article)
    if with_article:
        article_document, *known = rest
        return Item(Versions(*known), document, article_document)
    return Item(Versions(*rest), document)


def _found(
    reader: Reader, builder: Builder, collection: Collection, id_: str, with_article: bool
) -> tuple[typing.Any, ...]:
    # What can be no id is not asked for: PostgreSQL would choke on a NUL in it.
    for found in reader.rows(builder, collection.name, with_article, id=id_) if is_identifier(id_) else ():
        return found
    raise absent(reader, collection, id_)


def _versions(name: str, with_article: bool, *documents: ColumnElement[str]) -> tuple[Query]:
    """The versions of a record by id and, `with_article`, of its claim's article, behind any documents."""
    collection = COLLECTION_BY_NAME[name]
    table = table_of(collection)
    tables = (table, article) if with_article else (table,)
    versions = [column for each in tables for column in (each.c.version, each.c.updated_at)]
    columns: list[ColumnElement[typing.Any]] = [*documents, *versions]
    wanted = _narrowed(select(*columns), collection).where(table.c.id == bindparam("id"))
    return (wanted.join_from(claim, article) if with_article else wanted,)


def _item(name: str, with_article: bool) -> tuple[Query]:
    table = table_of(COLLECTION_BY_NAME[name])
    documents = (table.c.document, article.c.document) if with_article else (table.c.document,)
    return _versions(name, with_article, *documents)


def position_types(collection: Collection, sort: Sort) -> list[type]:
    """The types of the values of a position in a list sorted so; each but the last may be null."""
    if sort == BY_RELEVANCE:
        return [int, str]
    columns = table_of(collection).c
    return [*(columns[name].type.python_type for name, _ in sort), str]


def page(reader: Reader, ask: Ask) -> Page:
    """A page of a list: one look-up for each stretch of the order that it touches, most often one."""
    ranked = ask.sort == BY_RELEVANCE
    shapes, values = ready(_planned(reader, ask.conditions, MOST_RANKED if ranked else ask.limit + 1))
    stated = None
    if ask.position is not None:
        stated = tuple(value is not None for value in ask.position[:-1])
        values |= {f"p{number}": value for number, value in enumerate(ask.position)}
    builder, order = (_ranked, ()) if ranked else (_page, (ask.sort,))
    rows = reader.first(
        builder, ask.collection.name, shapes, *order, stated, ask.backward, wanted=ask.limit + 1, **values
    )
    beyond = len(rows) > ask.limit
    entries = [Entry(position=row[2:], document=row[0], article_id=row[1]) for row in rows[: ask.limit]]
    if ask.backward:
        return Page(entries[::-1], more_before=beyond, more_after=True)
    return Page(entries, more_before=ask.position is not None, more_after=beyond)


def _page(
    name: str, shapes: tuple[Shape, ...], sort: Sort, stated: tuple[bool, ...] | None, backward: bool
) -> tuple[Query, ...]:
    """The stretches of a list from a position on; `stated` tells which of its sort values are not null."""
    collection = COLLECTION_BY_NAME[name]
    table = table_of(collection)
    owner = claim.c.article_id if table is claim else null()
    base = _matching(collection, shapes, table.c.document, owner, *(table.c[column] for column, _ in sort), table.c.id)
    return tuple(
        base.where(stretch).order_by(*order).limit(bindparam("limit"))
        for stretch, order in _Order(table, sort, backward=backward).stretches(stated)
    )


def _ranked(name: str, shapes: tuple[Shape, ...], stated: tuple[bool, ...] | None, backward: bool) -> tuple[Query, ...]:
    """The same of a list by relevance: what matches is ranked, or the latest of it where it is much."""
    collection = COLLECTION_BY_NAME[name]
    index, asked = next(
        (index, shape)
        for index, (filter_, _, shape) in enumerate(shapes)
        if isinstance(collection.by_name[filter_], Search)
    )
    matches = _matching(collection, shapes, claim.c.id, claim.c.on_record_from)
    if any(operator == WALKED for _, operator, _ in shapes):
        halves = [
            select(matches.where(stretch).order_by(*order).limit(MOST_RANKED).subquery())
            for stretch, order in _Order(claim, _LATEST, backward=False).stretches(None)
        ]
        latest = union_all(*halves).limit(MOST_RANKED).subquery()
    else:
        # All that match first, which is what OFFSET does: in their order, PostgreSQL would look for few among all.
        few = matches.offset(0).subquery()
        newest = (few.c.on_record_from.desc().nulls_last(), few.c.id.desc())
        latest = select(few).order_by(*newest).limit(MOST_RANKED).subquery()
    rank = searching.relevance(latest.c.id, typing.cast("searching.Shape", asked), binder(index))
    ranked = select(latest.c.id, rank.label("relevance")).subquery()
    wanted = select(ranked)
    rank_, id_ = ranked.c.relevance, ranked.c.id
    if stated is not None:
        p0, p1 = typing.cast("Binds", bindparam("p0")), typing.cast("Binds", bindparam("p1"))
        beyond = (rank_ > p0, id_ > p1) if backward else (rank_ < p0, id_ < p1)
        wanted = wanted.where(or_(beyond[0], and_(rank_ == p0, beyond[1])))
    order = [column.asc() if backward else column.desc() for column in (rank_, id_)]
    chosen = wanted.order_by(*order).limit(bindparam("limit")).subquery()
    # Only what is on the page is read whole.
    columns = (claim.c.document, claim.c.article_id, chosen.c.relevance, chosen.c.id)
    again = [column.asc() if backward else column.desc() for column in (chosen.c.relevance, chosen.c.id)]
    return (select(*columns).join_from(chosen, claim, claim.c.id == chosen.c.id).order_by(*again),)


def whole(reader: Reader, ask: Ask) -> Generator[list[str]]:
    """The documents of a whole list in its order, a hundred at once, which are all that is ever in memory."""
    shapes, values = ready(ask.conditions)
    for rows in reader.stream(_whole, ask.collection.name, shapes, ask.sort, at_once=_AT_ONCE, **values):
        yield [document for (document,) in rows]


def _whole(name: str, shapes: tuple[Shape, ...], sort: Sort) -> tuple[Query, ...]:
    """The stretches of a list from its beginning to its end."""
    collection = COLLECTION_BY_NAME[name]
    table = table_of(collection)
    base = _matching(collection, shapes, table.c.document)
    stretches = _Order(table, sort, backward=False).stretches(None)
    return tuple(base.where(stretch).order_by(*order) for stretch, order in stretches)


def matching(reader: Reader, ask: Ask, most: int) -> list[tuple[str, str | None]]:
    """The documents of claims that match, each with the conflict of its article; one more than `most` at most."""
    shapes, values = ready(_planned(reader, ask.conditions, most))
    rows = reader.rows(_matching_claims, ask.collection.name, shapes, limit=most + 1, **values)
    return typing.cast("list[tuple[str, str | None]]", rows)


def _matching_claims(name: str, shapes: tuple[Shape, ...]) -> tuple[Query]:
    wanted = _matching(COLLECTION_BY_NAME[name], shapes, claim.c.document, claim.c.conflict)
    return (wanted.order_by(claim.c.id).limit(bindparam("limit")),)


def articles(reader: Reader, ids: Sequence[str]) -> dict[str, str]:
    """The documents of articles by id."""
    if not ids:
        return {}
    distinct = sorted(set(ids))
    rows = reader.rows(_articles, len(distinct), **{f"id{number}": id_ for number, id_ in enumerate(distinct)})
    return dict(typing.cast("list[tuple[str, str]]", rows))


def _articles(how_many: int) -> tuple[Query]:
    ids: list[Binds] = [bindparam(f"id{number}") for number in range(how_many)]
    return (select(article.c.id, article.c.document).where(article.c.id.in_(ids)),)


def total(reader: Reader, ask: Ask, *, exact: bool) -> tuple[int, bool]:
    """How many records match, and whether that is exact and not a floor."""
    # To count all of them, their index is the shortest way.
    shapes, values = ready(ask.conditions if exact else _planned(reader, ask.conditions, COUNT_CAP))
    ((count,),) = reader.rows(_total, ask.collection.name, shapes, exact, **values)
    return (count, True) if exact or count <= COUNT_CAP else (COUNT_CAP, False)


def _total(name: str, shapes: tuple[Shape, ...], exact: bool) -> tuple[Query]:
    collection = COLLECTION_BY_NAME[name]
    matching = _matching(collection, shapes, table_of(collection).c.id)
    return (select(func.count()).select_from((matching if exact else matching.limit(COUNT_CAP + 1)).subquery()),)


def tally(reader: Reader, ask: Ask, facet: Filter) -> Tally:
    """How often each value of a facet occurs among the records that match, its own filter left out."""
    others = [condition for condition in ask.conditions if condition.filter.name != facet.asked_as]
    shapes, values = ready(_planned(reader, others, COUNT_CAP))
    counted = reader.rows(_tally, ask.collection.name, shapes, facet.name, **values)
    ((seen,),) = reader.rows(_total, ask.collection.name, shapes, False, **values)
    shown = [(value, label, count) for value, label, count in counted[:FACET_VALUES]]
    return Tally(shown, capped=seen > COUNT_CAP or len(counted) > FACET_VALUES)


def _tally(name: str, shapes: tuple[Shape, ...], facet_name: str) -> tuple[Query]:
    collection = COLLECTION_BY_NAME[name]
    table, facet = table_of(collection), collection.by_name[facet_name]
    names = collection.by_name[facet.asked_as].columns if isinstance(facet, (Word, Calendar)) else {}
    columns = [table.c[name] for name in names]
    matching = _matching(collection, shapes, table.c.id, *columns).limit(COUNT_CAP).subquery()
    value, label, count, rows = _counted(facet, matching, table)
    return (
        rows.with_only_columns(value, label, count)
        .where(value.is_not(None))
        .group_by(value)
        .order_by(count.desc(), value)
        .limit(FACET_VALUES + 1),
    )


def _counted(
    facet: Filter, matching: typing.Any, table: Table
) -> tuple[ColumnElement[typing.Any], ColumnElement[typing.Any], ColumnElement[int], Select[typing.Any]]:
    """Value, label and count of a facet, and the rows that they are taken from."""
    if isinstance(facet, Word):
        value = matching.c[facet.key]
        return value, func.min(matching.c[facet.name]), func.count(), select(value)
    if isinstance(facet, Calendar):
        # Written out, so that PostgreSQL sees that what is grouped by is what is selected.
        digits: ColumnElement[int] = literal_column(str(facet.digits))
        first, last = (
            func.substr(matching.c[f"{facet.of}_{end}"], literal_column("1"), digits) for end in ("from", "to")
        )
        value = case((first == last, first))
        return value, value, func.count(), select(value)
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

    def __init__(self, table: Table, sort: Sort, *, backward: bool):
        self.backward = backward
        self.keys = [(table.c[name], descending != backward) for name, descending in sort]
        self.id, self.id_falls = table.c.id, self.keys[-1][1]

    def stretches(self, stated: tuple[bool, ...] | None) -> Iterator[Stretch]:
        """Condition and order of each stretch, the nearest first, from an end or from the position p0, p1 … on.

        `stated` tells which of the position's sort values are not null.
        """
        if stated is None:
            yield from self._ends()
            return
        equal = [
            column == bindparam(f"p{depth}") if stated[depth] else column.is_(None)
            for depth, (column, _) in enumerate(self.keys)
        ]
        id_: Binds = bindparam(f"p{len(self.keys)}")
        yield and_(*equal, self.id < id_ if self.id_falls else self.id > id_), self._order(len(self.keys))
        for depth in reversed(range(len(self.keys))):
            column, falls = self.keys[depth]
            if stated[depth]:
                value: Binds = bindparam(f"p{depth}")
                yield and_(*equal[:depth], column < value if falls else column > value), self._order(depth, stated=True)
            if stated[depth] != self.backward and column.nullable:
                # Nulls come after all values, and all values before nulls.
                other = column.is_not(None) if self.backward else column.is_(None)
                yield and_(*equal[:depth], other), self._order(depth, stated=True)

    def _ends(self) -> Iterator[Stretch]:
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


def _matching(collection: Collection, shapes: tuple[Shape, ...], *columns: ColumnElement[typing.Any]) -> Query:
    """Columns of the records of a collection that match."""
    table = table_of(collection)
    wanted = _narrowed(select(*columns), collection).where(*clauses(collection.by_name, shapes, table))
    if any(isinstance(collection.by_name[name], Search) and operator != WALKED for name, operator, _ in shapes):
        # SQLite would rather go through the order, or all that another filter finds.
        return wanted.with_hint(table, "INDEXED BY sqlite_autoindex_claim_1", "sqlite")
    return wanted


def _planned(reader: Reader, conditions: Sequence[Condition], wanted: int) -> Sequence[Condition]:
    """The conditions as so many records are best found: a search that finds much is answered record by record."""
    planned = []
    for condition in conditions:
        if isinstance(condition.filter, Search):
            ((size,),) = reader.rows(_size)
            # The index costs as much as there are matches; to go through a list, the less the more there are.
            most = isqrt(wanted * (size or 0))
            _, values = searching.ready(condition.value)
            named = {f"c0_{number}": value for number, value in enumerate(values)}
            ((count,),) = reader.rows(_frequency, most=most + 1, **named)
            planned.append(replace(condition, operator=WALKED) if count > most else condition)
        else:
            planned.append(condition)
    return planned


def _size() -> tuple[Query]:
    return (select(searching.size()),)


def _frequency() -> tuple[Query]:
    return (select(searching.frequency(binder(0), bindparam("most"))),)


def _narrowed(wanted: Query, collection: Collection) -> Query:
    return wanted if collection.type is None else wanted.where(claim.c.type == collection.type)


def missing(collection: Collection, id_: str, other: str | None, last: tuple[str, str] | None) -> LookupError:
    """What to raise where a collection has no such record.

    `other` is the type of a claim of another kind that has the id, `last` the type of what last had it and when that
    was taken off the record.
    """
    if other is not None:
        kind = KIND_BY_NAME[other]
        return NotFound(
            f"There is no {collection.title} with the id {id_!r}. It is a {kind.title}: ask for it under {kind.path}."
        )
    if last is not None and collection.holds(last[0]):
        return Gone(f"The {collection.title} {id_!r} was taken off the record at {last[1]}.")
    return NotFound(f"There is no {collection.title} with the id {id_!r}.")


def absent(reader: Reader, collection: Collection, id_: str) -> LookupError:
    """What to raise for a record that a collection has not: NotFound, or Gone where it once had it."""
    if not is_identifier(id_):
        return missing(collection, id_, None, None)
    other = next((type_ for (type_,) in reader.rows(_type, id=id_)), None) if collection.of_claims else None
    types = types_of(collection)
    last = next(iter(reader.rows(_last_told, types, id=id_)), None)
    return missing(collection, id_, other, last)


def types_of(collection: Collection) -> tuple[str, ...]:
    """The types of record that share their ids with a collection's."""
    return tuple(KIND_BY_NAME) if collection.of_claims else (collection.name,)


def _type() -> tuple[Query]:
    return (select(claim.c.type).where(claim.c.id == bindparam("id")),)


def _last_told(types: tuple[str, ...]) -> tuple[Query]:
    wanted = select(change.c.type, change.c.at).where(
        or_(*(change.c.type == type_ for type_ in types)), change.c.id == bindparam("id")
    )
    return (wanted.order_by(change.c.sequence.desc()).limit(1),)
