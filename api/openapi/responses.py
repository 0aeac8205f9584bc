"""How operations are documented: what they take and answer, their headers and their problems."""

from __future__ import annotations

import typing
from dataclasses import dataclass
from http import HTTPStatus

from api.http import conditions
from api.http.negotiation import CSV, JSON, NDJSON
from api.http.problems import PROBLEM_JSON, PROBLEMS, ProblemType
from api.openapi.problem_examples import EXAMPLES, ROOT
from schemas.problem import Problem
from schemas.values import ADDRESS_MAX

# `{prefix}` is what the paths of the version begin with.
HEADERS: dict[str, dict[str, typing.Any]] = {
    "API-Version": {
        "description": "The version of this contract.",
        "schema": {"type": "string", "maxLength": 40, "pattern": r"^[0-9]+\.[0-9]+\.[0-9]+(-[0-9A-Za-z.-]+)?$"},
        "required": True,
    },
    "X-Request-Id": {
        "description": "The request's id: the client's own where it sent a usable one.",
        "schema": {"type": "string", "maxLength": 64, "pattern": "^[A-Za-z0-9._-]+$"},
        "required": True,
    },
    "ETag": {
        "description": "The tag of this representation, for If-None-Match.",
        "schema": {"type": "string", "maxLength": 200, "pattern": '^(W/)?"[!#-~]+"$'},
        "required": True,
    },
    "Link": {
        "description": "The pages beside this one, as in `page`.",
        "schema": {"type": "string", "maxLength": 3 * ADDRESS_MAX, "pattern": "^<[^<>]+>;"},
    },
    "Change-Sequence": {
        "description": "Only with CSV and NDJSON: the change as of which all of it is true. Read on in "
        "`{prefix}/changes` with this as `since`; `Link` leads there (`monitor`).",
        "schema": {"type": "string", "maxLength": 20, "pattern": "^[0-9]+$"},
    },
    "Content-Disposition": {
        "description": "Only with CSV and NDJSON: the name to save it under.",
        "schema": {"type": "string", "maxLength": 200, "pattern": '^attachment; filename="[^"]+"'},
    },
    "Location": {
        "description": "The address of the new record.",
        "schema": {"type": "string", "format": "uri", "maxLength": ADDRESS_MAX},
        "required": True,
    },
    "Dry-Run": {
        "description": "Only for a dry run: what would have been done.",
        "schema": {"type": "string", "enum": ["created", "updated", "unchanged", "deleted"]},
    },
    "Idempotent-Replayed": {
        "description": "`true` where this is the answer to an earlier request with the same Idempotency-Key.",
        "schema": {"type": "string", "enum": ["true"]},
    },
    "RateLimit-Policy": {
        "description": "How much may be asked (`q`) in how many seconds (`w`), where there is a limit.",
        "schema": {"type": "string", "maxLength": 500, "pattern": '^"[^"]+";'},
    },
    "RateLimit": {
        "description": "How much of that is left (`r`), and for how many seconds (`t`).",
        "schema": {"type": "string", "maxLength": 500, "pattern": '^"[^"]+";'},
    },
    "Allow": {
        "description": "The methods of this path.",
        "schema": {"type": "string", "maxLength": 100, "pattern": "^[A-Z]+(, [A-Z]+)*$"},
        "required": True,
    },
    "Retry-After": {
        "description": "After how many seconds to try again.",
        "schema": {"type": "string", "maxLength": 10, "pattern": "^[0-9]+$"},
        "required": True,
    },
    "Access-Control-Allow-Origin": {
        "description": "The pages that may read this: `*` is those of any origin. Not there where the operator lets "
        "those of the asking page's origin not.",
        "schema": {"type": "string", "maxLength": 2000, "pattern": "^([*]|[a-z]+://[^ ]+)$"},
    },
}
# Headers that some answers have and others, where they are documented too, need not.
OPTIONAL = ("ETag",)
_TAG = {"schema": {"type": "string", "maxLength": conditions.LONGEST, "format": "entity-tags"}}
# Headers of requests, by the names of their components.
REQUEST_HEADERS: dict[str, dict[str, typing.Any]] = {
    "IfMatch": {
        "name": "If-Match",
        "required": True,
        **_TAG,
        "description": "The ETag of the record as it was seen; `*` for whatever it is now.",
        "example": "*",
    },
    "IfMatchToReplace": {
        "name": "If-Match",
        **_TAG,
        "description": "The ETag of the record that is to be replaced; needed where there is one.",
        "example": "*",
    },
    "IfNoneMatch": {
        "name": "If-None-Match",
        **_TAG,
        "description": "`*`: put the record only where there is none.",
    },
    "IdempotencyKey": {
        "name": "Idempotency-Key",
        "description": "Any text of your own, new for each new request: sent again within a day with the same body, "
        "the request is answered as before and done only once.",
        "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]+$"},
    },
    "ContentEncoding": {
        "name": "Content-Encoding",
        "description": "`gzip` for a body that is compressed.",
        "schema": {"type": "string", "enum": ["gzip"]},
    },
}
_EVERYWHERE = ("API-Version", "X-Request-Id", "RateLimit-Policy", "RateLimit", "Access-Control-Allow-Origin")

# Bodies that are no JSON, by the names of their components.
BODIES: dict[str, dict[str, typing.Any]] = {
    "Table": {
        "type": "string",
        "format": "csv",
        "contentMediaType": CSV,
        "description": "The whole list, a row a record and a column a leaf field, by the names of both: "
        "`claimant.name`. Lists are joined by `; ` (in what is joined, `\\` stands before `;` and `\\`), dates have "
        "their first and last possible day beside them. Text that a spreadsheet would take for a formula has an "
        "apostrophe in front. Columns may be added: go by their names.",
    },
    "Lines": {
        "type": "string",
        "format": "ndjson",
        "contentMediaType": NDJSON,
        "description": "The whole list, a record a line; with `fields=`, those of it.",
    },
    "Picture": {
        "type": "string",
        "format": "svg",
        "description": "The view as a picture, SVG, with what it shows in words as its `desc`.",
    },
}


def component(slug: str) -> str:
    """The name of a problem's answer in the document.

    >>> component("not-found")
    'NotFound'
    """
    return "".join(word.capitalize() for word in slug.split("-"))


@dataclass(frozen=True)
class Answer:
    """One good answer of an operation, as it is documented."""

    status: int
    shape: typing.Any = None
    example: typing.Any = None
    headers: tuple[str, ...] = ()
    media_type: str = JSON
    description: str | None = None

    def documented(self) -> dict[str, typing.Any]:
        parts = {
            "schema": self.shape() if isinstance(self.shape, type) else self.shape,
            "example": self.example,
            "description": self.description or HTTPStatus(self.status).phrase,
            "headers": headers_of(*self.headers),
        }
        return {name: part for name, part in parts.items() if part is not None} | {"content_type": self.media_type}


@dataclass(frozen=True)
class Body:
    """What an operation takes: the media type and shape of its body, with an example."""

    shape: typing.Any
    example: typing.Any
    media_type: str = JSON

    def documented(self) -> dict[str, typing.Any]:
        content = {"schema": self.shape, "example": self.example}
        return {"required": True, "content": {self.media_type: content}}


def read(shape: typing.Any, example: typing.Any, *, link: bool = False, media_type: str = JSON) -> tuple[Answer, ...]:
    """The answers of an operation that reads: what was asked for, and the 304 for who has it."""
    return (
        Answer(200, shape, example, headers=("ETag", *(["Link"] * link)), media_type=media_type),
        Answer(304, headers=("ETag",), description="What the client has is still so."),
    )


def documented_problems(slugs: tuple[str, ...]) -> dict[int, list[typing.Any]]:
    """The problems of an operation by status: by reference, or spelled out where several share a status."""
    by_status: dict[int, list[ProblemType]] = {}
    for slug in dict.fromkeys(slugs):
        by_status.setdefault(PROBLEMS[slug].status, []).append(PROBLEMS[slug])
    return {
        status: [component(types[0].slug) if len(types) == 1 else _one_of_several(types)]
        for status, types in by_status.items()
    }


def example_of(type_: ProblemType) -> dict[str, typing.Any]:
    return {
        "type": f"{ROOT}/problems/{type_.slug}",
        "title": type_.title,
        "status": type_.status,
        "code": type_.slug,
        "request_id": "0123456789abcdef",
        **EXAMPLES[type_.slug],
    }


def _one_of_several(types: list[ProblemType]) -> dict[str, typing.Any]:
    told = "\n".join(f"- `{type_.slug}`: {type_.meaning}" for type_ in types)
    return {
        "schema": Problem(),
        "description": f"One of these, told apart by `code`:\n\n{told}",
        "examples": {type_.slug: {"summary": type_.title, "value": example_of(type_)} for type_ in types},
        "headers": headers_of(),
        "content_type": PROBLEM_JSON,
    }


def headers_of(*names: str) -> dict[str, str]:
    """Headers of an answer, each with the name that it has among the components; "ETag?" need not be there."""
    return {name.rstrip("?"): f"Optional{name[:-1]}" if name.endswith("?") else name for name in (*names, *_EVERYWHERE)}
