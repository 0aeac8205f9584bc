"""The documentation of responses, request bodies, headers and problems."""

from __future__ import annotations

import typing
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus

from api.http import etags
from api.http.negotiation import CSV, JSON, NDJSON
from api.http.operations import Deprecated
from api.http.problem_types import PROBLEMS, ProblemType
from api.http.problems import PROBLEM_JSON
from api.openapi.problem_examples import EXAMPLES, ROOT
from schemas.fields import URL_MAX
from schemas.problem import Problem


def _header(description: str, *, required: bool = False, **schema: typing.Any) -> dict[str, typing.Any]:
    """Return a text header as OpenAPI has it. `schema` are keywords of its schema."""
    header = {"description": description, "schema": {"type": "string", **schema}}
    return header | {"required": True} if required else header


# `{prefix}` begins the paths of the version.
HEADERS = {
    "API-Version": _header(
        "The version of this contract.",
        required=True,
        maxLength=40,
        pattern=r"^[0-9]+\.[0-9]+\.[0-9]+(-[0-9A-Za-z.-]+)?$",
    ),
    "X-Request-Id": _header(
        "The id of the request: the id that the client sent, if it is valid.",
        required=True,
        maxLength=64,
        pattern="^[A-Za-z0-9._-]+$",
    ),
    "ETag": _header(
        "The entity tag of this representation, for `If-None-Match`.",
        required=True,
        maxLength=200,
        pattern='^(W/)?"[!#-~]+"$',
    ),
    "Link": _header("The next and previous page, as in `page`.", maxLength=3 * URL_MAX, pattern="^<[^<>]+>;"),
    "Change-Sequence": _header(
        "Only with CSV and NDJSON: the last change that the export contains. Later changes are in "
        "`{prefix}/changes` with this number as `since`. `Link` has that URL (`monitor`).",
        maxLength=20,
        pattern="^[0-9]+$",
    ),
    "Change-Epoch": _header(
        "Only with `Change-Sequence`: the epoch of its number, for `epoch` of `{prefix}/changes`.",
        maxLength=64,
        pattern="^[!-~]+$",
    ),
    "Content-Disposition": _header(
        "Only with CSV and NDJSON: the file name.", maxLength=200, pattern='^attachment; filename="[^"]+"'
    ),
    "Location": _header("The URL of the new record.", required=True, format="uri", maxLength=URL_MAX),
    "Dry-Run": _header(
        "Only for a dry run: the action that the request would perform.",
        enum=["created", "updated", "unchanged", "deleted"],
    ),
    "Idempotent-Replayed": _header(
        "`true` if this is the response to an earlier request with the same `Idempotency-Key`.", enum=["true"]
    ),
    "RateLimit-Policy": _header(
        "The quota (`q`) in a window of seconds (`w`). Absent if requests are not limited.",
        maxLength=500,
        pattern='^"[^"]+";',
    ),
    "RateLimit": _header("The remaining quota (`r`) for the next seconds (`t`).", maxLength=500, pattern='^"[^"]+";'),
    "Allow": _header("The methods of this path.", required=True, maxLength=100, pattern="^[A-Z]+(, [A-Z]+)*$"),
    "Retry-After": _header(
        "The number of seconds after which to retry.", required=True, maxLength=10, pattern="^[0-9]+$"
    ),
    "Access-Control-Allow-Origin": _header(
        "The origin whose pages can read the response. `*` is any origin. Absent if the operator does "
        "not allow the requesting origin.",
        maxLength=2000,
        pattern="^([*]|[a-z]+://[^ ]+)$",
    ),
}
# Some responses require this header, and it is optional in others.
HEADERS["OptionalETag"] = {**HEADERS["ETag"], "required": False}
_TAG: dict[str, typing.Any] = {"maxLength": etags.HEADER_MAX, "format": "entity-tags"}
# Request headers by the names of their components.
REQUEST_HEADERS = {
    "IfMatch": {
        "name": "If-Match",
        **_header("The ETag of the record as the client read it. `*` matches any version.", required=True, **_TAG),
        "example": "*",
    },
    "IfMatchToReplace": {
        "name": "If-Match",
        **_header("The ETag of the record to replace. Required if the record exists.", **_TAG),
        "example": "*",
    },
    "IfNoneMatch": {
        "name": "If-None-Match",
        **_header("`*`: create the record only if it does not exist.", **_TAG),
    },
    "IdempotencyKey": {
        "name": "Idempotency-Key",
        **_header(
            "A text of your choice, different for each new request. A request with the same key and body "
            "within a day gets the same response and is performed once.",
            minLength=1,
            maxLength=255,
            pattern="^[!-~]+$",
        ),
    },
    "ContentEncoding": {"name": "Content-Encoding", **_header("`gzip` for a compressed body.", enum=["gzip"])},
}
_EVERYWHERE = ("API-Version", "X-Request-Id", "RateLimit-Policy", "RateLimit", "Access-Control-Allow-Origin")

_HEADERS_OF_PROBLEMS = {405: ("Allow",), 429: ("Retry-After",), 503: ("Retry-After",)}

# Schemas of bodies other than JSON, by the names of their components.
BODIES: dict[str, dict[str, typing.Any]] = {
    "Table": {
        "type": "string",
        "format": "csv",
        "contentMediaType": CSV,
        "description": "The whole list: one row per record, one column per leaf field, named by its path, as in "
        "`claimant.name`. Lists are joined by `; `, and `\\` escapes `;` and `\\` in their items. Next to a date are "
        "its first and last possible day. Text that a spreadsheet would read as a formula starts with an "
        "apostrophe. Read columns by name, because columns may be added.",
    },
    "Lines": {
        "type": "string",
        "format": "ndjson",
        "contentMediaType": NDJSON,
        "description": "The whole export, one record per line. With `fields`, each record has these fields.",
    },
    "Picture": {
        "type": "string",
        "format": "svg",
        "description": "The view as an SVG image. Its `desc` describes it.",
    },
}


# The member of a documented response or request body that has further media types, in the form of `content`.
BY_REQUEST = "x-content-by-request"


@dataclass(frozen=True)
class Link:
    """A link from a response to a further operation.

    `parameters` are runtime expressions by the location and name of a parameter, as in `path.id`. `body` is the
    expression of the request body.
    """

    operation_id: str
    parameters: Mapping[str, str] = field(default_factory=dict)
    description: str = ""
    body: str = ""

    def render(self) -> dict[str, typing.Any]:
        """Return it as OpenAPI has it."""
        link = {
            "operationId": self.operation_id,
            "parameters": self.parameters,
            "requestBody": self.body,
            "description": self.description,
        }
        return {name: part for name, part in link.items() if part}


@dataclass(frozen=True)
class ResponseDoc:
    """The documentation of a success response.

    `schema` can refer to a component. `example` is a value, or a function that returns it when the document is
    rendered. A response with the name of a `component` is defined once.

    A generated client reads all media types under `content` as one type. `by_request` is for a media type that only
    clients get that request it by `format` or `Accept`. It is documented under BY_REQUEST instead.
    """

    status: int
    schema: typing.Any = None
    example: typing.Any = None
    headers: tuple[str, ...] = ()
    media_type: str = JSON
    description: str | None = None
    component: str = ""
    links: tuple[Link, ...] = ()
    by_request: bool = False

    def render(self) -> dict[str, typing.Any]:
        """Return it as flask-smorest takes it."""
        content = {"schema": self.schema() if isinstance(self.schema, type) else self.schema, "example": self.example}
        if self.by_request:
            content = {
                BY_REQUEST: {self.media_type: {name: part for name, part in content.items() if part is not None}}
            }
        parts = {
            **content,
            "description": self.description or HTTPStatus(self.status).phrase,
            "headers": header_references(*self.headers),
            "links": {link.operation_id: link.render() for link in self.links} or None,
        }
        return {name: part for name, part in parts.items() if part is not None} | {"content_type": self.media_type}


@dataclass(frozen=True)
class RequestBodyDoc:
    """The documentation of a request body. `example` is a value, or a function that returns it.

    A generated client can send only one media type. `others` document the body in other media types, under BY_REQUEST.
    """

    schema: typing.Any
    example: typing.Any
    media_type: str = JSON
    others: tuple[RequestBodyDoc, ...] = ()

    def render(self) -> dict[str, typing.Any]:
        """Return it as OpenAPI has it."""
        content, others = (
            {body.media_type: {"schema": body.schema, "example": body.example} for body in bodies}
            for bodies in ((self,), self.others)
        )
        return {"required": True, "content": content, **({BY_REQUEST: others} if others else {})}


NOT_MODIFIED = ResponseDoc(
    304, headers=("ETag",), description="The client's representation is current.", component="NotModified"
)


def cacheable_responses(
    schema: typing.Any,
    example: typing.Any,
    *,
    link: bool = False,
    media_type: str = JSON,
    links: tuple[Link, ...] = (),
) -> tuple[ResponseDoc, ...]:
    """Return the responses of a conditional GET: 200, and 304 if the client has the current representation.

    `link` adds the header of pages, and `links` are the links to further operations.
    """
    return (
        ResponseDoc(200, schema, example, headers=("ETag", *(["Link"] * link)), media_type=media_type, links=links),
        NOT_MODIFIED,
    )


def problems_by_status(slugs: Iterable[str]) -> dict[int, list[ProblemType]]:
    """Return the types of problems by status, each once."""
    by_status: dict[int, list[ProblemType]] = {}
    for slug in dict.fromkeys(slugs):
        by_status.setdefault(PROBLEMS[slug].status, []).append(PROBLEMS[slug])
    return by_status


def response_name(types: Iterable[ProblemType]) -> str:
    """Return the name of the component that documents these problems.

    >>> response_name([PROBLEMS["not-found"]]), response_name([PROBLEMS["gone"], PROBLEMS["sunset"]])
    ('NotFound', 'GoneOrSunset')
    """
    return "Or".join("".join(word.capitalize() for word in type_.slug.split("-")) for type_ in types)


def problem_response(types: list[ProblemType]) -> dict[str, typing.Any]:
    """Return the response for one problem, or for several of one status."""
    headers = header_references(*_HEADERS_OF_PROBLEMS.get(types[0].status, ()))
    response = {"schema": Problem, "headers": headers, "content_type": PROBLEM_JSON}
    if len(types) == 1:
        return {**response, "description": types[0].meaning, "example": _problem_example(types[0])}
    meanings = "\n".join(f"- `{type_.slug}`: {type_.meaning}" for type_ in types)
    return {
        **response,
        "description": f"One of these problems. `code` identifies it:\n\n{meanings}",
        "examples": {type_.slug: {"summary": type_.title, "value": _problem_example(type_)} for type_ in types},
    }


def _problem_example(type_: ProblemType) -> dict[str, typing.Any]:
    return {
        "type": f"{ROOT}/problems/{type_.slug}",
        "title": type_.title,
        "status": type_.status,
        "code": type_.slug,
        "request_id": "0123456789abcdef",
        **EXAMPLES[type_.slug],
    }


def header_references(*names: str) -> dict[str, str]:
    """Return the components of a response's headers by name. A name that ends in "?" is optional."""
    return {name.rstrip("?"): f"Optional{name[:-1]}" if name.endswith("?") else name for name in (*names, *_EVERYWHERE)}


def deprecation_headers(deprecated: Sequence[Deprecated]) -> dict[str, typing.Any]:
    """Return the headers of success responses. A deprecated operation always sends them."""
    if not deprecated:
        return {}
    required = any(not item.parameter for item in deprecated)
    return {
        "Deprecation": _header(
            "The time since which the operation or parameter is deprecated (RFC 9745).",
            required=required,
            pattern="^@[0-9]+$",
        ),
        "Sunset": _header(
            "The time from which requests get 410 (RFC 8594).",
            required=required,
            pattern="^[A-Z][a-z]{2}, [0-9]{2} [A-Z][a-z]{2} [0-9]{4} [0-9:]{8} GMT$",
        ),
        "Link": _header(
            "Pages about it (`deprecation`, `sunset`), after the other links of the response.", required=required
        ),
    }
