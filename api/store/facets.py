"""Totals of lists, and counts of the values of a facet."""

from __future__ import annotations

from sqlalchemy import cast, func, or_, select

from api.kinds.collections import COLLECTION_BY_NAME
from api.kinds.filters import Filter
from api.store.facet_counts import parties_of, record_values, terms_of
from api.store.filter_sql import AnySelect, Shape, bind_values
from api.store.index_ranges import Drive, matching
from api.store.plan import Plan, plan
from api.store.read import ListQuery, types_of
from api.store.statement_cache import Reader, Rows
from api.store.tables import Number, facet_count, table_of
from schemas.page import FACET_VALUES

# Counting stops here, because it costs too much. A larger total is then reported as a lower bound.
COUNT_CAP = 10_000


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
    if not others:
        rows = reader.rows(_stored_counts, query.collection.name, facet.name)
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


def _stored_counts(name: str, facet_name: str) -> tuple[AnySelect]:
    """Select value, label and count of each value of a facet of all records."""
    collection, stored = COLLECTION_BY_NAME[name], facet_count.c
    of_facet = stored.facet == facet_name
    if collection.by_name[facet_name].has_many_values:
        # One row for each value, also for all claims together. To group the rows would take four times as long.
        return (_frequent_first(select(stored.value, stored.label, stored.count).where(of_facet, stored.type == name)),)
    types = (collection.type,) if collection.type else types_of(collection)
    of_type = of_facet & or_(*(stored.type == type_ for type_ in types))
    counts = select(stored.value, func.sum(stored.count).label("count")).where(of_type).group_by(stored.value)
    first = _frequent_first(counts).subquery().c
    # Only these values need a label.
    label = select(func.min(stored.label)).where(of_type, stored.value == first.value).scalar_subquery()
    # PostgreSQL would return a decimal.
    statement = select(first.value, label, cast(first.count, Number))
    return (statement.order_by(first.count.desc(), first.value),)


def _facet_counts(name: str, shapes: tuple[Shape, ...], drive: Drive | None, facet_name: str) -> tuple[AnySelect]:
    """Select value, label and count of each value, and the number of records that match, at most COUNT_CAP + 1."""
    collection = COLLECTION_BY_NAME[name]
    table, facet = table_of(collection), collection.by_name[facet_name]
    columns = [table.c[name] for name in collection.by_name[facet.filter_name].columns]
    # Both databases compute it once, because it is used twice.
    matches = matching(collection, shapes, table.c.id, *columns, drive=drive).limit(COUNT_CAP + 1).cte("matches")
    counted = select(matches).limit(COUNT_CAP).subquery()
    parties, terms = parties_of(counted).subquery(), terms_of(counted, table).subquery()
    rows = record_values(facet, counted, parties, terms).subquery()
    counts = select(rows.c.value, func.min(rows.c.label), func.count().label("count")).group_by(rows.c.value)
    return (_frequent_first(counts).add_columns(select(func.count()).select_from(matches).scalar_subquery()),)


def _frequent_first(counts: AnySelect) -> AnySelect:
    """Sort counts of values, and select one more than a response has."""
    value, count = (counts.selected_columns[name] for name in ("value", "count"))
    return counts.order_by(count.desc(), value).limit(FACET_VALUES + 1)
