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
UNIONS = ("anyOf", "oneOf")
OPEN_ENUM = "x-extensible-enum"
# Apps and generated clients depend on these keywords, but they validate nothing.
ANNOTATIONS = ("default", "deprecated", "readOnly", "writeOnly", OPEN_ENUM)
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
    # The annotations of an option of a union.
    annotations: dict[str, typing.Any] = field(default_factory=dict)

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
    if options := _options(node):
        return [
            replace(alternative, annotations=alternative.annotations | stated_annotations(option))
            for option in options
            for alternative in alternatives(option)
        ]
    return list(_by_type(node)) if "type" in schema else [TypedSchema(node)]


def stated_annotations(node: Node) -> dict[str, typing.Any]:
    """Return the annotations of a schema. Those next to a reference override those of its target."""
    schema = {} if isinstance(node.value, bool) else node.value
    own = {key: schema[key] for key in ANNOTATIONS if key in schema}
    return stated_annotations(node.resolved) | own if "$ref" in schema else own


@dataclass(frozen=True)
class Discriminator:
    """A discriminator of a union, or those of the unions within it with the same property, as one."""

    node: Node
    mapping: dict[str, str]


def discriminators(node: Node) -> dict[str, Discriminator]:
    """Return the discriminators of a union and of the unions within it, by property."""
    node = node.resolved
    if isinstance(node.value, bool):
        return {}
    result: dict[str, Discriminator] = {}
    options = _options(node)
    if own := node.value.get("discriminator"):
        references = [option.value["$ref"] for option in options if "$ref" in option.value]
        names = {reference.rpartition("/")[2]: reference for reference in references}
        result[own["propertyName"]] = Discriminator(node, own.get("mapping", names))
    for option in options:
        for name, inner in discriminators(option).items():
            outer = result.get(name, inner)
            result[name] = replace(outer, mapping=inner.mapping | outer.mapping)
    return result


def _options(node: Node) -> list[Node]:
    """Return the options of a union."""
    return [node.at(union, index) for union in UNIONS for index in range(len(node.value.get(union, ())))]


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
