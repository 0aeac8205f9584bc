"""Article: the source of claims (schema.org NewsArticle, IPTC ninjs)."""

from __future__ import annotations

import hashlib
import typing

import marshmallow as ma
from marshmallow import validate

from schemas.base import InputSchema, output_schema, patch_schema
from schemas.fields import (
    NO_NUL,
    OPTIONAL,
    TEXT_MAX,
    Boolean,
    BoundedList,
    Choice,
    Count,
    Edtf,
    Identifier,
    Language,
    Nested,
    Sha256,
    Slug,
    String,
    Text,
    Url,
    check_characters,
    versioned_fields,
)
from schemas.inferred import Inferred


class SourceInput(InputSchema):
    """A source of the article's information: an agency, a photographer, a correspondent."""

    name = Text(300, required=True, description="The name as printed.")
    role = Text(100, required=True, description="Its contribution, such as text, photo or video.")


Source = output_schema(SourceInput)


class Verbatim(String):
    """An article's full text, stored unchanged because every offset depends on it."""

    keywords: typing.ClassVar = {"pattern": NO_NUL}

    def __init__(self, **kwargs: typing.Any):
        error = "Must have {min} to {max} code points."
        super().__init__(validate=validate.Length(min=1, max=TEXT_MAX, error=error), **kwargs)

    def clean(self, text: str) -> str:
        check_characters(text)
        if len(text.encode()) > TEXT_MAX:
            raise ma.ValidationError(f"Must have at most {TEXT_MAX:,} bytes in UTF-8.")
        return text


class ArticleInput(InputSchema):
    """A news article, the source of claims."""

    id = Identifier(description="The record's id. If you do not send one, the server generates it.")
    headline = Text(1000, required=True)
    standfirst = Text(2000, **OPTIONAL, description="The lead paragraph under the headline.")
    publisher = Text(300, **OPTIONAL, metadata={"hxl": "#org+name+publisher"})
    byline = Text(500, **OPTIONAL, description="The author, as printed.")
    url = Url(**OPTIONAL, description="The URL of the published article.")
    language = Language(load_default="en", description="The article's language, a BCP 47 tag.")
    published_on = Edtf(**OPTIONAL, description="The publication date, EDTF.")
    dateline = Text(300, **OPTIONAL, description="The place of writing, as printed.")
    conflict = Slug(
        **OPTIONAL,
        description="The slug of the conflict that the article reports on.",
        metadata={"hxl": "#crisis+code"},
    )
    info_sources = BoundedList(
        Nested(SourceInput),
        length_max=50,
        load_default=list,
        description="The agencies and people that contributed material.",
    )
    inferred = Inferred(description="The names of this record's fields that the article does not state.")
    text = Verbatim(
        load_default=None,
        allow_none=True,
        description="The full text, verbatim. Responses never include it.",
        metadata={"writeOnly": True},
    )
    text_sha256 = Sha256(
        **OPTIONAL,
        description="SHA-256 of the text in UTF-8. Send it with `text_length` if the text must not be stored.",
    )
    text_length = Count(
        minimum=1,
        maximum=TEXT_MAX,
        **OPTIONAL,
        description="The text's length in Unicode code points. In JavaScript: `Array.from(text).length`.",
    )

    @ma.validates_schema
    def _one_text(self, data: dict[str, typing.Any], **_: typing.Any) -> None:
        text, sha256, length = data["text"], data["text_sha256"], data["text_length"]
        if text is None:
            if (sha256 is None) != (length is None):
                missing = "text_length" if length is None else "text_sha256"
                raise ma.ValidationError("Send text_sha256 and text_length together, or send text.", missing)
            return
        actual = hashlib.sha256(text.encode()).hexdigest()
        if sha256 not in (None, actual):
            raise ma.ValidationError(
                f"text_sha256 does not match: the SHA-256 of text is {actual}. Correct one of them.", "text"
            )
        if length not in (None, len(text)):
            raise ma.ValidationError(f"text_length does not match: text has {len(text)} code points.", "text_length")
        data["text_sha256"], data["text_length"] = actual, len(text)


Article = output_schema(
    ArticleInput,
    without=("text",),
    before={
        "id": Identifier(description="The record's id."),
        "type": Choice(("article",), closed=True, description="The type of record."),
    },
    after={
        "text_held": Boolean(description="Whether the article's text is stored. Evidence is checked against it."),
        **versioned_fields(),
    },
)
ArticlePatch = patch_schema(ArticleInput)
