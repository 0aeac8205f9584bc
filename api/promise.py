"""The promise of version 1: the changes that it allows, and those that it never makes.

`contract diff` classifies changes by it, the mock's chaos makes the allowed ones, and the conformance checks test the
rest. The service shows it at /contract, with an anchor for each clause, and lists every exception.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Clause:
    """One rule of the promise. `advice` is the recommended behaviour of apps."""

    slug: str
    text: str
    advice: str = ""


@dataclass(frozen=True)
class ExceptedChange:
    """One change of version 1 that breaks a clause.

    `pointer` leads to an enumeration of a response (RFC 6901). `before` and `after` are all of its values.
    Any other change of this enumeration is breaking.
    """

    pointer: str
    since: str
    clause: str
    before: tuple[str, ...]
    after: tuple[str, ...]
    reason: str


MAY = (
    Clause(
        "new-paths",
        "Version 1 may add paths, and methods of existing paths. A new record cannot have an id that is the end of a "
        "new path, but a stored record keeps it.",
    ),
    Clause(
        "new-parameters",
        "Version 1 may add optional parameters, headers and fields to requests, and new values of existing ones. "
        "A request that is invalid today may become valid.",
        "Do not rely on an error that the document does not require.",
    ),
    Clause(
        "add-fields",
        "Any object in a response may get more fields, and a table more columns, in any order.",
        "Ignore unknown fields. Read fields and columns by name, never by position.",
    ),
    Clause(
        "new-enum-values",
        "A field with `x-extensible-enum` may have values that the document does not list. Lists of claims of all "
        "kinds may contain new kinds, which have the fields that all kinds share.",
        "Handle unknown values: skip them, or show them unchanged.",
    ),
    Clause("new-headers", "Responses may get more headers, and more links in the document."),
    Clause(
        "new-problems",
        "Version 1 may add problems, with codes and statuses that the document does not list yet.",
        "Treat an unknown status like the x00 status of its class: 422 like 400 (RFC 9110, section 15).",
    ),
    Clause(
        "page-size-1",
        "A page may contain fewer records than its `limit`, even one, and still have a next page.",
        "Follow `page.next` until it is null.",
    ),
    Clause(
        "retry-once",
        "Any request may return 429 or 503 with `Retry-After`, in seconds.",
        "Wait for that time, then retry. A POST is safe to retry with an `Idempotency-Key`.",
    ),
    Clause("slow", "A response may be slow.", "Set a timeout of several seconds."),
    Clause(
        "opaque",
        "Cursors, entity tags and server-generated ids are opaque. Their format may change.",
        "Send them back unchanged. Never parse or construct them.",
    ),
    Clause("words", "Titles, details, descriptions and examples may be reworded.", "Compare `code`, never a text."),
)

NEVER = (
    Clause("paths-stay", "No path, method, parameter, header, media type or link is removed or renamed."),
    Clause(
        "fields-stay",
        "No field of a response is removed, changes its type or meaning, becomes nullable or optional, or exceeds its "
        "documented limits.",
    ),
    Clause("nothing-more-is-needed", "No request requires a new field, header, parameter or scope."),
    Clause("what-was-taken-is-taken", "No format of a request value, and no limit on it, becomes stricter."),
    Clause(
        "closed-enums-stay-closed",
        "An enumeration in a response gets new values only if it is marked with `x-extensible-enum`. "
        "An enumeration with this mark keeps its values.",
    ),
    Clause("same-answers", "A successful request keeps its status, media type and default order."),
    Clause(
        "problems-stay",
        "Every error is a problem (RFC 9457), or a page about it if the request prefers HTML. The same error keeps its "
        "`code` and status.",
    ),
    Clause(
        "lists-hold-still",
        "A client that follows `page.next` to the end gets each record that existed all the time exactly once, in "
        "order.",
    ),
    Clause("no-lost-updates", "A client cannot overwrite a change that it has not read (`If-Match`)."),
    Clause("once", "A POST with an `Idempotency-Key` takes effect once, even if it is repeated within a day."),
    Clause("feed-tells-all", "The feed contains every change, including deletions."),
    Clause("reading-is-open", "Reading requires no key, from any origin, unless the operator configures otherwise."),
    Clause("keys-stay-out-of-addresses", "The service never accepts a key in a URL."),
    Clause(
        "a-year-of-notice",
        "A `deprecated` operation sends `Deprecation`, `Sunset` and `Link` for at least a year before it is switched "
        "off. Then it returns 410, and stays in the document until version 2.",
        "Log the `Deprecation` header if a response has it.",
    ),
)

# The meaning of each number of `info.version`.
VERSIONS = {
    "major": "A new path, `/v2` next to `/v1`. The promise applies to `/v1` as long as it is served.",
    "minor": "An addition that the promise allows.",
    "patch": "Only texts changed: titles, descriptions, examples.",
}

EXCEPTED_CHANGES = (
    ExceptedChange(
        pointer="/components/schemas/Grounding/properties/status/enum",
        since="1.1.0",
        clause="closed-enums-stay-closed",
        before=("verified", "unverified"),
        after=("verified", "partial", "unverified"),
        reason="`grounding.status` has a third value, `partial`, for a claim with an undecided check. Neither "
        "`verified` nor `unverified` describes such a claim. A client with a closed enumeration, generated from "
        "1.0.0, must accept `partial`.",
    ),
)

CLAUSES = {clause.slug: clause for clause in (*MAY, *NEVER)}
