"""Which components of two documents differ, in themselves or in what they refer to: the rest need not be compared."""

from __future__ import annotations

import re
import typing

import orjson

from api.contract.differ.change import Document

_REFERENCE = re.compile(rb'"\$ref":"(#/components/[^"]+)"')


def references(part: typing.Any) -> set[str]:
    """What a part of a document refers to.

    >>> references({"items": {"$ref": "#/components/schemas/Quote"}})
    {'#/components/schemas/Quote'}
    """
    return {reference.decode() for reference in _REFERENCE.findall(orjson.dumps(part))}


def touched(old: Document, new: Document) -> set[str]:
    """The references that lead to something else than before."""
    mine, theirs = _components(old), _components(new)
    differing = {name for name in mine.keys() | theirs.keys() if mine.get(name) != theirs.get(name)}
    users: dict[str, set[str]] = {}
    for name, part in theirs.items():
        for reference in references(part):
            users.setdefault(reference, set()).add(name)
    reached: set[str] = set()
    while differing:
        reached |= differing
        differing = {user for name in differing for user in users.get(name, ())} - reached
    return reached


def _components(document: Document) -> dict[str, typing.Any]:
    return {
        f"#/components/{group}/{name}": part
        for group, parts in document.get("components", {}).items()
        for name, part in parts.items()
    }
