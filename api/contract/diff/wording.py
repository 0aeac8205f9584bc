"""What only people read: it may be worded anew at any time."""

from __future__ import annotations

import typing
from collections.abc import Iterator

from api.contract.diff.change import Change, Level, escaped
from api.contract.diff.schema_node import ANNOTATIONS

_TELLING = {"deprecated", "discriminator", "x-extensible-enum", "default", "readOnly", "writeOnly"}
_WORDS = (ANNOTATIONS | {"summary", "info", "tags", "openapi"}) - _TELLING


def worded(old: typing.Any, new: typing.Any, at: str = "") -> Iterator[Change]:
    """The changes of words and examples in whatever both documents have."""
    if isinstance(old, dict) and isinstance(new, dict):
        for key in sorted(old.keys() | new.keys()):
            place = f"{at}/{escaped(key)}"
            if key in _WORDS and not at.endswith("/properties"):
                if old.get(key) != new.get(key) and not (key == "tags" and at):
                    yield Change(place, Level.WORDS, "Only words or examples differ.")
            elif key in old and key in new:
                yield from worded(old[key], new[key], place)
    elif isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
        for number, (mine, theirs) in enumerate(zip(old, new, strict=True)):
            yield from worded(mine, theirs, f"{at}/{number}")
