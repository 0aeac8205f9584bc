"""Input schemas, and the output and patch schemas derived from them.

Each schema is a named class, because the OpenAPI document uses its name.
"""

from __future__ import annotations

import copy
import typing
from collections.abc import Mapping

import marshmallow as ma
from marshmallow import fields

from schemas.fields import Choice, Described, Identifier, did_you_mean, limited_suggestions

Field = fields.Field[typing.Any]

# The maximum number of fields of an object. No record has a quarter of this.
FIELDS_MAX = 200

# The derived schemas of each input schema. Nested input schemas are replaced by theirs.
_OUTPUTS: dict[type[ma.Schema], type[ma.Schema]] = {}
_PATCHES: dict[type[ma.Schema], type[ma.Schema]] = {}


class InputSchema(ma.Schema):
    """A schema for request bodies. It rejects unknown fields and suggests similar names."""

    @staticmethod
    def derived(data: Mapping[str, typing.Any]) -> tuple[str, ...]:
        """Return the names of the fields that are computed from the others and cannot be sent."""
        return ()

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
            error.messages[name] = [f"Unknown field.{did_you_mean(str(name), self.fields)}"]
            if name in _read_only(type(self)):
                error.messages[name] = ["Read-only: the server sets this field. Leave it out."]


class OutputSchema(ma.Schema):
    """A schema of responses. Unknown fields are ignored, because later minor versions may add some."""

    class Meta:
        unknown = ma.EXCLUDE

    def on_bind_field(self, field_name: str, field_obj: Field) -> None:
        field_obj.required = typing.cast("Described", field_obj).always_present


def _read_only(input_schema: type[ma.Schema]) -> set[str]:
    """Return the fields that an input or patch schema lacks and its output schema has."""
    output = _OUTPUTS.get(next((schema for schema, patch in _PATCHES.items() if patch is input_schema), input_schema))
    return set() if output is None else set(output._declared_fields) - set(input_schema._declared_fields)


def output_schema(
    input_schema: type[ma.Schema],
    *,
    name: str | None = None,
    before: dict[str, Field] | None = None,
    after: dict[str, Field] | None = None,
    without: tuple[str, ...] = (),
) -> type[ma.Schema]:
    """Build the output schema, in which null means not stated: `Quote` for `QuoteInput`.

    The read-only fields `before` and `after` go around those of the input. The write-only fields are in `without`.
    """
    kept = {key: field for key, field in input_schema._declared_fields.items() if key not in without}
    members: dict[str, typing.Any] = {
        key: _output_field(field) for key, field in {**(before or {}), **kept, **(after or {})}.items()
    }
    members |= {"__doc__": input_schema.__doc__, "__module__": input_schema.__module__}
    _OUTPUTS[input_schema] = type(name or _stem(input_schema), (OutputSchema,), members)
    return _OUTPUTS[input_schema]


def patch_schema(input_schema: type[ma.Schema]) -> type[ma.Schema]:
    """Build the schema of a JSON Merge Patch (RFC 7396): every field is optional, and null removes a value.

    Its name is `QuotePatch` for `QuoteInput`.
    """
    members: dict[str, typing.Any] = {key: _patch_field(field) for key, field in input_schema._declared_fields.items()}
    documentation = f"JSON Merge Patch (RFC 7396) for: {input_schema.__doc__}"
    members |= {"__doc__": documentation, "__module__": input_schema.__module__}
    _PATCHES[input_schema] = type(f"{_stem(input_schema)}Patch", (InputSchema,), members)
    return _PATCHES[input_schema]


def import_schema(input_schema: type[ma.Schema], type_: str) -> type[ma.Schema]:
    """Build the schema of a record of an import: `QuoteRecord` for `QuoteInput`.

    It has the fields of the input schema, a `type` that distinguishes it, and a required `id`.
    """
    members: dict[str, typing.Any] = {
        **copy.deepcopy(input_schema._declared_fields),
        "type": Choice((type_,), closed=True, required=True, description="The type of the record."),
        "id": Identifier(required=True, description="The record's id."),
    }
    members |= {"__doc__": f"A record of an import. {input_schema.__doc__}", "__module__": input_schema.__module__}
    return type(f"{_stem(input_schema)}Record", (InputSchema,), members)


def _stem(input_schema: type[ma.Schema]) -> str:
    return input_schema.__name__.removesuffix("Input")


def _output_field(field: Field) -> Field:
    copied = copy.deepcopy(field)
    copied.load_default = ma.missing
    if isinstance(copied, fields.Nested):
        copied.nested = _OUTPUTS.get(typing.cast("type[ma.Schema]", copied.nested), copied.nested)
    elif isinstance(copied, fields.List):
        copied.inner = _output_field(copied.inner)
    return copied


def _patch_field(field: Field) -> Field:
    copied = copy.deepcopy(field)
    if isinstance(copied, fields.Nested):
        # A merge patch merges objects, but replaces lists.
        copied.nested = _PATCHES[typing.cast("type[ma.Schema]", copied.nested)]
    copied.allow_none, copied.required, copied.load_default = True, False, ma.missing
    return copied


class OneOf(Described, fields.Field[typing.Any]):
    """One of several named schemas, distinguished by `type`. It is documented, and loads any value.

    `other` is the schema of variants that a later minor version may add to responses.
    """

    def __init__(self, name: str, schemas: dict[str, type[ma.Schema]], *, other: type[ma.Schema] | None = None):
        super().__init__()
        self.schema_name = name
        self.schemas = schemas
        self.other = other

    def deserialize(self, value: typing.Any, *_: typing.Any, **__: typing.Any) -> typing.Any:
        return value


def schema_of(item: Field) -> type[ma.Schema] | str:
    """Return the schema of a field, or the name of its OpenAPI component."""
    return item.schema_name if isinstance(item, OneOf) else typing.cast("type[ma.Schema]", item.nested)  # type: ignore[attr-defined]
