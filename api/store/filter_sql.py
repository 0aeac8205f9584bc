"""What each type of filter means in SQL: first what of it shapes the statement, then the condition itself."""

from __future__ import annotations

import typing
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from functools import singledispatch

from sqlalchemy import ColumnElement, Table, and_, bindparam, exists, or_

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
from api.store import fulltext
from api.store.tables import article, party, term
from api.text import fold
from schemas import edtf

Clause = ColumnElement[bool]
# What of a condition decides the SQL, and the values that are put into it.
Ready = tuple[Hashable, Sequence[typing.Any]]
# Name and operator of a filter, and what else of the condition decides the SQL.
Shape = tuple[str, str, Hashable]
Binds = typing.Any
# What "is" asks of a search, answered from each claim's own words and not from their index.
SCAN = "walked"


@dataclass(frozen=True)
class Condition:
    """One filter as it was asked: `operator` is one that the filter's `parameters()` name, or WALKED for a search."""

    filter: Filter
    operator: str
    value: typing.Any


def bind_values(conditions: Sequence[Condition]) -> tuple[tuple[Shape, ...], dict[str, typing.Any]]:
    """The shapes of conditions, and all their values by the names that their clauses give them."""
    shapes: list[Shape] = []
    values: dict[str, typing.Any] = {}
    for index, condition in enumerate(conditions):
        shape, arguments = _ready(condition.filter, condition.operator, condition.value)
        shapes.append((condition.filter.name, condition.operator, shape))
        values |= {f"c{index}_{number}": value for number, value in enumerate(arguments)}
    return tuple(shapes), values


def clauses(filters: typing.Mapping[str, Filter], shapes: Sequence[Shape], table: Table) -> list[Clause]:
    """The SQL conditions of those shapes on a table of records."""
    found = []
    for index, (name, operator, shape) in enumerate(shapes):
        found.append(_clause(filters[name], operator, shape, binder(index), table))
    return found


def binder(index: int) -> Callable[[int], Binds]:
    """What gives the values of the condition at an index their names."""
    return lambda number: bindparam(f"c{index}_{number}")


@singledispatch
def _ready(filter_: Filter, operator: str, value: typing.Any) -> Ready:
    """Lists of words, by default: how many there are is the shape."""
    return (value, ()) if operator == "exists" else _counted(value)


def _counted(values: Sequence[str]) -> tuple[int, Sequence[str]]:
    """Values, the last repeated up to a power of two, so that their number makes few shapes of a statement."""
    if not values:
        return 0, ()
    room = 1 << (len(values) - 1).bit_length()
    return room, [*values, *[values[-1]] * (room - len(values))]


@singledispatch
def _clause(filter_: Filter, operator: str, shape: typing.Any, bind: Binds, table: Table) -> Clause:
    raise TypeError(f"No SQL for {type(filter_).__name__}.")


def _one_of(column: ColumnElement[typing.Any], bind: Binds, first: int, past: int) -> Clause:
    return column.in_([bind(number) for number in range(first, past)])


def _stated(column: ColumnElement[typing.Any], there: bool) -> Clause:
    return column.is_not(None) if there else column.is_(None)


@_ready.register
def _(filter_: KeywordFilter, operator: str, value: typing.Any) -> Ready:
    if operator == "exists":
        return value, ()
    return _counted([fold(word) for word in value] if filter_.folded else value)


@_clause.register
def _(filter_: KeywordFilter, operator: str, shape: typing.Any, bind: Binds, table: Table) -> Clause:
    column = table.c[filter_.key]
    if operator == "exists":
        return _stated(column, shape)
    found = _one_of(column, bind, 0, shape)
    if operator == "is":
        return found
    return or_(column.is_(None), ~found) if filter_.nullable else ~found


@_ready.register
def _(filter_: DateFilter, operator: str, value: typing.Any) -> Ready:
    if operator == "exists":
        return value, ()
    asked = edtf.days(value)
    first, last = asked.earliest or edtf.DAY_MIN, asked.latest or edtf.DAY_MAX
    return None, {"is": (last, first), "lte": (last,), "gte": (first,)}[operator]


@_clause.register
def _(filter_: DateFilter, operator: str, shape: typing.Any, bind: Binds, table: Table) -> Clause:
    first, last = table.c[f"{filter_.name}_from"], table.c[f"{filter_.name}_to"]
    if operator == "exists":
        return _stated(first, shape)
    if operator == "is":
        return and_(first <= bind(0), last >= bind(1))
    ranges: dict[str, Clause] = {"lte": first <= bind(0), "gte": last >= bind(0)}
    return ranges[operator]


@_ready.register
def _(filter_: NumberFilter, operator: str, value: typing.Any) -> Ready:
    return (value, ()) if operator == "exists" else (None, (value,))


@_clause.register
def _(filter_: NumberFilter, operator: str, shape: typing.Any, bind: Binds, table: Table) -> Clause:
    column = table.c[filter_.name]
    if operator == "exists":
        return _stated(column, shape)
    ranges: dict[str, Clause] = {"is": column == bind(0), "gte": column >= bind(0), "lte": column <= bind(0)}
    return ranges[operator]


@_ready.register
def _(filter_: BooleanFilter, operator: str, value: typing.Any) -> Ready:
    return value, ()


@_clause.register
def _(filter_: BooleanFilter, operator: str, shape: typing.Any, bind: Binds, table: Table) -> Clause:
    return table.c[filter_.name].is_(shape)


@_clause.register
def _(filter_: ListFilter, operator: str, shape: typing.Any, bind: Binds, table: Table) -> Clause:
    found = exists().where(
        term.c.owner == owner_of(table), term.c.list == filter_.list_, term.c.record_id == table.c.id
    )
    if operator != "exists":
        found = found.where(_one_of(term.c.value, bind, 0, shape))
    return ~found if operator == "not" or shape is False else found


@_ready.register
def _(filter_: PartyNameFilter, operator: str, value: typing.Any) -> Ready:
    if operator == "exists":
        return value, ()
    names, folded = _counted([fold(name) for name in value])
    # A name can contain "://" too, so such a value is compared with both.
    uris, whole = _counted([name for name in value if "://" in name])
    return (names, uris), [*folded, *whole]


@_clause.register
def _(filter_: PartyFilter, operator: str, shape: typing.Any, bind: Binds, table: Table) -> Clause:
    found = exists().where(party.c.claim_id == table.c.id)
    if filter_.role is not None:
        found = found.where(party.c.role == filter_.role)
    if isinstance(filter_, PartyKeywordFilter):
        column = party.c[filter_.column]
        found = found.where(column.is_not(None) if operator == "exists" else _one_of(column, bind, 0, shape))
    elif operator != "exists":
        names, uris = shape
        identity = [_one_of(party.c.name_key, bind, 0, names)]
        identity += [_one_of(party.c.same_as, bind, names, names + uris)] if uris else []
        found = found.where(or_(*identity))
    return ~found if operator == "not" or shape is False else found


@_ready.register
def _(filter_: SearchFilter, operator: str, value: typing.Any) -> Ready:
    return fulltext.ready(value)


@_clause.register
def _(filter_: SearchFilter, operator: str, shape: typing.Any, bind: Binds, table: Table) -> typing.Any:
    return fulltext.match_by_scan(shape, bind) if operator == SCAN else fulltext.match_by_index(bind)


def owner_of(table: Table) -> str:
    """Whose words in the table of terms are a table's."""
    return "article" if table is article else "claim"
