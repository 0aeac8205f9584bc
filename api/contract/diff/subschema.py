"""Whether a schema allows every value that another schema allows, and the differences if it does not.

Each rule is transitive, so two safe changes in a row are safe. Schemas that cannot be compared, such as two patterns,
differ.
"""

from __future__ import annotations

import typing
from collections.abc import Iterator

from jsonschema_rs import is_valid

from api.contract.diff.change import Change, Level, shown
from api.contract.diff.node import Node
from api.contract.diff.typed_schema import (
    ANNOTATIONS,
    FORMS,
    MAXIMA,
    MINIMA,
    OPEN_ENUM,
    TypedSchema,
    alternatives,
    contains,
    discriminators,
    has_type,
    stated_annotations,
)
from schemas.json_pointer import escape

Role = typing.Literal["request", "response"]
_T = typing.TypeVar("_T")
_Schema = dict[str, typing.Any]

# The reasons by role, by whether the difference is breaking, and by keyword. None stands for other keywords.
_REASONS: dict[tuple[Role, bool, str | None], str] = {
    ("request", True, None): "Some requests become invalid: `{keyword}` was {old} and is {new}.",
    ("request", False, None): "More requests become valid: `{keyword}` was {old} and is {new}.",
    ("response", True, None): "Responses can have new values: `{keyword}` was {old} and is {new}.",
    ("response", False, None): "Responses have fewer values: `{keyword}` was {old} and is {new}.",
    ("request", True, "required"): "{name} is now required.",
    ("request", False, "required"): "{name} is now optional.",
    ("response", True, "required"): "{name} can now be absent.",
    ("response", False, "required"): "{name} is now always present.",
    ("request", True, "properties"): "{name} was removed from the request.",
    ("request", False, "properties"): "{name} is a new optional field of the request.",
    ("response", True, "properties"): "{name} was removed from the response.",
    ("response", False, "properties"): "{name} is new in the response.",
    ("request", True, "additionalProperties"): "The object now excludes or restricts additional fields.",
    ("request", False, "additionalProperties"): "The object now allows more additional fields.",
    ("response", True, "additionalProperties"): "The object can now have more additional fields.",
    ("response", False, "additionalProperties"): "The object now excludes or restricts additional fields.",
    ("request", True, "anyOf"): "A schema is no longer valid in requests.",
    ("request", False, "anyOf"): "A new schema is valid in requests.",
    ("response", True, "anyOf"): "Responses can have a new schema.",
    ("response", False, "anyOf"): "Responses no longer have one of the schemas.",
    ("response", True, "enum"): "A closed enumeration has new values: it was {old} and is {new}.",
    ("response", True, "writeOnly"): "The field was removed from the response, because it is now write-only.",
    ("response", False, "writeOnly"): "The field is new in the response, because it was write-only before.",
    ("request", True, "readOnly"): "The field was removed from the request, because it is now read-only.",
    ("request", False, "readOnly"): "The field is new in the request, because it was read-only before.",
}
_REASON_OF_ANNOTATION = "`{keyword}` was {old} and is {new}."
_REASON_OF_MAPPING = "The discriminator's mapping of {name} was {old} and is {new}."
# Requests do not have a field that is read-only, and responses do not have one that is write-only.
_ABSENT: dict[Role, str] = {"request": "readOnly", "response": "writeOnly"}


class Comparison:
    """The comparison of schemas of two documents, which remembers its results.

    `narrow` must not allow values that `wide` does not allow. Apps were built against the base: `narrow` in a request,
    `wide` in a response. The other schema must declare everything that the base declares. If the base is in the older
    document, a difference is `breaking`. Otherwise it is an addition.
    """

    def __init__(self, role: Role, *, breaking: bool):
        self._role: Role = role
        self._breaking = breaking
        self._narrow_is_old = (role == "request") == breaking
        self._results: dict[tuple[str, str], list[Change]] = {}

    def differences(self, narrow: Node, wide: Node) -> list[Change]:
        """Return the differences of two schemas."""
        own = list(self._annotations(narrow, wide, stated_annotations(narrow), stated_annotations(wide)))
        narrow, wide = narrow.resolved, wide.resolved
        key = narrow.pointer, wide.pointer
        if key not in self._results:
            # A schema within itself has the differences that it has outside.
            self._results[key] = []
            self._results[key] = [*self._discriminators(narrow, wide), *self._unions(narrow, wide)]
        return own + self._results[key]

    def _base_first(self, narrow: _T, wide: _T) -> tuple[_T, _T]:
        return (narrow, wide) if self._role == "request" else (wide, narrow)

    def _annotations(self, narrow: Node, wide: Node, narrow_values: _Schema, wide_values: _Schema) -> Iterator[Change]:
        """Yield the differences of annotations."""
        base, other = self._base_first(narrow_values, wide_values)
        keywords = []
        # A field without a default value is null if it is absent from a request.
        restated = not self._breaking and ("default" in base) != ("default" in other)
        if self._role == "request" and (restated or not contains([other.get("default")], base.get("default"))):
            keywords.append("default")
        if other.get(_ABSENT[self._role]) and not base.get(_ABSENT[self._role]):
            keywords.append(_ABSENT[self._role])
        if not all(contains(other.get(OPEN_ENUM, []), value) for value in base.get(OPEN_ENUM, ())):
            keywords.append(OPEN_ENUM)
        # A deprecation never breaks an app.
        if not self._breaking and bool(base.get("deprecated")) != bool(other.get("deprecated")):
            keywords.append("deprecated")
        for keyword in keywords:
            # The reference to a schema, or the schema, has the annotation.
            nodes = (
                node if isinstance(node.value, bool) or keyword in node.value else node.resolved
                for node in (narrow, wide)
            )
            values = (
                "null" if values.get(keyword, False) is None else values.get(keyword)
                for values in (narrow_values, wide_values)
            )
            yield self._change(keyword, *nodes, *values)

    def _discriminators(self, narrow: Node, wide: Node) -> Iterator[Change]:
        """Yield the differences of discriminators: an app selects a schema by a property and its value."""
        both = discriminators(narrow), discriminators(wide)
        base, _ = self._base_first(*both)
        for name in base:
            if not all(name in of for of in both):
                yield self._change("discriminator", narrow, wide, *map(list, both))
                continue
            of_narrow, of_wide = (of[name] for of in both)
            for value in base[name].mapping:
                targets = of_narrow.mapping.get(value), of_wide.mapping.get(value)
                if targets[0] != targets[1]:
                    yield self._change("discriminator", of_narrow.node, of_wide.node, *targets, name=value)

    def _change(
        self,
        keyword: str,
        narrow: Node | TypedSchema,
        wide: Node | TypedSchema,
        narrow_value: typing.Any = None,
        wide_value: typing.Any = None,
        *,
        name: str = "",
    ) -> Change:
        schemas = (narrow.pointer, shown(narrow_value)), (wide.pointer, shown(wide_value))
        (old, old_value), (new, new_value) = schemas if self._narrow_is_old else reversed(schemas)
        general = _REASONS[self._role, self._breaking, None]
        if keyword == "discriminator" and name:
            general = _REASON_OF_MAPPING
        elif keyword in (*ANNOTATIONS, "discriminator"):
            general = _REASON_OF_ANNOTATION
        text = _REASONS.get((self._role, self._breaking, keyword), general)
        reason = text.format(keyword=keyword, old=old_value, new=new_value, name=f"`{name}`")
        pointer = f"{new}/{keyword}"
        if keyword == "properties":
            # A removed field is only in the older document.
            pointer = f"{old if self._breaking else new}/properties/{escape(name)}"
        return Change(pointer, Level.BREAKING if self._breaking else Level.SAFE, reason)

    def _unions(self, narrow: Node, wide: Node) -> list[Change]:
        result: list[Change] = []
        wide_alternatives = alternatives(wide)
        for alternative in alternatives(narrow):
            by_alternative = [list(self._typed(alternative, other)) for other in wide_alternatives]
            if all(by_alternative):
                types = [other.type or "any" for other in wide_alternatives]
                result += self._of_nearest(alternative, wide_alternatives, by_alternative) or [
                    self._change("type", alternative, wide, alternative.type, types)
                ]
        return list(dict.fromkeys(result))

    def _of_nearest(
        self, narrow: TypedSchema, wide_alternatives: list[TypedSchema], by_alternative: list[list[Change]]
    ) -> list[Change]:
        """Return the differences from the alternative that corresponds to a typed schema, if one does.

        If none is in the same place, it is the only alternative with a single difference. A claim of a new kind
        corresponds to the schema of other claims.
        """
        pairs = list(zip(wide_alternatives, by_alternative, strict=True))
        same_place = [differences for wide, differences in pairs if wide.pointer == narrow.pointer]
        same_type = [differences for wide, differences in pairs if wide.type == narrow.type]
        if same_place:
            return min(same_place, key=len)
        nearest = [differences for differences in same_type if len(same_type) == 1 or len(differences) == 1]
        if len(nearest) == 1:
            return nearest[0]
        return [self._change("anyOf", narrow, wide_alternatives[0])] if same_type else []

    def _typed(self, narrow: TypedSchema, wide: TypedSchema) -> Iterator[Change]:
        yield from self._annotations(narrow.node, wide.node, narrow.annotations, wide.annotations)
        if wide.type not in (None, narrow.type) and (narrow.type, wide.type) != ("integer", "number"):
            yield self._change("type", narrow, wide, narrow.type, wide.type)
            return
        if wide.enum is not None and (
            narrow.enum is None or not all(contains(wide.enum, value) for value in narrow.enum)
        ):
            yield self._change("enum", narrow, wide, narrow.enum, wide.enum)
        if narrow.enum is None or not all(_is_valid(value, wide) for value in narrow.enum):
            yield from self._limits(narrow, wide)
        if wide.keywords.get("uniqueItems") and not narrow.keywords.get("uniqueItems"):
            yield self._change("uniqueItems", narrow, wide, False, True)
        if wide.items is not None:
            yield from self.differences(narrow.items or _anything(narrow, "items"), wide.items)
        if wide.content is not None:
            yield from self.differences(narrow.content or _anything(narrow, "contentSchema"), wide.content)
        yield from self._objects(narrow, wide)
        yield from self._additional(narrow, wide)

    def _limits(self, narrow: TypedSchema, wide: TypedSchema) -> Iterator[Change]:
        for keyword in (*MINIMA, *MAXIMA, *FORMS):
            own, limit = narrow.keywords.get(keyword), wide.keywords.get(keyword)
            # A minimum length of 0 is not a limit.
            if limit is None or (limit == 0 and keyword in ("minLength", "minItems")):
                continue
            narrower = own == limit or (
                own is not None and keyword not in FORMS and (own > limit if keyword in MINIMA else own < limit)
            )
            if not narrower:
                yield self._change(keyword, narrow, wide, own, limit)
        excluded = [value for value in wide.excluded if not contains(narrow.excluded, value)]
        allowed = [value for value in excluded if has_type(value, narrow.type)]
        if any(narrow.enum is None or contains(narrow.enum, value) for value in allowed):
            yield self._change("not", narrow, wide, narrow.excluded, wide.excluded)

    def _objects(self, narrow: TypedSchema, wide: TypedSchema) -> Iterator[Change]:
        base, other = self._base_first(narrow.properties, wide.properties)
        for name in base.keys() - other.keys():
            yield self._change("properties", narrow, wide, name=name)
        for name in wide.required - narrow.required:
            yield self._change("required", narrow, wide, name=name)
        for name, node in narrow.properties.items():
            allowed = wide.properties.get(name, wide.additional)
            if allowed is None:
                continue
            if allowed.value is not False:
                yield from self.differences(node, allowed)
            elif self._role == "response" or name in wide.properties:
                # In a request, the difference of `properties` reports a field that can no longer be sent.
                yield self._change("additionalProperties", narrow, wide, name=name)

    def _additional(self, narrow: TypedSchema, wide: TypedSchema) -> Iterator[Change]:
        """Yield the differences of the fields that an object may have in addition to its properties."""
        if narrow.additional is not None:
            if narrow.additional.value is False:
                return
            # A new property of an object without a schema for additional fields contradicts nothing.
            for name in wide.properties.keys() - narrow.properties.keys():
                yield from self.differences(narrow.additional, wide.properties[name])
        if wide.additional is not None:
            if narrow.additional is None or wide.additional.value is False:
                yield self._change("additionalProperties", narrow, wide, True, wide.additional.value is not False)
            else:
                yield from self.differences(narrow.additional, wide.additional)


def _anything(schema: TypedSchema, keyword: str) -> Node:
    return Node({}, True, f"{schema.pointer}/{keyword}")


def _is_valid(value: typing.Any, schema: TypedSchema) -> bool:
    """Return whether a value of the schema's type is certainly within its limits. Formats are not checked."""
    return not schema.keywords.keys() & {"format", "contentMediaType"} and is_valid(schema.keywords, value)
