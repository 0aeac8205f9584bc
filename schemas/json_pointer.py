"""JSON Pointers (RFC 6901): positions of validation messages and of parts of documents."""

from __future__ import annotations

import typing
from collections.abc import Iterable, Iterator


def escape(step: str | int) -> str:
    """Return a step of a JSON Pointer."""
    return str(step).replace("~", "~0").replace("/", "~1")


def to_pointer(path: Iterable[str | int]) -> str:
    """Return the JSON Pointer of a path.

    >>> to_pointer(["data", 0, "a/b"])
    '/data/0/a~1b'
    """
    return "".join(f"/{escape(step)}" for step in path)


def lookup(document: typing.Any, pointer: str) -> typing.Any:
    """Return the part of a document that a JSON Pointer leads to.

    Raises ValueError if the document does not have it.
    """
    part: typing.Any = document
    try:
        for step in pointer.split("/")[1:]:
            key = step.replace("~1", "/").replace("~0", "~")
            part = part[int(key)] if isinstance(part, list) else part[key]
    except (KeyError, IndexError, ValueError, TypeError):
        raise ValueError(f"The document does not have the part #{pointer}.") from None
    return part


def flatten_messages(messages: typing.Any, path: str = "") -> Iterator[tuple[str, str]]:
    """Yield the JSON Pointer and text of every message that marshmallow nests by field and index.

    >>> list(flatten_messages({"evidence": {0: {"end": ["Too small."]}}, "_schema": ["Not an object."]}))
    [('/evidence/0/end', 'Too small.'), ('', 'Not an object.')]
    """
    if isinstance(messages, dict):
        for key, inner in messages.items():
            step = "" if key == "_schema" else f"/{escape(key)}"
            yield from flatten_messages(inner, path + step)
    elif isinstance(messages, list):
        for inner in messages:
            yield from flatten_messages(inner, path)
    else:
        yield path, str(messages)
