"""Negotiation: which of the media types that an operation answers this request is answered in."""

from __future__ import annotations

from flask import request
from werkzeug.datastructures import MIMEAccept

from api.http.operations import Operation
from api.http.problems import NotAcceptable

JSON = "application/json"
JSON_LD = "application/ld+json"
CSV = "text/csv"
NDJSON = "application/x-ndjson"

# What `format` says where there is no way to say `Accept`: in a browser, a spreadsheet, a line of pandas.
FORMATS = {"json": JSON, "csv": CSV, "ndjson": NDJSON}


def chosen(operation: Operation) -> str | None:
    """The media type of the answer, None where none is accepted; `format` goes before `Accept`."""
    told = FORMATS.get(request.args.get("format", ""))
    if told in operation.media_types:
        return told
    return accepted(*operation.media_types)


def accept_header() -> MIMEAccept:
    """Return the header `Accept` without parameters other than q: `text/csv; charset=utf-8` accepts any text/csv."""
    return MIMEAccept([(media_range.partition(";")[0].strip(), q) for media_range, q in request.accept_mimetypes])


def accepted(*media_types: str) -> str | None:
    """The media type that the header `Accept` likes best, the first of those that it likes alike."""
    header = accept_header()
    return header.best_match(media_types) if header else media_types[0]


def negotiate(*media_types: str) -> str:
    """The same, refused where it accepts none, by whatever wildcard."""
    found = accepted(*media_types)
    if found is None and request.method != "OPTIONS":
        raise NotAcceptable(f"This path answers {' and '.join(media_types)}, not {request.headers['Accept'][:200]}.")
    return found or media_types[0]
