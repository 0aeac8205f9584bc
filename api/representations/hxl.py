"""HXL hashtags (1.1): what each column of a table means, for the tools of humanitarian data.

A field says its tag as `hxl` in its metadata; the others have one by their type, with their name as an attribute.
"""

from __future__ import annotations

import typing

from marshmallow import fields

from schemas.values import Count, Country, Day, Edtf, Identifier, Instant, Text, Url

# In this order: the first type that a field is of counts.
_BY_TYPE = (
    ((Edtf, Day, Instant), "#date"),
    ((Country,), "#country+code+v_iso3"),
    ((Count,), "#indicator+num"),
    ((Identifier,), "#meta+id"),
    ((Url,), "#meta+url"),
    ((Text,), "#description"),
)
BOUNDS = {"earliest": "+start", "latest": "+end"}


def tag(field: fields.Field[typing.Any], path: tuple[str, ...]) -> str:
    """The tag of the field at a path, such as `claimant`, `name`: `#org+name+claimant`."""
    own = field.metadata.get("hxl")
    return by_type(field, path) if own is None else own + _attributes(path[:-1])


def by_type(field: fields.Field[typing.Any], path: tuple[str, ...]) -> str:
    """The tag that a field has by its type alone: what it means differs from record to record."""
    stem = next((stem for types, stem in _BY_TYPE if isinstance(field, types)), "#meta")
    return stem + _attributes(tuple(name for name in path if not stem.endswith(f"+{name}")))


def _attributes(names: tuple[str, ...]) -> str:
    return "".join(f"+{name}" for name in names)
