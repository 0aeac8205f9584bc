"""Stored counts of the values of all facets, for the records of each type together.

A facet with many values has counts for all claims together, too. Their type is that of the collection, "claim".

Each write updates them in its transaction. The values of a record are subtracted before its rows change, and added
afterwards. Reading them takes as long as a facet has values, however many records there are.
"""

from __future__ import annotations

import typing
from collections.abc import Sequence
from functools import lru_cache

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    FromClause,
    Insert,
    Table,
    and_,
    bindparam,
    case,
    delete,
    func,
    literal,
    literal_column,
    select,
    union_all,
)
from sqlalchemy.dialects import postgresql, sqlite

from api.kinds.collections import CLAIMS, COLLECTIONS
from api.kinds.filters import (
    CalendarFilter,
    Filter,
    KeywordFilter,
    ListFilter,
    PartyFilter,
    PartyKeywordFilter,
    PartyNameFilter,
)
from api.store.filter_sql import AnySelect
from api.store.lookup import STORED, Layer
from api.store.streams import has_many
from api.store.tables import article, claim, facet_count, table_of

_NAMES = facet_count.c.keys()
_DELETE_UNUSED = str(delete(facet_count).where(facet_count.c.count == literal_column("0")))
_KEY = facet_count.primary_key.columns.keys()


def record_values(
    facet: Filter, matches: FromClause, parties: FromClause, terms: FromClause, *columns: str
) -> AnySelect:
    """Select `value` and `label` of each record for each of its values of a facet, after more columns.

    The matches have the ids of records and the columns of the facet's filter. The parties and terms are theirs.
    """
    source = terms if isinstance(facet, ListFilter) else parties if isinstance(facet, PartyFilter) else matches
    rows = select(*(source.c[name] for name in columns))
    value: ColumnElement[typing.Any]
    label: ColumnElement[typing.Any]
    if isinstance(facet, KeywordFilter):
        value, label = source.c[facet.key], source.c[facet.name]
    elif isinstance(facet, CalendarFilter):
        # Literals, because PostgreSQL does not recognize two bound values in SELECT and GROUP BY as equal.
        digits: ColumnElement[int] = literal_column(str(facet.digits))
        first, last = (
            func.substr(source.c[f"{facet.of}_{end}"], literal_column("1"), digits) for end in ("from", "to")
        )
        value = label = case((first == last, first))
    elif isinstance(facet, ListFilter):
        value = label = source.c.value
        rows = rows.where(source.c.list == facet.list_)
    elif isinstance(facet, PartyFilter):
        if isinstance(facet, PartyNameFilter):
            value, label = func.coalesce(source.c.same_as, source.c.name_key), source.c.name
        else:
            value = label = source.c[typing.cast("PartyKeywordFilter", facet).column]
        if facet.role is not None:
            rows = rows.where(source.c.role == facet.role)
        if facet.role is None or has_many(facet.role):
            # Several parties of a claim can have the same value, and it counts once.
            rows, label = rows.group_by(source.c.claim_id, *rows.selected_columns, value), func.min(label)
    else:
        raise TypeError(f"The filter {facet.name} does not support facets.")
    return rows.add_columns(value.label("value"), label.label("label")).where(value.is_not(None))


def parties_of(matches: FromClause, *columns: ColumnElement[typing.Any], layer: Layer = STORED) -> AnySelect:
    """Select the parties of matching claims, with more columns."""
    parties = layer["party"]
    names = ("claim_id", "role", "name", "name_key", "same_as", "kind", "country")
    return select(*(parties.c[name] for name in names), *columns).join_from(
        matches, parties, parties.c.claim_id == matches.c.id
    )


def terms_of(
    matches: FromClause, table: Table, *columns: ColumnElement[typing.Any], layer: Layer = STORED
) -> AnySelect:
    """Select the terms of matching articles or claims, with more columns."""
    terms = layer["term"]
    of_record = and_(terms.c.owner == table.name, terms.c.record_id == matches.c.id)
    return select(terms.c.list, terms.c.value, *columns).join_from(matches, terms, of_record)


def counts(
    table: Table, condition: ColumnElement[bool] | None = None, *, layer: Layer = STORED, sign: int = 1
) -> AnySelect:
    """Select the counts of all facets for the articles or claims of a layer that match a condition.

    Their columns are those of the stored counts.
    """
    collections = [collection for collection in COLLECTIONS if table_of(collection) is table]
    filters = {name: filter_ for collection in collections for name, filter_ in collection.by_name.items()}
    facets = [filters[name] for name in filters if any(name in collection.facets for collection in collections)]
    names = {name for facet in facets for name in filters[facet.filter_name].columns}
    rows = layer[table.name]
    type_ = rows.c.get("type", literal_column(f"'{table.name}'")).label("type")
    records = select(type_, *(rows.c[name] for name in sorted({"id", *names} - {"type"})))
    # Each is computed once. Otherwise, SQLite can look up other records, too.
    matches = _materialized(records if condition is None else records.where(condition), f"{rows.name}_rows")
    parties = _materialized(parties_of(matches, matches.c.type, layer=layer), f"{rows.name}_parties")
    terms = _materialized(terms_of(matches, table, matches.c.type, layer=layer), f"{rows.name}_terms")
    of_facets = []
    for facet in facets:
        name: ColumnElement[str] = literal_column(f"'{facet.name}'").label("facet")
        values_of_facet = record_values(facet, matches, parties, terms, "type").add_columns(name)
        of_facets.append(values_of_facet)
        if facet.has_many_values and table is claim:
            _, *others = values_of_facet.selected_columns
            together: ColumnElement[str] = literal_column(f"'{CLAIMS.name}'").label("type")
            of_facets.append(values_of_facet.with_only_columns(together, *others))
    # SQLite would keep the memory of a sort for each facet, so all are counted together.
    values = union_all(*of_facets).subquery().c
    key = (values.value, values.facet, values.type, values.label)
    count = func.count() * literal_column(str(sign))
    return select(*(values[name] for name in _KEY), count.label("count")).group_by(*key)


def total(*parts: AnySelect) -> AnySelect:
    """Select the sums of counts that are not 0."""
    together = union_all(*parts).subquery()
    key = [together.c[name] for name in _KEY]
    count = func.sum(together.c.count)
    return select(*key, count.label("count")).group_by(*key).having(count != 0)


def _materialized(statement: AnySelect, name: str) -> FromClause:
    return statement.cte(name).prefix_with("MATERIALIZED")


def add(connection: Connection, column: Column[typing.Any], values: Sequence[str]) -> None:
    """Add the values of the records that have one of these values in a column: an id, or the id of their article."""
    _change(connection, column, values, 1)


def subtract(connection: Connection, column: Column[typing.Any], values: Sequence[str]) -> None:
    """Subtract the values of the records that have one of these values in a column."""
    _change(connection, column, values, -1)
    _delete_unused(connection)


def _change(connection: Connection, column: Column[typing.Any], values: Sequence[str], sign: int) -> None:
    text, constants = _compiled(connection.dialect.name, column, sign)
    connection.exec_driver_sql(text, [{**constants, "of_record": value} for value in values])


@lru_cache
def _compiled(dialect: str, column: Column[typing.Any], sign: int) -> tuple[str, dict[str, typing.Any]]:
    """Return the statement that changes the counts, and its constants. SQLAlchemy takes longer for it than SQLite."""
    statement = _upsert(dialect, counts(column.table, column == bindparam("of_record"), sign=sign))
    compiled = statement.compile(
        dialect=sqlite.dialect(paramstyle="named") if dialect == "sqlite" else postgresql.dialect()  # type: ignore[no-untyped-call]
    )
    return str(compiled), dict(compiled.params)


def merge(connection: Connection, changes: AnySelect) -> None:
    """Add counts to the stored ones."""
    connection.execute(_upsert(connection.dialect.name, changes))
    _delete_unused(connection)


def _upsert(dialect: str, changes: AnySelect) -> Insert:
    # Without WHERE, SQLite parses "ON CONFLICT" as part of a join.
    rows = changes.where(literal(1) == literal(1))
    statement: typing.Any = (sqlite if dialect == "sqlite" else postgresql).insert(facet_count)
    statement = statement.from_select(_NAMES, rows)
    total = facet_count.c.count + statement.excluded.count
    upsert: Insert = statement.on_conflict_do_update(index_elements=_KEY, set_={"count": total})
    return upsert


def _delete_unused(connection: Connection) -> None:
    # A purge has to delete the values, too. Each write runs it, so it is compiled.
    connection.exec_driver_sql(_DELETE_UNUSED)


def recount(connection: Connection) -> None:
    """Count all records again. This takes about two seconds for each 100,000 claims."""
    connection.execute(delete(facet_count))
    for table in (article, claim):
        merge(connection, counts(table))


def differences(connection: Connection) -> Sequence[tuple[str, str]]:
    """Return the facets and types with stored counts that differ from the records."""
    stored = select(*(facet_count.c[name] for name in _KEY), (-facet_count.c.count).label("count"))
    wrong = total(stored, *(counts(table) for table in (article, claim))).subquery()
    names = (wrong.c.facet, wrong.c.type)
    return [(facet, type_) for facet, type_ in connection.execute(select(*names).distinct().order_by(*names))]
