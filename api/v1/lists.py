"""Lists: from the parameters of a request to a page of stored documents, or to an export of all."""

from __future__ import annotations

import typing
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial

import marshmallow as ma
import msgspec
import orjson
from flask import Response
from werkzeug.datastructures import MultiDict

from api.http import cursors, urls
from api.http.context import current_store
from api.http.etags import list_etag, not_modified, with_etag
from api.http.negotiation import JSON, json_response
from api.kinds.filters import Filter
from api.kinds.kind import Collection
from api.openapi.examples import page_example
from api.openapi.responses import ResponseDoc, cacheable_responses
from api.store import facets, read
from api.store.read import Position
from api.store.statement_cache import Reader
from api.v1 import exports
from api.v1.items import embed_article, field_selector
from api.v1.links import of_list
from api.v1.list_params import NO_FILTERS, RELEVANCE, ListParams, ListRequest
from schemas.page import SelectionPage

Content = dict[str, typing.Any]


def cost(query: MultiDict[str, str], media_type: str | None) -> int:
    """Return the cost of a list: of a page with its counts and ranks, or of an export."""
    if media_type in exports.COSTS:
        return exports.COSTS[media_type]
    names = [name for value in query.getlist("facets") for name in value.split(",")]
    by_relevance = RELEVANCE in query.getlist("sort")
    values = sum(len(values) for _, values in query.lists())
    # The counts of all records are stored.
    of_facet = 1 if names and query.keys() <= {*NO_FILTERS} else 3
    return 1 + of_facet * len(names) + 2 * ("total" in query) + 2 * by_relevance + values // 25


def responses(collection: Collection, page: type[ma.Schema], *, of_article: bool = False) -> tuple[ResponseDoc, ...]:
    """Return the documented responses of a list: its pages and, by request, its exports."""
    example = partial(page_example, collection, of_article=of_article)
    return (
        *cacheable_responses({"anyOf": [page, SelectionPage]}, example, link=True, links=of_list(collection)),
        *(replace(response, by_request=True, example=None) for response in reversed(exports.responses(collection))),
    )


def respond(list_params: ListParams, params: Mapping[str, typing.Any], **fixed: str) -> Response:
    """Return the list of a request: one page as JSON, or all of it as CSV or NDJSON."""
    list_request = list_params.parse(params, **fixed)
    if list_request.media_type == JSON:
        return _page_response(list_request)
    return exports.respond(list_request)


def _page_response(list_request: ListRequest) -> Response:
    """Return a page with its links, counts and facets, all of one snapshot."""
    query = list_request.query
    with current_store().reading() as reader:
        etag = list_etag(read.feed_position(reader))
        if (unchanged := not_modified(etag)) is not None:
            return unchanged
        page = read.page(reader, query)
        documents = _documents(reader, list_request, page)
        total = list_request.total and facets.total(reader, query, exact=list_request.total == "exact")
        counts = {facet.name: _facet(reader, query, facet) for facet in list_request.facets}
    positions = [page.position(0), page.position(-1)] if page.rows else []
    links = page_links(list_request.cursor_key, positions, more_before=page.more_before, more_after=page.more_after)
    info: dict[str, typing.Any] = {"limit": query.limit, **links}
    if total:
        count, exact = total
        info["total"] = {"count": count, "qualifier": "exact" if exact else "at_least"}
    if query.fields:
        info["fields"] = list(query.fields)
    return json_page(etag, {"data": documents, "page": info, **({"facets": counts} if counts else {})})


def json_page(etag: str, content: Content) -> Response:
    """Return content as JSON. The links of its `page` are in the header `Link` too."""
    response = with_etag(json_response(orjson.dumps(content)), etag)
    links = {relation: content.get("page", {}).get(relation) for relation in ("next", "prev")}
    urls.set_link_header(response, links)
    return response


def page_links(
    cursor_key: str, positions: Sequence[Position], *, more_before: bool, more_after: bool
) -> dict[str, str | None]:
    """Return the links of a page with records at these positions: to the next and the previous page."""
    # Cursors need no quoting.
    url = urls.request_url(cursor="") if positions and (more_before or more_after) else ""

    def link(index: int, *, backward: bool) -> str:
        return url + cursors.encode(cursors.Cursor(positions[index], backward), cursor_key)

    return {
        "next": link(-1, backward=False) if url and more_after else None,
        "prev": link(0, backward=True) if url and more_before else None,
    }


def _documents(reader: Reader, list_request: ListRequest, page: read.Page) -> orjson.Fragment:
    """Return the list of the documents of a page: as stored, with the requested fields, or with their article."""
    documents = page.documents
    if fields := list_request.query.fields:
        selected = field_selector(fields)(f"[{','.join(documents)}]")
        if not list_request.include_article:
            return orjson.Fragment(msgspec.json.encode(selected))
        documents = [msgspec.json.encode(selection).decode() for selection in selected]
    if list_request.include_article:
        articles = read.articles(reader, page.article_ids)
        ids = page.article_ids
        documents = [embed_article(document, articles[id_]) for document, id_ in zip(documents, ids, strict=True)]
    return orjson.Fragment(f"[{','.join(documents)}]")


def _facet(reader: Reader, query: read.ListQuery, facet: Filter) -> dict[str, typing.Any]:
    rows, capped = facets.facet_counts(reader, query, facet)
    values = [{"value": value, "label": label, "count": count} for value, label, count in rows]
    return {"values": values, "capped": capped}
