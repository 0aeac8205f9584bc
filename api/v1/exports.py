"""Taking lists away whole, as CSV or NDJSON: streamed, as of one change, from which the feed leads on."""

from __future__ import annotations

import typing
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from functools import partial
from threading import BoundedSemaphore

from flask import Response, g, request
from werkzeug.datastructures import MultiDict

from api.formats import table
from api.formats.columns import columns_of
from api.http import negotiation, urls
from api.http.etags import list_etag, not_modified, with_etag
from api.http.logs import log
from api.http.negotiation import CSV, JSON, NDJSON
from api.http.problems import RETRY_AFTER, InvalidParameters, Problem
from api.kinds.filters import ListFilter
from api.kinds.kind import Collection
from api.openapi.examples import csv_example, ndjson_example
from api.openapi.responses import ResponseDoc
from api.store import read
from api.store.filter_sql import Condition
from api.store.statement_cache import Reader
from api.v1 import lists
from api.v1.list_params import RELEVANCE, ListParams, ListRequest
from schemas.base import OneOf

# A row of CSV is made anew, a line of NDJSON is the stored document.
_EXPORT_COSTS = {CSV: 150, NDJSON: 5}
# In one process: whoever reads slowly keeps a thread and a connection, and some have to be left for the others.
_AT_ONCE = 3

# What is asked of a page, and not of all there is.
_OF_PAGES = ("limit", "cursor", "total", "facets", "include")

# Some servers end what fails as if it were whole. So its last bytes are a quote that nobody closes and no UTF-8,
# which no reader of CSV or JSON takes.
_ENDED_EARLY = b'"The export ended early: something went wrong on the way. Ask for it again.\xff'


@dataclass(frozen=True)
class _Format:
    """How a list is written: what comes first, and what becomes of its records."""

    media_type: str
    suffix: str
    head: Callable[[Reader], str]
    lines: Callable[[list[str]], str]


_slots = BoundedSemaphore(_AT_ONCE)


def cost(query: MultiDict[str, str], media_type: str | None) -> int:
    """Return the cost of a list: of a page with what it counts and ranks, or of an export."""
    if media_type in _EXPORT_COSTS:
        return _EXPORT_COSTS[media_type]
    facets = [name for value in query.getlist("facets") for name in value.split(",")]
    by_relevance = RELEVANCE in query.getlist("sort")
    values = sum(1 for _ in query.items(multi=True))
    return 1 + 3 * len(facets) + 2 * ("total" in query) + 2 * by_relevance + values // 25


def answers(collection: Collection, *, of_article: bool = False) -> tuple[ResponseDoc, ...]:
    """What a list answers beside its pages."""
    item = collection.item
    name = item.schema_name if isinstance(item, OneOf) else typing.cast("typing.Any", item).nested.__name__
    records = [{"$ref": f"#/components/schemas/{shape}"} for shape in (name, "Selection")]
    rows = {"$ref": "#/components/schemas/Table"}
    # `contentSchema` is of each line.
    lines = {"allOf": [{"$ref": "#/components/schemas/Lines"}], "contentSchema": {"anyOf": records}}
    headers = ("ETag", "Link", "Change-Sequence", "Content-Disposition")
    return (
        ResponseDoc(200, rows, partial(csv_example, collection, of_article=of_article), headers, CSV),
        ResponseDoc(200, lines, partial(ndjson_example, collection, of_article=of_article), headers, NDJSON),
    )


def listed(asking: ListParams, given: Mapping[str, typing.Any], **fixed: str) -> Response:
    """A list as it was asked for: a page of it, or all of it."""
    media_type = negotiation.FORMATS.get(given.get("format", "")) or negotiation.negotiate(JSON, CSV, NDJSON)
    wrong = []
    if given.get("hxl") and media_type != CSV:
        wrong.append(("hxl", "Tags are a row of CSV. Say format=csv, or leave hxl out."))
    if media_type != JSON:
        told = "An export has the whole list. Leave it out, or ask for JSON."
        wrong += [(name, told) for name in _OF_PAGES if name in request.args]
        if RELEVANCE in given.get("sort", ()):
            wrong.append(("sort", "An export has all that matches, and only some of that is ranked. Sort otherwise."))
    if wrong:
        raise InvalidParameters(wrong)
    question = asking.parse(given, **fixed)
    if media_type == JSON:
        return lists.listing(question)
    return _export(question, _rows(question, hxl=bool(given.get("hxl"))) if media_type == CSV else _lines(question))


def _rows(question: ListRequest, *, hxl: bool) -> _Format:
    chosen = lists.fields_of(question)
    columns = [
        column for column in columns_of(question.ask.collection) if not question.fields or column.path[0] in chosen
    ]

    def head(reader: Reader) -> str:
        return table.header(columns) + (table.tags(columns, _same(reader, question.ask)) if hxl else "")

    return _Format(CSV, "csv", head, lambda documents: table.rows(columns, documents))


def _same(reader: Reader, ask: read.ListQuery) -> dict[str, str]:
    """Return the fields that have the same one value in all rows, by name: those with a filter of one value.

    A list that contains the value can contain others too. Such a field counts only if no row has another word.
    """
    same = {}
    for condition in ask.conditions:
        filter_, value = condition.filter, condition.value
        if condition.operator != "is" or not isinstance(value, list) or len(value) != 1:
            continue
        if isinstance(filter_, ListFilter):
            others = [word for word in getattr(filter_.value(), "words", ()) if word not in value]
            mixed = replace(ask, conditions=(*ask.conditions, Condition(filter_, "is", others)), limit=1)
            if not others or read.page(reader, mixed).entries:
                continue
        same[filter_.name] = value[0]
    return same


def _lines(question: ListRequest) -> _Format:
    chosen = lists.fields_of(question)

    def lines(documents: list[str]) -> str:
        records = [lists.selected(document, chosen) for document in documents] if question.fields else documents
        return "\n".join([*records, ""])

    return _Format(NDJSON, "ndjson", lambda _: "", lines)


def _export(question: ListRequest, format_: _Format) -> Response:
    """The whole list, its first records already read, so that what fails at once can still be told as a problem."""
    with ExitStack() as opened:
        reader = opened.enter_context(lists.the_store().reading())
        moment = read.feed_position(reader)
        tag = list_etag(moment, format_.suffix)
        if (unchanged := not_modified(tag)) is not None:
            return unchanged
        body: Iterator[bytes] = iter(())
        closing = ExitStack()
        if request.method != "HEAD":
            opened.enter_context(_slot())
            documents = read.stream(reader, question.ask)
            # The rows go before the connection that they come from.
            opened.callback(documents.close)
            first = format_.head(reader) + format_.lines(next(documents, []))
            closing = opened.pop_all()
            body = _streamed(closing, format_, first, documents, g.request_id)
    response = with_etag(Response(body, mimetype=format_.media_type), tag)
    # Whoever goes away before the first byte was asked for leaves a body that never began.
    response.call_on_close(closing.close)
    response.headers["Change-Sequence"] = str(moment.sequence)
    lists.link_header(response, {"monitor": f"{urls.version_url()}/changes?since={moment.sequence}"})
    name = f"{question.ask.collection.path}.{format_.suffix}"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _streamed(
    opened: ExitStack, format_: _Format, first: str, rest: Iterator[list[str]], request_id: str
) -> Iterator[bytes]:
    try:
        with opened:
            yield first.encode()
            for documents in rest:
                yield format_.lines(documents).encode()
    except Exception:
        log.exception("an export ended early", request_id=request_id)
        yield _ENDED_EARLY
        raise


@contextmanager
def _slot() -> Iterator[None]:
    if not _slots.acquire(blocking=False):
        told = f"{_AT_ONCE} lists are being taken away already, which is as many as may be at once. Try again."
        raise Problem(told, slug="unavailable", headers={"Retry-After": RETRY_AFTER})
    try:
        yield
    finally:
        _slots.release()
