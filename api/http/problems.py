"""Problem responses (RFC 9457), and the error handlers that return them.

Errors of the store, of schemas and of Flask become problems, too.
"""

from __future__ import annotations

import typing
from collections.abc import Mapping, Sequence

import marshmallow as ma
import orjson
from flask import Flask, Response, current_app, request
from werkzeug.exceptions import BadHost, HTTPException, InternalServerError, MethodNotAllowed, NotFound

from api.http.context import current_request
from api.http.logs import log
from api.http.problem_types import BY_STATUS, PROBLEMS
from api.http.urls import base_url, record_url
from api.kinds.collections import COLLECTION_BY_NAME
from api.store import errors
from api.store.errors import (
    MESSAGES_MAX,
    PARTS_MAX,
    ConcurrentWrite,
    Duplicate,
    IdTaken,
    InUse,
    NotGrounded,
    RecordRejected,
    invalid,
)
from schemas.fields import did_you_mean, truncate

# The seconds after which clients can retry a request that got 503.
_RETRY_AFTER = "5"

_CONCURRENT_WRITE = "Concurrent requests keep changing the same articles. Retry."

PROBLEM_JSON = "application/problem+json"


class Problem(Exception):
    """An error whose response is a problem of the type `slug`."""

    def __init__(
        self,
        detail: str,
        *,
        slug: str,
        errors: Sequence[Mapping[str, typing.Any]] = (),
        headers: Mapping[str, str] | None = None,
        more: Mapping[str, typing.Any] | None = None,
    ):
        super().__init__(detail)
        self.detail = truncate(detail)
        self.type = PROBLEMS[slug]
        self.errors = list(errors)
        self.headers = dict(headers or {})
        self.more = dict(more or {})


class InvalidParameters(Problem):
    """Invalid query parameters or headers, each with its name and a message."""

    def __init__(self, invalid: Sequence[tuple[str, str]]):
        messages = [f"{name}: {text}" for name, text in invalid[:MESSAGES_MAX]]
        if len(invalid) > MESSAGES_MAX:
            messages.append(f"And {len(invalid) - MESSAGES_MAX:,} more.")
        errors = [{"parameter": truncate(name), "detail": truncate(text)} for name, text in invalid[:PARTS_MAX]]
        super().__init__(" ".join(messages), slug="invalid-parameters", errors=errors)


_REJECTIONS = {NotGrounded: "not-grounded", Duplicate: "duplicate", IdTaken: "id-taken", InUse: "in-use"}


def respond(problem: Problem) -> Response:
    """Return the response for a problem."""
    type_ = problem.type
    body: dict[str, typing.Any] = {
        "type": f"{base_url()}/problems/{type_.slug}",
        "title": type_.title,
        "status": type_.status,
        "detail": problem.detail,
        "code": type_.slug,
        "request_id": current_request().id,
    }
    if problem.errors:
        body["errors"] = problem.errors
    body |= problem.more
    response = Response(orjson.dumps(body), type_.status, problem.headers, mimetype=PROBLEM_JSON)
    response.headers["Cache-Control"] = "no-store"
    # For a request that prefers HTML, api/pages makes a page of the problem.
    response.vary.add("Accept")
    if type_.status == 503:
        response.headers.setdefault("Retry-After", _RETRY_AFTER)
    return response


def register(app: Flask) -> None:
    """Register the error handlers, so that every error response of the app is a problem."""
    app.register_error_handler(Problem, respond)
    app.register_error_handler(errors.NotFound, lambda error: respond(Problem(str(error), slug="not-found")))
    app.register_error_handler(errors.Gone, lambda error: respond(Problem(str(error), slug="gone")))
    app.register_error_handler(RecordRejected, lambda error: respond(from_rejection(error)))
    app.register_error_handler(ma.ValidationError, lambda error: respond(from_rejection(invalid(error))))
    app.register_error_handler(errors.Unavailable, unavailable)
    app.register_error_handler(ConcurrentWrite, lambda _: respond(Problem(_CONCURRENT_WRITE, slug="unavailable")))
    app.register_error_handler(HTTPException, from_http_exception)


def from_rejection(error: RecordRejected) -> Problem:
    """Return the problem for a record that the store rejects."""
    slug = next((slug for type_, slug in _REJECTIONS.items() if isinstance(error, type_)), "invalid-record")
    return Problem(str(error), slug=slug, errors=[error_of(part) for part in error.parts])


def error_of(part: errors.Part) -> dict[str, typing.Any]:
    """Return the entry of `errors` for a part of a rejection. It has the URL of a conflicting record."""
    if "other" not in part:
        return part
    type_, id_ = part["other"]
    rest = {name: value for name, value in part.items() if name != "other"}
    return {**rest, "address": record_url(COLLECTION_BY_NAME[type_], id_)}


def unavailable(error: errors.Unavailable) -> Response:
    """Return a 503 for a database that does not respond, and log the cause."""
    # SQLAlchemy's message contains the statement. The message of the driver is the cause.
    cause = getattr(error.__cause__, "orig", error.__cause__)
    log.error("the database did not respond", detail=str(error), cause=str(cause))
    return respond(Problem(str(error), slug="unavailable"))


def from_http_exception(error: HTTPException) -> Response:
    """Return the problem for an exception of Flask or Werkzeug."""
    if isinstance(error, InternalServerError):
        original = error.original_exception
        log.error("the request failed", exc_info=original or error)
        return respond(Problem("The server failed to handle the request.", slug="internal-error"))
    if isinstance(error, MethodNotAllowed):
        allowed = ", ".join(sorted(error.valid_methods or ()))
        detail = f"{request.path} does not support {request.method}. Supported methods: {allowed}."
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
    return f"The path {request.path[:200]} does not exist.{did_you_mean(request.path.rstrip('/') or '/', paths)}"
