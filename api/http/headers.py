"""Headers that every answer carries: request id, version, CORS, and what keeps browsers safe."""

from __future__ import annotations

import re
import uuid

from flask import Flask, Request, Response, g, request
from werkzeug.wsgi import LimitedStream

from api.http.context import current_request
from api.http.problems import Problem
from api.http.versions import current_version
from api.settings import Settings

# Servers cut addresses off at twice this, and answer without saying why.
_LONGEST_QUERY = 32_768

_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
_EXPOSED = (
    "API-Version, Change-Sequence, Content-Disposition, Deprecation, ETag, Link, RateLimit, RateLimit-Policy, "
    "Retry-After, Sunset, X-Request-Id"
)
_ASKED = "Accept, Authorization, Content-Type, If-Match, If-None-Match, X-Request-Id"


def register(app: Flask, settings: Settings) -> None:
    """Put the headers on every answer of the app, and answer preflights."""
    origins = settings.allowed_origins

    @app.before_request
    def name_the_request() -> None:
        given = request.headers.get("X-Request-Id", "")
        g.request_id = given if _REQUEST_ID.fullmatch(given) else uuid.uuid4().hex
        if len(request.query_string) > _LONGEST_QUERY:
            raise Problem(f"The query is longer than {_LONGEST_QUERY:,} bytes.", slug="uri-too-long")

    @app.after_request
    def finish(response: Response) -> Response:
        headers = response.headers
        # None of these is there yet, and to set a header costs three times what it costs to add one.
        headers.add("API-Version", current_version().semver)
        headers.add("X-Request-Id", g.request_id)
        headers.add("X-Content-Type-Options", "nosniff")
        if request.method == "OPTIONS" and response.status_code == 200:
            # Flask's own answer to OPTIONS has an empty body, which is what 204 is for.
            response.status_code = 204
            headers.pop("Content-Type", None)
            headers.pop("Content-Length", None)
        _allow_origin(response, origins)
        if _left_unread(current_request()):
            # Servers close the connection on what was not read, and not all of them say so.
            headers["Connection"] = "close"
        return response


def _left_unread(asked: Request) -> bool:
    """Whether the request came with a body that was not read to its end."""
    if not asked.content_length and "HTTP_TRANSFER_ENCODING" not in asked.environ:
        return False
    # Werkzeug makes it when it is first asked for, and would refuse by now what is too long.
    stream = vars(asked).get("stream")
    return stream is None or (isinstance(stream, LimitedStream) and stream.tell() < (asked.content_length or 0))


def _allow_origin(response: Response, origins: tuple[str, ...]) -> None:
    headers = response.headers
    if origins != ("*",):
        response.vary.add("Origin")
    origin = request.headers.get("Origin")
    if "*" in origins:
        headers.add("Access-Control-Allow-Origin", "*")
    elif origin in origins and origin is not None:
        headers.add("Access-Control-Allow-Origin", origin)
    else:
        return
    headers.add("Access-Control-Expose-Headers", _EXPOSED)
    if request.method == "OPTIONS" and "Access-Control-Request-Method" in request.headers:
        # Pages of other origins read; what writes is a program of its own.
        headers["Access-Control-Allow-Methods"] = "GET, HEAD, OPTIONS"
        headers["Access-Control-Allow-Headers"] = _ASKED
        headers["Access-Control-Max-Age"] = "86400"
