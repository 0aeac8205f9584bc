"""Loaded records from requests, and JSON Merge Patch (RFC 7396) of stored records."""

from __future__ import annotations

import typing
from collections.abc import Mapping
from dataclasses import dataclass

import marshmallow as ma

from api.kinds.article import INPUT_SCHEMA as ARTICLE_SCHEMA
from api.kinds.collections import KIND_BY_NAME, RECORD_TYPES
from schemas.article import ArticlePatch
from schemas.base import InputSchema, OneOf, import_schema
from schemas.documents import Fields
from schemas.evidence import without_link
from schemas.fields import BoundedList

_TEXT_FIELDS = ("text", "text_sha256", "text_length")

# The maximum number of records in a JSON import.
RECORDS_MAX = 10_000


@dataclass(frozen=True)
class RecordInput:
    """A loaded record with defaults. `sent` has the names of the fields in the request."""

    type: str
    record: Fields
    sent: frozenset[str]

    @property
    def id(self) -> str:
        return typing.cast("str", self.record["id"])


def input_schema(type_: str) -> InputSchema:
    """Return the input schema of a type of record."""
    return ARTICLE_SCHEMA if type_ == "article" else KIND_BY_NAME[type_].input_schema


class ImportInput(InputSchema):
    """The records of an import, in any order."""

    records = BoundedList(
        OneOf("ImportRecord", {type_: import_schema(type(input_schema(type_)), type_) for type_ in RECORD_TYPES}),
        length_max=RECORDS_MAX,
        required=True,
        description="Articles and claims, each with its `type` and `id`.",
    )


def patch_schema(type_: str) -> type[ma.Schema]:
    """Return the merge patch schema of a type of record."""
    return ArticlePatch if type_ == "article" else KIND_BY_NAME[type_].patch


def parse_record(type_: str, fields: Fields) -> RecordInput:
    """Load a record of a type, or raise ValidationError."""
    return RecordInput(type_, input_schema(type_).load(fields), frozenset(fields))


def apply_merge_patch(type_: str, stored: Fields, patch: Fields) -> RecordInput:
    """Apply a JSON Merge Patch (RFC 7396) to a stored record, or raise ValidationError.

    Derived fields, such as the bounds of a figure, are computed again.
    """
    removed = [name for name in _TEXT_FIELDS if patch.get(name, name) is None]
    if removed and type_ == "article":
        message = "Cannot be null. To delete the text and keep its hash and length, send DELETE to the article's text."
        raise ma.ValidationError({name: [message] for name in removed})
    if patch.get("id", stored["id"]) != stored["id"]:
        raise ma.ValidationError(
            {"id": ["The id cannot be changed. Leave it out, or create a record with the new id."]}
        )
    schema = input_schema(type_)
    derived = schema.derived(stored)
    own = {name: stored[name] for name in schema.fields if name in stored and name not in derived}
    if "evidence" in own:
        own["evidence"] = [without_link(span) for span in own["evidence"]]
    whole = typing.cast("dict[str, typing.Any]", _merge(own, patch))
    # If a range becomes a single figure, its stored bounds are dropped.
    for name in schema.derived({**stored, **whole}):
        if name not in patch:
            whole.pop(name, None)
    sent = frozenset(own) if type_ == "article" else KIND_BY_NAME[type_].sent_fields(stored)
    return RecordInput(type_, schema.load(whole), (sent | frozenset(patch)) & frozenset(whole))


def _merge(target: typing.Any, patch: typing.Any) -> typing.Any:
    if not isinstance(patch, Mapping):
        return patch
    merged = dict(target) if isinstance(target, Mapping) else {}
    for name, value in patch.items():
        if value is None:
            merged.pop(name, None)
        else:
            merged[name] = _merge(merged.get(name), value)
    return merged
