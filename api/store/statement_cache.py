"""SQL said once: each shape of statement is built and compiled once, and from then on only given its values.

Building a SELECT costs several times what SQLite takes to run it, and a list has far fewer shapes than queries.
"""

from __future__ import annotations

import typing
from collections.abc import Callable, Hashable, Iterator, Mapping
from contextlib import contextmanager
from functools import lru_cache

from sqlalchemy import Select
from sqlalchemy.dialects.sqlite.base import SQLiteCompiler
from sqlalchemy.engine import Dialect

from api.store.timeouts import Deadline

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
        return typing.cast("Rows", connection.execute(self._text, self._arguments(values)).fetchall())

    def _arguments(self, values: Mapping[str, typing.Any]) -> typing.Any:
        given = {**self._fixed, **values}
        if self._order is None:
            return {name: given[name] for name in self._fixed}
        return [given[name] for name in self._order]

    @contextmanager
    def opened(self, connection: typing.Any, values: Mapping[str, typing.Any]) -> Iterator[typing.Any]:
        """A cursor that stands before the first row that it finds, and holds none of them."""
        # PostgreSQL keeps the rows where they are for a cursor that has a name only.
        cursor = connection.cursor(name="rows") if self._order is None else connection.cursor()
        try:
            cursor.execute(self._text, self._arguments(values))
            yield cursor
        finally:
            cursor.close()


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

    def stream(self, builder: Builder, *shape: Hashable, at_once: int, **values: typing.Any) -> Iterator[Rows]:
        """All rows of a shape's statements, one after the other, some at once; for each of these, a query's time."""
        for statement in self._prepare(builder, shape):
            self._restart()
            with statement.opened(self._connection, values) as cursor:
                while rows := cursor.fetchmany(at_once):
                    yield rows
                    self._restart()

    def _run(self, statement: Statement, values: Mapping[str, typing.Any]) -> Rows:
        self._restart()
        return statement.run(self._connection, values)

    def _restart(self) -> None:
        # PostgreSQL looks at the clock itself.
        if self._deadline is not None:
            self._deadline.restart()


def preparer(dialect: Dialect) -> Callable[..., tuple[Statement, ...]]:
    """What makes the statements of a shape for a database, once."""

    @lru_cache(maxsize=_KEPT)
    def prepare(builder: Builder, shape: tuple[Hashable, ...]) -> tuple[Statement, ...]:
        return tuple(Statement(select, dialect) for select in builder(*shape))

    return prepare
