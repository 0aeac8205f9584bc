"""The examples of problems: responses of a service that has the fixtures.

tests/contract/test_examples.py sends the requests and compares the responses.
"""

from __future__ import annotations

import typing

ROOT = "https://onrecord.example"

_QUOTE = f"{ROOT}/v1/quotes/aliyev-by-any-means"
_SUNSET = "The parameter speaker was removed at 2028-01-01T00:00:00Z. Use claimant."
_KILLED = "Armenia said 1,166 of its soldiers have been killed since September 27"
_ATLANTIS = (
    f"The evidence does not contain 'Atlantis', it reads '{_KILLED}'. Point a span at the words, or correct them. "
    'To send it as inferred, add "claimant" to `inferred`.'
)


def _part(detail: str, **more: typing.Any) -> dict[str, typing.Any]:
    """Return a problem with one error. Its detail starts with the pointer or parameter of the error, if it has one."""
    pointer = more.get("pointer") or more.get("parameter")
    return {"detail": f"{pointer}: {detail}" if pointer else detail, "errors": [{**more, "detail": detail}]}


EXAMPLES: dict[str, dict[str, typing.Any]] = {
    "bad-request": {"detail": "The header Host is not a valid host name. Send the host of the URL."},
    "method-not-allowed": {
        "detail": "/v1/casualty-reports/compare does not support PUT. Supported methods: GET, HEAD, OPTIONS."
    },
    "invalid-parameters": _part("Unknown parameter. Use claimant.", parameter="speaker"),
    "key-required": {"detail": "This operation requires a key."},
    "scope-required": {
        "detail": "The key 25da1d80394d does not have the scope claims:write, which this operation requires."
    },
    "not-found": {"detail": "The quote 'there-is-no-such-id' does not exist."},
    "gone": {"detail": "The quote 'aliyev-by-any-means' was deleted at 2026-01-02T12:00:00.000Z."},
    "resync-required": {
        "detail": "The database was restored from a backup, so `since` is a position of another feed. Replace your "
        "copy: begin with an export, or with since=0 and without `epoch`."
    },
    "sunset": {"detail": _SUNSET, "errors": [{"parameter": "speaker", "detail": _SUNSET}]},
    "malformed-body": {"detail": "Not JSON: Expecting property name enclosed in double quotes at character 1."},
    "invalid-record": _part("Unknown field. Did you mean claimant?", pointer="/claimnt"),
    "not-grounded": _part(
        _ATLANTIS,
        pointer="/claimant/name",
        check="party",
        field="claimant",
        excusable=True,
        span=0,
        looked_for="Atlantis",
        found=_KILLED,
        places=[],
    ),
    "duplicate": _part(
        "The quote 'aliyev-by-any-means' has the same content. Use it, or correct the claim.",
        pointer="",
        address=_QUOTE,
    ),
    "id-taken": _part(
        "The quote 'aliyev-by-any-means' exists. To replace it, use PUT. To create another, omit `id`.",
        pointer="/id",
        address=_QUOTE,
    ),
    "in-use": _part(
        "The quote 'aliyev-by-any-means' is restated by other claims. Delete them first, or change their `restates`.",
        pointer="",
        address=f"{ROOT}/v1/quotes/aliyev-go-to-the-end",
    ),
    "precondition-required": {
        "detail": "Send the ETag of the record as If-Match, so that you do not overwrite an unread change."
    },
    "precondition-failed": {
        "detail": "The record is at version 1, and If-Match has another one. Read it and repeat the change."
    },
    "idempotency-key-reused": {"detail": "The Idempotency-Key 'of-my-own' belongs to another request. Use a new key."},
    "import-refused": {
        "detail": "1 record was rejected, so nothing was stored.",
        "counts": {"created": 0, "replaced": 0, "unchanged": 0, "refused": 1},
        "errors": [
            {
                "index": 0,
                "id": "an-invented-article",
                "pointer": "/records/0/headlin",
                "detail": "Unknown field. Did you mean headline?",
            }
        ],
    },
    "not-acceptable": {"detail": "This path returns application/json, text/csv, application/x-ndjson, not image/png."},
    "request-timeout": {
        "detail": "The request body arrives too slowly. Send it again with a faster connection, or in smaller parts."
    },
    "content-too-large": {"detail": "The request body exceeds the limit of 8,388,608 bytes."},
    "uri-too-long": {"detail": "The query is longer than 32,768 bytes."},
    "unsupported-media-type": {"detail": "This path requires the media type application/json, not image/png."},
    "too-many-requests": {"detail": "Rate limit exceeded: 6,000 requests per 60 seconds. Retry in 12 seconds."},
    "internal-error": {"detail": "The server failed to handle the request."},
    "unavailable": {"detail": "The database cannot be used at the moment. Try again."},
}
