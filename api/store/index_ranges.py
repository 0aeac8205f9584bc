"""Ranges of indexes: the ids by which the records that match are looked up, and the lists that are read by an index."""

from __future__ import annotations

import typing
from collections.abc import Callable
from functools import lru_cache, singledispatch
from itertools import pairwise

from sqlalchemy import Column, ColumnElement, Table, and_, bindparam, select, true, union_all

from api.kinds.filters import (
    DateFilter,
    Filter,
    KeywordFilter,
    ListFilter,
    NumberFilter,
    PartyFilter,
    SearchFilter,
)
from api.kinds.kind import Collection
from api.store.filter_sql import (
    SCAN,
    AnySelect,
    Binds,
    Clause,
    Shape,
    binder,
    clauses,
    of_type,
    one_of,
    party_columns,
)
from api.store.tables import DAY_OF, is_longer_than_a_day, party, table_of, term

# The maximum number of excluded values between which records are looked up.
_EXCLUDED_MAX = 4


class Drive(typing.NamedTuple):
    """The condition whose index finds the records: its number among the conditions, or -1 for the type of claim.

    `range` is the number of its range in `index_ranges`. Without it, the streams of the condition are read.
    """

    condition: int
    range: int | None = None


def matching(
    collection: Collection,
    shapes: tuple[Shape, ...],
    *columns: ColumnElement[typing.Any],
    drive: Drive | None = None,
) -> AnySelect:
    """Return a SELECT of columns of the records of a collection that match all conditions.

    With `drive`, they are looked up by the ids that match one condition.
    """
    table = table_of(collection)
    statement = of_type(select(*columns), collection).where(*clauses(collection, shapes))
    if drive is not None:
        statement = statement.where(table.c.id.in_(range_of(collection, shapes, drive)))
    if drive is not None or _uses_search_index(collection, shapes):
        # Without the hint, SQLite scans in the list's order, or all matches of another filter.
        return statement.with_hint(table, f"INDEXED BY {index_of(table, 'id')}", "sqlite")
    return statement


def _uses_search_index(collection: Collection, shapes: tuple[Shape, ...]) -> bool:
    filters = collection.by_name
    return any(isinstance(filters[name], SearchFilter) and operator != SCAN for name, operator, _ in shapes)


def in_order(statement: AnySelect, collection: Collection, shapes: tuple[Shape, ...]) -> AnySelect:
    """Return a SELECT of the records of a collection that reads them in the default order of the list."""
    if _uses_search_index(collection, shapes) or any(name == "id" for name, *_ in shapes):
        return statement
    table = table_of(collection)
    first = DAY_OF[table].name if collection.type is None else "type"
    return statement.with_hint(table, f"INDEXED BY {index_of(table, first)}", "sqlite")


def index_ranges(collection: Collection, shapes: tuple[Shape, ...], index: int) -> list[AnySelect]:
    """Return SELECTs of ids by the index of one condition, or of the type of claim if `index` is -1.

    Each is read from one range of an index. It has all records that match the condition, and can have others. It has at
    most `few` ids.
    """
    table = table_of(collection)
    if index < 0:
        return [_by_index(table, "type", lambda type_: type_ == collection.type)]
    name, operator, shape = shapes[index]
    if operator == "exists" and shape is False:
        return []
    return _ranges(collection.by_name[name], operator, shape, binder(index), table)


def range_of(collection: Collection, shapes: tuple[Shape, ...], drive: Drive) -> AnySelect:
    """Return the SELECT of ids of a range."""
    return index_ranges(collection, shapes, drive.condition)[drive.range or 0]


def _by_index(table: Table, column: str, condition: Callable[[Column[typing.Any]], Clause]) -> AnySelect:
    """Return a SELECT of the ids of records by the index of a column."""
    other = table.alias("indexed")
    statement = select(other.c.id).where(condition(other.c[column])).limit(bindparam("few"))
    # Without the hint, SQLite can scan another index.
    return statement.with_hint(other, f"INDEXED BY {index_of(table, column)}", "sqlite")


@lru_cache
def index_of(table: Table, column: str) -> str:
    """Return the name of the index that begins with a column."""
    if column == "id":
        return f"sqlite_autoindex_{table.name}_1"
    return next(str(index.name) for index in table.indexes if index.columns[0].name == column)


@singledispatch
def _ranges(filter_: Filter, operator: str, shape: typing.Any, bind: Binds, table: Table) -> list[AnySelect]:
    return []


@_ranges.register
def _(filter_: KeywordFilter, operator: str, shape: typing.Any, bind: Binds, table: Table) -> list[AnySelect]:
    if operator == "exists":
        return [_by_index(table, filter_.key, lambda column: column.is_not(None))]
    if operator == "not":
        # Nulls are not in the index.
        return [] if filter_.nullable or shape > _EXCLUDED_MAX else [_between(table, filter_.key, bind, shape)]
    return [_by_index(table, filter_.key, lambda column: one_of(column, bind, 0, shape))]


def _between(table: Table, key: str, bind: Binds, count: int) -> AnySelect:
    """Return a SELECT of the ids of the records without any of several values, which are sorted."""
    ends = [bind(number) for number in range(count)]
    bounds = [
        lambda column: column < ends[0],
        *(lambda column, low=low, high=high: and_(column > low, column < high) for low, high in pairwise(ends)),
        lambda column: column > ends[-1],
    ]
    return _union(*(_by_index(table, key, bound) for bound in bounds))


def _union(*ranges: AnySelect) -> AnySelect:
    """Return a SELECT of the ids of several ranges."""
    parts = [select(range_.subquery()) for range_ in ranges]
    return select(union_all(*parts).subquery().c.id).limit(bindparam("few"))


@_ranges.register
def _(filter_: DateFilter, operator: str, shape: typing.Any, bind: Binds, table: Table) -> list[AnySelect]:
    first, last = f"{filter_.name}_from", f"{filter_.name}_to"
    if operator == "exists":
        return [_by_index(table, first, lambda column: column.is_not(None))]
    if operator == "lte":
        return [_by_index(table, first, lambda column: column <= bind(0))]
    begin = bind(1) if operator == "is" else bind(0)

    def until(column: Column[typing.Any]) -> Clause:
        return column <= bind(0) if operator == "is" else true()

    def is_longer(column: Column[typing.Any]) -> Clause:
        return and_(until(column.table.c[first]), is_longer_than_a_day(column.table, filter_.name))

    within = _by_index(table, first, lambda column: and_(column >= begin, until(column)))
    return [_union(within, _by_index(table, last, lambda column: and_(column >= begin, is_longer(column))))]


@_ranges.register
def _(filter_: NumberFilter, operator: str, shape: typing.Any, bind: Binds, table: Table) -> list[AnySelect]:
    conditions: dict[str, Callable[[Column[typing.Any]], Clause]] = {
        "exists": lambda column: column.is_not(None),
        "is": lambda column: column == bind(0),
        "gte": lambda column: column >= bind(0),
        "lte": lambda column: column <= bind(0),
    }
    return [_by_index(table, filter_.name, conditions[operator])]


@_ranges.register
def _(filter_: ListFilter, operator: str, shape: typing.Any, bind: Binds, table: Table) -> list[AnySelect]:
    if operator == "not":
        return []
    rows = (
        select(term.c.record_id).where(term.c.owner == table.name, term.c.list == filter_.list_).limit(bindparam("few"))
    )
    return [rows if operator == "exists" else rows.where(one_of(term.c.value, bind, 0, shape))]


@_ranges.register
def _(filter_: PartyFilter, operator: str, shape: typing.Any, bind: Binds, table: Table) -> list[AnySelect]:
    if operator != "is":
        return []
    rows = select(party.c.claim_id)
    if filter_.role is not None:
        rows = rows.where(party.c.role == filter_.role)
    parts = [rows.where(one_of(column, bind, start, stop)) for column, start, stop in party_columns(filter_, shape)]
    return [
        select(union_all(*parts).subquery().c.claim_id).limit(bindparam("few"))
        if len(parts) > 1
        else parts[0].limit(bindparam("few"))
    ]
