"""Tables: records as CSV (RFC 4180), with formulas escaped for spreadsheets."""

from __future__ import annotations

import csv
import io
import re
import typing
from collections.abc import Iterable, Mapping, Sequence

import orjson

from api.formats.columns import Column

# Prefixes of formulas after ignored characters: OWASP's list and the full-width variants.
_FORMULA = re.compile("[\\s']*[=+\\-@\t\r\n＝＋－＠]")


def header(columns: Sequence[Column]) -> str:
    """Return the row of column names."""
    return _csv([[column.name for column in columns]])


def tags(columns: Sequence[Column], same: Mapping[str, str]) -> str:
    """Return the row of HXL tags. `same` has the values of fields that are equal in all rows."""
    return _csv([[_tag(column, same) for column in columns]])


def rows(columns: Sequence[Column], documents: Iterable[str | bytes]) -> str:
    """Return a row for each record."""
    return _csv([[cell(column.value(record)) for column in columns] for record in map(orjson.loads, documents)])


def cell(value: typing.Any) -> str:
    r"""Return a value as text: empty for null, lists joined by `; `, formulas escaped.

    >>> [cell(value) for value in (None, True, 1166, "said", ["Armenia", None], ["a;b", "c"])]
    ['', 'true', '1166', 'said', 'Armenia; ', 'a\\;b; c']

    A formula gets a leading apostrophe, and so does a formula that already has apostrophes. To restore the value,
    remove one apostrophe before a formula.

    >>> cell("=1+1"), cell("'=1+1"), cell("'twas")
    ("'=1+1", "''=1+1", "'twas")
    """
    if isinstance(value, str):
        return f"'{value}" if _FORMULA.match(value) else value
    if isinstance(value, list):
        return cell("; ".join(_member(item) for item in value))
    return "" if value is None else str(value).lower()


def _member(value: typing.Any) -> str:
    text = "" if value is None else value if isinstance(value, str) else str(value).lower()
    return text.replace("\\", "\\\\").replace(";", "\\;")


def _tag(column: Column, same: Mapping[str, str]) -> str:
    return column.tag + "".join(f"+{same[name]}" for name in column.tagged_by if name in same)


def _csv(lines: Iterable[Sequence[str]]) -> str:
    text = io.StringIO(newline="")
    csv.writer(text).writerows(lines)
    return text.getvalue()
