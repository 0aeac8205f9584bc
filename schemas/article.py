"""Article: the outer layer of every claim, which prints it (schema.org NewsArticle, IPTC ninjs)."""

from __future__ import annotations

import hashlib
import typing

import marshmallow as ma
from marshmallow import fields, validate

from schemas.base import InputSchema, output_schema, patch_schema
from schemas.fields import (
    NO_NUL,
    OPTIONAL,
    TEXT_MAX,
    BoundedList,
    Count,
    Edtf,
    Identifier,
    Instant,
    Language,
    Sha256,
    Slug,
    Text,
    Url,
    sound,
)
from schemas.inferred import Inferred, WithInferred


class SourceInput(InputSchema):
    """A source of the article's information: an agency, a photographer, a correspondent."""

    name = Text(300, required=True, metadata={"description": "The name as printed."})
    role = Text(100, required=True, metadata={"description": "What it contributed: text, photo, video …"})


Source = output_schema(SourceInput, "Source")


class Verbatim(fields.String):
    """An article's whole text, as it is: every offset depends on it."""

    def __init__(self, *, metadata: dict[str, typing.Any] | None = None, **kwargs: typing.Any):
        error = "Must have {min} to {max} code points."
        super().__init__(
            validate=validate.Length(min=1, max=TEXT_MAX, error=error),
            metadata={"pattern": NO_NUL, **(metadata or {})},
            **kwargs,
        )

    def _deserialize(self, value: typing.Any, attr: str | None, data: typing.Any, **kwargs: typing.Any) -> str:
        text = sound(super()._deserialize(value, attr, data, **kwargs))
        if len(text.encode()) > TEXT_MAX:
            raise ma.ValidationError(f"Must have at most {TEXT_MAX:,} bytes in UTF-8.")
        return text


class ArticleInput(WithInferred):
    """A news article, the source of claims."""

    id = Identifier(metadata={"description": "The record's id; chosen by the client, or made by the server."})
    headline = Text(1000, required=True)
    standfirst = Text(2000, **OPTIONAL, metadata={"description": "The lead under the headline."})
    publisher = Text(300, **OPTIONAL, metadata={"hxl": "#org+name+publisher"})
    byline = Text(500, **OPTIONAL, metadata={"description": "Who wrote it, as printed."})
    url = Url(**OPTIONAL, metadata={"description": "Where it is published."})
    language = Language(load_default="en", metadata={"description": "Its language, BCP 47."})
    published_on = Edtf(**OPTIONAL, metadata={"description": "The day it was published, EDTF."})
    dateline = Text(300, **OPTIONAL, metadata={"description": "Where it was written, as printed."})
    conflict = Slug(
        **OPTIONAL, metadata={"description": "The conflict that it reports on, as a slug.", "hxl": "#crisis+code"}
    )
    info_sources = BoundedList(
        fields.Nested(SourceInput),
        most=50,
        load_default=list,
        metadata={"description": "The agencies and people whose material it uses."},
    )
    inferred = Inferred(metadata={"description": "The fields of this record that the article does not state."})
    text = Verbatim(
        load_default=None,
        allow_none=True,
        metadata={"description": "The whole text, verbatim. Never sent back with the record.", "writeOnly": True},
    )
    text_sha256 = Sha256(
        **OPTIONAL, metadata={"description": "SHA-256 of the text's UTF-8, for a text that may not be stored."}
    )
    text_length = Count(
        least=1,
        most=TEXT_MAX,
        **OPTIONAL,
        metadata={
            "description": "The text's length in Unicode code points. In JavaScript it is `Array.from(text).length`."
        },
    )

    @ma.validates_schema
    def _one_text(self, data: dict[str, typing.Any], **_: typing.Any) -> None:
        text, sha256, length = data["text"], data["text_sha256"], data["text_length"]
        if text is None:
            if (sha256 is None) != (length is None):
                missing = "text_length" if length is None else "text_sha256"
                raise ma.ValidationError("Give text_sha256 and text_length together, or the text itself.", missing)
            return
        actual = hashlib.sha256(text.encode()).hexdigest()
        if sha256 not in (None, actual):
            raise ma.ValidationError(
                f"The text sent has the SHA-256 {actual}. Send the text it was taken from.", "text"
            )
        if length not in (None, len(text)):
            raise ma.ValidationError(f"The text sent has {len(text)} code points.", "text_length")
        data["text_sha256"], data["text_length"] = actual, len(text)


Article = output_schema(
    ArticleInput,
    "Article",
    without=("text",),
    after={
        "text_held": fields.Boolean(metadata={"description": "Whether the text is stored here, for evidence checks."}),
        "version": Count(least=1, metadata={"description": "Counts up with every change of the record."}),
        "created_at": Instant(),
        "updated_at": Instant(),
    },
)
ArticlePatch = patch_schema(ArticleInput, "ArticlePatch")
