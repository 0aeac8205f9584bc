"""A strict JSON parser (RFC 8259): unique names in objects, no NaN, and limited depth.

A byte order mark before the JSON text is ignored (RFC 8259, section 8.1). Numbers without a fraction are integers:
3.0 and 3e0 are 3, as in JSON Schema.
"""

from __future__ import annotations

import json
import re
import typing
from collections import Counter
from decimal import Decimal, InvalidOperation
from itertools import accumulate

# Records are five levels deep. Deep nesting could exhaust the stack.
_DEPTH_MAX = 32
_DIGITS_MAX = 30

# Strings, the last of which may lack its end, and other text between brackets.
_NOT_BRACKETS = re.compile(r'"(?:[^"\\]++|\\.)*+"?|[^"\[\]{}]+', re.DOTALL)
# Escapes that can be half of a surrogate pair. Searching them first is fast, because they are rare.
_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")


def loads(raw: bytes) -> typing.Any:
    """Return the value of a JSON text in UTF-8, or raise ValueError with the reason.

    >>> loads(b'{"count": 1, "count": 2}')
    Traceback (most recent call last):
    ...
    ValueError: The name 'count' occurs twice in one object.
    """
    try:
        text = raw.decode().removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        raise ValueError(f"Not UTF-8 at byte {error.start}.") from None
    _check_depth(text)
    try:
        value = json.loads(
            text,
            object_pairs_hook=_unique_names,
            parse_constant=_reject_constant,
            parse_int=_parse_int,
            parse_float=_parse_float,
        )
    except json.JSONDecodeError as error:
        raise ValueError(f"Not JSON: {error.msg} at character {error.pos}.") from None
    if _SURROGATE.search(text):
        _check_surrogates(value)
    return value


def _check_depth(text: str) -> None:
    # This is an upper bound, because it also counts brackets in strings.
    if text.count("[") + text.count("{") <= _DEPTH_MAX:
        return
    brackets = _NOT_BRACKETS.sub("", text)
    if any(depth > _DEPTH_MAX for depth in accumulate(1 if bracket in "[{" else -1 for bracket in brackets)):
        raise ValueError(f"Nested more than {_DEPTH_MAX} levels deep.")


def _unique_names(pairs: list[tuple[str, typing.Any]]) -> dict[str, typing.Any]:
    members = dict(pairs)
    if len(members) < len(pairs):
        [(name, _)] = Counter(name for name, _ in pairs).most_common(1)
        raise ValueError(f"The name {name!r} occurs twice in one object.")
    return members


def _parse_int(digits: str) -> int:
    # The largest integer of a database has 19 digits. Python takes seconds to parse the longest possible number.
    if len(digits) > _DIGITS_MAX:
        raise ValueError(f"The number has {len(digits):,} digits. The maximum is {_DIGITS_MAX}.")
    return int(digits)


def _parse_float(literal: str) -> int | float:
    """Return the value of a number with a fraction or an exponent. It is an int if the value is a short integer."""
    try:
        exact = Decimal(literal)
    except InvalidOperation:
        # The exponent has more than 18 digits.
        return float(literal)
    # 1e1000000 would be an integer of a million digits.
    short = exact.adjusted() < _DIGITS_MAX or not exact
    return int(exact) if short and exact == exact.to_integral_value() else float(literal)


def _check_surrogates(value: typing.Any) -> None:
    """Raise ValueError for lone surrogates, which UTF-8 cannot encode."""
    text = json.dumps(value, ensure_ascii=False)
    try:
        text.encode()
    except UnicodeEncodeError as error:
        excerpt = text[max(0, error.start - 60) : error.end]
        raise ValueError(
            f"{excerpt!a} ends with half of a surrogate pair. Send both halves, or the character itself."
        ) from None


def _reject_constant(constant: str) -> typing.NoReturn:
    raise ValueError(f"{constant} is not a JSON number.")
