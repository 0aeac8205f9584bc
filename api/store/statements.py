"""SQL said once: each shape of statement is built and compiled once, and from then on only given its values.

Building a SELECT costs several times what SQLite takes to run it, and a list has far fewer shapes than queries.
"""

from __future__ import annotations

import typing
from collections.abc import Callable, Hashable, Mapping
from functools import lru_cache

from sqlalchemy import Select
from sqlalchemy.dialects.sqlite.base import SQLiteCompiler
from sqlalchemy.engine import Dialect

from api.store.waiting import Deadline

Rows = list[tuple[typing.Any, ...]]
# From a shape to the statements that answer it, one after the other.
Builder = Callable[..., tuple[Select[typing.Any], ...]]

# A shape is some kilobytes; more of them than this are no one's habit but a fuzzer's.
_KEPT = 512


class Statement:
    """The text of a SELECT in a database's own SQL, and where its values go."""

    def __init__(self, select: Select[typing.Any], dialect: Dialect):
        compiled = select.compile(dialect=dialect)
        self._text = str(compiled)
        self._fixed = dict(compiled.params)
        self._order = compiled.positiontup

    def run(self, connection: typing.Any, values: Mapping[str, typing.Any]) -> Rows:
        """The rows that it finds on a driver's connection."""
        given = {**self._fixed, **values}
        if self._order is None:
            known = {name: given[name] for name in self._fixed}
            return typing.cast("Rows", connection.execute(self._text, known).fetchall())
        arguments = [given[name] for name in self._order]
        return typing.cast("Rows", connection.execute(self._text, arguments).fetchall())


class HintingSqlite(SQLiteCompiler):
    """SQL for SQLite that also says which index to take, where a SELECT hints at it."""

    def get_from_hint_text(self, table: typing.Any, text: str | None) -> str | None:
        return text


class Reader:
    """A connection for reading, which sees the database as it was when it was opened."""

    def __init__(
        self, connection: typing.Any, prepare: Callable[..., tuple[Statement, ...]], deadline: Deadline | None
    ):
        self._connection = connection
        self._prepare = prepare
        self._deadline = deadline

    def rows(self, builder: Builder, *shape: Hashable, **values: typing.Any) -> Rows:
        """What the one statement of a shape finds."""
        (statement,) = self._prepare(builder, shape)
        return self._run(statement, values)

    def first(self, builder: Builder, *shape: Hashable, wanted: int, **values: typing.Any) -> Rows:
        """The first so many rows of a shape's statements, one after the other; each has to take a `limit`."""
        found: Rows = []
        for statement in self._prepare(builder, shape):
            found += self._run(statement, {**values, "limit": wanted - len(found)})
            if len(found) >= wanted:
                break
        return found

    def _run(self, statement: Statement, values: Mapping[str, typing.Any]) -> Rows:
        # PostgreSQL looks at the clock itself.
        if self._deadline is not None:
            self._deadline.restart()
        return statement.run(self._connection, values)


def preparer(dialect: Dialect) -> Callable[..., tuple[Statement, ...]]:
    """What makes the statements of a shape for a database, once."""

    @lru_cache(maxsize=_KEPT)
    def prepare(builder: Builder, shape: tuple[Hashable, ...]) -> tuple[Statement, ...]:
        return tuple(Statement(select, dialect) for select in builder(*shape))

    return prepare
