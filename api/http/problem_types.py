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


def _problem_type(slug: str, status: int, meaning: str, fix: str, *, title: str = "") -> ProblemType:
    """Return a type of problem. Its title defaults to the words of the slug."""
    return ProblemType(slug, status, title or slug.replace("-", " ").capitalize(), meaning, fix)


_TYPES = (
    _problem_type(
        "invalid-parameters",
        422,
        "A query parameter is unknown, is repeated although it has one value, or has an invalid value. The request was "
        "not performed.",
        "Each entry of `errors` has the name of a parameter and its valid values. The OpenAPI document lists the "
        "parameters of each operation.",
    ),
    _problem_type(
        "key-required",
        401,
        "The operation requires a key, and the request has none. Or its key is unknown, expired or revoked.",
        "Send the header `Authorization: Bearer onrecord_…`. `onrecord keys create` creates a key.",
    ),
    _problem_type(
        "scope-required",
        403,
        "The key is valid, but does not have the scope of the operation.",
        "Use a key with the scope in `detail`. `onrecord keys create --scope` creates one.",
    ),
    _problem_type(
        "not-found",
        404,
        "A record with this id does not exist.",
        "Search the list of its collection. An id belongs to one record. A claim is under the path of its kind, and "
        "under the path of all claims.",
        title="No such record",
    ),
    _problem_type(
        "malformed-body",
        400,
        "The request body is incomplete or malformed: not JSON, not UTF-8, NaN, or a name twice in an object.",
        "`detail` has the error and its position. Nothing was changed.",
    ),
    _problem_type(
        "gone",
        410,
        "The record was deleted or purged. The feed has the time.",
        "Its history is under `/versions`. A PUT creates the record again, with a later version.",
    ),
    _problem_type(
        "sunset",
        410,
        "The operation, or one of its parameters, was deprecated for at least a year and is now switched off. Nothing "
        "was read or changed.",
        "`detail` has the alternative, and the header `Link` the URL of a page about it (`deprecation`). The OpenAPI "
        "document marks deprecated operations and parameters. Their responses have the headers `Deprecation` and "
        "`Sunset`.",
        title="Past its sunset",
    ),
    _problem_type(
        "resync-required",
        410,
        "The database was restored from a backup. The position `since` of the feed is from before that, and later "
        "changes of your copy may not exist.",
        "Replace your copy: begin with an export, or with `since=0` and without `epoch`. Then follow the feed with the "
        "new `page.epoch`.",
    ),
    _problem_type(
        "in-use",
        409,
        "Other records refer to this record: an article has claims, or other claims restate a claim.",
        "`errors` lists them with their URLs. Delete or change them first.",
    ),
    _problem_type(
        "id-taken",
        409,
        "Another record has this id, or a claim of another kind had it. The ids of claims are unique across all kinds.",
        "Choose another id, or POST the record without an id. To replace the record, use PUT.",
    ),
    _problem_type(
        "duplicate",
        409,
        "A stored claim has the same content: article, kind, claimant, evidence and values.",
        "`errors` has its URL. Use that claim, or add the difference.",
    ),
    _problem_type(
        "precondition-failed",
        412,
        "The stored record does not match `If-Match` or `If-None-Match`.",
        "Read the record, compare it, and send the change again with the new ETag.",
    ),
    _problem_type(
        "precondition-required",
        428,
        "Replacing, changing and deleting a record requires its ETag, so that no change is overwritten unseen.",
        "Send the ETag of the record as `If-Match`.",
    ),
    _problem_type(
        "invalid-record",
        422,
        "The body is not a valid record of this type, or refers to a record that does not exist.",
        "Each entry of `errors` has a JSON Pointer into the body and a message. Nothing was changed.",
    ),
    _problem_type(
        "not-grounded",
        422,
        "The evidence of the claim does not support it, or does not occur in the text of the article.",
        "Each entry of `errors` is a failed check. It has the missing value, the text of the evidence, and places in "
        "the article with the value or a similar one. Fix these and send the claim again.",
    ),
    _problem_type(
        "import-refused",
        422,
        "At least one record is invalid, so nothing was stored. After 10,000 invalid records the import stops. Then "
        "nothing is stored with `atomic=false` either.",
        "`errors` has up to 1,000 invalid records with their line or index, and `counts` has their total. Fix them, or "
        "use `atomic=false` to store the valid records.",
        title="Import rejected",
    ),
    _problem_type(
        "idempotency-key-reused",
        422,
        "Another request had this `Idempotency-Key` within the last day.",
        "Create a new key for each new request.",
    ),
    _problem_type(
        "no-such-path",
        404,
        "The path does not exist.",
        "The OpenAPI document lists all paths. They have no trailing slash.",
    ),
    _problem_type(
        "method-not-allowed",
        405,
        "The path does not support this method. A view of a list, such as a comparison, supports only GET. A record "
        "cannot have the name of a view as its id.",
        "The header `Allow` lists the supported methods.",
    ),
    _problem_type(
        "not-acceptable",
        406,
        "The path does not support any media type in the header `Accept`.",
        "`detail` lists the supported media types. Without `Accept`, or with `*/*`, the response has the first.",
    ),
    _problem_type(
        "request-timeout",
        408,
        "The request body arrived too slowly. The request was not performed.",
        "Send it again with a faster connection, or in several requests.",
    ),
    _problem_type(
        "content-too-large",
        413,
        "The request body is longer than the limit of this path.",
        "Send it in several requests.",
    ),
    _problem_type(
        "uri-too-long",
        414,
        "The URL of the request is longer than the limit.",
        "Send several requests with fewer values each.",
        title="URI too long",
    ),
    _problem_type(
        "unsupported-media-type",
        415,
        "The path does not support the media type of the request body.",
        "The OpenAPI document lists the media types of each operation.",
    ),
    _problem_type(
        "range-not-satisfiable",
        416,
        "The requested range is outside the file.",
        "The header `Content-Range` has the length of the file.",
    ),
    _problem_type(
        "bad-request",
        400,
        "The request line or a header violates HTTP, and no other problem describes it. The body was not read.",
        "`detail` has the error. Fix that part of the request and send it again.",
    ),
    _problem_type(
        "too-many-requests",
        429,
        "The API key exceeded its rate limit. Requests without a key are limited by IP address.",
        "Wait for the seconds in `Retry-After`. `RateLimit` has the remaining quota in every response. A request with "
        "`If-None-Match` costs nothing if the response is 304.",
    ),
    _problem_type(
        "internal-error",
        500,
        "The server failed. Its log has the error with the id of the request.",
        "Retry. If the error persists, report the `request_id` to the operator.",
    ),
    _problem_type(
        "unavailable",
        503,
        "The database did not respond in time, a comparison view took too long, or too many exports are running. "
        "Nothing was changed.",
        "Retry after the seconds in `Retry-After`. If `detail` names a query or a view that took too long, request "
        "less.",
    ),
)
PROBLEMS: Mapping[str, ProblemType] = {type_.slug: type_ for type_ in _TYPES}
# The problems of Werkzeug's exceptions. None of its 400s is about a body: `request_body` raises those.
BY_STATUS = {type_.status: type_.slug for type_ in reversed(_TYPES)} | {400: "bad-request"}
