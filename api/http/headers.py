"""Headers of all responses: request id, version, CORS and security."""

from __future__ import annotations

import random
import re

from flask import Flask, Request, Response
from werkzeug.wsgi import LimitedStream

from api.http.context import current_request
from api.http.problems import Problem
from api.http.versions import current_version
from api.settings import Settings

# Servers reject a URL of twice this length without a reason.
_QUERY_MAX = 32_768

_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
_EXPOSED_HEADERS = (
    "API-Version, Change-Epoch, Change-Sequence, Content-Disposition, Deprecation, ETag, Link, RateLimit, "
    "RateLimit-Policy, Retry-After, Sunset, X-Request-Id"
)
_ALLOWED_HEADERS = "Accept, Authorization, Content-Type, If-Match, If-None-Match, X-Request-Id"


def register(app: Flask, settings: Settings) -> None:
    """Add the headers to every response of the app, and respond to CORS preflight requests."""
    origins = settings.allowed_origins

    @app.before_request
    def set_request_id() -> None:
        request = current_request()
        request.id = request_id(request.environ.get("HTTP_X_REQUEST_ID", ""))
        if len(request.query_string) > _QUERY_MAX:
            raise Problem(f"The query is longer than {_QUERY_MAX:,} bytes.", slug="uri-too-long")

    @app.after_request
    def finish(response: Response) -> Response:
        request, headers = current_request(), response.headers
        # The response has none of these yet. Setting a header takes three times as long as adding one.
        headers.add("API-Version", current_version().semver)
        headers.add("X-Request-Id", request.id)
        headers.add("X-Content-Type-Options", "nosniff")
        if request.method == "OPTIONS" and response.status_code == 200:
            # Flask's response to OPTIONS has status 200 and an empty body.
            response.status_code = 204
            headers.pop("Content-Type", None)
            headers.pop("Content-Length", None)
        _allow_origin(request, response, origins)
        if _has_unread_body(request):
            # Servers close the connection after an unread body, and some do not announce it.
            headers["Connection"] = "close"
        return response


def request_id(header: str) -> str:
    """Return the id of a request: the value of its header `X-Request-Id` if it is valid, or else a random one."""
    return header if header and _REQUEST_ID.fullmatch(header) else f"{random.getrandbits(128):032x}"


def _has_unread_body(request: Request) -> bool:
    """Return whether a part of the request body was not read."""
    environ = request.environ
    if "HTTP_TRANSFER_ENCODING" not in environ and ("CONTENT_LENGTH" not in environ or not request.content_length):
        return False
    # Werkzeug creates the stream on first access, and would reject a body that is too long.
    stream = vars(request).get("stream")
    return stream is None or (isinstance(stream, LimitedStream) and stream.tell() < (request.content_length or 0))


def _allow_origin(request: Request, response: Response, origins: tuple[str, ...]) -> None:
    headers = response.headers
    if origins != ("*",):
        response.vary.add("Origin")
    origin = request.environ.get("HTTP_ORIGIN")
    if "*" in origins:
        headers.add("Access-Control-Allow-Origin", "*")
    elif origin in origins and origin is not None:
        headers.add("Access-Control-Allow-Origin", origin)
    else:
        return
    headers.add("Access-Control-Expose-Headers", _EXPOSED_HEADERS)
    if request.method == "OPTIONS" and "Access-Control-Request-Method" in request.headers:
        # Pages of other origins can only read.
        headers["Access-Control-Allow-Methods"] = "GET, HEAD, OPTIONS"
        headers["Access-Control-Allow-Headers"] = _ALLOWED_HEADERS
        headers["Access-Control-Max-Age"] = "86400"
