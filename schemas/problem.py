"""Problem: problem details for HTTP APIs (RFC 9457), with the parts of the request that have errors."""

from __future__ import annotations

import typing

import marshmallow as ma
from marshmallow import fields

from schemas.claim import CHECKS
from schemas.evidence import IN_JAVASCRIPT, OFFSET
from schemas.fields import MESSAGE_MAX, NO_NUL, TEXT_MAX, BoundedList, Choice, Count, Identifier, OutputUrl, Slug, Text

# An import reports up to ten errors for each of 1,000 lines.
ERRORS_MAX = 10_000


class Message(fields.String):
    """A text that `truncate` returned."""

    def __init__(self, *, metadata: dict[str, typing.Any], **kwargs: typing.Any):
        super().__init__(metadata={"pattern": NO_NUL, "maxLength": MESSAGE_MAX, **metadata}, **kwargs)


class Place(ma.Schema):
    """An occurrence in an article's text."""

    start = Count(
        required=True, maximum=TEXT_MAX, metadata={"description": f"The start offset, {OFFSET}. {IN_JAVASCRIPT}"}
    )
    end = Count(
        required=True,
        maximum=TEXT_MAX,
        metadata={"description": f"The end offset, exclusive, {OFFSET}. {IN_JAVASCRIPT}"},
    )
    exact = Message(required=True, metadata={"description": "The text at this position."})

    class Meta:
        unknown = ma.EXCLUDE


class ProblemPart(ma.Schema):
    """An error in a request, with the data that a program needs to fix it."""

    parameter = Message(metadata={"description": "The query parameter, path parameter or header with the error."})
    line = Count(minimum=1, metadata={"description": "The line of an import."})
    id = Identifier(metadata={"description": "The id of the record in the line of an import."})
    pointer = Message(metadata={"description": "The position of the error in the record, a JSON Pointer (RFC 6901)."})
    detail = Message(required=True, metadata={"description": "The error and its fix."})
    claim = Identifier(metadata={"description": "The claim that the article's text does not support."})
    address = OutputUrl(metadata={"description": "The URL of the conflicting record, or the URL to continue with."})
    check = Choice(CHECKS, extensible=True, metadata={"description": "The failed grounding check."})
    field = fields.String(
        metadata={
            "description": "The field of the claim that the evidence does not support.",
            "maxLength": 80,
            "pattern": "^[a-z][a-z0-9_]*$",
        }
    )
    excusable = fields.Boolean(
        metadata={"description": "Whether naming the field in `inferred` excuses the failed check."}
    )
    span = Count(metadata={"description": "The index of the span in the evidence as sent, from 0."})
    looked_for = Message(metadata={"description": "The text or value that the check looked for."})
    found = Message(metadata={"description": "The text or value at that position instead."})
    places = BoundedList(
        fields.Nested(Place),
        length_max=50,
        metadata={"description": "The positions of `looked_for` in the text, or else of the most similar passages."},
    )

    class Meta:
        unknown = ma.EXCLUDE


class ImportCounts(ma.Schema):
    """The number of lines of an import by result."""

    created = Count(required=True)
    replaced = Count(required=True)
    unchanged = Count(required=True)
    refused = Count(required=True)

    class Meta:
        unknown = ma.EXCLUDE


class ImportReport(ma.Schema):
    """The result of an import."""

    stored = fields.Boolean(
        required=True, metadata={"description": "Whether the records were stored. False for a dry run."}
    )
    counts = fields.Nested(ImportCounts, required=True)
    errors = BoundedList(
        fields.Nested(ProblemPart),
        length_max=ERRORS_MAX,
        required=True,
        metadata={
            "description": "The errors of the rejected lines: up to ten for each of the first 1,000. "
            "`counts` has the total number of rejected lines."
        },
    )

    class Meta:
        unknown = ma.EXCLUDE


class Problem(ma.Schema):
    """Problem details (RFC 9457). `type` is the URL of a page that explains the problem."""

    type = OutputUrl(required=True, metadata={"description": "The URL of a page that explains the problem."})
    title = Text(200, required=True, metadata={"description": "A short summary of the problem type."})
    status = Count(required=True, minimum=400, maximum=599)
    detail = Message(required=True, metadata={"description": "An explanation of this occurrence of the problem."})
    code = Slug(required=True, metadata={"description": "The problem code: the last segment of `type`."})
    request_id = fields.String(
        required=True,
        metadata={
            "description": "The id of the request. Include it when you contact the operator.",
            "maxLength": 64,
            "pattern": "^[A-Za-z0-9._-]+$",
        },
    )
    errors = BoundedList(
        fields.Nested(ProblemPart), length_max=ERRORS_MAX, metadata={"description": "The individual errors."}
    )
    counts = fields.Nested(
        ImportCounts, metadata={"description": "The number of lines by result, if an import was rejected."}
    )

    class Meta:
        unknown = ma.EXCLUDE
