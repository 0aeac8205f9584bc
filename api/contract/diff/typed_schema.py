"""The alternatives of a schema: typed schemas, each of one type, without references and unions.

`oneOf` is compared like `anyOf`, because a discriminator selects one of the alternatives.
"""

from __future__ import annotations

import typing
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property

from jsonschema_rs import is_valid

from api.contract.diff.node import Node

MINIMA = ("minLength", "minimum", "minItems")
MAXIMA = ("maxLength", "maximum", "maxItems")
FORMS = ("pattern", "format", "contentMediaType")
_KEYWORDS: dict[str, set[str]] = {
    "string": {"minLength", "maxLength", *FORMS, "not"},
    "integer": {"minimum", "maximum", "format", "not"},
    "number": {"minimum", "maximum", "format", "not"},
    "array": {"items", "minItems", "maxItems", "uniqueItems"},
    "object": {"properties", "required", "additionalProperties"},
}


@dataclass(frozen=True)
class TypedSchema:
    """A schema of one type, or of every type if `type` is None, with the keywords that apply to the type."""

    node: Node
    type: str | None = None
    enum: list[typing.Any] | None = None
    keywords: dict[str, typing.Any] = field(default_factory=dict)
    # The schema of the documents in a text, such as the lines of NDJSON.
    content: Node | None = None

    @property
    def pointer(self) -> str:
        return self.node.pointer

    @property
    def excluded(self) -> list[typing.Any]:
        return list(self.keywords.get("not", {}).get("enum", ()))

    @property
    def required(self) -> set[str]:
        return set(self.keywords.get("required", ()))

    @cached_property
    def properties(self) -> dict[str, Node]:
        return self.node.children("properties") if "properties" in self.keywords else {}

    @property
    def items(self) -> Node | None:
        return self._limiting("items")

    @property
    def additional(self) -> Node | None:
        return self._limiting("additionalProperties")

    def _limiting(self, keyword: str) -> Node | None:
        return None if self.keywords.get(keyword, True) in (True, {}) else self.node.at(keyword)


def alternatives(node: Node) -> list[TypedSchema]:
    """Return the typed schemas of which a value must match one. No value matches an empty list."""
    schema = node.value
    if isinstance(schema, bool):
        return [TypedSchema(node)] if schema else []
    if "$ref" in schema:
        return alternatives(node.resolved)
    if "allOf" in schema:
        content = node.at("contentSchema")
        return [replace(schema, content=content) for schema in alternatives(node.at("allOf", 0))]
    for union in ("anyOf", "oneOf"):
        if union in schema:
            options = [node.at(union, index) for index in range(len(schema[union]))]
            return [alternative for option in options for alternative in alternatives(option)]
    return list(_by_type(node)) if "type" in schema else [TypedSchema(node)]


def _by_type(node: Node) -> Iterator[TypedSchema]:
    schema = node.value
    for type_ in [schema["type"]] if isinstance(schema["type"], str) else schema["type"]:
        enum = schema.get("enum")
        own = None if enum is None else [value for value in enum if has_type(value, type_)]
        if own != []:
            keywords = {key: schema[key] for key in _KEYWORDS.get(type_, set()) & schema.keys()}
            yield TypedSchema(node, type_, None if type_ == "null" else own, keywords)


def contains(values: list[typing.Any], value: typing.Any) -> bool:
    """Return whether a JSON value is in a list. In JSON, 1 does not equal true."""
    return any(isinstance(other, bool) == isinstance(value, bool) and other == value for other in values)


def has_type(value: typing.Any, type_: str | None) -> bool:
    """Return whether a JSON value has a type. Every value has the type None."""
    return type_ is None or is_valid({"type": type_}, value)
