"""SQL of filters.

The shape of a condition decides the text of its SQL, and its values are bound to that text. So a statement is
compiled once for each shape.
"""

from __future__ import annotations

import typing
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from functools import singledispatch

from sqlalchemy import Column, ColumnElement, Select, Table, and_, bindparam, exists, null, or_, true

from api.kinds.filters import (
    BooleanFilter,
    DateFilter,
    Filter,
    KeywordFilter,
    ListFilter,
    NumberFilter,
    PartyFilter,
    PartyKeywordFilter,
    PartyNameFilter,
    SearchFilter,
)
from api.kinds.kind import Collection
from api.store import fulltext
from api.store.tables import claim, party, table_of, term
from api.text import fold
from schemas import edtf

Clause = ColumnElement[bool]
AnySelect = Select[typing.Any]
# The part of a condition that decides the SQL, and the values that are bound.
ShapeAndValues = tuple[Hashable, Sequence[typing.Any]]
# Name and operator of a filter, and any other part of the condition that decides the SQL.
Shape = tuple[str, str, Hashable]
# The shapes of conditions, and the bound values by name.
Bound = tuple[tuple[Shape, ...], dict[str, typing.Any]]
Binds = typing.Any

# The operator of a search that compares the tokens of each claim and does not use the index.
SCAN = "scan"


@dataclass(frozen=True)
class Condition:
    """A filter with its value. The operator is one of the filter's `parameters()`, or SCAN for a search."""

    filter: Filter
    operator: str
    value: typing.Any


def bind_values(conditions: Sequence[Condition]) -> Bound:
    """Return the shapes of conditions, and their values by the names that the SQL binds."""
    shapes: list[Shape] = []
    values: dict[str, typing.Any] = {}
    for index, condition in enumerate(conditions):
        filter_, operator, value = condition.filter, condition.operator, condition.value
        shape, arguments = (value, ()) if operator == "exists" else _bind(filter_, operator, value)
        shapes.append((filter_.name, operator, shape))
        values |= {f"c{index}_{number}": argument for number, argument in enumerate(arguments)}
    return tuple(shapes), values


def clauses(collection: Collection, shapes: tuple[Shape, ...], omitted: int | None = None) -> list[Clause]:
    """Return the SQL of conditions, without the one at the index `omitted`."""
    table, filters = table_of(collection), collection.by_name
    return [
        _clause(filters[name], operator, shape, binder(index), table)
        for index, (name, operator, shape) in enumerate(shapes)
        if index != omitted
    ]


def article_id(table: Table) -> ColumnElement[typing.Any]:
    """Return the column of the article's id. An article has none."""
    return claim.c.article_id if table is claim else null()


def of_type(statement: AnySelect, collection: Collection) -> AnySelect:
    """Return a SELECT from the claims that is limited to a collection's type."""
    return statement if collection.type is None else statement.where(claim.c.type == collection.type)


def binder(index: int) -> Callable[[int], Binds]:
    """Return a function that names the bound values of the condition at an index."""
    return lambda number: bindparam(f"c{index}_{number}")


@singledispatch
def _bind(filter_: Filter, operator: str, value: typing.Any) -> ShapeAndValues:
    """Return the shape and values of a condition. By default, the value is a list of words and its length the shape."""
    return _pad(value)


def _pad(values: Sequence[str]) -> tuple[int, Sequence[str]]:
    """Repeat the last value up to a power of two, so that a list of values has few shapes."""
    if not values:
        return 0, ()
    length = 1 << (len(values) - 1).bit_length()
    return length, [*values, *[values[-1]] * (length - len(values))]


@singledispatch
def _clause(filter_: Filter, operator: str, shape: typing.Any, bind: Binds, table: Table) -> Clause:
    raise TypeError(f"No function is registered for {type(filter_).__name__}. Register one that returns its SQL.")


def one_of(column: ColumnElement[typing.Any], bind: Binds, start: int, stop: int) -> Clause:
    """Return the condition that a column has one of the values with these numbers."""
    return column.in_([bind(number) for number in range(start, stop)])


def _is_set(column: ColumnElement[typing.Any], exists_: bool) -> Clause:
    return column.is_not(None) if exists_ else column.is_(None)


@_bind.register
def _(filter_: KeywordFilter, operator: str, value: typing.Any) -> ShapeAndValues:
    return _pad([fold(word) for word in value] if filter_.folded else value)


@_clause.register
def _(filter_: KeywordFilter, operator: str, shape: typing.Any, bind: Binds, table: Table) -> Clause:
    column = table.c[filter_.key]
    if operator == "exists":
        return _is_set(column, shape)
    equal = one_of(column, bind, 0, shape)
    if operator == "is":
        return equal
    return or_(column.is_(None), ~equal) if filter_.nullable else ~equal


@_bind.register
def _(filter_: DateFilter, operator: str, value: typing.Any) -> ShapeAndValues:
    days = edtf.days(value)
    first, last = days.earliest or edtf.DAY_MIN, days.latest or edtf.DAY_MAX
    return None, {"is": (last, first), "lte": (last,), "gte": (first,)}[operator]


@_clause.register
def _(filter_: DateFilter, operator: str, shape: typing.Any, bind: Binds, table: Table) -> Clause:
    first, last = table.c[f"{filter_.name}_from"], table.c[f"{filter_.name}_to"]
    if operator == "exists":
        return _is_set(first, shape)
    if operator == "is":
        return and_(first <= bind(0), last >= bind(1))
    ranges: dict[str, Clause] = {"lte": first <= bind(0), "gte": last >= bind(0)}
    return ranges[operator]


@_bind.register
def _(filter_: NumberFilter, operator: str, value: typing.Any) -> ShapeAndValues:
    return None, (value,)


@_clause.register
def _(filter_: NumberFilter, operator: str, shape: typing.Any, bind: Binds, table: Table) -> Clause:
    column = table.c[filter_.name]
    if operator == "exists":
        return _is_set(column, shape)
    ranges: dict[str, Clause] = {"is": column == bind(0), "gte": column >= bind(0), "lte": column <= bind(0)}
    return ranges[operator]


@_bind.register
def _(filter_: BooleanFilter, operator: str, value: typing.Any) -> ShapeAndValues:
    return value, ()


@_clause.register
def _(filter_: BooleanFilter, operator: str, shape: typing.Any, bind: Binds, table: Table) -> Clause:
    return table.c[filter_.name].is_(shape)


@_clause.register
def _(filter_: ListFilter, operator: str, shape: typing.Any, bind: Binds, table: Table) -> Clause:
    rows = exists().where(term.c.owner == table.name, term.c.list == filter_.list_, term.c.record_id == table.c.id)
    if operator != "exists":
        rows = rows.where(one_of(term.c.value, bind, 0, shape))
    # A stream selects from the same table.
    rows = rows.correlate(table)
    return ~rows if operator == "not" or shape is False else rows


@_bind.register
def _(filter_: PartyNameFilter, operator: str, value: typing.Any) -> ShapeAndValues:
    names, name_keys = _pad([fold(name) for name in value])
    # A name can contain "://" too, so such a value is compared with names and with URIs.
    uris, values = _pad([name for name in value if "://" in name])
    return (names, uris), [*name_keys, *values]


@_clause.register
def _(filter_: PartyFilter, operator: str, shape: typing.Any, bind: Binds, table: Table) -> Clause:
    rows = exists().where(party.c.claim_id == table.c.id, party_clause(filter_, operator, shape, bind))
    if filter_.role is not None:
        rows = rows.where(party.c.role == filter_.role)
    rows = rows.correlate(table)
    return ~rows if operator == "not" or shape is False else rows


def party_clause(filter_: PartyFilter, operator: str, shape: typing.Any, bind: Binds) -> Clause:
    """Return the condition on the row of a party, without the negation of the operator."""
    if isinstance(filter_, PartyKeywordFilter) and operator == "exists":
        return party.c[filter_.column].is_not(None)
    if operator == "exists":
        return true()
    return or_(*(one_of(column, bind, start, stop) for column, start, stop in party_columns(filter_, shape)))


@_bind.register
def _(filter_: SearchFilter, operator: str, value: typing.Any) -> ShapeAndValues:
    return fulltext.bind_values(value)


@_clause.register
def _(filter_: SearchFilter, operator: str, shape: typing.Any, bind: Binds, table: Table) -> typing.Any:
    return fulltext.match_by_scan(shape, bind) if operator == SCAN else fulltext.match_by_index(bind)


def party_columns(filter_: PartyFilter, shape: typing.Any) -> list[tuple[Column[typing.Any], int, int]]:
    """Return the columns that a condition on parties compares, each with the numbers of its values: first and end."""
    if isinstance(filter_, PartyKeywordFilter):
        return [(party.c[filter_.column], 0, shape)]
    names, uris = shape
    return [(party.c.name_key, 0, names), *([(party.c.same_as, names, names + uris)] if uris else [])]
