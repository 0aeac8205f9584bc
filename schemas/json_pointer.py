"""Validation messages with their positions as JSON Pointers (RFC 6901)."""

from __future__ import annotations

import typing
from collections.abc import Iterator


def flatten_messages(messages: typing.Any, path: str = "") -> Iterator[tuple[str, str]]:
    """Yield the JSON Pointer and text of every message that marshmallow nests by field and index.

    >>> list(flatten_messages({"evidence": {0: {"end": ["Too small."]}}, "_schema": ["Not an object."]}))
    [('/evidence/0/end', 'Too small.'), ('', 'Not an object.')]
    """
    if isinstance(messages, dict):
        for key, inner in messages.items():
            step = "" if key == "_schema" else "/" + str(key).replace("~", "~0").replace("/", "~1")
            yield from flatten_messages(inner, path + step)
    elif isinstance(messages, list):
        for inner in messages:
            yield from flatten_messages(inner, path)
    else:
        yield path, str(messages)
