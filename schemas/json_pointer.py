"""Validation messages as a list of places, each a JSON Pointer (RFC 6901), and what is wrong there."""

from __future__ import annotations

import typing
from collections.abc import Iterator


def pointed(messages: typing.Any, path: str = "") -> Iterator[tuple[str, str]]:
    """The pointer and text of every message in what marshmallow nests by field and index.

    >>> list(pointed({"evidence": {0: {"end": ["Too small."]}}, "_schema": ["Not an object."]}))
    [('/evidence/0/end', 'Too small.'), ('', 'Not an object.')]
    """
    if isinstance(messages, dict):
        for key, inner in messages.items():
            step = "" if key == "_schema" else "/" + str(key).replace("~", "~0").replace("/", "~1")
            yield from pointed(inner, path + step)
    elif isinstance(messages, list):
        for inner in messages:
            yield from pointed(inner, path)
    else:
        yield path, str(messages)
