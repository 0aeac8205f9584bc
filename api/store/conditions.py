"""What each type of filter means in SQL."""

from __future__ import annotations

import typing
from dataclasses import dataclass
from functools import singledispatch

from sqlalchemy import ColumnElement, Table, and_, exists, or_

from api.kinds.filters import Days, Filter, Flag, Member, Number, PartyName, PartyWord, Word
from api.kinds.folding import fold
from api.store.tables import article, party, term
from schemas import edtf

Clause = ColumnElement[bool]


@dataclass(frozen=True)
class Condition:
    """One filter as it was asked: `operator` is one that the filter's `parameters()` name."""

    filter: Filter
    operator: str
    value: typing.Any


def clause(condition: Condition, table: Table) -> Clause:
    """The SQL condition on a table of records."""
    return _clause(condition.filter, condition.operator, condition.value, table)


@singledispatch
def _clause(filter_: Filter, operator: str, value: typing.Any, table: Table) -> Clause:
    raise TypeError(f"No SQL for {type(filter_).__name__}.")


@_clause.register
def _(filter_: Word, operator: str, value: typing.Any, table: Table) -> Clause:
    column = table.c[filter_.key]
    if operator == "exists":
        return column.is_not(None) if value else column.is_(None)
    values = [fold(word) for word in value] if filter_.folded else value
    if operator == "is":
        return column.in_(values)
    return or_(column.is_(None), column.not_in(values)) if filter_.nullable else column.not_in(values)


@_clause.register
def _(filter_: Days, operator: str, value: typing.Any, table: Table) -> Clause:
    first, last = table.c[f"{filter_.name}_from"], table.c[f"{filter_.name}_to"]
    if operator == "exists":
        return first.is_not(None) if value else first.is_(None)
    asked = edtf.days(value)
    not_after = first <= (asked.latest or edtf.DAY_MAX)
    not_before = last >= (asked.earliest or edtf.DAY_MIN)
    return {"is": and_(not_after, not_before), "lte": not_after, "gte": not_before}[operator]


@_clause.register
def _(filter_: Number, operator: str, value: typing.Any, table: Table) -> Clause:
    column = table.c[filter_.name]
    if operator == "exists":
        return column.is_not(None) if value else column.is_(None)
    ranges: dict[str, Clause] = {"is": column == value, "gte": column >= value, "lte": column <= value}
    return ranges[operator]


@_clause.register
def _(filter_: Flag, operator: str, value: typing.Any, table: Table) -> Clause:
    return table.c[filter_.name].is_(value)


@_clause.register
def _(filter_: Member, operator: str, value: typing.Any, table: Table) -> Clause:
    found = exists().where(
        term.c.owner == owner_of(table),
        term.c.list == filter_.list_,
        term.c.record_id == table.c.id,
        term.c.value.in_(value),
    )
    return found if operator == "is" else ~found


@_clause.register
def _(filter_: PartyName, operator: str, value: typing.Any, table: Table) -> Clause:
    if operator == "exists":
        return _some_party(filter_.role, table, value)
    uris = [name for name in value if "://" in name]
    names = [fold(name) for name in value if "://" not in name]
    found = _some_party(filter_.role, table, True, or_(party.c.name_key.in_(names), party.c.same_as.in_(uris)))
    return found if operator == "is" else ~found


@_clause.register
def _(filter_: PartyWord, operator: str, value: typing.Any, table: Table) -> Clause:
    column = party.c[filter_.column]
    if operator == "exists":
        return _some_party(filter_.role, table, value, column.is_not(None))
    found = _some_party(filter_.role, table, True, column.in_(value))
    return found if operator == "is" else ~found


def _some_party(role: str | None, table: Table, there: bool, *conditions: Clause) -> Clause:
    found = exists().where(party.c.claim_id == table.c.id, *conditions)
    if role is not None:
        found = found.where(party.c.role == role)
    return found if there else ~found


def owner_of(table: Table) -> str:
    """Whose words in the table of terms are a table's."""
    return "article" if table is article else "claim"
