"""Cursors: opaque positions in a list, each bound to its query."""

from __future__ import annotations

import base64
import hashlib
import typing
from collections.abc import Sequence
from dataclasses import dataclass

import orjson

_LENGTH_MAX = 2000


@dataclass(frozen=True)
class Cursor:
    """A position in a list: the sort values and id of a record, and the direction of reading."""

    position: tuple[str | int | None, ...]
    backward: bool


class InvalidCursor(ValueError):
    """A malformed cursor, or one of another query."""


def fingerprint(*query: typing.Any) -> str:
    """Return a short hash of a query: its path, filters and sort."""
    return hashlib.sha256(orjson.dumps(query, option=orjson.OPT_SORT_KEYS)).hexdigest()[:12]


def encode(cursor: Cursor, bound_to: str) -> str:
    """Return the text of a cursor."""
    raw = orjson.dumps([bound_to, int(cursor.backward), list(cursor.position)])
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def decode(text: str, bound_to: str, types: Sequence[type]) -> Cursor:
    """Return the cursor of a text.

    Raises InvalidCursor unless it belongs to this query and its values have these types or are null.
    """
    malformed = InvalidCursor("Invalid cursor. Use the next or prev link of a page.")
    if len(text) > _LENGTH_MAX:
        raise malformed
    try:
        fingerprint_, backward, position = orjson.loads(base64.b64decode(text + "=" * (-len(text) % 4), b"-_", True))
        valid = isinstance(fingerprint_, str) and backward in (0, 1) and all(map(_is_sort_value, position))
    except (ValueError, TypeError):
        raise malformed from None
    if not valid:
        raise malformed
    if fingerprint_ != bound_to:
        raise InvalidCursor(
            "This cursor belongs to another query. Keep the filters and the sort while you follow the links, or start "
            "again without a cursor."
        )
    if len(position) != len(types) or not all(
        value is None or type(value) is type_ for value, type_ in zip(position, types, strict=True)
    ):
        raise malformed
    return Cursor(tuple(position), bool(backward))


def _is_sort_value(value: object) -> bool:
    """Return whether a database can compare with a value."""
    if isinstance(value, str):
        return "\x00" not in value
    return value is None or (type(value) is int and abs(value) < 2**63)
