"""Given: a record as somebody sent it, read by its shape; and what a merge patch makes of a stored one."""

from __future__ import annotations

import typing
from collections.abc import Mapping
from dataclasses import dataclass

import marshmallow as ma

from api.kinds.article import INPUT_SCHEMA as ARTICLE_SCHEMA
from api.kinds.collections import KIND_BY_NAME
from schemas.article import ArticlePatch
from schemas.base import InputSchema
from schemas.evidence import without_link

Record = Mapping[str, typing.Any]

_OF_THE_TEXT = ("text", "text_sha256", "text_length")


@dataclass(frozen=True)
class RecordInput:
    """What the input shape made of a record, defaults and all; `sent` are the fields that were there."""

    type: str
    record: Record
    sent: frozenset[str]

    @property
    def id(self) -> str:
        return typing.cast("str", self.record["id"])


def input_schema(type_: str) -> InputSchema:
    """The input shape of a type of record."""
    return ARTICLE_SCHEMA if type_ == "article" else KIND_BY_NAME[type_].input_schema


def patch_schema(type_: str) -> type[ma.Schema]:
    """The shape of a merge patch of a type of record."""
    return ArticlePatch if type_ == "article" else KIND_BY_NAME[type_].patch


def parse_record(type_: str, fields: Record) -> RecordInput:
    """A record of this type; raises ValidationError where it is none."""
    return RecordInput(type_, input_schema(type_).load(fields), frozenset(fields))


def apply_merge_patch(type_: str, stored: Record, patch: Record) -> RecordInput:
    """A stored record after a JSON Merge Patch (RFC 7396); raises ValidationError where that is none.

    What follows from other fields, such as the bounds of a figure, is worked out anew.
    """
    forgotten = [name for name in _OF_THE_TEXT if patch.get(name, name) is None]
    if forgotten and type_ == "article":
        told = "What is known of a text stays known. DELETE the article's text, and only its hash and length are kept."
        raise ma.ValidationError({name: [told] for name in forgotten})
    if patch.get("id", stored["id"]) != stored["id"]:
        raise ma.ValidationError({"id": ["A record keeps its id. Leave it out, or put the record under another."]})
    shape = input_schema(type_)
    derived = () if type_ == "article" else KIND_BY_NAME[type_].input_schema.derived(stored)
    own = {name: stored[name] for name in shape.fields if name in stored and name not in derived}
    if "evidence" in own:
        own["evidence"] = [without_link(span) for span in own["evidence"]]
    whole = typing.cast("dict[str, typing.Any]", _merge(own, patch))
    if type_ != "article":
        # A range that becomes a figure leaves its bounds behind.
        for name in KIND_BY_NAME[type_].input_schema.derived({**stored, **whole}):
            if name not in patch:
                whole.pop(name, None)
    kept = frozenset(own) if type_ == "article" else KIND_BY_NAME[type_].sent_fields(stored)
    return RecordInput(type_, shape.load(whole), (kept | frozenset(patch)) & frozenset(whole))


def _merge(target: typing.Any, patch: typing.Any) -> typing.Any:
    if not isinstance(patch, Mapping):
        return patch
    whole = dict(target) if isinstance(target, Mapping) else {}
    for name, value in patch.items():
        if value is None:
            whole.pop(name, None)
        else:
            whole[name] = _merge(whole.get(name), value)
    return whole
