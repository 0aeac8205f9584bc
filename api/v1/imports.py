"""Imports of many records in one request, as NDJSON: /v1/imports."""

from __future__ import annotations

import typing
import zlib
from collections.abc import Iterator

import orjson
from flask import Response, request
from flask.views import MethodView

from api.http import request_body
from api.http.context import current_store
from api.http.negotiation import NDJSON, json_response
from api.http.problems import InvalidParameters, Problem
from api.http.scopes import CLAIMS_WRITE
from api.kinds.query_fields import Flag
from api.openapi.examples import import_body
from api.openapi.responses import RequestBodyDoc, ResponseDoc
from api.openapi.smorest import Blueprint
from api.store.imports import Report, import_lines, lines_of
from api.v1.writes import WriteParameters
from schemas.problem import ImportReport

# Enough for a million claims.
BYTES_MAX = 1024 * 1_048_576

LINES_MAX = 1_000_000

_CHUNK = 65_536


class ImportParameters(WriteParameters):
    """The parameters of an import."""

    atomic = Flag(
        load_default=True,
        description="If true, one rejected line rejects the whole import. If false, the other lines are stored.",
    )


def blueprint() -> Blueprint:
    """Build the endpoint of imports."""
    blp = Blueprint("imports", description="Many records at once.")
    schema = {"type": "string", "format": "ndjson", "maxLength": BYTES_MAX, "description": "One record per line."}
    example = {"stored": True, "counts": {"created": 2, "replaced": 0, "unchanged": 0, "refused": 0}, "errors": []}

    class Imports(MethodView):
        @blp.arguments(ImportParameters(), location="query")
        @blp.operation(
            "importRecords",
            scope=CLAIMS_WRITE,
            body=RequestBodyDoc(schema, import_body, NDJSON),
            headers=("ContentEncoding",),
            responses=(ResponseDoc(200, ImportReport, example, headers=("Dry-Run",)),),
            problems=(
                "import-refused",
                "malformed-body",
                "request-timeout",
                "content-too-large",
                "unsupported-media-type",
            ),
            cost=50,
        )
        def post(self, params: dict[str, typing.Any]) -> Response:
            """Import many records.

            Each line is a JSON object with its `type` and `id`. Articles and claims may come in any order. Lines are
            checked first, then all or none are stored. A stored record with the same content is left unchanged, so a
            second import changes nothing. An `Idempotency-Key` is rejected.
            """
            if "Idempotency-Key" in request.headers:
                message = "Omit this header. An import can be repeated without it: a second import changes nothing."
                raise InvalidParameters([("Idempotency-Key", message)])
            request_body.require_media_type(NDJSON)
            report = import_lines(
                current_store(),
                [("body", _lines())],
                atomic=params["atomic"],
                keep=not params["dry_run"],
            )
            content = _content(report)
            if report.unfinished or (params["atomic"] and report.counts["refused"]):
                more = {"counts": content["counts"]}
                raise Problem(report.message, slug="import-refused", errors=content["errors"], more=more)
            response = json_response(orjson.dumps(content))
            if params["dry_run"]:
                response.headers["Dry-Run"] = "updated"
            return response

    blp.add_url_rule("/imports", "imports", Imports)
    return blp


def _content(report: Report) -> dict[str, typing.Any]:
    counts = {name: report.counts[name] for name in ("created", "replaced", "unchanged", "refused")}
    errors = [
        {"line": refusal.line, **({"id": refusal.id} if refusal.id else {}), **refusal.part}
        for refusal in report.rejected_lines
    ]
    return {"stored": report.stored, "counts": counts, "errors": errors}


def _lines() -> Iterator[bytes]:
    for number, line in enumerate(lines_of(_chunks())):
        # The empty rest after the last line break is not a line.
        if number > LINES_MAX or (number == LINES_MAX and line):
            raise Problem(f"An import has at most {LINES_MAX:,} lines. Send several imports.", slug="content-too-large")
        yield line


def _chunks() -> Iterator[bytes]:
    """Return the chunks of the request body, decompressed if it is gzip."""
    encoding = request.headers.get("Content-Encoding", "identity").lower()
    if encoding not in ("identity", "gzip"):
        message = f"The Content-Encoding {encoding[:100]!r} is not supported. Send gzip, or omit the header."
        raise Problem(message, slug="unsupported-media-type")
    chunks = request_body.read_chunks(BYTES_MAX)
    return _decompressed(chunks) if encoding == "gzip" else chunks


def _decompressed(compressed: Iterator[bytes]) -> Iterator[bytes]:
    """Yield decompressed gzip in chunks of bounded size."""
    decompressor = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)
    length = 0
    try:
        for chunk in compressed:
            left = chunk
            while left:
                if decompressor.eof:
                    # Concatenated gzip files are one file.
                    decompressor = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)
                data = decompressor.decompress(left, _CHUNK)
                length += len(data)
                if length > BYTES_MAX:
                    detail = f"The import exceeds {BYTES_MAX:,} decompressed bytes. Send the lines in several imports."
                    raise Problem(detail, slug="content-too-large")
                yield data
                left = decompressor.unused_data if decompressor.eof else decompressor.unconsumed_tail
    except zlib.error as error:
        raise Problem(f"The body is not valid gzip: {error}.", slug="malformed-body") from None
    if not decompressor.eof:
        raise Problem("The gzip body is incomplete. Send the whole file.", slug="malformed-body")
