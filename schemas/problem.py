"""Problem: problem details for HTTP APIs (RFC 9457), with the parts of the request that have errors."""

from __future__ import annotations

import typing

from schemas.base import Field, OutputSchema
from schemas.claim import CheckName
from schemas.evidence import IN_JAVASCRIPT, OFFSET
from schemas.fields import (
    MESSAGE_MAX,
    NO_NUL,
    TEXT_MAX,
    VALUE_FORM,
    Boolean,
    BoundedList,
    Choice,
    Count,
    Identifier,
    Nested,
    OutputUrl,
    Slug,
    String,
    Text,
)

# An import reports up to ten errors for each of 1,000 lines.
ERRORS_MAX = 10_000


class Message(String):
    """A text that `truncate` returned."""

    keywords: typing.ClassVar = {"pattern": NO_NUL, "maxLength": MESSAGE_MAX}


class Place(OutputSchema):
    """An occurrence in an article's text."""

    start = Count(maximum=TEXT_MAX, description=f"The start offset, {OFFSET}. {IN_JAVASCRIPT}")
    end = Count(maximum=TEXT_MAX, description=f"The end offset, exclusive, {OFFSET}. {IN_JAVASCRIPT}")
    exact = Message(description="The text at this position.")


class ProblemPart(OutputSchema):
    """An error in a request, with the data that a program needs to fix it."""

    parameter = Message(description="The query parameter, path parameter or header with the error.")
    line = Count(minimum=1, description="The line of an NDJSON import, from 1.")
    index = Count(description="The index in `records` of a JSON import, from 0.")
    id = Identifier(description="The id of the record of an import.")
    pointer = Message(
        description="The position of the error in the JSON body, or in the record of a line: a JSON Pointer (RFC 6901)."
    )
    detail = Message(description="The error and its fix.")
    claim = Identifier(description="The claim that the article's text does not support.")
    address = OutputUrl(description="The URL of the conflicting record, or the URL to continue with.")
    check = Choice(CheckName, description="The failed grounding check.")
    field = String(description="The field of the claim that the evidence does not support.", metadata=VALUE_FORM)
    excusable = Boolean(description="Whether naming the field in `inferred` excuses the failed check.")
    span = Count(description="The index of the span in the evidence as sent, from 0.")
    looked_for = Message(description="The text or value that the check looked for.")
    found = Message(description="The text or value at that position instead.")
    places = BoundedList(
        Nested(Place),
        length_max=50,
        description="The positions of `looked_for` in the text, or else of the most similar passages.",
    )

    def on_bind_field(self, field_name: str, field_obj: Field) -> None:
        field_obj.required = field_name == "detail"


class ImportCounts(OutputSchema):
    """The number of records of an import by result. If the import is rejected, none are created or replaced."""

    created = Count()
    replaced = Count()
    unchanged = Count()
    refused = Count()


class ImportReport(OutputSchema):
    """The result of an import."""

    stored = Boolean(description="Whether the records were stored. False for a dry run.")
    counts = Nested(ImportCounts)
    errors = BoundedList(
        Nested(ProblemPart),
        length_max=ERRORS_MAX,
        description=(
            "The errors of the rejected records: up to ten for each of the first 1,000. "
            "`counts` has the total number of rejected records."
        ),
    )


class Problem(OutputSchema):
    """Problem details (RFC 9457). `type` is the URL of a page that explains the problem."""

    type = OutputUrl(description="The URL of a page that explains the problem.")
    title = Text(200, description="A short summary of the problem type.")
    status = Count(minimum=400, maximum=599)
    detail = Message(description="An explanation of this occurrence of the problem.")
    code = Slug(description="The problem code: the last segment of `type`.")
    request_id = String(
        description="The id of the request. Include it when you contact the operator.",
        metadata={"maxLength": 64, "pattern": "^[A-Za-z0-9._-]+$"},
    )
    errors = BoundedList(
        Nested(ProblemPart), length_max=ERRORS_MAX, required=False, description="The individual errors."
    )
    counts = Nested(
        ImportCounts, required=False, description="The number of records by result, if an import was rejected."
    )
