"""Imports of many records in one request, as JSON or NDJSON: /v1/imports."""

from __future__ import annotations

import hashlib
import typing
import zlib
from collections.abc import Iterator

import orjson
from flask import Response, request
from flask.views import MethodView

from api.http import request_body
from api.http.context import current_store
from api.http.negotiation import JSON, NDJSON, json_response
from api.http.problems import Problem, error_of
from api.http.scopes import CLAIMS_WRITE
from api.kinds.query_fields import Flag
from api.kinds.record_input import ImportInput
from api.openapi.examples import import_body, import_lines_body
from api.openapi.responses import RequestBodyDoc, ResponseDoc
from api.openapi.smorest import Blueprint
from api.store import idempotency
from api.store.errors import KeyReused
from api.store.import_report import RECORDS, RejectedLine, Report
from api.store.imports import import_lines, lines_of
from api.v1.links import CHANGES
from api.v1.writes import BODY, WriteParameters, idempotent_request, response_to_repeated
from schemas.problem import ImportReport

# Enough for a million claims.
BYTES_MAX = 1024 * 1_048_576

LINES_MAX = 1_000_000

_CHUNK = 65_536


class ImportParameters(WriteParameters):
    """The parameters of an import."""

    atomic = Flag(
        load_default=True,
        description="If true, one rejected record rejects the whole import. If false, the other records are stored.",
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
            body=RequestBodyDoc(ImportInput, import_body, others=(RequestBodyDoc(schema, import_lines_body, NDJSON),)),
            headers=("ContentEncoding", "IdempotencyKey"),
            responses=(
                ResponseDoc(200, ImportReport, example, headers=("Dry-Run", "Idempotent-Replayed"), links=(CHANGES,)),
            ),
            problems=("import-refused", *BODY, "idempotency-key-reused"),
            cost=50,
        )
        def post(self, params: dict[str, typing.Any]) -> Response:
            """Import many records.

            Each record is a JSON object with its `type` and `id`. Articles and claims may come in any order. Send up
            to 10,000 records as JSON, or more as NDJSON with a record on each line. Records are checked first, then
            all or none are stored. A stored record with the same content is left unchanged, so a second import
            changes nothing. A retry with the same `Idempotency-Key` returns the first response.
            """
            request_body.require_media_type(JSON, NDJSON)
            if request.mimetype == JSON:
                body = request_body.parse_json_object(b"".join(_chunks(request_body.JSON_BYTES_MAX)))
                source, once = (RECORDS, ImportInput().load(body)["records"]), idempotent_request(lambda: body, _saved)
            else:
                sha256 = hashlib.sha256()
                source, once = ("body", _lines(sha256)), idempotent_request(sha256.hexdigest, _saved)
            atomic, dry_run = params["atomic"], params["dry_run"]
            try:
                report = import_lines(current_store(), [source], atomic=atomic, keep=not dry_run, once=once)
            except (idempotency.Replayed, KeyReused) as repeated:
                return response_to_repeated(repeated)
            content = _content(report)
            if report.unfinished or (atomic and report.counts["refused"]):
                more = {"counts": content["counts"]}
                raise Problem(report.message, slug="import-refused", errors=content["errors"], more=more)
            response = json_response(orjson.dumps(content))
            if dry_run:
                response.headers["Dry-Run"] = "updated"
            return response

    blp.add_url_rule("/imports", "imports", Imports)
    return blp


def _content(report: Report) -> dict[str, typing.Any]:
    counts = {name: report.counts[name] for name in ("created", "replaced", "unchanged", "refused")}
    return {"stored": report.stored, "counts": counts, "errors": [*map(_error, report.rejected_lines)]}


def _error(rejected: RejectedLine) -> dict[str, typing.Any]:
    """Return the entry of `errors` for a rejected record. A record of a JSON import has an index instead of a line."""
    error = {**({"id": rejected.id} if rejected.id else {}), **error_of(rejected.part)}
    if rejected.source != RECORDS:
        return {"line": rejected.line, **error}
    index = rejected.line - 1
    return {"index": index, **error, "pointer": f"{RECORDS}/{index}{error['pointer']}"}


def _saved(report: Report) -> idempotency.Response:
    """Return the response to an import in the form that is stored for retries."""
    return 200, {}, orjson.dumps(_content(report)).decode()


def _lines(sha256: hashlib._Hash) -> Iterator[bytes]:
    """Yield the lines of the request body, and add them to its hash."""
    for number, line in enumerate(lines_of(_hashed(_chunks(BYTES_MAX), sha256))):
        # The empty rest after the last line break is not a line.
        if number > LINES_MAX or (number == LINES_MAX and line):
            raise Problem(f"An import has at most {LINES_MAX:,} lines. Send several imports.", slug="content-too-large")
        yield line


def _hashed(chunks: Iterator[bytes], sha256: hashlib._Hash) -> Iterator[bytes]:
    for chunk in chunks:
        sha256.update(chunk)
        yield chunk


def _chunks(bytes_max: int) -> Iterator[bytes]:
    """Return the chunks of the request body, decompressed if it is gzip."""
    encoding = request.headers.get("Content-Encoding", "identity").lower()
    if encoding not in ("identity", "gzip"):
        message = f"The Content-Encoding {encoding[:100]!r} is not supported. Send gzip, or omit the header."
        raise Problem(message, slug="unsupported-media-type")
    chunks = request_body.read_chunks(bytes_max)
    return _decompressed(chunks, bytes_max) if encoding == "gzip" else chunks


def _decompressed(compressed: Iterator[bytes], bytes_max: int) -> Iterator[bytes]:
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
                if length > bytes_max:
                    detail = f"The import exceeds {bytes_max:,} decompressed bytes. Send several imports."
                    raise Problem(detail, slug="content-too-large")
                yield data
                left = decompressor.unused_data if decompressor.eof else decompressor.unconsumed_tail
    except zlib.error as error:
        raise Problem(f"The body is not valid gzip: {error}.", slug="malformed-body") from None
    if not decompressor.eof:
        raise Problem("The gzip body is incomplete. Send the whole file.", slug="malformed-body")
