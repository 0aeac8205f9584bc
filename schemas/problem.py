"""Problem: what went wrong, in what part of the request, and the way out (RFC 9457)."""

from __future__ import annotations

import typing

import marshmallow as ma
from marshmallow import fields

from schemas.claim import CHECKS
from schemas.evidence import IN_JAVASCRIPT, OFFSET
from schemas.fields import NO_NUL, TEXT_MAX, TOLD_MAX, Address, BoundedList, Choice, Count, Identifier, Slug, Text

# Of an import, ten things of each of a thousand lines.
MOST_ERRORS = 10_000


def truncate(text: str) -> str:
    r"""What is told of something wrong, which may repeat whatever was sent: cut to a length, and fit for any client.

    >>> told("Unknown field: a\x00b.")
    'Unknown field: a�b.'
    """
    return (text if len(text) <= TOLD_MAX else f"{text[: TOLD_MAX - 1]}…").replace("\x00", "\ufffd")


class Told(fields.String):
    """What `told` makes of a text."""

    def __init__(self, *, metadata: dict[str, typing.Any], **kwargs: typing.Any):
        super().__init__(metadata={"pattern": NO_NUL, "maxLength": TOLD_MAX, **metadata}, **kwargs)


class Place(ma.Schema):
    """Where an article's text has something."""

    start = Count(required=True, most=TEXT_MAX, metadata={"description": f"Where it begins, {OFFSET}. {IN_JAVASCRIPT}"})
    end = Count(
        required=True, most=TEXT_MAX, metadata={"description": f"Where it ends, exclusive, {OFFSET}. {IN_JAVASCRIPT}"}
    )
    exact = Told(required=True, metadata={"description": "The words that stand there."})

    class Meta:
        unknown = ma.EXCLUDE


class ProblemPart(ma.Schema):
    """One thing that is wrong with a request, with all that helps a program to mend it."""

    parameter = Told(metadata={"description": "The query or path parameter, or header, that it is in."})
    line = Count(least=1, metadata={"description": "Of an import, the line that it is in."})
    id = Identifier(metadata={"description": "Of an import, the record that the line holds."})
    pointer = Told(metadata={"description": "Where in the record it is, a JSON Pointer (RFC 6901)."})
    detail = Told(required=True, metadata={"description": "What is wrong and what would be right."})
    claim = Identifier(metadata={"description": "The claim that a text does not bear out."})
    address = Address(metadata={"description": "The record that it collides with, or where to go on."})
    check = Choice(CHECKS, extensible=True, metadata={"description": "The check of grounding that failed."})
    field = fields.String(
        metadata={
            "description": "The field of the claim that is not borne out.",
            "maxLength": 80,
            "pattern": "^[a-z][a-z0-9_]*$",
        }
    )
    excusable = fields.Boolean(
        metadata={"description": "Whether naming the field in `inferred` excuses the failed check."}
    )
    span = Count(metadata={"description": "Which span of the evidence, as it was sent, counted from 0."})
    looked_for = Told(metadata={"description": "What was looked for."})
    found = Told(metadata={"description": "What stands there instead."})
    places = BoundedList(
        fields.Nested(Place),
        most=50,
        metadata={"description": "Where the text has what was looked for; if nowhere, what comes nearest to it."},
    )

    class Meta:
        unknown = ma.EXCLUDE


class ImportCounts(ma.Schema):
    """How many lines of an import came to what."""

    created = Count(required=True)
    replaced = Count(required=True)
    unchanged = Count(required=True)
    refused = Count(required=True)

    class Meta:
        unknown = ma.EXCLUDE


class ImportReport(ma.Schema):
    """What an import came to."""

    stored = fields.Boolean(required=True, metadata={"description": "Whether it was kept; false for a dry run."})
    counts = fields.Nested(ImportCounts, required=True)
    errors = BoundedList(
        fields.Nested(ProblemPart),
        most=MOST_ERRORS,
        required=True,
        metadata={
            "description": "What is wrong with the refused lines: of the first 1,000, up to ten things each. "
            "`counts` has the number of all."
        },
    )

    class Meta:
        unknown = ma.EXCLUDE


class Problem(ma.Schema):
    """Problem details (RFC 9457). `type` leads to a page that explains the problem."""

    type = Address(required=True, metadata={"description": "The address of a page that explains it."})
    title = Text(200, required=True, metadata={"description": "What kind of problem it is, in a few words."})
    status = Count(required=True, least=400, most=599)
    detail = Told(required=True, metadata={"description": "What went wrong this time."})
    code = Slug(required=True, metadata={"description": "The last part of `type`, for programs to compare."})
    request_id = fields.String(
        required=True,
        metadata={
            "description": "Tell this to the operator when asking.",
            "maxLength": 64,
            "pattern": "^[A-Za-z0-9._-]+$",
        },
    )
    errors = BoundedList(
        fields.Nested(ProblemPart), most=MOST_ERRORS, metadata={"description": "What is wrong, thing by thing."}
    )
    counts = fields.Nested(ImportCounts, metadata={"description": "Of a refused import, what its lines came to."})

    class Meta:
        unknown = ma.EXCLUDE
