"""Content negotiation: the media type of the response, from `format` or `Accept`."""

from __future__ import annotations

from flask import Response, request
from werkzeug.datastructures import MIMEAccept
from werkzeug.wrappers import Request

from api.http.problems import PROBLEM_JSON, Problem

JSON = "application/json"
JSON_LD = "application/ld+json"
CSV = "text/csv"
NDJSON = "application/x-ndjson"
SVG = "image/svg+xml"
HTML = "text/html"

# The values of `format`, for clients that cannot set `Accept`, such as browsers and spreadsheets.
FORMATS = {"json": JSON, "csv": CSV, "ndjson": NDJSON, "svg": SVG}


def json_response(text: str | bytes) -> Response:
    """Return a response of stored or assembled JSON."""
    return Response(text, mimetype=JSON)


def accept_header(request: Request) -> MIMEAccept:
    """Return the header `Accept` without parameters other than q: `text/csv; charset=utf-8` accepts any text/csv."""
    return MIMEAccept([(media_range.partition(";")[0].strip(), q) for media_range, q in request.accept_mimetypes])


def prefers_html(request: Request) -> bool:
    """Return whether `Accept` prefers HTML to JSON, as that of browsers does. `*/*` does not."""
    header = accept_header(request)
    return header.quality(HTML) > max(header.quality(JSON), header.quality(PROBLEM_JSON))


def best_media_type(*media_types: str) -> str | None:
    """Return the media type of the parameter `format`, or else the one that `Accept` prefers, or None.

    Of several with the same weight, the first is returned.
    """
    requested = FORMATS.get(request.args.get("format", ""))
    if requested in media_types:
        return requested
    header = accept_header(request)
    return header.best_match(media_types) if header else media_types[0]


def negotiate(*media_types: str) -> str:
    """Return the media type that `format` or `Accept` requests. Raise Problem if `Accept` allows none."""
    media_type = best_media_type(*media_types)
    if media_type is None and request.method != "OPTIONS":
        detail = f"This path returns {', '.join(media_types)}, not {request.headers['Accept'][:200]}."
        raise Problem(detail, slug="not-acceptable")
    return media_type or media_types[0]
