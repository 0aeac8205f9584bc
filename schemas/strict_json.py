"""JSON as RFC 8259 means it: no name twice in an object, no NaN, and no deeper than any record is."""

from __future__ import annotations

import json
import typing

# Records are five deep; whoever sends more means to exhaust something.
_DEEPEST = 32


def loads(raw: bytes) -> typing.Any:
    """The value of a JSON text in UTF-8; raises ValueError, saying what is wrong with it.

    >>> loads(b'{"count": 1, "count": 2}')
    Traceback (most recent call last):
    ...
    ValueError: The name 'count' stands twice in one object.
    """
    try:
        text = raw.decode()
    except UnicodeDecodeError as error:
        raise ValueError(f"Not UTF-8 at byte {error.start}.") from None
    _check_depth(text)
    try:
        return json.loads(text, object_pairs_hook=_once, parse_constant=_no_number)
    except json.JSONDecodeError as error:
        raise ValueError(f"Not JSON: {error.msg} at character {error.pos}.") from None


def _check_depth(text: str) -> None:
    # An upper bound: brackets within strings count too, but no record has so many.
    if text.count("[") + text.count("{") <= _DEEPEST:
        return
    depth, quoted, escaped = 0, False, False
    for letter in text:
        if quoted:
            quoted, escaped = escaped or letter != '"', letter == "\\" and not escaped
        elif letter == '"':
            quoted = True
        elif letter in "[{":
            depth += 1
            if depth > _DEEPEST:
                raise ValueError(f"Nested more than {_DEEPEST} deep.")
        elif letter in "]}":
            depth -= 1


def _once(pairs: list[tuple[str, typing.Any]]) -> dict[str, typing.Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"The name {twice!r} stands twice in one object.")
    return found


def _no_number(constant: str) -> typing.NoReturn:
    raise ValueError(f"{constant} is no number in JSON.")
