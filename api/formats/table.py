"""Tables: records as CSV (RFC 4180), of which a spreadsheet runs nothing."""

from __future__ import annotations

import csv
import io
import re
import typing
from collections.abc import Iterable, Mapping, Sequence

import orjson

from api.formats.columns import Column

# What a spreadsheet may take for a formula, behind whatever it passes over: OWASP's list, and its wide twins.
_FORMULA = re.compile("[\\s']*[=+\\-@\t\r\n＝＋－＠]")


def header(columns: Sequence[Column]) -> str:
    """The names of the columns."""
    return _written([[column.name for column in columns]])


def tags(columns: Sequence[Column], same: Mapping[str, str]) -> str:
    """Their HXL tags; `same` has the fields that are known to be the same in all rows."""
    return _written([[_tag(column, same) for column in columns]])


def rows(columns: Sequence[Column], documents: Iterable[str]) -> str:
    """A row for each record."""
    return _written([[cell(column.value(record)) for column in columns] for record in map(orjson.loads, documents)])


def cell(value: typing.Any) -> str:
    r"""A value as it stands in a table: nothing for null, lists joined by `; `, text so that it is no formula.

    >>> [cell(value) for value in (None, True, 1166, "said", ["Armenia", None], ["a;b", "c"])]
    ['', 'true', '1166', 'said', 'Armenia; ', 'a\\;b; c']

    What looks like a formula gets an apostrophe, and so does what has one there already, so that taking away one
    apostrophe in front of a formula, or of apostrophes and a formula, gives what is on record.

    >>> cell("=1+1"), cell("'=1+1"), cell("'twas")
    ("'=1+1", "''=1+1", "'twas")
    """
    if isinstance(value, str):
        return f"'{value}" if _FORMULA.match(value) else value
    if isinstance(value, list):
        return cell("; ".join(_member(each) for each in value))
    return "" if value is None else str(value).lower()


def _member(value: typing.Any) -> str:
    text = "" if value is None else value if isinstance(value, str) else str(value).lower()
    return text.replace("\\", "\\\\").replace(";", "\\;")


def _tag(column: Column, same: Mapping[str, str]) -> str:
    return column.tag + "".join(f"+{same[name]}" for name in column.tagged_by if name in same)


def _written(lines: Iterable[Sequence[str]]) -> str:
    text = io.StringIO(newline="")
    csv.writer(text).writerows(lines)
    return text.getvalue()
