"""Documents in the current shape, from stored ones of an earlier version."""

from __future__ import annotations

import typing

import marshmallow as ma
import orjson
from marshmallow import fields

from api.kinds.collections import COLLECTION_BY_NAME
from schemas import uri
from schemas.base import schema_of
from schemas.documents import Fields
from schemas.fields import Choice, Described, Url


def render(document: typing.AnyStr) -> typing.AnyStr:
    """Return the JSON of a stored document, as text or in UTF-8, in the current shape.

    It is returned unchanged if it has that shape.

    A field that a minor version added is empty, or has its only value. Version 1.0.0 stored invalid characters in URLs,
    which are percent-encoded.
    """
    stored = orjson.loads(document)
    rendered = render_fields(stored)
    if rendered == stored:
        return document
    encoded = orjson.dumps(rendered)
    return encoded if isinstance(document, bytes) else encoded.decode()


def render_fields(stored: Fields) -> Fields:
    """Return a stored document in the current shape."""
    schema = schema_of(COLLECTION_BY_NAME[stored.get("type", "article")].item)
    return _object(typing.cast("type[ma.Schema]", schema), stored)


def _object(schema: type[ma.Schema], stored: Fields) -> Fields:
    return {
        name: _value(field, stored[name]) if name in stored else _added(name, field)
        for name, field in schema._declared_fields.items()
        if name in stored or typing.cast("Described", field).always_present
    }


def _value(field: fields.Field[typing.Any], stored: typing.Any) -> typing.Any:
    if stored is None:
        return None
    if isinstance(field, Url):
        return uri.encode(stored)
    if isinstance(field, fields.Nested):
        return _object(typing.cast("type[ma.Schema]", field.nested), stored)
    if isinstance(field, fields.List):
        return [_value(field.inner, entry) for entry in stored]
    return stored


def _added(name: str, field: fields.Field[typing.Any]) -> typing.Any:
    """Return the value of a field that earlier versions did not store."""
    if isinstance(field, Choice) and len(field.values) == 1:
        return field.values[0]
    if isinstance(field, fields.List):
        return []
    if field.allow_none:
        return None
    raise TypeError(f"The field {name} is not in stored documents. Make it a list, a constant or nullable.")
