"""Problems (RFC 9457): every kind of failure, what it means, and the one way it is answered.

Problem
├── InvalidParameters   422, a query or header that cannot be understood
├── NotAcceptable       406, no representation that was asked for
└── what Flask raises   404, 405 and the like, and what the store raises, turned into one
"""

from __future__ import annotations

import logging
import typing
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import orjson
from flask import Flask, Response, current_app, g, request
from werkzeug.exceptions import HTTPException, InternalServerError, MethodNotAllowed, NotFound

from api.settings import Settings
from api.store import reading
from schemas.values import closest

_log = logging.getLogger("onrecord")


@dataclass(frozen=True)
class ProblemType:
    """A kind of problem: the page at `/problems/{slug}` says this of it."""

    slug: str
    status: int
    title: str
    meaning: str
    way_out: str


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
        "not-found",
        404,
        "No such record",
        "There is no record with this id.",
        "Look for it with the list that it would be in. An id stands for one record only, so a claim of another kind "
        "is found under that kind's path, or under /v1/claims.",
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
        "This path does not answer this method.",
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
        "The request breaks the rules of HTTP in a way that no other problem names.",
        "`detail` says what was wrong.",
    ),
    ProblemType(
        "internal-error",
        500,
        "Internal error",
        "Something went wrong on this side. It is in the log under the request's id.",
        "Try again; if it happens again, tell the operator the `request_id`.",
    ),
)
PROBLEMS: Mapping[str, ProblemType] = {type_.slug: type_ for type_ in _TYPES}


class Problem(Exception):
    """A request that is answered with a problem of the type `slug`."""

    slug: str

    def __init__(
        self,
        detail: str,
        *,
        slug: str | None = None,
        errors: Sequence[Mapping[str, str]] = (),
        headers: Mapping[str, str] | None = None,
    ):
        super().__init__(detail)
        self.detail = detail
        self.type = PROBLEMS[slug or self.slug]
        self.errors = list(errors)
        self.headers = dict(headers or {})


class InvalidParameters(Problem):
    """Parameters that cannot be understood: name and what would be right, one by one."""

    slug = "invalid-parameters"

    def __init__(self, wrong: Sequence[tuple[str, str]]):
        detail = " ".join(f"{name}: {text}" for name, text in wrong)
        super().__init__(detail, errors=[{"parameter": name, "detail": text} for name, text in wrong])


class NotAcceptable(Problem):
    """No representation that was asked for."""

    slug = "not-acceptable"


def respond(problem: Problem) -> Response:
    """The answer that tells a problem."""
    settings: Settings = current_app.config["ONRECORD"]
    type_ = problem.type
    body: dict[str, typing.Any] = {
        "type": f"{settings.root}/problems/{type_.slug}",
        "title": type_.title,
        "status": type_.status,
        "detail": problem.detail,
        "code": type_.slug,
        "request_id": g.request_id,
    }
    if problem.errors:
        body["errors"] = problem.errors
    response = Response(orjson.dumps(body), type_.status, problem.headers, mimetype="application/problem+json")
    response.headers["Cache-Control"] = "no-store"
    return response


def register(app: Flask) -> None:
    """Answer every failure of the app with a problem."""
    app.register_error_handler(Problem, respond)
    app.register_error_handler(reading.NotFound, lambda error: respond(Problem(str(error), slug="not-found")))
    app.register_error_handler(HTTPException, from_http)


def from_http(error: HTTPException) -> Response:
    """The problem that stands for one of Flask's or Werkzeug's own."""
    if isinstance(error, InternalServerError):
        original = error.original_exception
        _log.error("request %s failed", g.request_id, exc_info=original or error)
        return respond(Problem("The request could not be answered.", slug="internal-error"))
    if isinstance(error, MethodNotAllowed):
        allowed = ", ".join(sorted(error.valid_methods or ()))
        detail = f"{request.path} does not answer {request.method}, only {allowed}."
        return respond(Problem(detail, slug="method-not-allowed", headers={"Allow": allowed}))
    if isinstance(error, NotFound):
        return respond(Problem(_no_such_path(), slug="no-such-path"))
    if error.response is not None:
        return typing.cast("Response", error.response)
    slug = next((type_.slug for type_ in _TYPES if type_.status == error.code), "bad-request")
    headers = {name: value for name, value in error.get_headers() if name != "Content-Type"}
    return respond(Problem(error.description or error.name, slug=slug, headers=headers))


def _no_such_path() -> str:
    paths = [rule.rule for rule in current_app.url_map.iter_rules() if not rule.arguments]
    meant = closest(request.path.rstrip("/") or "/", paths)
    hint = f" Did you mean {meant}?" if meant else ""
    return f"Nothing is served at {request.path[:200]}.{hint}"
