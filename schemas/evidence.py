"""Span: the words of an article that prove a claim, and where they stand (W3C Web Annotation selectors)."""

from __future__ import annotations

import typing
from collections.abc import Mapping

import marshmallow as ma

from schemas.base import InputSchema, output_schema
from schemas.fields import OPTIONAL, TEXT_MAX, Count, Text, Url

# A page's address, and words of which each code point may take twelve characters of it.
_LONGEST_LINK = 2000 + 2000 * 12 + 20

OFFSET = "in Unicode code points from the start of the text"
# JavaScript, Java and C# index strings by UTF-16 code units, of which an emoji takes two.
IN_JAVASCRIPT = 'In JavaScript the words are `Array.from(text).slice(start, end).join("")`.'


class SpanInput(InputSchema):
    """A stretch of the article's text: TextQuoteSelector and TextPositionSelector in one.

    `start` and `end` may be left out where the article's text is held and `exact`, with `prefix` and `suffix`
    where given, stands in it once.
    """

    exact = Text(2000, required=True, metadata={"description": "The words, exactly as the text has them."})
    start = Count(most=TEXT_MAX, **OPTIONAL, metadata={"description": f"Where they begin, {OFFSET}. {IN_JAVASCRIPT}"})
    end = Count(
        most=TEXT_MAX,
        **OPTIONAL,
        metadata={"description": f"Where they end, exclusive, {OFFSET}. {IN_JAVASCRIPT}"},
    )
    prefix = Text(500, **OPTIONAL, metadata={"description": "Words right before, to tell places apart."})
    suffix = Text(500, **OPTIONAL, metadata={"description": "Words right after, to tell places apart."})

    @ma.validates_schema
    def _agree(self, data: dict[str, typing.Any], **_: typing.Any) -> None:
        start, end, length = data["start"], data["end"], len(data["exact"])
        if (start is None) != (end is None):
            raise ma.ValidationError("Give start and end together, or neither.", "end" if end is None else "start")
        if start is not None and end - start != length:
            raise ma.ValidationError(
                f"end must be {start + length}: exact has {length} code points and starts at {start}. "
                "Offsets count Unicode code points, not bytes or UTF-16 units.",
                "end",
            )


Span = output_schema(
    SpanInput,
    "Span",
    without=("prefix", "suffix"),
    after={
        "start": Count(most=TEXT_MAX, metadata={"description": f"Where they begin, {OFFSET}. {IN_JAVASCRIPT}"}),
        "end": Count(most=TEXT_MAX, metadata={"description": f"Where they end, exclusive, {OFFSET}. {IN_JAVASCRIPT}"}),
        "source": Url(
            allow_none=True,
            metadata={
                "description": "A link to them in the article's page, by a text fragment; null without a `url` there.",
                "maxLength": _LONGEST_LINK,
            },
        ),
    },
)


def stated(span: Mapping[str, typing.Any]) -> dict[str, typing.Any]:
    """What a span itself says, without what follows from it."""
    return {name: span[name] for name in ("exact", "start", "end")}
