"""Span: text of an article that proves a claim, and its position (W3C Web Annotation selectors)."""

from __future__ import annotations

import typing
from collections.abc import Mapping

import marshmallow as ma

from schemas.base import InputSchema, output_schema
from schemas.fields import OPTIONAL, TEXT_MAX, Count, Text, Url

# A page's URL, and a text fragment in which each code point can take twelve characters.
_LINK_MAX = 2000 + 2000 * 12 + 20

OFFSET = "in Unicode code points from the start of the text"
# JavaScript, Java and C# index strings by UTF-16 code units, of which an emoji takes two.
IN_JAVASCRIPT = 'In JavaScript, the span is `Array.from(text).slice(start, end).join("")`.'


class SpanInput(InputSchema):
    """A span of the article's text: a TextQuoteSelector and a TextPositionSelector.

    `start` and `end` are optional if the article's text is stored and contains `exact`, with `prefix` and `suffix`,
    exactly once.
    """

    exact = Text(2000, required=True, description="The text of the span, exactly as in the article.")
    start = Count(maximum=TEXT_MAX, **OPTIONAL, description=f"The start offset, {OFFSET}. {IN_JAVASCRIPT}")
    end = Count(maximum=TEXT_MAX, **OPTIONAL, description=f"The end offset, exclusive, {OFFSET}. {IN_JAVASCRIPT}")
    prefix = Text(
        500, **OPTIONAL, description="The text directly before `exact`, to identify one of several occurrences."
    )
    suffix = Text(
        500, **OPTIONAL, description="The text directly after `exact`, to identify one of several occurrences."
    )

    @ma.validates_schema
    def _agree(self, data: dict[str, typing.Any], **_: typing.Any) -> None:
        start, end, length = data["start"], data["end"], len(data["exact"])
        if (start is None) != (end is None):
            raise ma.ValidationError("Send start and end together, or neither.", "end" if end is None else "start")
        if start is not None and end - start != length:
            raise ma.ValidationError(
                f"end must be {start + length}: exact has {length} code points and starts at {start}. "
                "Offsets count Unicode code points, not bytes or UTF-16 units.",
                "end",
            )


Span = output_schema(
    SpanInput,
    without=("prefix", "suffix"),
    after={
        "start": Count(maximum=TEXT_MAX, description=f"The start offset, {OFFSET}. {IN_JAVASCRIPT}"),
        "end": Count(maximum=TEXT_MAX, description=f"The end offset, exclusive, {OFFSET}. {IN_JAVASCRIPT}"),
        "source": Url(
            length_max=_LINK_MAX,
            allow_none=True,
            description=(
                "A link to the span in the published article, with a text fragment. Null if the article has no `url`."
            ),
        ),
    },
)


def without_link(span: Mapping[str, typing.Any]) -> dict[str, typing.Any]:
    """Return the stored fields of a span, without the derived link."""
    return {name: span[name] for name in ("exact", "start", "end")}
