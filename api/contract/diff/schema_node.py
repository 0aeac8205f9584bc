"""Spot: a schema where it stands in its document, and the plain alternatives that it comes to.

References are followed, compositions taken apart: what is left is a list of plain schemas, each of one type, any of
which a value may keep to. `oneOf` is read as `anyOf`, for the shapes of a union are told apart by their discriminator.
"""

from __future__ import annotations

import typing
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import orjson

from api.contract.diff.change import Document, escaped

Schema = dict[str, typing.Any]

# What a schema says to people and programs, and no value is held against.
ANNOTATIONS = frozenset(
    [
        "title",
        "description",
        "default",
        "example",
        "examples",
        "deprecated",
        "readOnly",
        "writeOnly",
        "externalDocs",
        "xml",
        "discriminator",
        "$comment",
        "$schema",
        "$id",
        "$anchor",
        "$defs",
        "x-extensible-enum",
    ]
)
LOWEST = ("minLength", "minimum", "exclusiveMinimum", "minItems", "minProperties")
HIGHEST = ("maxLength", "maximum", "exclusiveMaximum", "maxItems", "maxProperties")
# What all has to hold at once where several say it.
TOGETHER = ("pattern", "format", "multipleOf", "contentMediaType", "contentEncoding")
_LENGTHS = ("minLength", "minItems", "minProperties")
# What holds schemas by the names of fields.
_NAMED = ("properties", "patternProperties", "dependentSchemas", "dependentRequired")
_COMPOSED = ("allOf", "anyOf", "oneOf", "$ref")
_OF_TYPE = {
    "string": {*TOGETHER, "minLength", "maxLength", "contentSchema"} - {"multipleOf"},
    "number": {"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf", "format"},
    "array": {"items", "minItems", "maxItems", "uniqueItems", "prefixItems", "contains", "minContains", "maxContains"},
    "object": {"properties", "required", "additionalProperties", "minProperties", "maxProperties"}
    | {"patternProperties", "propertyNames", "dependentRequired", "dependentSchemas", "unevaluatedProperties"},
}
_OF_TYPE["integer"] = _OF_TYPE["number"]
_ALL_TYPED = frozenset().union(*_OF_TYPE.values())


@dataclass(frozen=True)
class Spot:
    """A schema and where it stands."""

    document: Document
    schema: Schema | bool
    pointer: str
    # What it was put together from (its `allOf`), where it stands nowhere itself.
    parts: tuple[Spot, ...] = ()

    def at(self, *steps: object) -> Spot:
        """What stands further down."""
        schema: typing.Any = self.schema
        for step in steps:
            schema = schema[step]
        return Spot(self.document, schema, self.pointer + "".join(f"/{escaped(step)}" for step in steps))

    @property
    def followed(self) -> Spot:
        """What it refers to, where it is nothing but a reference."""
        return self.chain[-1]

    @property
    def chain(self) -> list[Spot]:
        """It and what it refers to, one after the other, as long as each is nothing but a reference."""
        spot = self
        chain = [self]
        seen: set[str] = set()
        while isinstance(spot.schema, dict) and "$ref" in spot.schema and not set(spot.schema) - ANNOTATIONS - {"$ref"}:
            reference = spot.schema["$ref"]
            if reference in seen:
                raise ValueError(f"{reference} refers to itself.")
            seen.add(reference)
            spot = Spot(self.document, target(self.document, reference), reference.removeprefix("#"))
            chain.append(spot)
        return chain


def resolved(document: Document, part: Document) -> Document:
    """A part, or what it refers to."""
    seen: set[str] = set()
    while "$ref" in part:
        reference = part["$ref"]
        if reference in seen:
            raise ValueError(f"{reference} refers to itself.")
        seen.add(reference)
        part = target(document, reference)
    return part


def target(document: Document, reference: str) -> typing.Any:
    """What a reference within a document leads to; raises ValueError where there is nothing."""
    part: typing.Any = document
    try:
        if not reference.startswith("#/"):
            raise KeyError(reference)
        for step in reference.removeprefix("#/").split("/"):
            key = step.replace("~1", "/").replace("~0", "~")
            part = part[int(key)] if isinstance(part, list) else part[key]
    except (KeyError, IndexError, ValueError, TypeError):
        raise ValueError(f"{reference} leads to nothing in the document.") from None
    return part


@dataclass
class Plain:
    """A schema of one type (None is any) without compositions, and where it stands."""

    pointer: str
    type: str | None = None
    enum: list[typing.Any] | None = None
    bounds: dict[str, typing.Any] = field(default_factory=dict)
    together: dict[str, frozenset[typing.Any]] = field(default_factory=dict)
    # Values that it never has.
    excluded: list[typing.Any] = field(default_factory=list)
    # All else that it asks for, as (keyword, JSON).
    others: frozenset[tuple[str, bytes]] = frozenset()
    unique: bool = False
    items: Spot | None = None
    content: Spot | None = None
    properties: dict[str, Spot] = field(default_factory=dict)
    required: frozenset[str] = frozenset()
    additional: Spot | None = None


def alternatives(spot: Spot) -> list[Plain]:
    """The plain schemas that a value may keep to; none where no value can."""
    spot = spot.followed
    schema = spot.schema
    if isinstance(schema, bool):
        return [Plain(spot.pointer)] if schema else []
    plains = list(_by_type(spot, schema))
    unions = [
        [spot.at(key, number) for number in range(len(schema[key]))] for key in ("anyOf", "oneOf") if schema.get(key)
    ]
    together = spot.parts or [spot.at("allOf", number) for number in range(len(schema.get("allOf", ())))]
    unions += [[each] for each in together]
    if "$ref" in schema:
        unions.append([Spot(spot.document, {"$ref": schema["$ref"]}, f"{spot.pointer}/$ref")])
    for union in unions:
        options = [plain for each in union for plain in alternatives(each)]
        plains = [both for one in plains for other in options if (both := _both(one, other)) is not None]
    return plains


def _by_type(spot: Spot, schema: Schema) -> Iterator[Plain]:
    values = schema.get("enum")
    if "const" in schema:
        values = [schema["const"]] if values is None or among(schema["const"], values) else []
    types = schema.get("type")
    if types is None:
        types = [None] if values is None else sorted({type_of(value) for value in values})
    for type_ in [types] if isinstance(types, str) else types:
        own = None if values is None else [value for value in values if fits(value, type_)]
        if own != []:
            yield _plain(spot, schema, type_, None if type_ == "null" else own)


def _plain(spot: Spot, schema: Schema, type_: str | None, values: list[typing.Any] | None) -> Plain:
    said = {
        key
        for key in set(schema) - ANNOTATIONS - set(_COMPOSED) - {"type", "enum", "const"}
        if not key.startswith("x-") and (type_ is None or key not in _ALL_TYPED or key in _OF_TYPE.get(type_, ()))
    }
    plain = Plain(spot.pointer, type_, values)
    for key in sorted(said):
        _say(plain, key, schema[key], spot)
    return plain


def _say(plain: Plain, key: str, value: typing.Any, spot: Spot) -> None:
    """Note one keyword of a schema."""
    if key in LOWEST or key in HIGHEST:
        # That something has at least no length asks for nothing.
        if key not in _LENGTHS or value:
            plain.bounds[key] = value
    elif key in TOGETHER:
        plain.together[key] = frozenset({value})
    elif key == "not" and isinstance(value, dict) and set(value) == {"enum"}:
        plain.excluded = list(value["enum"])
    elif key in _KEPT:
        name, kept = _KEPT[key]
        setattr(plain, name, kept(spot, value))
    else:
        meant = _meant(spot.document, {key: value}, frozenset())
        plain.others |= {(key, orjson.dumps(meant[key], option=orjson.OPT_SORT_KEYS))}


def _meant(document: Document, part: typing.Any, within: frozenset[str]) -> typing.Any:
    """A part of a schema without words, and with what it refers to in the place of each reference."""
    if isinstance(part, list):
        return [_meant(document, each, within) for each in part]
    if not isinstance(part, dict):
        return part
    meant = {
        key: {name: _meant(document, each, within) for name, each in value.items()}
        if key in _NAMED and isinstance(value, dict)
        else value
        if key in ("enum", "const")
        else _meant(document, value, within)
        for key, value in part.items()
        if key not in ANNOTATIONS
    }
    reference = part.get("$ref")
    if isinstance(reference, str) and reference not in within:
        meant["$ref"] = _meant(document, target(document, reference), within | {reference})
    return meant


def _spot_of(key: str) -> Callable[[Spot, typing.Any], Spot | None]:
    """A schema within a schema; one that allows anything is none."""
    return lambda spot, value: None if value in (True, {}) else spot.at(key)


# Under which name what else a schema says is kept, and as what.
_KEPT: dict[str, tuple[str, Callable[[Spot, typing.Any], typing.Any]]] = {
    "uniqueItems": ("unique", lambda _, value: bool(value)),
    "required": ("required", lambda _, value: frozenset(value)),
    "properties": ("properties", lambda spot, value: {name: spot.at("properties", name) for name in value}),
    "items": ("items", _spot_of("items")),
    "contentSchema": ("content", _spot_of("contentSchema")),
    "additionalProperties": ("additional", _spot_of("additionalProperties")),
}


def _both(one: Plain, other: Plain) -> Plain | None:
    """What keeps to both, or None where nothing does."""
    type_ = _common(one.type, other.type)
    if type_ == "":
        return None
    values = one.enum if other.enum is None else other.enum if one.enum is None else _shared(one.enum, other.enum)
    if values is not None:
        values = [value for value in values if fits(value, type_)]
        if not values and type_ != "null":
            return None
    return Plain(
        pointer=other.pointer if one == Plain(one.pointer, one.type) else one.pointer,
        type=type_,
        enum=values,
        bounds=_tightest(one.bounds, other.bounds),
        together={
            key: one.together.get(key, frozenset()) | other.together.get(key, frozenset())
            for key in one.together.keys() | other.together.keys()
        },
        excluded=one.excluded + [value for value in other.excluded if not among(value, one.excluded)],
        others=one.others | other.others,
        unique=one.unique or other.unique,
        items=_joined(one.items, other.items),
        content=_joined(one.content, other.content),
        properties={
            # What one of them does not name is among its additional properties.
            name: typing.cast(
                "Spot",
                _joined(one.properties.get(name, one.additional), other.properties.get(name, other.additional)),
            )
            for name in one.properties.keys() | other.properties.keys()
        },
        required=one.required | other.required,
        additional=_joined(one.additional, other.additional),
    )


def _common(one: str | None, other: str | None) -> str | None:
    """The type that both are; "" where there is none."""
    if one is None or other is None or one == other:
        return other if one is None else one
    return "integer" if {one, other} == {"integer", "number"} else ""


def _shared(one: list[typing.Any], other: list[typing.Any]) -> list[typing.Any]:
    return [value for value in one if among(value, other)]


def _tightest(one: dict[str, typing.Any], other: dict[str, typing.Any]) -> dict[str, typing.Any]:
    bounds = {**one, **other}
    for key in one.keys() & other.keys():
        pick: Callable[..., typing.Any] = max if key in LOWEST else min
        bounds[key] = pick(one[key], other[key])
    return bounds


def _joined(one: Spot | None, other: Spot | None) -> Spot | None:
    if one is None or other is None or one == other:
        return other if one is None else one
    return Spot(one.document, {"allOf": [one.schema, other.schema]}, one.pointer, (one, other))


def among(value: typing.Any, values: list[typing.Any]) -> bool:
    """Whether a value is one of these, as JSON has it: 1 is not true."""
    return any(type_of(value) == type_of(each) and value == each for each in values)


def type_of(value: typing.Any) -> str:
    """The JSON type of a value."""
    if isinstance(value, bool):
        return "boolean"
    names = {str: "string", int: "integer", float: "number", list: "array", dict: "object", type(None): "null"}
    return names[type(value)]


def fits(value: typing.Any, type_: str | None) -> bool:
    """Whether a value is of a type; None is any."""
    own = type_of(value)
    return type_ is None or own == type_ or (own == "integer" and type_ == "number")
