"""Streams: the documents that match all conditions, in the default order of a list, as an index has them."""

from __future__ import annotations

import typing
from functools import lru_cache, singledispatch

from sqlalchemy import Column, ColumnElement, FromClause, exists, or_, select

from api.kinds.collections import KIND_BY_NAME
from api.kinds.filters import (
    Filter,
    KeywordFilter,
    ListFilter,
    NumberFilter,
    PartyFilter,
    PartyKeywordFilter,
)
from api.kinds.kind import Collection
from api.store.filter_sql import (
    AnySelect,
    Binds,
    Clause,
    Shape,
    article_id,
    binder,
    clauses,
    of_type,
    party_clause,
    party_columns,
)
from api.store.index_ranges import index_of
from api.store.tables import DAY_OF, party, table_of, term

# The first column of an index of a table, if it is not the compared one. The ids of the records that rows belong to.
_FIRST: dict[FromClause, str] = {term: "owner"}
_OWNER_ID: dict[FromClause, Column[typing.Any]] = {party: party.c.claim_id, term: term.c.record_id}


class Stream(typing.NamedTuple):
    """A SELECT of the records that match all conditions, and the columns of its order: the day and the id.

    An index has its rows in this order.
    """

    statement: AnySelect
    day: Column[typing.Any]
    id: Column[typing.Any]


def streams(collection: Collection, shapes: tuple[Shape, ...], index: int) -> list[Stream]:
    """Return streams of the documents that match all conditions. Each record is in one or more of them.

    A stream is read by one value of the condition at an index. The list is empty if no index has the default order.
    """
    name, operator, shape = shapes[index]
    if operator != "is":
        return []
    table = table_of(collection)
    day = DAY_OF[table]
    others = clauses(collection, shapes, omitted=index)
    result = []
    for column, value, rows in _stream_sources(collection.by_name[name], shape, binder(index), collection):
        source = column.table
        day_column, id_column = (day, table.c.id) if source is table else (source.c.day, _OWNER_ID[source])
        columns = (table.c.document, article_id(table), day_column, id_column)
        joined = source if source is table else source.join(table, table.c.id == id_column)
        if source is party:
            others = _clauses_of_party(collection, shapes, index)
        bounds = [] if source is table else _day_bounds(collection, shapes, day_column)
        statement = of_type(select(*columns).select_from(joined), collection)
        statement = statement.where(column == value, *rows, *bounds, *others)
        # Without the hints, SQLite can join in the other order.
        statement = statement.with_hint(
            source, f"INDEXED BY {index_of(source, _FIRST.get(source, column.name))}", "sqlite"
        )
        if source is not table:
            statement = statement.with_hint(table, f"INDEXED BY {index_of(table, 'id')}", "sqlite")
        result.append(Stream(statement, day_column, id_column))
    return result


def _day_bounds(collection: Collection, shapes: tuple[Shape, ...], day: ColumnElement[typing.Any]) -> list[Clause]:
    """Return the conditions that set the last day of a list, on the day of a stream. They limit its range."""
    return [
        day <= binder(number)(0)
        for number, (name, operator, _) in enumerate(shapes)
        if operator in ("is", "lte") and is_day(collection, name)
    ]


def is_day(collection: Collection, name: str) -> bool:
    """Return whether a filter is the one of the date by which a list is sorted by default."""
    return f"{name}_from" == DAY_OF[table_of(collection)].name


def _clauses_of_party(collection: Collection, shapes: tuple[Shape, ...], index: int) -> list[Clause]:
    """Return the other conditions for a stream of a party. Those on the country of this party need no other row."""
    role = typing.cast("PartyFilter", collection.by_name[shapes[index][0]]).role
    result = clauses(collection, shapes, omitted=index)
    for number, (name, operator, shape) in enumerate(shapes):
        filter_ = collection.by_name[name]
        of_row = isinstance(filter_, PartyKeywordFilter) and filter_.role == role and filter_.column == "country"
        if number != index and of_row and role is not None and not has_many(role):
            clause = party_clause(typing.cast("PartyFilter", filter_), operator, shape, binder(number))
            excluded = operator == "not" or shape is False
            result[number - (number > index)] = or_(party.c.country.is_(None), ~clause) if excluded else clause
    return result


# A value of a column, and more conditions on its row.
Source = tuple[Column[typing.Any], Binds, tuple[Clause, ...]]


@singledispatch
def _stream_sources(filter_: Filter, shape: typing.Any, bind: Binds, collection: Collection) -> list[Source]:
    """Return the values that a condition matches."""
    return []


@_stream_sources.register
def _(filter_: KeywordFilter, shape: typing.Any, bind: Binds, collection: Collection) -> list[Source]:
    table = table_of(collection)
    order = [table.c[filter_.key], DAY_OF[table], table.c.id]
    if not any([*index.columns][:3] == order for index in table.indexes):
        return []
    return [(table.c[filter_.key], bind(number), ()) for number in range(shape)]


@_stream_sources.register
def _(filter_: NumberFilter, shape: typing.Any, bind: Binds, collection: Collection) -> list[Source]:
    return [(table_of(collection).c[filter_.name], bind(0), ())]


@_stream_sources.register
def _(filter_: ListFilter, shape: typing.Any, bind: Binds, collection: Collection) -> list[Source]:
    list_ = (term.c.owner == table_of(collection).name, term.c.list == filter_.list_)
    return [(term.c.value, bind(number), list_) for number in range(shape)]


@_stream_sources.register
def _(filter_: PartyFilter, shape: typing.Any, bind: Binds, collection: Collection) -> list[Source]:
    return [
        (column, bind(number), (party.c.role == role, *_first_in_role(column, role)))
        for role in (_roles(collection.type) if filter_.role is None else (filter_.role,))
        for column, start, stop in party_columns(filter_, shape)
        for number in range(start, stop)
    ]


@lru_cache
def _roles(type_: str | None) -> dict[str, bool]:
    """Return the roles of the parties of a type of claim, or of all types, and whether it can have several."""
    kinds = KIND_BY_NAME.values() if type_ is None else [KIND_BY_NAME[type_]]
    return {role: many for kind in kinds for role, many in kind.party_roles.items()}


def has_many(role: str) -> bool:
    """Return whether a claim can have several parties in a role."""
    return _roles(None)[role]


def _first_in_role(column: Column[typing.Any], role: str) -> list[Clause]:
    """Return the condition that no earlier party of the claim has the same value and role."""
    if not has_many(role):
        return []
    other = party.alias("earlier")
    same = (other.c.claim_id == party.c.claim_id, other.c.role == role, other.c[column.name] == column)
    return [~exists().where(*same, other.c.ordinal < party.c.ordinal)]
