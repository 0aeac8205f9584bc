"""Loaded records from requests, and JSON Merge Patch (RFC 7396) of stored records."""

from __future__ import annotations

import typing
from collections.abc import Mapping
from dataclasses import dataclass

import marshmallow as ma

from api.kinds.article import INPUT_SCHEMA as ARTICLE_SCHEMA
from api.kinds.collections import KIND_BY_NAME
from schemas.article import ArticlePatch
from schemas.base import InputSchema
from schemas.documents import Fields
from schemas.evidence import without_link

_TEXT_FIELDS = ("text", "text_sha256", "text_length")


@dataclass(frozen=True)
class RecordInput:
    """A loaded record with defaults. `sent` has the names of the fields that count as sent."""

    type: str
    record: Fields
    sent: frozenset[str]

    @property
    def id(self) -> str:
        return typing.cast("str", self.record["id"])


def input_schema(type_: str) -> InputSchema:
    """Return the input schema of a type of record."""
    return ARTICLE_SCHEMA if type_ == "article" else KIND_BY_NAME[type_].input_schema


def patch_schema(type_: str) -> type[ma.Schema]:
    """Return the merge patch schema of a type of record."""
    return ArticlePatch if type_ == "article" else KIND_BY_NAME[type_].patch


def parse_record(type_: str, fields: Fields) -> RecordInput:
    """Load a record of a type, or raise ValidationError."""
    record = input_schema(type_).load(fields)
    return RecordInput(type_, record, sent_fields(type_, record))


def sent_fields(type_: str, record: Fields) -> frozenset[str]:
    """Return the fields that count as sent. A default counts as omitted, because a stored record does not tell."""
    return frozenset(record) if type_ == "article" else KIND_BY_NAME[type_].sent_fields(record)


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
    record = schema.load(whole)
    return RecordInput(type_, record, sent_fields(type_, record))


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
