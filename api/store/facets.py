"""Totals of lists, and counts of the values of a facet."""

from __future__ import annotations

import typing
from functools import lru_cache

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
from api.store.filter_sql import AnySelect, Shape, bind_values
from api.store.index_ranges import Drive, matching
from api.store.plan import Plan, claims_size, is_shared, plan
from api.store.read import ListQuery
from api.store.statement_cache import Reader, Rows
from api.store.streams import has_many
from api.store.tables import claim, party, table_of, term
from schemas.page import FACET_VALUES

# Counting stops here, because it costs too much. A larger total is then reported as a lower bound.
COUNT_CAP = 10_000
# If the database has at most this number of claims, an index has all counts of some facets in less time.
INDEX_CAP = 100_000


def total(reader: Reader, query: ListQuery, *, exact: bool) -> tuple[int, bool]:
    """Return the number of records that match, and whether it is exact. Otherwise it is a lower bound."""
    # For an exact total, the search index is the fastest way.
    planned = (
        Plan(*bind_values(query.conditions)) if exact else plan(reader, query.collection, query.conditions, COUNT_CAP)
    )
    if planned.is_empty:
        return 0, True
    ((count,),) = reader.rows(_total, query.collection.name, planned.shapes, planned.drive, exact, **planned.values)
    return (count, True) if exact or count <= COUNT_CAP else (COUNT_CAP, False)


def _total(name: str, shapes: tuple[Shape, ...], drive: Drive | None, exact: bool) -> tuple[AnySelect]:
    collection = COLLECTION_BY_NAME[name]
    matches = matching(collection, shapes, table_of(collection).c.id, drive=drive)
    return (select(func.count()).select_from((matches if exact else matches.limit(COUNT_CAP + 1)).subquery()),)


def facet_counts(reader: Reader, query: ListQuery, facet: Filter) -> tuple[Rows, bool]:
    """Return value, label and count of each value of a facet, and whether records were not counted or values omitted.

    The counts are those of the records that match without the condition of the facet's own filter.
    """
    others = [condition for condition in query.conditions if condition.filter.name != facet.filter_name]
    if not others and _has_index(query.collection.name, facet.name):
        ((size,),) = reader.rows(claims_size)
        if (size or 0) <= INDEX_CAP:
            rows = reader.rows(_index_counts, query.collection.name, facet.name)
            return rows[:FACET_VALUES], len(rows) > FACET_VALUES
    planned = plan(reader, query.collection, others, COUNT_CAP)
    if planned.is_empty:
        return [], False
    shape = (query.collection.name, planned.shapes, planned.drive)
    rows = reader.rows(_facet_counts, *shape, facet.name, **planned.values)
    if rows:
        ((*_, size), *_) = rows
    else:
        ((size,),) = reader.rows(_total, *shape, False, **planned.values)
    return [row[:3] for row in rows[:FACET_VALUES]], size > COUNT_CAP or len(rows) > FACET_VALUES


@lru_cache
def _has_index(name: str, facet_name: str) -> bool:
    """Return whether an index has the values of a facet of all claims of a collection, and of no others."""
    collection = COLLECTION_BY_NAME[name]
    facet = collection.by_name[facet_name]
    if not collection.of_claims or (collection.type is not None and is_shared(facet)):
        return False
    if isinstance(facet, PartyKeywordFilter):
        # A claim can have several parties in other roles, and counts only once.
        return facet.role is not None and not has_many(facet.role)
    return isinstance(facet, ListFilter) or (isinstance(facet, KeywordFilter) and not facet.folded)


def _index_counts(name: str, facet_name: str) -> tuple[AnySelect]:
    """Select value, label and count of the values of a facet of all claims."""
    facet = COLLECTION_BY_NAME[name].by_name[facet_name]
    if isinstance(facet, ListFilter):
        value, rows = term.c.value, and_(term.c.owner == claim.name, term.c.list == facet.list_)
    elif isinstance(facet, PartyKeywordFilter):
        value, rows = party.c[facet.column], party.c.role == facet.role
    else:
        value, rows = claim.c[facet.name], true()
    return (_frequent_first(select(value).where(rows), value, value, func.count()),)


def _frequent_first(
    rows: Select[typing.Any],
    value: ColumnElement[typing.Any],
    label: ColumnElement[typing.Any],
    count: ColumnElement[int],
) -> AnySelect:
    counts = rows.with_only_columns(value, label, count).where(value.is_not(None)).group_by(value)
    return counts.order_by(count.desc(), value).limit(FACET_VALUES + 1)


def _facet_counts(name: str, shapes: tuple[Shape, ...], drive: Drive | None, facet_name: str) -> tuple[AnySelect]:
    """Select value, label and count of each value, and the number of records that match, at most COUNT_CAP + 1."""
    collection = COLLECTION_BY_NAME[name]
    table, facet = table_of(collection), collection.by_name[facet_name]
    columns = [table.c[name] for name in collection.by_name[facet.filter_name].columns]
    # Both databases compute it once, because it is used twice.
    matches = matching(collection, shapes, table.c.id, *columns, drive=drive).limit(COUNT_CAP + 1).cte("matches")
    counted = select(matches).limit(COUNT_CAP).subquery()
    value, label, count, rows = _value_and_rows(facet, counted, table)
    statement = _frequent_first(rows, value, label, count)
    return (statement.add_columns(select(func.count()).select_from(matches).scalar_subquery()),)


def _value_and_rows(
    facet: Filter, matches: typing.Any, table: Table
) -> tuple[ColumnElement[typing.Any], ColumnElement[typing.Any], ColumnElement[int], Select[typing.Any]]:
    """Return value, label and count of a facet, and the SELECT of the rows that are counted."""
    if isinstance(facet, KeywordFilter):
        value = matches.c[facet.key]
        return value, func.min(matches.c[facet.name]), func.count(), select(value)
    if isinstance(facet, CalendarFilter):
        # Literals, because PostgreSQL does not recognize two bound values in SELECT and GROUP BY as equal.
        digits: ColumnElement[int] = literal_column(str(facet.digits))
        first, last = (
            func.substr(matches.c[f"{facet.of}_{end}"], literal_column("1"), digits) for end in ("from", "to")
        )
        value = case((first == last, first))
        return value, value, func.count(), select(value)
    if isinstance(facet, ListFilter):
        joined = select(term.c.value).join_from(
            matches,
            term,
            and_(term.c.record_id == matches.c.id, term.c.owner == table.name, term.c.list == facet.list_),
        )
        return term.c.value, term.c.value, func.count(), joined
    if not isinstance(facet, PartyFilter):
        raise TypeError(f"The filter {facet.name} does not support facets.")
    role = true() if facet.role is None else party.c.role == facet.role
    joined = select(party.c.claim_id).join_from(matches, party, and_(party.c.claim_id == matches.c.id, role))
    count = func.count(party.c.claim_id.distinct())
    if isinstance(facet, PartyNameFilter):
        identity = func.coalesce(party.c.same_as, party.c.name_key)
        return identity, func.min(party.c.name), count, joined
    value = party.c[typing.cast("PartyKeywordFilter", facet).column]
    return value, value, count, joined
