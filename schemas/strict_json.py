"""JSON as RFC 8259 means it: no name twice in an object, no NaN, and no deeper than any record is.

A byte order mark before the JSON text is ignored (RFC 8259, 8.1). A number without a fraction is an integer, however it
is written: 3.0 and 3e0 are 3, as in JSON Schema.
"""

from __future__ import annotations

import json
import re
import typing
from decimal import Decimal, InvalidOperation

# Records are five deep; whoever sends more means to exhaust something.
_DEEPEST = 32
_LONGEST_NUMBER = 30

# Escapes that may be half a pair: looked for first, for hardly any record has one.
_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")


def loads(raw: bytes) -> typing.Any:
    """The value of a JSON text in UTF-8; raises ValueError, saying what is wrong with it.

    >>> loads(b'{"count": 1, "count": 2}')
    Traceback (most recent call last):
    ...
    ValueError: The name 'count' stands twice in one object.
    """
    try:
        text = raw.decode().removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        raise ValueError(f"Not UTF-8 at byte {error.start}.") from None
    _check_depth(text)
    try:
        value = json.loads(
            text, object_pairs_hook=_once, parse_constant=_no_number, parse_int=_whole, parse_float=_number
        )
    except json.JSONDecodeError as error:
        raise ValueError(f"Not JSON: {error.msg} at character {error.pos}.") from None
    if _SURROGATE.search(text):
        _check_surrogates(value)
    return value


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
        seen: set[str] = set()
        for name, _ in pairs:
            if name in seen:
                raise ValueError(f"The name {name!r} stands twice in one object.")
            seen.add(name)
    return found


def _whole(digits: str) -> int:
    # The longest that a database holds has nineteen; Python would take seconds over the longest that there can be.
    if len(digits) > _LONGEST_NUMBER:
        raise ValueError(f"A number of {len(digits):,} digits is none that is counted here.")
    return int(digits)


def _number(literal: str) -> int | float:
    """Return the value of a number with a fraction or an exponent. It is an int if the value is a short integer."""
    try:
        exact = Decimal(literal)
    except InvalidOperation:
        # The exponent has more than 18 digits.
        return float(literal)
    # 1e1000000 would be an integer of a million digits.
    short = exact.adjusted() < _LONGEST_NUMBER or not exact
    return int(exact) if short and exact == exact.to_integral_value() else float(literal)


def _check_surrogates(value: typing.Any) -> None:
    """Refuse halves of surrogate pairs, which are no characters: no database holds them, and no UTF-8 says them."""
    if isinstance(value, str):
        try:
            value.encode()
        except UnicodeEncodeError as error:
            told = f"The character at {error.start} of {value[:60]!a} is half of a surrogate pair"
            raise ValueError(f"{told}. Send both halves, or the character itself.") from None
    elif isinstance(value, dict):
        for name, inner in value.items():
            _check_surrogates(name)
            _check_surrogates(inner)
    elif isinstance(value, list):
        for inner in value:
            _check_surrogates(inner)


def _no_number(constant: str) -> typing.NoReturn:
    raise ValueError(f"{constant} is no number in JSON.")
