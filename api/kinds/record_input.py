"""Loaded records from requests, and JSON Merge Patch (RFC 7396) of stored records."""

from __future__ import annotations

import typing
from collections.abc import Mapping
from dataclasses import dataclass

import marshmallow as ma
from marshmallow import fields

from api.kinds.article import INPUT_SCHEMA as ARTICLE_SCHEMA
from api.kinds.collections import KIND_BY_NAME
from schemas.article import ArticlePatch
from schemas.base import InputSchema
from schemas.documents import Fields

_TEXT_FIELDS = ("text", "text_sha256", "text_length")


@dataclass(frozen=True)
class RecordInput:
    """A loaded record with defaults."""

    type: str
    record: Fields

    @property
    def id(self) -> str:
        return typing.cast("str", self.record["id"])


def input_schema(type_: str) -> InputSchema:
    """Return the input schema of a type of record."""
    return ARTICLE_SCHEMA if type_ == "article" else KIND_BY_NAME[type_].input_schema


def patch_schema(type_: str) -> type[ma.Schema]:
    """Return the merge patch schema of a type of record."""
    return ArticlePatch if type_ == "article" else KIND_BY_NAME[type_].patch


def parse_record(type_: str, record: Fields, stored: Fields | None = None) -> RecordInput:
    """Load a record of a type, or raise ValidationError.

    `stored` is the document that it replaces. A read-only field must have the same value as there.
    """
    return RecordInput(type_, input_schema(type_).load_document(record, stored))


def apply_merge_patch(type_: str, stored: Fields, patch: Fields) -> RecordInput:
    """Apply a JSON Merge Patch (RFC 7396) to a stored record, or raise ValidationError.

    Derived fields, such as the bounds of a figure, are computed again.
    """
    removed = [name for name in _TEXT_FIELDS if patch.get(name, name) is None and stored.get(name, name) is not None]
    if removed and type_ == "article":
        message = "Cannot be null. To delete the text and keep its hash and length, send DELETE to the article's text."
        raise ma.ValidationError({name: [message] for name in removed})
    if patch.get("id", stored["id"]) != stored["id"]:
        raise ma.ValidationError(
            {"id": ["The id cannot be changed. Leave it out, or create a record with the new id."]}
        )
    schema = input_schema(type_)
    derived = schema.derived(stored)
    own = {name: value for name, value in stored.items() if name not in derived}
    return parse_record(type_, _merge(type(schema), own, patch), stored)


def _merge(schema: type[ma.Schema], target: typing.Any, patch: typing.Any) -> typing.Any:
    """Apply a merge patch to an object of an input schema. Other fields stay as sent, so that loading rejects them."""
    if not isinstance(patch, Mapping):
        return patch
    merged = dict(target) if isinstance(target, Mapping) else {}
    for name, value in patch.items():
        field = schema._declared_fields.get(name)
        if field is not None and value is None:
            merged.pop(name, None)
        elif isinstance(field, fields.Nested):
            merged[name] = _merge(typing.cast("type[ma.Schema]", field.nested), merged.get(name), value)
        else:
            merged[name] = value
    return merged
