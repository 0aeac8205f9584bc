"""The catalogue of problem types (RFC 9457): status, title, meaning and fix of each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class ProblemType:
    """A type of problem, as the page at `/problems/{slug}` describes it."""

    slug: str
    status: int
    title: str
    meaning: str
    fix: str


_TYPES = (
    ProblemType(
        "invalid-parameters",
        422,
        "Invalid parameters",
        "A parameter of the query is unknown, given twice where it counts once, or has a value that it cannot have. "
        "The request was not carried out.",
        "Each entry of `errors` names a parameter and says what would be right. The parameters of every operation are "
        "in the OpenAPI document.",
    ),
    ProblemType(
        "key-required",
        401,
        "Key required",
        "The operation needs a key, and the request has none, or one that is not valid here.",
        "Send the header `Authorization: Bearer onrecord_…`. `onrecord keys create` makes a key.",
    ),
    ProblemType(
        "scope-required",
        403,
        "Scope required",
        "The key is valid, but may not do this.",
        "Use a key with the scope that `detail` names; `onrecord keys create --scope` makes one.",
    ),
    ProblemType(
        "not-found",
        404,
        "No such record",
        "There is no record with this id.",
        "Look for it with the list that it would be in. An id stands for one record only, so a claim of another kind "
        "is found under that kind's path, or under that of all claims.",
    ),
    ProblemType(
        "malformed-body",
        400,
        "Malformed body",
        "The body of the request is not what its media type says: not JSON, not UTF-8, a name twice in one object, "
        "NaN, or nested deeper than any record is. Or it is incomplete: the request ended before its body.",
        "`detail` says what is wrong and where. Nothing was changed.",
    ),
    ProblemType(
        "gone",
        410,
        "Gone",
        "The record was deleted, or purged; the feed has when.",
        "Its history is under `/versions`. Putting it again brings the id back, as a later version.",
    ),
    ProblemType(
        "sunset",
        410,
        "Past its sunset",
        "The operation, or a parameter of it, was deprecated for at least a year, and that time is over. Nothing was "
        "read or changed.",
        "`detail` says what to do instead, and the header `Link` leads to a page about it (`deprecation`). What is "
        "to be refused so is marked in the OpenAPI document, and answers with the headers `Deprecation` and `Sunset`.",
    ),
    ProblemType(
        "in-use",
        409,
        "In use",
        "Other records need this one as it is: an article has claims, a claim is restated.",
        "`errors` lists them with their addresses. Delete or change those first.",
    ),
    ProblemType(
        "id-taken",
        409,
        "Id taken",
        "A record of another kind has, or had, this id; ids of claims are unique over all kinds.",
        "Choose another id, or POST the record without one.",
    ),
    ProblemType(
        "duplicate",
        409,
        "Duplicate",
        "A stored claim says exactly this: the same article, kind, claimant, words and values.",
        "`errors` has its address. Use it, add what differs, or do nothing.",
    ),
    ProblemType(
        "precondition-failed",
        412,
        "Precondition failed",
        "What is stored is not what `If-Match` or `If-None-Match` says it should be.",
        "Get the record, look at what changed, and send the change again with its ETag.",
    ),
    ProblemType(
        "precondition-required",
        428,
        "Precondition required",
        "Records are replaced, changed and deleted only by those who have seen what they are about to change.",
        "Send the ETag of the record as `If-Match`.",
    ),
    ProblemType(
        "invalid-record",
        422,
        "Invalid record",
        "The body is not a record of this type, or names what is not there.",
        "Each entry of `errors` has a JSON Pointer into the body and says what would be right. Nothing was changed.",
    ),
    ProblemType(
        "not-grounded",
        422,
        "Not grounded",
        "The words that the claim gives as its evidence do not bear it out, or do not stand in the article's text.",
        "Each entry of `errors` is a check that failed: what was looked for, what stands there instead, and where in "
        "the text it stands, or what comes nearest. Mend those and send it again.",
    ),
    ProblemType(
        "import-refused",
        422,
        "Import refused",
        "At least one line was refused, and so nothing was stored. After 10,000 refused lines the rest is not read, "
        "and nothing is stored with `atomic=false` either.",
        "`errors` has refused lines with their numbers, up to a thousand, and `counts` how many there are. Mend them, "
        "or send the import with `atomic=false` to store the others.",
    ),
    ProblemType(
        "idempotency-key-reused",
        422,
        "Idempotency key reused",
        "The `Idempotency-Key` came with another request within the last day.",
        "Make a new key for every new request.",
    ),
    ProblemType(
        "no-such-path",
        404,
        "No such path",
        "Nothing is served under this path.",
        "The paths are in the OpenAPI document. They have no slash at their end.",
    ),
    ProblemType(
        "method-not-allowed",
        405,
        "Method not allowed",
        "This path does not answer this method. A view, such as `/v1/casualty-reports/compare`, has only GET, and no "
        "record has its name as an id.",
        "The header `Allow` lists the methods that it answers.",
    ),
    ProblemType(
        "not-acceptable",
        406,
        "Not acceptable",
        "None of the media types in the header `Accept` can be sent.",
        "`detail` names the media types there are. Without an `Accept`, or with `*/*` in it, the first is sent.",
    ),
    ProblemType(
        "content-too-large",
        413,
        "Content too large",
        "The body of the request is longer than this path takes.",
        "Send it in several requests.",
    ),
    ProblemType(
        "uri-too-long",
        414,
        "URI too long",
        "The address of the request is longer than this service takes.",
        "Ask with fewer values, in several requests.",
    ),
    ProblemType(
        "unsupported-media-type",
        415,
        "Unsupported media type",
        "The body of the request is in a media type that this path does not take.",
        "The OpenAPI document names the media types of every operation.",
    ),
    ProblemType(
        "range-not-satisfiable",
        416,
        "Range not satisfiable",
        "The file is shorter than the part of it that was asked for.",
        "The header `Content-Range` has its length.",
    ),
    ProblemType(
        "bad-request",
        400,
        "Bad request",
        "The request line or a header breaks the rules of HTTP in a way that no other problem names. The body is not "
        "the reason, and it was not read.",
        "`detail` says what was wrong. Correct that part of the request and send it again.",
    ),
    ProblemType(
        "too-many-requests",
        429,
        "Too many requests",
        "The key, or without one the address that the request came from, has used up what it may ask in a time.",
        "Wait for the seconds of `Retry-After`. `RateLimit` says with every answer what is left, and a request with "
        "`If-None-Match` that is answered with 304 costs nothing.",
    ),
    ProblemType(
        "internal-error",
        500,
        "Internal error",
        "Something went wrong on this side. It is in the log under the request's id.",
        "Try again; if it happens again, tell the operator the `request_id`.",
    ),
    ProblemType(
        "unavailable",
        503,
        "Unavailable",
        "The database did not answer in the time that a request has, or not at all; or a comparison view took too "
        "long; or as many lists are being taken away as may be at once. Nothing was changed.",
        "Try again after the seconds of `Retry-After`; where `detail` says that a query or a view took too long, ask "
        "for less.",
    ),
)
PROBLEMS: Mapping[str, ProblemType] = {type_.slug: type_ for type_ in _TYPES}
# The problems of Werkzeug's exceptions. None of its 400s is about a body: `request_body` raises those.
BY_STATUS = {type_.status: type_.slug for type_ in reversed(_TYPES)} | {400: "bad-request"}
