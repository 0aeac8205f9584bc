"""Tallying: how many records match, and how often each value of a facet occurs among them."""

from __future__ import annotations

import typing
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Select, Table, and_, case, func, literal_column, select, true

from api.kinds.collections import COLLECTION_BY_NAME
from api.kinds.filters import (
    CalendarFilter,
    Filter,
    KeywordFilter,
    ListFilter,
    PartyFilter,
    PartyKeywordFilter,
    PartyNameFilter,
)
from api.store.filter_sql import Shape, bind_values, owner_of
from api.store.matching import Query, matching, planned
from api.store.read import ListQuery
from api.store.statement_cache import Reader
from api.store.tables import party, table_of, term
from schemas.page import FACET_VALUES

# Past this, counting costs more than the number is worth; what was counted is then a floor.
COUNT_CAP = 10_000


@dataclass(frozen=True)
class FacetCounts:
    """Values with their labels and counts; `capped` when not all was counted or told."""

    values: list[tuple[str, str, int]]
    capped: bool


def total(reader: Reader, ask: ListQuery, *, exact: bool) -> tuple[int, bool]:
    """How many records match, and whether that is exact and not a floor."""
    # To count all of them, their index is the shortest way.
    shapes, values = bind_values(ask.conditions if exact else planned(reader, ask.conditions, COUNT_CAP))
    ((count,),) = reader.rows(_total, ask.collection.name, shapes, exact, **values)
    return (count, True) if exact or count <= COUNT_CAP else (COUNT_CAP, False)


def _total(name: str, shapes: tuple[Shape, ...], exact: bool) -> tuple[Query]:
    collection = COLLECTION_BY_NAME[name]
    found = matching(collection, shapes, table_of(collection).c.id)
    return (select(func.count()).select_from((found if exact else found.limit(COUNT_CAP + 1)).subquery()),)


def facet_counts(reader: Reader, ask: ListQuery, facet: Filter) -> FacetCounts:
    """How often each value of a facet occurs among the records that match, its own filter left out."""
    others = [condition for condition in ask.conditions if condition.filter.name != facet.filter_name]
    shapes, values = bind_values(planned(reader, others, COUNT_CAP))
    counted = reader.rows(_tally, ask.collection.name, shapes, facet.name, **values)
    ((seen,),) = reader.rows(_total, ask.collection.name, shapes, False, **values)
    shown = [(value, label, count) for value, label, count in counted[:FACET_VALUES]]
    return FacetCounts(shown, capped=seen > COUNT_CAP or len(counted) > FACET_VALUES)


def _tally(name: str, shapes: tuple[Shape, ...], facet_name: str) -> tuple[Query]:
    collection = COLLECTION_BY_NAME[name]
    table, facet = table_of(collection), collection.by_name[facet_name]
    names = collection.by_name[facet.filter_name].columns if isinstance(facet, (KeywordFilter, CalendarFilter)) else {}
    columns = [table.c[name] for name in names]
    found = matching(collection, shapes, table.c.id, *columns).limit(COUNT_CAP).subquery()
    value, label, count, rows = _counted(facet, found, table)
    return (
        rows.with_only_columns(value, label, count)
        .where(value.is_not(None))
        .group_by(value)
        .order_by(count.desc(), value)
        .limit(FACET_VALUES + 1),
    )


def _counted(
    facet: Filter, found: typing.Any, table: Table
) -> tuple[ColumnElement[typing.Any], ColumnElement[typing.Any], ColumnElement[int], Select[typing.Any]]:
    """Value, label and count of a facet, and the rows that they are taken from."""
    if isinstance(facet, KeywordFilter):
        value = found.c[facet.key]
        return value, func.min(found.c[facet.name]), func.count(), select(value)
    if isinstance(facet, CalendarFilter):
        # Written out, so that PostgreSQL sees that what is grouped by is what is selected.
        digits: ColumnElement[int] = literal_column(str(facet.digits))
        first, last = (func.substr(found.c[f"{facet.of}_{end}"], literal_column("1"), digits) for end in ("from", "to"))
        value = case((first == last, first))
        return value, value, func.count(), select(value)
    if isinstance(facet, ListFilter):
        joined = select(term.c.value).join_from(
            found,
            term,
            and_(term.c.record_id == found.c.id, term.c.owner == owner_of(table), term.c.list == facet.list_),
        )
        return term.c.value, term.c.value, func.count(), joined
    if not isinstance(facet, PartyFilter):
        raise TypeError(f"{facet.name} is no facet.")
    role = true() if facet.role is None else party.c.role == facet.role
    joined = select(party.c.claim_id).join_from(found, party, and_(party.c.claim_id == found.c.id, role))
    count = func.count(party.c.claim_id.distinct())
    if isinstance(facet, PartyNameFilter):
        identity = func.coalesce(party.c.same_as, party.c.name_key)
        return identity, func.min(party.c.name), count, joined
    value = party.c[typing.cast("PartyKeywordFilter", facet).column]
    return value, value, count, joined
