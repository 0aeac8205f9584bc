"""Span: the words of an article that prove a claim, and where they stand (W3C Web Annotation selectors)."""

from __future__ import annotations

import typing

import marshmallow as ma

from schemas.shapes import Shape, output_of
from schemas.values import OPTIONAL, TEXT_MAX, Count, Text

_OFFSET = "in Unicode code points from the start of the text"


class SpanInput(Shape):
    """A stretch of the article's text: TextQuoteSelector and TextPositionSelector in one.

    `start` and `end` may be left out where the article's text is held and `exact`, with `prefix` and `suffix`
    where given, stands in it once.
    """

    exact = Text(2000, required=True, metadata={"description": "The words, exactly as the text has them."})
    start = Count(most=TEXT_MAX, **OPTIONAL, metadata={"description": f"Where they begin, {_OFFSET}."})
    end = Count(
        most=TEXT_MAX,
        **OPTIONAL,
        metadata={"description": f"Where they end, {_OFFSET}; the character at `end` is no longer part of them."},
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


Span = output_of(
    SpanInput,
    "Span",
    without=("prefix", "suffix"),
    after={
        "start": Count(most=TEXT_MAX, metadata={"description": f"Where they begin, {_OFFSET}."}),
        "end": Count(most=TEXT_MAX, metadata={"description": f"Where they end, exclusive, {_OFFSET}."}),
    },
)
