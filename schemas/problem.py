"""Problem: what went wrong, in what part of the request, and the way out (RFC 9457)."""

from __future__ import annotations

import marshmallow as ma
from marshmallow import fields

from schemas.values import Count


class ProblemPart(ma.Schema):
    """One thing that is wrong with a request."""

    parameter = fields.String(metadata={"description": "The query or path parameter, or header, that it is in."})
    pointer = fields.String(metadata={"description": "Where in the body it is, a JSON Pointer (RFC 6901)."})
    detail = fields.String(required=True, metadata={"description": "What is wrong and what would be right."})

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

    class Meta:
        unknown = ma.EXCLUDE
