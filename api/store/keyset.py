"""Ordering: the order of lists, as an index can follow it, the same on every database."""

from __future__ import annotations

import typing
from collections.abc import Iterator

from sqlalchemy import ColumnElement, Table, and_, bindparam, true

from api.store.filter_sql import Binds, Clause

# Columns, and whether each descends.
Sort = tuple[tuple[str, bool], ...]
Segment = tuple[Clause, list[ColumnElement[typing.Any]]]


class Order:
    """The order of a list, in the direction that it is read, as stretches that an index can follow each.

    Sorted by k1, k2 and id, what comes after (v1, v2, id) is: the same k1 and k2 and a later id; the same k1 and a
    later k2; the same k1 without a k2; a later k1; no k1. Nulls so stay last on every database. Read backward, the
    stretches and the order within them turn round.
    """

    def __init__(self, table: Table, sort: Sort, *, backward: bool):
        self.backward = backward
        self.keys = [(table.c[name], descending != backward) for name, descending in sort]
        self.id, self.id_falls = table.c.id, self.keys[-1][1]

    def stretches(self, stated: tuple[bool, ...] | None) -> Iterator[Segment]:
        """Condition and order of each stretch, the nearest first, from an end or from the position p0, p1 … on.

        `stated` tells which of the position's sort values are not null.
        """
        if stated is None:
            yield from self._ends()
            return
        equal = [
            column == bindparam(f"p{depth}") if stated[depth] else column.is_(None)
            for depth, (column, _) in enumerate(self.keys)
        ]
        id_: Binds = bindparam(f"p{len(self.keys)}")
        yield and_(*equal, self.id < id_ if self.id_falls else self.id > id_), self._order(len(self.keys))
        for depth in reversed(range(len(self.keys))):
            column, falls = self.keys[depth]
            if stated[depth]:
                value: Binds = bindparam(f"p{depth}")
                yield and_(*equal[:depth], column < value if falls else column > value), self._order(depth, stated=True)
            if stated[depth] != self.backward and column.nullable:
                # Nulls come after all values, and all values before nulls.
                other = column.is_not(None) if self.backward else column.is_(None)
                yield and_(*equal[:depth], other), self._order(depth, stated=True)

    def _ends(self) -> Iterator[Segment]:
        """All of it from one end: with a value of the first key, and without one."""
        column, _ = self.keys[0]
        if not column.nullable:
            yield true(), self._order(0)
            return
        halves = [
            (column.is_not(None), self._order(0, stated=True)),
            (column.is_(None), self._order(1)),
        ]
        yield from reversed(halves) if self.backward else halves

    def _order(self, depth: int, *, stated: bool = False) -> list[ColumnElement[typing.Any]]:
        """The order by the keys from a depth on; `stated` says that the first of them has no nulls here."""
        order: list[ColumnElement[typing.Any]] = []
        for index, (column, falls) in enumerate(self.keys[depth:]):
            if column.nullable and not (stated and index == 0):
                order.append(column.is_(None).desc() if self.backward else column.is_(None))
            order.append(column.desc() if falls else column.asc())
        return [*order, self.id.desc() if self.id_falls else self.id.asc()]
