"""The promise of version 1: what may change within it, and what never will.

The differ judges by it, the mock's chaos makes what it allows, and the conformance checks ask for what it holds.
Served at /contract, each clause under its slug, with every change that was made in spite of a clause.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Clause:
    """One sentence of the promise, and what an app does about it, where there is anything to do."""

    slug: str
    text: str
    advice: str = ""


@dataclass(frozen=True)
class ExceptedChange:
    """One change of version 1 that a clause rules out and that was made nevertheless.

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
    Clause("new-paths", "There may be new paths, and new methods of paths there are."),
    Clause(
        "new-parameters",
        "There may be new parameters, headers and fields that a request can have and need not, and new values of those "
        "there are. What is refused today may be taken tomorrow.",
        "Do not count on a refusal for what the document leaves open.",
    ),
    Clause(
        "add-fields",
        "Any object in an answer may have more fields, and a table more columns, in any order.",
        "Ignore fields that you do not know; go by names, never by positions.",
    ),
    Clause(
        "new-enum-values",
        "Where the document says `x-extensible-enum`, there may be values beyond those it lists; so may there be new "
        "kinds of claims among claims of all kinds, each with the fields that all kinds share.",
        "Have a branch for a word that you do not know, and skip or show it as it is.",
    ),
    Clause("new-headers", "Answers may have more headers."),
    Clause(
        "new-problems",
        "There may be new problems, with codes and statuses that the document does not list yet.",
        "Take a status that you do not know for the first of its hundred, 422 for 400 (RFC 9110, section 15).",
    ),
    Clause(
        "page-size-1",
        "A page may hold fewer records than its `limit`, even one, and still have a next one.",
        "Go on until `page.next` is null.",
    ),
    Clause(
        "retry-once",
        "Any request may be answered 429 or 503 with `Retry-After`, in seconds.",
        "Wait so long, and ask again; with an `Idempotency-Key`, a POST too.",
    ),
    Clause("slow", "An answer may take its time.", "Set a time limit that you can bear, of several seconds."),
    Clause(
        "opaque",
        "Cursors, entity tags and ids made by the server are texts without a meaning, and may come to look otherwise.",
        "Send them back as they came; never take them apart or put them together.",
    ),
    Clause("words", "Titles, details, descriptions and examples may be worded anew.", "Compare `code`, never a text."),
)

NEVER = (
    Clause("paths-stay", "No path, method, parameter, header or media type goes away, or gets another name."),
    Clause(
        "fields-stay",
        "No field of an answer goes away, changes its type or its meaning, becomes null or absent, or outgrows the "
        "limits that the document states.",
    ),
    Clause("nothing-more-is-needed", "No request needs more than it did: no new field, header, parameter or scope."),
    Clause(
        "what-was-taken-is-taken",
        "No value that a request could have is refused for its form, and no limit on it gets narrower.",
    ),
    Clause("closed-enums-stay-closed", "An enumeration in an answer that is not marked extensible gets no new value."),
    Clause("same-answers", "What succeeded with a status, a media type and a default order goes on doing so."),
    Clause("problems-stay", "Every failure is a problem (RFC 9457), and the same failure keeps its `code` and status."),
    Clause(
        "lists-hold-still",
        "Who follows `page.next` to its end sees each record that was there all the while once, in order.",
    ),
    Clause("no-lost-updates", "Nothing on record is overwritten by who has not seen it (`If-Match`)."),
    Clause("once", "A POST with an `Idempotency-Key` is done once, however often it is sent within a day."),
    Clause("feed-tells-all", "The feed leaves out no change, deletions included."),
    Clause("reading-is-open", "Reading needs no key, from any origin, unless the operator says otherwise."),
    Clause("keys-stay-out-of-addresses", "No key is taken from an address."),
    Clause(
        "a-year-of-notice",
        "What is to go is marked `deprecated` and answers with `Deprecation`, `Sunset` and `Link` for at least a year; "
        "after that day it answers 410 and stays in the document until version 2.",
        "Have your client log a `Deprecation` header when it sees one.",
    ),
)

# What each number of `info.version` tells when it has gone up.
VERSIONS = {
    "major": "A new path, `/v2` beside `/v1`. What is promised here is promised of `/v1` as long as it is served.",
    "minor": "Something that may change has changed: there is more than there was.",
    "patch": "Only words have changed: titles, descriptions, examples.",
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
