"""Problem: what went wrong, in what part of the request, and the way out (RFC 9457)."""

from __future__ import annotations

import marshmallow as ma
from marshmallow import fields

from schemas.claim import CHECKS
from schemas.values import TEXT_MAX, Choice, Count, Identifier

_OFFSET = "in Unicode code points from the start of the text"


class Place(ma.Schema):
    """Where an article's text has something."""

    start = Count(required=True, most=TEXT_MAX, metadata={"description": f"Where it begins, {_OFFSET}."})
    end = Count(required=True, most=TEXT_MAX, metadata={"description": f"Where it ends, exclusive, {_OFFSET}."})
    exact = fields.String(required=True, metadata={"description": "The words that stand there."})

    class Meta:
        unknown = ma.EXCLUDE


class ProblemPart(ma.Schema):
    """One thing that is wrong with a request, with all that helps a program to mend it."""

    parameter = fields.String(metadata={"description": "The query or path parameter, or header, that it is in."})
    line = Count(least=1, metadata={"description": "Of an import, the line that it is in."})
    id = Identifier(metadata={"description": "Of an import, the record that the line holds."})
    pointer = fields.String(metadata={"description": "Where in the record it is, a JSON Pointer (RFC 6901)."})
    detail = fields.String(required=True, metadata={"description": "What is wrong and what would be right."})
    claim = Identifier(metadata={"description": "The claim that a text does not bear out."})
    address = fields.Url(metadata={"description": "The record that it collides with.", "format": "uri"})
    check = Choice(CHECKS, extensible=True, metadata={"description": "The check of grounding that failed."})
    field = fields.String(metadata={"description": "The field of the claim that is not borne out."})
    span = Count(metadata={"description": "Which span of the evidence, as it was sent, counted from 0."})
    looked_for = fields.String(metadata={"description": "What was looked for."})
    found = fields.String(metadata={"description": "What stands there instead."})
    places = fields.List(
        fields.Nested(Place),
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
    errors = fields.List(
        fields.Nested(ProblemPart),
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

    type = fields.Url(required=True, metadata={"format": "uri"})
    title = fields.String(required=True)
    status = Count(required=True, least=400, most=599)
    detail = fields.String(required=True)
    code = fields.String(required=True, metadata={"description": "The last part of `type`, for programs to compare."})
    request_id = fields.String(required=True, metadata={"description": "Tell this to the operator when asking."})
    errors = fields.List(fields.Nested(ProblemPart))
    counts = fields.Nested(ImportCounts, metadata={"description": "Of a refused import, what its lines came to."})

    class Meta:
        unknown = ma.EXCLUDE
