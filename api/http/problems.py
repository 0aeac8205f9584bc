"""Problems (RFC 9457): every kind of failure, what it means, and the one way it is answered.

Problem
├── InvalidParameters   422, a query or header that cannot be understood
├── NotAcceptable       406, no representation that was asked for
└── what the store, the shapes and Flask raise, turned into one
"""

from __future__ import annotations

import typing
from collections.abc import Mapping, Sequence

import marshmallow as ma
import orjson
from flask import Flask, Response, current_app, g, request
from werkzeug.exceptions import BadHost, HTTPException, InternalServerError, MethodNotAllowed, NotFound

from api.http.logs import log
from api.http.problem_types import BY_STATUS, PROBLEMS
from api.http.urls import record_url
from api.kinds.collections import COLLECTION_BY_NAME
from api.settings import Settings
from api.store import errors
from api.store.errors import (
    SAID,
    TOLD,
    ConcurrentWrite,
    Conflict,
    Duplicate,
    IdTaken,
    InUse,
    NotGrounded,
    RecordRejected,
    invalid,
)
from schemas.fields import suggest
from schemas.problem import truncate

# Seconds after which a database that did not answer is worth another try.
RETRY_AFTER = "5"

PROBLEM_JSON = "application/problem+json"


class Problem(Exception):
    """A request that is answered with a problem of the type `slug`."""

    slug: str

    def __init__(
        self,
        detail: str,
        *,
        slug: str | None = None,
        errors: Sequence[Mapping[str, typing.Any]] = (),
        headers: Mapping[str, str] | None = None,
        more: Mapping[str, typing.Any] | None = None,
    ):
        super().__init__(detail)
        self.detail = truncate(detail)
        self.type = PROBLEMS[slug or self.slug]
        self.errors = list(errors)
        self.headers = dict(headers or {})
        self.more = dict(more or {})


class InvalidParameters(Problem):
    """Parameters that cannot be understood: name and what would be right, one by one."""

    slug = "invalid-parameters"

    def __init__(self, wrong: Sequence[tuple[str, str]]):
        said = [f"{name}: {text}" for name, text in wrong[:SAID]]
        more = [f"And {len(wrong) - SAID:,} more."] if len(wrong) > SAID else []
        parts = [{"parameter": truncate(name), "detail": truncate(text)} for name, text in wrong[:TOLD]]
        super().__init__(" ".join([*said, *more]), errors=parts)


_REFUSALS = {NotGrounded: "not-grounded", Duplicate: "duplicate", IdTaken: "id-taken", InUse: "in-use"}


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
    body |= problem.more
    response = Response(orjson.dumps(body), type_.status, problem.headers, mimetype=PROBLEM_JSON)
    response.headers["Cache-Control"] = "no-store"
    return response


def register(app: Flask) -> None:
    """Answer every failure of the app with a problem."""
    app.register_error_handler(Problem, respond)
    app.register_error_handler(errors.NotFound, lambda error: respond(Problem(str(error), slug="not-found")))
    app.register_error_handler(errors.Gone, lambda error: respond(Problem(str(error), slug="gone")))
    app.register_error_handler(RecordRejected, lambda error: respond(from_refusal(error)))
    app.register_error_handler(ma.ValidationError, lambda error: respond(from_refusal(invalid(error))))
    app.register_error_handler(errors.Unavailable, unavailable)
    app.register_error_handler(ConcurrentWrite, stale)
    app.register_error_handler(HTTPException, from_http)


def from_refusal(refused: RecordRejected) -> Problem:
    """The problem that stands for a record that the store does not take."""
    slug = next((slug for type_, slug in _REFUSALS.items() if isinstance(refused, type_)), "invalid-record")
    parts = refused.parts
    if isinstance(refused, Conflict):
        addresses = [record_url(COLLECTION_BY_NAME[type_], id_) for type_, id_ in refused.others]
        parts = [{**refused.parts[0], "address": address} for address in addresses] or parts
    return Problem(str(refused), slug=slug, errors=parts)


def unavailable(error: errors.Unavailable) -> Response:
    """The problem of a database that does not answer, and a line in the log that says why."""
    # SQLAlchemy's own message has the statement in it; the driver's says what happened.
    cause = getattr(error.__cause__, "orig", error.__cause__)
    log.error("the database did not answer", detail=str(error), cause=str(cause))
    return respond(Problem(str(error), slug="unavailable", headers={"Retry-After": RETRY_AFTER}))


def stale(error: ConcurrentWrite) -> Response:
    """The problem of a write that others were always quicker than."""
    detail = "Others go on writing to the same articles. Send it again."
    return respond(Problem(detail, slug="unavailable", headers={"Retry-After": RETRY_AFTER}))


def from_http(error: HTTPException) -> Response:
    """The problem that stands for one of Flask's or Werkzeug's own."""
    if isinstance(error, InternalServerError):
        original = error.original_exception
        log.error("the request failed", exc_info=original or error)
        return respond(Problem("The request could not be answered.", slug="internal-error"))
    if isinstance(error, MethodNotAllowed):
        allowed = ", ".join(sorted(error.valid_methods or ()))
        detail = f"{request.path} does not answer {request.method}, only {allowed}."
        return respond(Problem(detail, slug="method-not-allowed", headers={"Allow": allowed}))
    if isinstance(error, NotFound):
        return respond(Problem(_no_such_path(), slug="no-such-path"))
    if error.response is not None:
        return typing.cast("Response", error.response)
    if isinstance(error, BadHost):
        return respond(
            Problem("The header Host is not a valid host name. Send the host of the URL.", slug="bad-request")
        )
    slug = BY_STATUS.get(error.code or 400, "bad-request")
    headers = {name: value for name, value in error.get_headers() if name != "Content-Type"}
    return respond(Problem(error.description or error.name, slug=slug, headers=headers))


def _no_such_path() -> str:
    paths = [rule.rule for rule in current_app.url_map.iter_rules() if not rule.arguments]
    meant = suggest(request.path.rstrip("/") or "/", paths)
    hint = f" Did you mean {meant}?" if meant else ""
    return f"Nothing is served at {request.path[:200]}.{hint}"
