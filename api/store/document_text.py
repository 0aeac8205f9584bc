"""Column type for the documents of claims, which stores the part that many of them share only once.

The report of the checks is about half of a document, and most reports are equal. So a row has the beginning of the
document, and the number of the shared part: the basis of `on_record`, the report and the version. The rest of the
document is the times of the row. SQL puts them together, so a reader gets the document as it was written.
"""

from __future__ import annotations

import hashlib
import typing
from collections.abc import Iterable

from sqlalchemy import ColumnElement, Table, Text, literal_column, select, type_coerce
from sqlalchemy.types import TypeDecorator

# The shared part begins with this key. In JSON, the quotation marks of a text are escaped, so no text can match.
_KEY = '"basis":'
# The fields of a document that its beginning does not have, or only in part.
_LATER_FIELDS = frozenset(("on_record", "grounding", "version", "created_at", "updated_at"))
# Closes the beginning, which ends with a comma.
_CLOSING = '"":0}}'
# The document between its two times, and after them.
_BETWEEN, _END = '","updated_at":"', '"}'


class SplitDocument(TypeDecorator[str]):
    """The beginning of the document of a claim. A SELECT of the column returns the whole document."""

    impl = Text
    cache_ok = True

    def __init__(self, parts: Table):
        """Create the type of a column, for shared parts in a table."""
        super().__init__()
        self.parts = parts

    def column_expression(self, column: ColumnElement[typing.Any]) -> ColumnElement[typing.Any]:
        """Return the whole document of a row."""
        row, parts = typing.cast("typing.Any", column).table.c, self.parts.c
        part = select(parts.text).where(parts.number == row.part).scalar_subquery()
        whole: ColumnElement[str]
        between, whole = (literal_column(f"'{text}'", Text) for text in (_BETWEEN, _END))
        # From the end and in parentheses, which `concat` omits, so that the long texts are copied once.
        for text in (row.updated_at, between, row.created_at, part, column):
            whole = type_coerce(text, Text).op("||", return_type=Text())(whole)
        return whole


def in_beginning(column: ColumnElement[typing.Any], fields: Iterable[str]) -> bool:
    """Return whether the beginnings of the documents in a column have all of the fields."""
    return isinstance(column.type, SplitDocument) and _LATER_FIELDS.isdisjoint(fields)


def beginning(column: ColumnElement[typing.Any]) -> ColumnElement[str]:
    """Return the beginning of the document of a row, as a JSON object."""
    closing = literal_column(f"'{_CLOSING}'", Text)
    return type_coerce(column, Text).op("||", return_type=Text())(closing).label("beginning")


def split(document: str, created_at: str, updated_at: str) -> tuple[str, int, str]:
    """Return the beginning of the document of a claim, the number of the shared part, and this part.

    The number is a hash, so that a writer need not look it up.
    """
    end = f"{created_at}{_BETWEEN}{updated_at}{_END}"
    if not document.endswith(end):
        raise ValueError("The document does not end with its times.")
    start = document.index(_KEY)
    part = document[start : -len(end)]
    return document[:start], int.from_bytes(hashlib.sha256(part.encode()).digest()[:8], signed=True), part
