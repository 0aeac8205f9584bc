"""Cursors: where a page begins, opaque, and bound to the query that they were made for."""

from __future__ import annotations

import base64
import hashlib
import typing
from collections.abc import Sequence
from dataclasses import dataclass

import orjson

_LONGEST = 2000


@dataclass(frozen=True)
class Cursor:
    """A place in a list: the sort values and id of a record, and the direction to read from it."""

    position: tuple[str | int | None, ...]
    backward: bool


class InvalidCursor(ValueError):
    """A cursor that is none, or another list's; the message says which."""


def fingerprint(*parts: typing.Any) -> str:
    """A short hash of what a cursor is bound to: path, filters and sort."""
    return hashlib.sha256(orjson.dumps(parts, option=orjson.OPT_SORT_KEYS)).hexdigest()[:12]


def encode(cursor: Cursor, bound_to: str) -> str:
    """The text of a cursor."""
    raw = orjson.dumps([bound_to, int(cursor.backward), list(cursor.position)])
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def decode(text: str, bound_to: str, types: Sequence[type]) -> Cursor:
    """The cursor of a text; raises BadCursor unless it was made for this query, with values of these types or null."""
    broken = InvalidCursor("This is no cursor. Take it from the next or prev link of a page.")
    if len(text) > _LONGEST:
        raise broken
    try:
        made_for, backward, position = orjson.loads(base64.b64decode(text + "=" * (-len(text) % 4), b"-_", True))
        good = isinstance(made_for, str) and backward in (0, 1) and all(_holds(value) for value in position)
    except (ValueError, TypeError):
        raise broken from None
    if not good:
        raise broken
    if made_for != bound_to:
        raise InvalidCursor(
            "This cursor was made for another query. Follow the links of one list with the same filters and sort, "
            "or begin again without a cursor."
        )
    if len(position) != len(types) or not all(
        value is None or type(value) is type_ for value, type_ in zip(position, types, strict=True)
    ):
        raise broken
    return Cursor(tuple(position), bool(backward))


def _holds(value: object) -> bool:
    """Whether a database can compare with a value."""
    if isinstance(value, str):
        return "\x00" not in value
    return value is None or (type(value) is int and abs(value) < 2**63)
