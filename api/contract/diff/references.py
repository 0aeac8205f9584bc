"""Which components of two documents differ, in themselves or in what they refer to: the rest need not be compared."""

from __future__ import annotations

import re
import typing

import orjson

from api.contract.diff.change import Document

_REFERENCE = re.compile(rb'"\$ref":"([^"]+)"')
_COMPONENT = re.compile("#/components/[^/]+/[^/]+")


def references(part: typing.Any) -> set[str]:
    """What a part of a document refers to: components, or within which component that is; or any other place.

    >>> references({"items": {"$ref": "#/components/schemas/Quote/properties/cue"}})
    {'#/components/schemas/Quote'}
    """
    found = (reference.decode() for reference in _REFERENCE.findall(orjson.dumps(part)))
    return {component[0] if (component := _COMPONENT.match(each)) else each for each in found}


def touched(old: Document, new: Document) -> set[str]:
    """The references that lead to something else than before; those that lead to no component are taken to."""
    mine, theirs = _components(old), _components(new)
    differing = {name for name in mine.keys() | theirs.keys() if mine.get(name) != theirs.get(name)}
    differing |= {reference for reference in references([old, new]) if not _COMPONENT.match(reference)}
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
