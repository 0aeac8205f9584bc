"""Keyset pagination: the order of lists as segments that an index can scan, the same on every database."""

from __future__ import annotations

import typing
from collections.abc import Iterator, Sequence

from sqlalchemy import Column, ColumnElement, and_, bindparam, true

from api.store.filter_sql import Binds, Clause

# Columns, and whether each descends.
Sort = tuple[tuple[str, bool], ...]
Segment = tuple[Clause, list[ColumnElement[typing.Any]]]


def segments(
    columns: Sequence[Column[typing.Any]], sort: Sort, not_null: tuple[bool, ...] | None, *, backward: bool
) -> Iterator[Segment]:
    """Yield condition and order of each segment of a list from the position p0, p1 … on, or from an end of the list.

    `columns` are those of the sort and then that of the id.

    `not_null` is true for each sort value of the position that is not null. Without it, the list is read from an end.
    An index can scan each segment. In a list sorted by k1, k2 and id, these segments follow the position (v1, v2, id):

    1. rows with the same k1 and k2, and a greater id
    2. rows with the same k1, and a greater k2
    3. rows with the same k1, and a null k2
    4. rows with a greater k1
    5. rows with a null k1

    So nulls are last on every database. Backward, the segments and the order in them are reversed.
    """
    keys = [(column, descending != backward) for column, (_, descending) in zip(columns, sort, strict=False)]
    id_column, id_descends = columns[-1], keys[-1][1]

    def order_from(depth: int, *, first_not_null: bool = False) -> list[ColumnElement[typing.Any]]:
        """Return the order by the keys from a depth on. `first_not_null` excludes nulls of the first one."""
        order: list[ColumnElement[typing.Any]] = []
        for index, (column, descends) in enumerate(keys[depth:]):
            if column.nullable and not (first_not_null and index == 0):
                order.append(column.is_(None).desc() if backward else column.is_(None))
            order.append(column.desc() if descends else column.asc())
        return [*order, id_column.desc() if id_descends else id_column.asc()]

    if not_null is None:
        # The whole list has one segment with a value of the first key, and one without.
        column, _ = keys[0]
        halves: list[Segment] = [
            (column.is_not(None), order_from(0, first_not_null=True)),
            (column.is_(None), order_from(1)),
        ]
        whole: list[Segment] = halves if column.nullable else [(true(), order_from(0))]
        yield from reversed(whole) if backward else whole
        return
    equal = [
        column == bindparam(f"p{depth}") if not_null[depth] else column.is_(None)
        for depth, (column, _) in enumerate(keys)
    ]
    id_: Binds = bindparam(f"p{len(keys)}")
    yield and_(*equal, id_column < id_ if id_descends else id_column > id_), order_from(len(keys))
    for depth in reversed(range(len(keys))):
        column, descends = keys[depth]
        if not_null[depth]:
            value: Binds = bindparam(f"p{depth}")
            yield (
                and_(*equal[:depth], column < value if descends else column > value),
                order_from(depth, first_not_null=True),
            )
        if not_null[depth] != backward and column.nullable:
            # Forward, nulls follow the values. Backward, the values follow the nulls.
            other = column.is_not(None) if backward else column.is_(None)
            yield and_(*equal[:depth], other), order_from(depth, first_not_null=True)
