"""Column type for the documents of claims. The report of the checks is about half of a document, and most are equal.

A claim has its document without the report, and the number of the report. Each report is stored once. SQL puts the
three parts together, so a reader gets the document as it was written.
"""

from __future__ import annotations

import hashlib
import typing

from sqlalchemy import ColumnElement, Table, Text, select, type_coerce
from sqlalchemy.types import TypeDecorator


class SplitDocument(TypeDecorator[str]):
    """The part of a document before the report. A SELECT of the column returns the whole document."""

    impl = Text
    cache_ok = True

    def __init__(self, reports: Table):
        """Create the type of a column, for reports in a table."""
        super().__init__()
        self.reports = reports

    def column_expression(self, column: ColumnElement[typing.Any]) -> ColumnElement[typing.Any]:
        """Return the whole document of a row."""
        table, reports = typing.cast("typing.Any", column).table, self.reports
        report = select(reports.c.report).where(reports.c.number == table.c.report).scalar_subquery()
        return type_coerce(column, Text).concat(report).concat(table.c.document_end)


def split(document: str, report: str) -> tuple[str, int, str]:
    """Return the part of a document before its report, the number of the report, and the part after it.

    The number is a hash, so that a writer need not look it up.
    """
    # In JSON, the quotation marks of a text are escaped, so no text can match.
    key = '"grounding":'
    before, _, after = document.partition(f"{key}{report}")
    return f"{before}{key}", int.from_bytes(hashlib.sha256(report.encode()).digest()[:8], signed=True), after
