"""SQL of filters.

The shape of a condition decides the text of its SQL, and its values are bound to that text. So a statement is
compiled once for each shape.
"""

from __future__ import annotations

import typing
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from functools import lru_cache, singledispatch
from itertools import pairwise

from sqlalchemy import (
    Column,
    ColumnElement,
    FromClause,
    Select,
    Table,
    and_,
    bindparam,
    exists,
    null,
    or_,
    select,
    true,
    union_all,
)

from api.kinds.collections import KIND_BY_NAME
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
from api.store.tables import DAY_OF, claim, party, table_of, term
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

# The maximum number of excluded values between which records are looked up.
_EXCLUDED_MAX = 4
# The first column of an index of a table, if it is not the compared one. The ids of the records that rows belong to.
_FIRST: dict[FromClause, str] = {term: "owner"}
_OWNER_ID: dict[FromClause, Column[typing.Any]] = {party: party.c.claim_id, term: term.c.record_id}
# The operator of a search that compares the tokens of each claim and does not use the index.
SCAN = "scan"


@dataclass(frozen=True)
class Condition:
    """A filter with its value. The operator is one of the filter's `parameters()`, or SCAN for a search."""

    filter: Filter
    operator: str
    value: typing.Any


class Drive(typing.NamedTuple):
    """The condition whose index finds the records: its number among the conditions, or -1 for the type of claim.

    `range` is the number of its range in `index_ranges`. Without it, the streams of the condition are read.
    """

    condition: int
    range: int | None = None


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
        return statement.with_hint(table, f"INDEXED BY {_index_of(table, 'id')}", "sqlite")
    return statement


def clauses(collection: Collection, shapes: tuple[Shape, ...], omitted: int | None = None) -> list[Clause]:
    """Return the SQL of conditions, without the one at the index `omitted`."""
    table, filters = table_of(collection), collection.by_name
    return [
        _clause(filters[name], operator, shape, binder(index), table)
        for index, (name, operator, shape) in enumerate(shapes)
        if index != omitted
    ]


def _uses_search_index(collection: Collection, shapes: tuple[Shape, ...]) -> bool:
    filters = collection.by_name
    return any(isinstance(filters[name], SearchFilter) and operator != SCAN for name, operator, _ in shapes)


def in_order(statement: AnySelect, collection: Collection, shapes: tuple[Shape, ...]) -> AnySelect:
    """Return a SELECT of the records of a collection that reads them in the default order of the list."""
    if _uses_search_index(collection, shapes) or any(name == "id" for name, *_ in shapes):
        return statement
    table = table_of(collection)
    first = DAY_OF[table].name if collection.type is None else "type"
    return statement.with_hint(table, f"INDEXED BY {_index_of(table, first)}", "sqlite")


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
    rows = exists().where(party.c.claim_id == table.c.id, _party_clause(filter_, operator, shape, bind))
    if filter_.role is not None:
        rows = rows.where(party.c.role == filter_.role)
    rows = rows.correlate(table)
    return ~rows if operator == "not" or shape is False else rows


def _party_clause(filter_: PartyFilter, operator: str, shape: typing.Any, bind: Binds) -> Clause:
    """Return the condition on the row of a party, without the negation of the operator."""
    if isinstance(filter_, PartyKeywordFilter) and operator == "exists":
        return party.c[filter_.column].is_not(None)
    if operator == "exists":
        return true()
    return or_(*(_one_of(column, bind, start, stop) for column, start, stop in _party_columns(filter_, shape)))


@_bind.register
def _(filter_: SearchFilter, operator: str, value: typing.Any) -> ShapeAndValues:
    return fulltext.bind_values(value)


@_clause.register
def _(filter_: SearchFilter, operator: str, shape: typing.Any, bind: Binds, table: Table) -> typing.Any:
    return fulltext.match_by_scan(shape, bind) if operator == SCAN else fulltext.match_by_index(bind)


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


def _by_index(table: Table, column: str, condition: Callable[[ColumnElement[typing.Any]], Clause]) -> AnySelect:
    """Return a SELECT of the ids of records by the index of a column."""
    other = table.alias("indexed")
    statement = select(other.c.id).where(condition(other.c[column])).limit(bindparam("few"))
    # Without the hint, SQLite can scan another index.
    return statement.with_hint(other, f"INDEXED BY {_index_of(table, column)}", "sqlite")


@lru_cache
def _index_of(table: Table, column: str) -> str:
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
    return [_by_index(table, filter_.key, lambda column: _one_of(column, bind, 0, shape))]


def _between(table: Table, key: str, bind: Binds, count: int) -> AnySelect:
    """Return a SELECT of the ids of the records without any of several values, which are sorted."""
    ends = [bind(number) for number in range(count)]
    bounds = [
        lambda column: column < ends[0],
        *(lambda column, low=low, high=high: and_(column > low, column < high) for low, high in pairwise(ends)),
        lambda column: column > ends[-1],
    ]
    parts = [select(_by_index(table, key, bound).subquery()) for bound in bounds]
    return select(union_all(*parts).subquery().c.id).limit(bindparam("few"))


@_ranges.register
def _(filter_: DateFilter, operator: str, shape: typing.Any, bind: Binds, table: Table) -> list[AnySelect]:
    first, last = f"{filter_.name}_from", f"{filter_.name}_to"
    ends = any(index.columns[0] is table.c[last] for index in table.indexes)
    ranges: dict[str, list[AnySelect]] = {
        "exists": [_by_index(table, first, lambda column: column.is_not(None))],
        "is": [
            _by_index(table, first, lambda column: column <= bind(0)),
            *([_by_index(table, last, lambda column: column >= bind(1))] if ends else []),
        ],
        "lte": [_by_index(table, first, lambda column: column <= bind(0))],
        "gte": [_by_index(table, last, lambda column: column >= bind(0))] if ends else [],
    }
    return ranges[operator]


@_ranges.register
def _(filter_: NumberFilter, operator: str, shape: typing.Any, bind: Binds, table: Table) -> list[AnySelect]:
    conditions: dict[str, Callable[[ColumnElement[typing.Any]], Clause]] = {
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
    return [rows if operator == "exists" else rows.where(_one_of(term.c.value, bind, 0, shape))]


@_ranges.register
def _(filter_: PartyFilter, operator: str, shape: typing.Any, bind: Binds, table: Table) -> list[AnySelect]:
    if operator != "is" or not has_index(filter_):
        return []
    rows = select(party.c.claim_id)
    if filter_.role is not None:
        rows = rows.where(party.c.role == filter_.role)
    parts = [rows.where(_one_of(column, bind, start, stop)) for column, start, stop in _party_columns(filter_, shape)]
    return [
        select(union_all(*parts).subquery().c.claim_id).limit(bindparam("few"))
        if len(parts) > 1
        else parts[0].limit(bindparam("few"))
    ]


def has_index(filter_: PartyFilter) -> bool:
    """Return whether an index begins with the column of a filter on parties."""
    first = {index.columns[0] for index in party.indexes}
    return not isinstance(filter_, PartyKeywordFilter) or party.c[filter_.column] in first


def _party_columns(filter_: PartyFilter, shape: typing.Any) -> list[tuple[Column[typing.Any], int, int]]:
    """Return the columns that a condition on parties compares, each with the numbers of its values: first and end."""
    if isinstance(filter_, PartyKeywordFilter):
        return [(party.c[filter_.column], 0, shape)]
    names, uris = shape
    return [(party.c.name_key, 0, names), *([(party.c.same_as, names, names + uris)] if uris else [])]


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
            source, f"INDEXED BY {_index_of(source, _FIRST.get(source, column.name))}", "sqlite"
        )
        if source is not table:
            statement = statement.with_hint(table, f"INDEXED BY {_index_of(table, 'id')}", "sqlite")
        result.append(Stream(statement, day_column, id_column))
    return result


def _day_bounds(collection: Collection, shapes: tuple[Shape, ...], day: ColumnElement[typing.Any]) -> list[Clause]:
    """Return the conditions that set the last day of a list, on the day of a stream. They limit its range."""
    return [
        day <= binder(number)(0)
        for number, (name, operator, _) in enumerate(shapes)
        if sets_last_day(collection, name, operator)
    ]


def sets_last_day(collection: Collection, name: str, operator: str) -> bool:
    """Return whether a condition is the end of the default order of a list."""
    filter_, day = collection.by_name[name], DAY_OF[table_of(collection)]
    return isinstance(filter_, DateFilter) and f"{name}_from" == day.name and operator in ("is", "lte")


def _clauses_of_party(collection: Collection, shapes: tuple[Shape, ...], index: int) -> list[Clause]:
    """Return the other conditions for a stream of a party. Those on the country of this party need no other row."""
    role = typing.cast("PartyFilter", collection.by_name[shapes[index][0]]).role
    result = clauses(collection, shapes, omitted=index)
    for number, (name, operator, shape) in enumerate(shapes):
        filter_ = collection.by_name[name]
        of_row = isinstance(filter_, PartyKeywordFilter) and filter_.role == role and filter_.column == "country"
        if number != index and of_row and role is not None and not has_many(role):
            clause = _party_clause(typing.cast("PartyFilter", filter_), operator, shape, binder(number))
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
    if not any([*index.columns] == [table.c[filter_.key], DAY_OF[table], table.c.id] for index in table.indexes):
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
        for column, start, stop in _party_columns(filter_, shape)
        if has_index(filter_)
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
