"""Matching: the records of a collection that conditions leave, and the shortest way to find them."""

from __future__ import annotations

import typing
from collections.abc import Sequence
from dataclasses import replace
from math import isqrt

from sqlalchemy import ColumnElement, Select, bindparam, select

from api.kinds.filters import SearchFilter
from api.kinds.kind import Collection
from api.store import fulltext
from api.store.filter_sql import SCAN, Condition, Shape, binder, clauses
from api.store.statement_cache import Reader
from api.store.tables import claim, table_of

Query = Select[typing.Any]


def matching(collection: Collection, shapes: tuple[Shape, ...], *columns: ColumnElement[typing.Any]) -> Query:
    """Columns of the records of a collection that match."""
    table = table_of(collection)
    wanted = narrowed(select(*columns), collection).where(*clauses(collection.by_name, shapes, table))
    if any(isinstance(collection.by_name[name], SearchFilter) and operator != SCAN for name, operator, _ in shapes):
        # SQLite would rather go through the order, or all that another filter finds.
        return wanted.with_hint(table, "INDEXED BY sqlite_autoindex_claim_1", "sqlite")
    return wanted


def planned(reader: Reader, conditions: Sequence[Condition], wanted: int) -> Sequence[Condition]:
    """The conditions as so many records are best found: a search that finds much is answered record by record."""
    planned = []
    for condition in conditions:
        if isinstance(condition.filter, SearchFilter):
            ((size,),) = reader.rows(_size)
            # The index costs as much as there are matches; to go through a list, the less the more there are.
            most = isqrt(wanted * (size or 0))
            _, values = fulltext.ready(condition.value)
            named = {f"c0_{number}": value for number, value in enumerate(values)}
            ((count,),) = reader.rows(_frequency, most=most + 1, **named)
            planned.append(replace(condition, operator=SCAN) if count > most else condition)
        else:
            planned.append(condition)
    return planned


def _size() -> tuple[Query]:
    return (select(fulltext.size()),)


def _frequency() -> tuple[Query]:
    return (select(fulltext.frequency(binder(0), bindparam("most"))),)


def narrowed(wanted: Query, collection: Collection) -> Query:
    return wanted if collection.type is None else wanted.where(claim.c.type == collection.type)
