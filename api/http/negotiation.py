"""Content negotiation: the media type of the response, from `format` or `Accept`."""

from __future__ import annotations

from functools import lru_cache

import werkzeug
from flask import Flask, Response
from werkzeug.datastructures import MIMEAccept
from werkzeug.http import parse_accept_header

from api.http.context import current_operation, current_request
from api.http.dispatch import CompleteResponse
from api.http.problems import PROBLEM_JSON, Problem

JSON = "application/json"
JSON_LD = "application/ld+json"
CSV = "text/csv"
NDJSON = "application/x-ndjson"
SVG = "image/svg+xml"
HTML = "text/html"

# The values of `format`, for clients that cannot set `Accept`, such as browsers and spreadsheets.
FORMATS = {"json": JSON, "csv": CSV, "ndjson": NDJSON, "svg": SVG}

# The number of different headers `Accept` that are kept parsed.
_HEADERS_MAX = 128


def register(app: Flask) -> None:
    """Reject every request that accepts no media type of its operation."""
    app.before_request(check_accept)


def json_response(text: str | bytes) -> Response:
    """Return a response of stored or assembled JSON."""
    return CompleteResponse(text, mimetype=JSON)


def prefers_html(request: werkzeug.Request) -> bool:
    """Return whether `Accept` prefers HTML to JSON, as that of browsers does. `*/*` does not."""
    header = _accept_header(request.headers.get("Accept"))
    return header.quality(HTML) > max(header.quality(JSON), header.quality(PROBLEM_JSON))


def _accept_header(text: str | None) -> MIMEAccept:
    """Return the header `Accept` without parameters other than q: `text/csv; charset=utf-8` accepts any text/csv."""
    accepted = parse_accept_header(text, MIMEAccept)
    return MIMEAccept([(media_range.partition(";")[0].strip(), q) for media_range, q in accepted])


@lru_cache(maxsize=_HEADERS_MAX)
def _best_match(accept: str | None, media_types: tuple[str, ...]) -> str | None:
    """Return the media type that the header prefers, or None. Most clients send the same header again and again."""
    header = _accept_header(accept)
    return header.best_match(media_types) if header else media_types[0]


def best_media_type(*media_types: str) -> str | None:
    """Return the media type of the parameter `format`, or else the one that `Accept` prefers, or None.

    Of several with the same weight, the first is returned.
    """
    request = current_request()
    if request.query_string and "format" in request.args:
        requested = FORMATS.get(request.args["format"])
        if requested in media_types:
            return requested
    return _best_match(request.environ.get("HTTP_ACCEPT"), media_types)


def negotiate(*media_types: str) -> str:
    """Return the media type that `format` or `Accept` requests. Raise Problem if `Accept` allows none."""
    media_type = best_media_type(*media_types)
    if media_type is None and (request := current_request()).method != "OPTIONS":
        detail = f"This path returns {', '.join(media_types)}, not {request.headers['Accept'][:200]}."
        raise Problem(detail, slug="not-acceptable")
    return media_type or media_types[0]


def check_accept() -> None:
    """Raise Problem if `Accept` allows no media type of the operation. A client with `format` may not set Accept."""
    request = current_request()
    operation = current_operation()
    if operation is not None and operation.media_types and not (request.query_string and "format" in request.args):
        negotiate(*operation.media_types)
