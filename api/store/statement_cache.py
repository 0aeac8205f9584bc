"""Cache of compiled statements: one for each shape of a query. Only the values are bound for each request.

To build a SELECT takes several times as long as SQLite takes to run it, and a list has few shapes.
"""

from __future__ import annotations

import math
import time
import typing
from collections.abc import Callable, Hashable, Iterator, Mapping
from contextlib import contextmanager
from functools import lru_cache

from sqlalchemy import Select
from sqlalchemy.dialects.sqlite.base import SQLiteCompiler
from sqlalchemy.engine import Dialect

Rows = list[tuple[typing.Any, ...]]
# Builds the statements of a shape, in the order that they are run in.
Builder = Callable[..., tuple[Select[typing.Any], ...]]

# SQLite's cache of a connection, in kibibytes. For single records and pages, a quarter of SQLite's default is as fast,
# because the system caches the file, too.
READ_CACHE = "PRAGMA cache_size = -500"
# A stream in the order of days reads the same pages again, because they have many records of a day. With SQLite's
# default, it reads half as many pages.
_STREAM_CACHE = "PRAGMA cache_size = -2000"

# A shape takes some kilobytes. Only a fuzzer requests more shapes than this.
_SHAPES_MAX = 512


class Deadline:
    """Deadline of a statement on a SQLite connection, or of a view."""

    def __init__(self, seconds: float):
        self._seconds = seconds
        self._at = math.inf

    def restart(self) -> None:
        """Restart the time for the next statement or view."""
        self._at = time.monotonic() + self._seconds

    def lift(self) -> None:
        """Remove the deadline until the next restart."""
        self._at = math.inf

    def passed(self) -> bool:
        """Return whether the deadline has passed. SQLite calls this and stops the statement if it is true."""
        return time.monotonic() > self._at


class Statement:
    """A compiled SELECT in a database's SQL dialect."""

    def __init__(self, select: Select[typing.Any], dialect: Dialect):
        compiled = select.compile(dialect=dialect)
        self._text = str(compiled)
        self._order = compiled.positiontup
        # The constants of the statement, and None for a value that each run binds.
        self._defaults = [(name, compiled.params[name]) for name in self._order or compiled.params]
        # The numbers of the columns that have documents. A constant has no name.
        names = [getattr(column, "name", None) for column in select.selected_columns]
        self.documents = frozenset(number for number, name in enumerate(names) if name == "document")

    def run(self, connection: typing.Any, values: Mapping[str, typing.Any]) -> Rows:
        """Return the rows, over a connection of the driver."""
        return typing.cast("Rows", connection.execute(self._text, self._arguments(values)).fetchall())

    def _arguments(self, values: Mapping[str, typing.Any]) -> typing.Any:
        if self._order is None:
            return {name: values.get(name, constant) for name, constant in self._defaults}
        return [values.get(name, constant) for name, constant in self._defaults]

    @contextmanager
    def opened(self, connection: typing.Any, values: Mapping[str, typing.Any]) -> Iterator[typing.Any]:
        """Open a cursor that does not load all rows. No other statement can run on the connection meanwhile."""
        if self._order is None:
            # Only a named cursor leaves the rows on the server.
            cursor = connection.cursor(name="rows")
        else:
            cursor = connection.cursor()
            # Python would decode each text, and the response would encode it again.
            connection.text_factory = bytes
            connection.execute(_STREAM_CACHE)
        try:
            cursor.execute(self._text, self._arguments(values))
            yield cursor
        finally:
            cursor.close()
            if self._order is not None:
                connection.text_factory = str
                connection.execute(READ_CACHE)

    def encoded(self, rows: Rows) -> Rows:
        """Return rows of a cursor with their texts in UTF-8."""
        if self._order is not None:
            return rows
        return [tuple(value.encode() if isinstance(value, str) else value for value in row) for row in rows]


class HintingSqlite(SQLiteCompiler):
    """Compiler for SQLite that supports index hints."""

    def get_from_hint_text(self, table: typing.Any, text: str | None) -> str | None:
        return text


class Reader:
    """A connection that reads one snapshot of the database.

    `render` returns a stored document in the current shape, as text or in UTF-8. It is None if all documents have that
    shape, and `renders` is then false. `frequent` has the number of matches of conditions with many, as remembered by
    the store.
    """

    def __init__(
        self,
        connection: typing.Any,
        prepare: Callable[..., tuple[Statement, ...]],
        deadline: Deadline | None,
        render: Callable[[str], str] | None,
        frequent: dict[Hashable, int],
    ):
        self._connection = connection
        self._prepare = prepare
        self._deadline = deadline
        self._render = render
        self.renders = render is not None
        self.frequent = frequent

    def rows(self, builder: Builder, *shape: Hashable, **values: typing.Any) -> Rows:
        """Return the rows of a shape that has one statement."""
        (statement,) = self._prepare(builder, shape)
        return self._run(statement, values)

    def first(self, builder: Builder, *shape: Hashable, rows_max: int, **values: typing.Any) -> Rows:
        """Return the first rows of a shape's statements, run one after the other. Each must bind `limit`."""
        rows: Rows = []
        for statement in self._prepare(builder, shape):
            rows += self._run(statement, {**values, "limit": rows_max - len(rows)})
            if len(rows) >= rows_max:
                break
        return rows

    def stream(self, builder: Builder, *shape: Hashable, at_once: int, **values: typing.Any) -> Iterator[Rows]:
        """Yield all rows of a shape's statements, `at_once` rows at a time, with their texts in UTF-8.

        The deadline restarts for each batch.
        """
        for statement in self._prepare(builder, shape):
            self._restart()
            with statement.opened(self._connection, values) as cursor:
                while rows := cursor.fetchmany(at_once):
                    yield self._rendered(statement, statement.encoded(rows))
                    self._restart()

    def _run(self, statement: Statement, values: Mapping[str, typing.Any]) -> Rows:
        # PostgreSQL enforces its own timeout.
        if self._deadline is not None:
            self._deadline.restart()
        rows = statement.run(self._connection, values)
        return rows if self._render is None else self._rendered(statement, rows)

    def _rendered(self, statement: Statement, rows: Rows) -> Rows:
        """Return rows with their documents in the current shape."""
        render = self._render
        if render is None or not statement.documents:
            return rows
        return [
            tuple(
                render(value) if number in statement.documents and value is not None else value
                for number, value in enumerate(row)
            )
            for row in rows
        ]

    def _restart(self) -> None:
        # PostgreSQL enforces its own timeout.
        if self._deadline is not None:
            self._deadline.restart()


def preparer(dialect: Dialect) -> Callable[..., tuple[Statement, ...]]:
    """Return a function that compiles the statements of a shape, and caches them."""

    @lru_cache(maxsize=_SHAPES_MAX)
    def prepare(builder: Builder, shape: tuple[Hashable, ...]) -> tuple[Statement, ...]:
        return tuple(Statement(select, dialect) for select in builder(*shape))

    return prepare
