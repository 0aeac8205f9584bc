"""Exports: whole lists as CSV or NDJSON, streamed as of one change, which the feed continues."""

from __future__ import annotations

import time
import typing
from collections.abc import Callable, Generator, Iterator
from contextlib import ExitStack
from dataclasses import replace
from functools import partial
from threading import BoundedSemaphore

import msgspec
from flask import Response, current_app, request
from werkzeug.datastructures import MultiDict

from api.formats import table
from api.formats.columns import columns_of
from api.http import slow_clients, urls
from api.http.context import current_request, current_store
from api.http.etags import list_etag, not_modified, with_etag
from api.http.logs import log
from api.http.negotiation import CSV, NDJSON
from api.http.problems import Problem
from api.kinds.filters import ListFilter
from api.kinds.kind import Collection
from api.openapi.examples import csv_example, ndjson_example
from api.openapi.responses import ResponseDoc
from api.settings import Settings
from api.store import read
from api.store.exports import whole_list
from api.store.filter_sql import Condition
from api.store.statement_cache import Reader
from api.v1.items import field_selector
from api.v1.links import CHANGES_AFTER_EXPORT
from api.v1.list_params import ListRequest
from schemas.base import OneOf

# The headers of an export.
HEADERS = ("ETag", "Link", "Change-Sequence", "Change-Epoch", "Content-Disposition")
# The formats of an export, the default first.
MEDIA_TYPES = (NDJSON, CSV)
# A row of CSV is built from the document, a line of NDJSON is the stored document.
COSTS = {CSV: 200, NDJSON: 5}
# The maximum in one process. A slow reader keeps a thread and a connection, and other requests need some.
_EXPORTS_MAX = 3

# Some servers end a failed response as if it were complete. So its last bytes are an open quote and invalid UTF-8. No
# parser of CSV or JSON accepts them.
ENDED_EARLY = b'"The export ended early because of an error or a timeout. Retry it.\xff'

_lines_encoder = msgspec.json.Encoder()
_slots = BoundedSemaphore(_EXPORTS_MAX)


# Returns the text of some documents in the format of an export.
Lines = Callable[[list[bytes]], bytes]


def cost(_query: MultiDict[str, str], media_type: str | None) -> int:
    """Return the cost of an export."""
    return COSTS.get(media_type or "", 1)


def responses(collection: Collection, *, of_article: bool = False) -> tuple[ResponseDoc, ...]:
    """Return the documented responses of exports."""
    item = collection.item
    name = item.schema_name if isinstance(item, OneOf) else typing.cast("typing.Any", item).nested.__name__
    records = [{"$ref": f"#/components/schemas/{schema}"} for schema in (name, "Selection")]
    rows = {"$ref": "#/components/schemas/Table"}
    # `contentSchema` describes each line.
    lines = {"allOf": [{"$ref": "#/components/schemas/Lines"}], "contentSchema": {"anyOf": records}}
    return (
        ResponseDoc(
            200,
            lines,
            partial(ndjson_example, collection, of_article=of_article),
            HEADERS,
            NDJSON,
            links=(CHANGES_AFTER_EXPORT,),
        ),
        ResponseDoc(200, rows, partial(csv_example, collection, of_article=of_article), HEADERS, CSV),
    )


def respond(list_request: ListRequest) -> Response:
    """Return a whole list."""
    suffix, form = ("csv", _csv) if list_request.media_type == CSV else ("ndjson", _ndjson)
    query = list_request.query

    def start(reader: Reader) -> tuple[bytes, Lines, Generator[list[bytes]]]:
        return *form(list_request, reader), whole_list(reader, query)

    return stream(f"{query.collection.path}.{suffix}", list_request.media_type, start, suffix)


def stream(
    name: str,
    media_type: str,
    start: Callable[[Reader], tuple[bytes, Lines, Generator[list[bytes]]]],
    etag_suffix: str,
) -> Response:
    """Return an export as a file of this name, as of the last change.

    `start` returns the beginning of the file, the function that returns the lines of some documents, and the batches of
    documents. The first batch is read before the response starts, so an early error is a problem.
    """
    with ExitStack() as opened:
        reader = opened.enter_context(current_store().reading())
        position = read.feed_position(reader)
        etag = list_etag(position, etag_suffix)
        if (unchanged := not_modified(etag)) is not None:
            return unchanged
        body: Iterator[bytes] = iter(())
        closing = ExitStack()
        if request.method != "HEAD":
            if not _slots.acquire(blocking=False):
                message = f"{_EXPORTS_MAX} exports are running, which is the maximum at the same time. Retry later."
                raise Problem(message, slug="unavailable")
            opened.callback(_slots.release)
            head, lines, batches = start(reader)
            # The rows must be closed before their connection.
            opened.callback(batches.close)
            first = head + lines(next(batches, []))
            closing = opened.pop_all()
            body = _streamed(closing, lines, first, batches, must_end=_limit(), request_id=current_request().id)
    response = with_etag(Response(body, mimetype=media_type), etag)
    # If the client leaves before the first byte, the body never starts.
    response.call_on_close(closing.close)
    response.headers["Change-Sequence"] = str(position.sequence)
    response.headers["Change-Epoch"] = position.epoch
    later = f"{urls.version_url()}/changes?since={position.sequence}&epoch={position.epoch}"
    urls.set_link_header(response, {"monitor": later})
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _csv(list_request: ListRequest, reader: Reader) -> tuple[bytes, Lines]:
    query = list_request.query
    columns = [column for column in columns_of(query.collection) if not query.fields or column.path[0] in query.fields]
    tags = table.tags(columns, _constants(reader, query)) if list_request.hxl else ""
    return (table.header(columns) + tags).encode(), lambda documents: table.rows(columns, documents).encode()


def _constants(reader: Reader, query: read.ListQuery) -> dict[str, str]:
    """Return the fields that have the same single value in all rows, by name: those with a filter of one value.

    A list that contains the value can contain others too. Such a field counts only if no row has another value.
    """
    constants = {}
    for condition in query.conditions:
        filter_, value = condition.filter, condition.value
        if condition.operator != "is" or not isinstance(value, list) or len(value) != 1:
            continue
        if isinstance(filter_, ListFilter):
            others = [word for word in getattr(filter_.value(), "values", ()) if word not in value]
            mixed = replace(query, conditions=(*query.conditions, Condition(filter_, "is", others)), limit=1)
            if not others or read.page(reader, mixed).rows:
                continue
        constants[filter_.name] = value[0]
    return constants


def _ndjson(list_request: ListRequest, _reader: Reader) -> tuple[bytes, Lines]:
    fields = list_request.query.fields
    if not fields:
        return b"", ndjson_lines
    select = field_selector(fields)
    return b"", lambda documents: _lines_encoder.encode_lines(select(b"[%b]" % b",".join(documents)))


def ndjson_lines(documents: list[bytes]) -> bytes:
    """Return documents as lines."""
    return b"\n".join([*documents, b""])


def _limit() -> Callable[[], bool]:
    """Return a function that returns whether an export that begins now must end."""
    settings: Settings = current_app.config["ONRECORD"]
    end, cut = time.monotonic() + settings.export_timeout, slow_clients.cut_event()
    return lambda: cut.is_set() or time.monotonic() > end


def _streamed(
    opened: ExitStack,
    lines: Lines,
    first: bytes,
    batches: Iterator[list[bytes]],
    *,
    must_end: Callable[[], bool],
    request_id: str,
) -> Iterator[bytes]:
    try:
        with opened:
            yield first
            while not must_end():
                documents = next(batches, None)
                if documents is None:
                    return
                yield lines(documents)
    except Exception:
        log.exception("an export ended early", request_id=request_id)
        yield ENDED_EARLY
        raise
    log.warning("an export ended early: its client is too slow", request_id=request_id)
    yield ENDED_EARLY
