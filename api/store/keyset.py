"""Keyset pagination: the order of lists as segments that an index can scan, the same on every database."""

from __future__ import annotations

import typing
from collections.abc import Iterator

from sqlalchemy import ColumnElement, Table, and_, bindparam, true

from api.store.filter_sql import Binds, Clause

# Columns, and whether each descends.
Sort = tuple[tuple[str, bool], ...]
Segment = tuple[Clause, list[ColumnElement[typing.Any]]]


class Order:
    """The order of a list, in one direction, as segments. An index can scan each segment.

    In a list sorted by k1, k2 and id, these segments follow the position (v1, v2, id):

    1. rows with the same k1 and k2, and a greater id
    2. rows with the same k1, and a greater k2
    3. rows with the same k1, and a null k2
    4. rows with a greater k1
    5. rows with a null k1

    So nulls are last on every database. Backward, the segments and the order in them are reversed.
    """

    def __init__(self, table: Table, sort: Sort, *, backward: bool):
        self.backward = backward
        self.keys = [(table.c[name], descending != backward) for name, descending in sort]
        self.id, self.id_descends = table.c.id, self.keys[-1][1]

    def segments(self, not_null: tuple[bool, ...] | None) -> Iterator[Segment]:
        """Yield condition and order of each segment from the position p0, p1 … on, or from an end of the list.

        `not_null` is true for each sort value of the position that is not null. Without it, the list is read from an
        end.
        """
        if not_null is None:
            yield from self._ends()
            return
        equal = [
            column == bindparam(f"p{depth}") if not_null[depth] else column.is_(None)
            for depth, (column, _) in enumerate(self.keys)
        ]
        id_: Binds = bindparam(f"p{len(self.keys)}")
        yield and_(*equal, self.id < id_ if self.id_descends else self.id > id_), self._order(len(self.keys))
        for depth in reversed(range(len(self.keys))):
            column, descends = self.keys[depth]
            if not_null[depth]:
                value: Binds = bindparam(f"p{depth}")
                yield (
                    and_(*equal[:depth], column < value if descends else column > value),
                    self._order(depth, first_not_null=True),
                )
            if not_null[depth] != self.backward and column.nullable:
                # Forward, nulls follow the values. Backward, the values follow the nulls.
                other = column.is_not(None) if self.backward else column.is_(None)
                yield and_(*equal[:depth], other), self._order(depth, first_not_null=True)

    def _ends(self) -> Iterator[Segment]:
        """Yield the segments of the whole list: one with a value of the first key, one without."""
        column, _ = self.keys[0]
        if not column.nullable:
            yield true(), self._order(0)
            return
        halves = [
            (column.is_not(None), self._order(0, first_not_null=True)),
            (column.is_(None), self._order(1)),
        ]
        yield from reversed(halves) if self.backward else halves

    def _order(self, depth: int, *, first_not_null: bool = False) -> list[ColumnElement[typing.Any]]:
        """Return the order by the keys from a depth on. `first_not_null` excludes nulls of the first one."""
        order: list[ColumnElement[typing.Any]] = []
        for index, (column, descends) in enumerate(self.keys[depth:]):
            if column.nullable and not (first_not_null and index == 0):
                order.append(column.is_(None).desc() if self.backward else column.is_(None))
            order.append(column.desc() if descends else column.asc())
        return [*order, self.id.desc() if self.id_descends else self.id.asc()]
