"""Shape, what a client sends; from it follow the two others: what it gets back, and what a patch holds.

Each is a class with a name of its own, so that the OpenAPI document names it so.
"""

from __future__ import annotations

import copy
import typing
from collections.abc import Mapping

import marshmallow as ma
from marshmallow import fields

from schemas.fields import limited_suggestions, suggest

Field = fields.Field[typing.Any]

# The maximum number of fields of an object that are looked at. No record has a quarter of this.
FIELDS_MAX = 200

# The other shapes of each input shape, so that what is nested in one is in the others as its own.
_OUTPUTS: dict[type[ma.Schema], type[ma.Schema]] = {}
_PATCHES: dict[type[ma.Schema], type[ma.Schema]] = {}


class InputSchema(ma.Schema):
    """A schema of what is sent: unknown fields are refused, with the field that was likely meant."""

    def load(self, data: typing.Any, **options: typing.Any) -> typing.Any:
        if isinstance(data, Mapping) and len(data) > FIELDS_MAX:
            raise ma.ValidationError(f"This object has {len(data):,} fields. Send at most {FIELDS_MAX}.")
        with limited_suggestions():
            return super().load(data, **options)

    def handle_error(self, error: ma.ValidationError, data: typing.Any, **_: typing.Any) -> None:
        if not isinstance(error.messages, dict):
            return
        unknown = [name for name, texts in error.messages.items() if texts == [self.error_messages["unknown"]]]
        for name in unknown:
            meant = suggest(str(name), self.fields)
            error.messages[name] = [f"Unknown field.{f' Did you mean {meant}?' if meant else ''}"]
            if name in _read_only(type(self)):
                error.messages[name] = ["Read-only: the server says it. Leave it out."]


def _read_only(given: type[ma.Schema]) -> set[str]:
    """The fields that only the output shape of an input shape or of a patch has."""
    output = _OUTPUTS.get(next((shape for shape, patch in _PATCHES.items() if patch is given), given))
    return set() if output is None else set(output._declared_fields) - set(given._declared_fields)


def output_schema(
    given: type[ma.Schema],
    name: str,
    *,
    before: dict[str, Field] | None = None,
    after: dict[str, Field] | None = None,
    without: tuple[str, ...] = (),
    on_demand: dict[str, Field] | None = None,
) -> type[ma.Schema]:
    """The shape that travels back: every field always there, null where nothing is stated, more to come tolerated.

    `before` and `after` are the read-only fields around those of the input; `without` names the write-only ones;
    `on_demand` are there only when they were asked for.
    """
    kept = {key: field for key, field in given._declared_fields.items() if key not in without}
    members: dict[str, typing.Any] = {
        key: _answered(field) for key, field in {**(before or {}), **kept, **(after or {})}.items()
    }
    members |= {
        **(on_demand or {}),
        "__doc__": given.__doc__,
        "__module__": given.__module__,
        "on_bind_field": given.on_bind_field,
        # A client that refuses unknown fields would break on the next minor version.
        "Meta": type("Meta", (), {"unknown": ma.EXCLUDE}),
    }
    _OUTPUTS[given] = type(name, (ma.Schema,), members)
    return _OUTPUTS[given]


def patch_schema(given: type[ma.Schema], name: str) -> type[ma.Schema]:
    """The shape of a JSON Merge Patch (RFC 7396) of it: any field may be there, null takes a value away."""
    members: dict[str, typing.Any] = {key: _patched(field) for key, field in given._declared_fields.items()}
    members |= {
        "__doc__": f"Changes to a record, of this shape: {given.__doc__}",
        "__module__": given.__module__,
        "on_bind_field": given.on_bind_field,
    }
    _PATCHES[given] = type(name, (InputSchema,), members)
    return _PATCHES[given]


def _answered(field: Field) -> Field:
    twin = copy.deepcopy(field)
    twin.required, twin.load_default = True, ma.missing
    if isinstance(twin, fields.Nested):
        twin = fields.Nested(
            _OUTPUTS.get(typing.cast("type[ma.Schema]", twin.nested), twin.nested),
            required=True,
            allow_none=twin.allow_none,
            metadata=twin.metadata,
        )
    elif isinstance(twin, fields.List):
        twin.inner = _answered(twin.inner)
    return twin


def _patched(field: Field) -> Field:
    twin = copy.deepcopy(field)
    if isinstance(twin, fields.Nested):
        # A merge patch goes into objects; lists it replaces whole.
        twin = fields.Nested(_PATCHES[typing.cast("type[ma.Schema]", twin.nested)], metadata=twin.metadata)
    twin.allow_none, twin.required, twin.load_default = True, False, ma.missing
    return twin


class OneOf(fields.Field[typing.Any]):
    """One of several output shapes, told apart by a field of theirs, under a name; for documenting, not for loading.

    `other` is the shape of those that a later minor version may add.
    """

    def __init__(
        self,
        name: str,
        shapes: dict[str, type[ma.Schema]],
        *,
        discriminator: str,
        other: type[ma.Schema],
        **kwargs: typing.Any,
    ):
        super().__init__(**kwargs)
        self.shape_name = name
        self.shapes = shapes
        self.other = other
        self.discriminator = discriminator


class AnyOf(fields.Field[typing.Any]):
    """One of several output shapes; for documenting, not for loading."""

    def __init__(self, *shapes: type[ma.Schema] | OneOf, **kwargs: typing.Any):
        super().__init__(**kwargs)
        self.shapes = shapes


def schema_of(item: Field) -> type[ma.Schema] | str:
    """The shape that a field holds, or the name that it is documented under."""
    return item.shape_name if isinstance(item, OneOf) else typing.cast("type[ma.Schema]", item.nested)  # type: ignore[attr-defined]
