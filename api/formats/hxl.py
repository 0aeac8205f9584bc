"""HXL hashtags (1.1) of table columns, for humanitarian data tools.

A field can set its tag as `hxl` in its metadata. Other tags follow from the type, with the field name as an attribute.
"""

from __future__ import annotations

import typing

from marshmallow import fields

from schemas.fields import Count, Country, Day, Edtf, Identifier, Instant, Text, Url

# The first matching type applies. HXL's core schema requires a date under #date and a number under +num.
_BY_TYPE = (
    ((Edtf,), "#meta+edtf"),
    ((Day, Instant), "#date"),
    ((Country,), "#country+code+v_iso3"),
    ((Count,), "#indicator+num"),
    ((Identifier,), "#meta+id"),
    ((Url,), "#meta+url"),
    ((Text,), "#description"),
)
# Lists are joined into one text, which is neither a date nor a number.
_IN_LISTS = {"#date": "#meta", "#indicator+num": "#meta"}
_BOUNDS = {"earliest": "+start", "latest": "+end"}


def tag(field: fields.Field[typing.Any], path: tuple[str, ...], *, in_list: bool) -> str:
    """Return the tag of the field at a path: `#org+name+claimant` for `claimant`, `name`."""
    own = field.metadata.get("hxl")
    return by_type(field, path, in_list=in_list) if own is None else own + _attributes(path[:-1])


def by_type(field: fields.Field[typing.Any], path: tuple[str, ...], *, in_list: bool) -> str:
    """Return the tag of a field by type. Columns whose meaning differs between records use it."""
    stem = next((stem for types, stem in _BY_TYPE if isinstance(field, types)), "#meta")
    return _with_names(_IN_LISTS.get(stem, stem) if in_list else stem, path)


def bounds(path: tuple[str, ...], *, in_list: bool) -> dict[str, str]:
    """Return the tags of the first and last day of the EDTF date at a path, by the name of the bound."""
    stem = _with_names(_IN_LISTS["#date"] if in_list else "#date", path)
    return {bound: stem + attribute for bound, attribute in _BOUNDS.items()}


def _with_names(stem: str, path: tuple[str, ...]) -> str:
    return stem + _attributes(tuple(name for name in path if not stem.endswith(f"+{name}")))


def _attributes(names: tuple[str, ...]) -> str:
    return "".join(f"+{name}" for name in names)
