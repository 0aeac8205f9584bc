"""/v1/imports: many records at once, as lines of JSON, in one request."""

from __future__ import annotations

import typing
import zlib
from collections.abc import Iterator

import orjson
from flask import Response, request
from flask.views import MethodView

from api.http import request_body
from api.http.negotiation import NDJSON
from api.http.problems import InvalidParameters, Problem
from api.http.scopes import CLAIMS_WRITE
from api.kinds.query_fields import Flag
from api.openapi.examples import import_body
from api.openapi.responses import RequestBodyDoc, ResponseDoc
from api.openapi.smorest import Blueprint, text_response
from api.store.imports import Report, import_lines, lines_of
from api.v1 import lists
from api.v1.writes import WriteParameters
from schemas.problem import ImportReport

# A million claims, and more than a client should send at once.
LONGEST = 1024 * 1_048_576

MOST_LINES = 1_000_000

_CHUNK = 65_536


class ImportParameters(WriteParameters):
    """What an import can be asked."""

    atomic = Flag(
        load_default=True,
        metadata={"description": "Whether one refused line refuses the whole; if not, all others are stored."},
    )


def blueprint() -> Blueprint:
    """Imports."""
    blp = Blueprint("imports", description="Many records at once.")
    shape = {"type": "string", "format": "ndjson", "maxLength": LONGEST, "description": "A record a line."}
    example = {"stored": True, "counts": {"created": 2, "replaced": 0, "unchanged": 0, "refused": 0}, "errors": []}

    class Imports(MethodView):
        @blp.arguments(ImportParameters(), location="query")
        @blp.operation(
            "importRecords",
            scope=CLAIMS_WRITE,
            body=RequestBodyDoc(shape, import_body, NDJSON),
            headers=("ContentEncoding",),
            responses=(ResponseDoc(200, ImportReport, example, headers=("Dry-Run",)),),
            problems=("import-refused", "malformed-body", "content-too-large", "unsupported-media-type"),
            cost=50,
        )
        def post(self, given: dict[str, typing.Any]) -> Response:
            """Put many records on record.

            A line is one JSON object with its `type` and `id`; articles and claims come in any order. Lines are checked
            first and then stored together, all or none. A record that is there already and says the same is left as it
            is: importing twice changes nothing, and an Idempotency-Key is refused.
            """
            if "Idempotency-Key" in request.headers:
                needless = "An import needs none, for importing twice changes nothing. Leave it out."
                raise InvalidParameters([("Idempotency-Key", needless)])
            request_body.require_media_type(NDJSON)
            report = import_lines(
                lists.the_store(),
                [("body", _lines())],
                atomic=given["atomic"],
                keep=not given["dry_run"],
            )
            told = _told(report)
            if report.unfinished or (given["atomic"] and report.counts["refused"]):
                more = {"counts": told["counts"]}
                raise Problem(report.message, slug="import-refused", errors=told["errors"], more=more)
            response = text_response(orjson.dumps(told))
            if given["dry_run"]:
                response.headers["Dry-Run"] = "updated"
            return response

    blp.add_url_rule("/imports", "imports", Imports)
    return blp


def _told(report: Report) -> dict[str, typing.Any]:
    counts = {name: report.counts[name] for name in ("created", "replaced", "unchanged", "refused")}
    errors = [
        {"line": refusal.line, **({"id": refusal.id} if refusal.id else {}), **refusal.part}
        for refusal in report.refusals
    ]
    return {"stored": report.stored, "counts": counts, "errors": errors}


def _lines() -> Iterator[bytes]:
    for number, line in enumerate(lines_of(_chunks())):
        # What follows the last end of a line is empty, and none.
        if number > MOST_LINES or (number == MOST_LINES and line):
            raise Problem(f"An import has at most {MOST_LINES:,} lines. Send several.", slug="content-too-large")
        yield line


def _chunks() -> Iterator[bytes]:
    """Return the chunks of the request body, decompressed if it is gzip."""
    encoding = request.headers.get("Content-Encoding", "identity").lower()
    if encoding not in ("identity", "gzip"):
        told = f"This path takes bodies as they are or as gzip, not as {encoding[:100]}."
        raise Problem(told, slug="unsupported-media-type")
    sent = request_body.read_chunks(LONGEST)
    return _unpacked(sent) if encoding == "gzip" else sent


def _unpacked(packed: Iterator[bytes]) -> Iterator[bytes]:
    """What gzip packed, a chunk at a time, however much a chunk unpacks to."""
    unpacker = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)
    length = 0
    try:
        for chunk in packed:
            left = chunk
            while left:
                if unpacker.eof:
                    # Several packed files, one behind the other, are one.
                    unpacker = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)
                unpacked = unpacker.decompress(left, _CHUNK)
                length += len(unpacked)
                if length > LONGEST:
                    raise Problem(f"An import has at most {LONGEST:,} bytes, unpacked.", slug="content-too-large")
                yield unpacked
                left = unpacker.unused_data if unpacker.eof else unpacker.unconsumed_tail
    except zlib.error as error:
        raise Problem(f"The body is no gzip: {error}.", slug="malformed-body") from None
    if not unpacker.eof:
        raise Problem("The body ends in the middle of its gzip. Send it whole.", slug="malformed-body")
