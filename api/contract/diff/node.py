"""Node: a part of an OpenAPI document, and the JSON Pointer that leads to it."""

from __future__ import annotations

import typing
from dataclasses import dataclass

from schemas.json_pointer import lookup, to_pointer

Document = dict[str, typing.Any]


@dataclass(frozen=True)
class Node:
    """A part of a document. Without a pointer, it is the whole document."""

    document: Document
    value: typing.Any
    pointer: str = ""

    def at(self, *steps: str | int) -> Node:
        """Return the part that these steps lead to."""
        value = self.value
        for step in steps:
            value = value[step]
        return Node(self.document, value, self.pointer + to_pointer(steps))

    def parts(self, *keys: str) -> dict[str, Node]:
        """Return the parts with these keys, if the node has them."""
        return {key: self.at(key) for key in keys if key in self.value}

    def children(self, key: str) -> dict[str, Node]:
        """Return the parts of the object with this key, or an empty dict if the node does not have it."""
        return self.at(key).parts(*self.value[key]) if key in self.value else {}

    @property
    def resolved(self) -> Node:
        """The part that the node refers to, or the node itself if it is not a reference."""
        if not isinstance(self.value, dict) or "$ref" not in self.value:
            return self
        pointer = self.value["$ref"].removeprefix("#")
        return Node(self.document, lookup(self.document, pointer), pointer)


def parameters(node: Node) -> dict[tuple[str, str], Node]:
    """Return the parameters of a list by location and name. Names of headers are case-insensitive."""
    listed: dict[tuple[str, str], Node] = {}
    for index in range(len(node.value)):
        parameter = node.at(index)
        location, name = (parameter.resolved.value[key] for key in ("in", "name"))
        listed[location, name.lower() if location == "header" else name] = parameter
    return listed
