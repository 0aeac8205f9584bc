"""Input schemas, and the output and patch schemas derived from them.

Each schema is a named class, because the OpenAPI document uses its name.

Output schemas have read-only fields, which the server sets. A client can send a document as it read it, because
`InputSchema.load_document` ignores them:

- If the record is stored, a read-only field must have its stored value.
- Without a stored value, any value of its form is ignored. So a new record can be a copy of another one, or come from
  another server.
"""

from __future__ import annotations

import copy
import typing
from collections.abc import Mapping, Sequence
from functools import cache

import marshmallow as ma
from marshmallow import fields

from schemas.fields import BoundedList, Choice, Described, Identifier, Instant, did_you_mean, limited_suggestions

Field = fields.Field[typing.Any]

# The maximum number of fields of an object. No record has a quarter of this.
FIELDS_MAX = 200

# The derived schemas of each input schema. Nested input schemas are replaced by theirs.
_OUTPUTS: dict[type[ma.Schema], type[ma.Schema]] = {}
_PATCHES: dict[type[ma.Schema], type[ma.Schema]] = {}
# The input schemas of patch and import schemas.
_INPUTS: dict[type[ma.Schema], type[ma.Schema]] = {}


class InputSchema(ma.Schema):
    """A schema for request bodies. It rejects unknown fields and suggests similar names."""

    @staticmethod
    def derived(data: Mapping[str, typing.Any]) -> tuple[str, ...]:
        """Return the names of the input fields that the server computes from the other fields."""
        return ()

    def load_document(self, data: Mapping[str, typing.Any], stored: Mapping[str, typing.Any] | None) -> typing.Any:
        """Load a record that can have the read-only and computed fields of a document.

        `stored` is the document that it replaces. Raises ValidationError, also for such a field with another value.
        """
        sent = self.without_unchanged(data, [] if stored is None else [stored])
        computed = {name: sent[name] for name in self.derived(sent) if name in sent}
        rest = {name: value for name, value in sent.items() if name not in computed}
        loaded = self.load(rest)
        before = {} if stored is None else stored
        changed = {name: value for name, value in computed.items() if value not in (loaded[name], before.get(name))}
        # The schema rejects computed fields.
        return self.load(rest | changed) if changed else loaded

    def without_unchanged(self, data: typing.Any, stored: Sequence[typing.Any]) -> typing.Any:
        """Return an object without the read-only fields that one of the stored objects has with the same value.

        If none of them has the field, a value of its form is removed too.
        """
        if not isinstance(data, Mapping) or len(data) > FIELDS_MAX:
            return data
        read_only, containers = read_only_fields(type(self)), _containers(type(self))
        rest = dict(data)
        for name, value in data.items():
            if name not in read_only and name not in containers:
                continue
            values = [document[name] for document in stored if isinstance(document, Mapping) and name in document]
            if name in containers:
                rest[name] = _without_unchanged(self.fields[name], value, values)
            elif _unchanged(read_only[name], value, values):
                del rest[name]
        return rest

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
            if name in read_only_fields(type(self)):
                error.messages[name] = [
                    f"Read-only: the server sets {name}. Leave it out, or send it as the server returned it."
                ]


class OutputSchema(ma.Schema):
    """A schema of responses. Unknown fields are ignored, because later minor versions may add some."""

    class Meta:
        unknown = ma.EXCLUDE

    def on_bind_field(self, field_name: str, field_obj: Field) -> None:
        field_obj.required = typing.cast("Described", field_obj).always_present


@cache
def read_only_fields(input_schema: type[ma.Schema]) -> dict[str, Field]:
    """Return the fields that an input, patch or import schema lacks and its output schema has."""
    output = _OUTPUTS.get(_INPUTS.get(input_schema, input_schema))
    fields_ = {} if output is None else output().fields
    return {name: field for name, field in fields_.items() if name not in input_schema._declared_fields}


@cache
def _containers(input_schema: type[ma.Schema]) -> frozenset[str]:
    """Return the names of the fields whose objects have read-only fields."""

    def contains(field: Field) -> bool:
        inner = field.inner if isinstance(field, BoundedList) else field
        schema = inner.nested if isinstance(inner, fields.Nested) else None
        if not (isinstance(schema, type) and issubclass(schema, InputSchema)):
            return False
        return bool(read_only_fields(schema) or _containers(schema))

    return frozenset(name for name, field in input_schema._declared_fields.items() if contains(field))


def _errors(field: Field, value: typing.Any) -> typing.Any:
    """Return the errors of a value of an output field. An earlier version lacks fields of nested objects."""
    try:
        field.deserialize(value, partial=True)
    except ma.ValidationError as error:
        return error.messages
    return None


def _unchanged(field: Field, value: typing.Any, stored: list[typing.Any]) -> bool:
    """Return whether a value of an output field equals a stored one, or without stored values, has its form."""
    return any(_same(field, value, old) for old in stored) if stored else not _errors(field, value)


def _same(field: Field | None, value: typing.Any, stored: typing.Any) -> bool:
    """Return whether a value of an output field equals a stored one. Times can have different forms."""
    if isinstance(field, Instant):
        return not _errors(field, value) and field.deserialize(value) == stored
    if isinstance(field, fields.Nested) and isinstance(value, Mapping) and isinstance(stored, Mapping):
        members = field.schema.fields
        return value.keys() == stored.keys() and all(_same(members.get(k), value[k], stored[k]) for k in stored)
    return bool(value == stored)


def _without_unchanged(field: Field, value: typing.Any, stored: list[typing.Any]) -> typing.Any:
    """Return the value of an input field without unchanged read-only fields in its objects."""
    if isinstance(field, fields.Nested) and isinstance(field.schema, InputSchema):
        return field.schema.without_unchanged(value, stored)
    if isinstance(field, BoundedList) and isinstance(value, list) and len(value) <= field.length_max:
        entries = [entry for entries in stored for entry in entries]
        return [_without_unchanged(field.inner, entry, entries) for entry in value]
    return value


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
    patch = type(f"{_stem(input_schema)}Patch", (InputSchema,), members)
    _PATCHES[input_schema], _INPUTS[patch] = patch, input_schema
    return patch


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
    record = type(f"{_stem(input_schema)}Record", (InputSchema,), members)
    _INPUTS[record] = input_schema
    return record


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
