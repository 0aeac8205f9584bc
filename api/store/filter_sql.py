"""SQL of filters.

The shape of a condition decides the text of its SQL, and its values are bound to that text. So a statement is
compiled once for each shape.
"""

from __future__ import annotations

import typing
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, replace
from functools import singledispatch
from math import isqrt

from sqlalchemy import ColumnElement, Select, Table, and_, bindparam, exists, or_, select

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
from api.store.statement_cache import Reader
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


def matching(collection: Collection, shapes: tuple[Shape, ...], *columns: ColumnElement[typing.Any]) -> AnySelect:
    """Return a SELECT of columns of the records of a collection that match all conditions."""
    table, filters = table_of(collection), collection.by_name
    conditions = [
        _clause(filters[name], operator, shape, binder(index), table)
        for index, (name, operator, shape) in enumerate(shapes)
    ]
    statement = of_type(select(*columns), collection).where(*conditions)
    if any(isinstance(filters[name], SearchFilter) and operator != SCAN for name, operator, _ in shapes):
        # Without the hint, SQLite scans in the list's order, or all matches of another filter.
        return statement.with_hint(table, "INDEXED BY sqlite_autoindex_claim_1", "sqlite")
    return statement


def plan(reader: Reader, conditions: Sequence[Condition], rows_max: int) -> Bound:
    """Bind the values of conditions for a query of a number of rows. A search with many matches becomes a SCAN."""
    return bind_values(
        [
            _plan_search(reader, condition, rows_max) if isinstance(condition.filter, SearchFilter) else condition
            for condition in conditions
        ]
    )


def _plan_search(reader: Reader, condition: Condition, rows_max: int) -> Condition:
    ((size,),) = reader.rows(_size)
    # The index costs as much as the number of matches. A scan costs less if there are more matches.
    matches_max = isqrt(rows_max * (size or 0))
    _, arguments = fulltext.bind_values(condition.value)
    values = {f"c0_{number}": value for number, value in enumerate(arguments)}
    ((count,),) = reader.rows(_frequency, count_max=matches_max + 1, **values)
    return replace(condition, operator=SCAN) if count > matches_max else condition


def _size() -> tuple[AnySelect]:
    return (select(fulltext.size()),)


def _frequency() -> tuple[AnySelect]:
    return (select(fulltext.frequency(binder(0), bindparam("count_max"))),)


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


def _one_of(column: ColumnElement[typing.Any], bind: Binds, start: int, stop: int) -> Clause:
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
    equal = _one_of(column, bind, 0, shape)
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
        rows = rows.where(_one_of(term.c.value, bind, 0, shape))
    return ~rows if operator == "not" or shape is False else rows


@_bind.register
def _(filter_: PartyNameFilter, operator: str, value: typing.Any) -> ShapeAndValues:
    names, name_keys = _pad([fold(name) for name in value])
    # A name can contain "://" too, so such a value is compared with names and with URIs.
    uris, values = _pad([name for name in value if "://" in name])
    return (names, uris), [*name_keys, *values]


@_clause.register
def _(filter_: PartyFilter, operator: str, shape: typing.Any, bind: Binds, table: Table) -> Clause:
    rows = exists().where(party.c.claim_id == table.c.id)
    if filter_.role is not None:
        rows = rows.where(party.c.role == filter_.role)
    if isinstance(filter_, PartyKeywordFilter):
        column = party.c[filter_.column]
        rows = rows.where(column.is_not(None) if operator == "exists" else _one_of(column, bind, 0, shape))
    elif operator != "exists":
        names, uris = shape
        identity = [_one_of(party.c.name_key, bind, 0, names)]
        identity += [_one_of(party.c.same_as, bind, names, names + uris)] if uris else []
        rows = rows.where(or_(*identity))
    return ~rows if operator == "not" or shape is False else rows


@_bind.register
def _(filter_: SearchFilter, operator: str, value: typing.Any) -> ShapeAndValues:
    return fulltext.bind_values(value)


@_clause.register
def _(filter_: SearchFilter, operator: str, shape: typing.Any, bind: Binds, table: Table) -> typing.Any:
    return fulltext.match_by_scan(shape, bind) if operator == SCAN else fulltext.match_by_index(bind)
