"""Statements that the database driver executes for many rows of an import."""

from __future__ import annotations

import typing
from operator import itemgetter

from sqlalchemy import Connection, Insert, Update

from api.store.prepare import Row


class DriverStatement:
    """A statement that the driver executes for many rows.

    SQLAlchemy takes longer to bind the values of a row than SQLite takes to store it.
    """

    def __init__(self, statement: Insert | Update, names: list[str], connection: Connection):
        """Compile a statement that sets the columns with these names, or has parameters with these names."""
        dialect = connection.dialect
        compiled = statement.compile(dialect=dialect, column_keys=names, for_executemany=True)
        self._connection = connection
        self._text = str(compiled)
        self._order = compiled.positiontup
        processors = ((name, bind.type.dialect_impl(dialect)) for name, bind in compiled.binds.items())
        self._processors = [(name, process) for name, type_ in processors if (process := type_.bind_processor(dialect))]

    def execute(self, rows: list[Row]) -> None:
        """Execute the statement for each row. A value is replaced in its row if the driver does not have its type."""
        for name, process in self._processors:
            for row in rows:
                row[name] = process(row[name])
        # SQLite has parameters without names.
        parameters: list[typing.Any] = rows if self._order is None else [*map(itemgetter(*self._order), rows)]
        self._connection.exec_driver_sql(self._text, parameters)
