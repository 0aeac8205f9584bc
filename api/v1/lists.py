"""How records are answered: stored texts joined into pages and items, with their links and tags."""

from __future__ import annotations

import typing
from collections.abc import Iterator
from urllib.parse import urlencode

import orjson
from flask import Response, current_app, request

from api.formats import jsonld
from api.http import cursors, negotiation, urls
from api.http.etags import item_etag, list_etag, not_modified, with_etag
from api.http.negotiation import JSON, JSON_LD
from api.kinds.kind import Collection
from api.openapi.smorest import text_response
from api.store import facets, read
from api.store.database import Store
from api.store.statement_cache import Reader
from api.v1.list_params import ListRequest


def the_store() -> Store:
    """The app's store."""
    return typing.cast("Store", current_app.extensions["onrecord"])


def item(collection: Collection, id_: str, *, include_article: bool = False) -> Response:
    """One record, as it is stored or as linked data."""
    if negotiation.negotiate(JSON, JSON_LD) == JSON_LD:
        return _linked(collection, id_)
    with the_store().reading() as reader:
        if request.if_none_match:
            tag = item_etag(read.versions(reader, collection, id_, with_article=include_article))
            if (unchanged := not_modified(tag)) is not None:
                return unchanged
        found = read.item(reader, collection, id_, with_article=include_article)
    text = found.document
    if found.article_document is not None:
        text = _with_article(text, found.article_document)
    return with_etag(text_response(text), item_etag(found.versions))


def _linked(collection: Collection, id_: str) -> Response:
    """One record as linked data, a claim with the article that it appears in.

    Its vocabulary is its own and the same in all versions, so it is made of what is stored.
    """
    with the_store().reading() as reader:
        if request.if_none_match:
            known = read.versions(reader, collection, id_, with_article=collection.of_claims)
            if (unchanged := not_modified(item_etag(known, "ld"))) is not None:
                return unchanged
        found = read.item(reader, collection, id_, with_article=collection.of_claims)
    record = orjson.loads(found.document)
    node = (
        jsonld.article(record, urls.version_url())
        if found.article_document is None
        else jsonld.claim(record, orjson.loads(found.article_document), urls.version_url())
    )
    return with_etag(Response(orjson.dumps(node), mimetype=JSON_LD), item_etag(found.versions, "ld"))


def listing(question: ListRequest) -> Response:
    """One page of a list, with what else was asked for, all of one moment."""
    ask = question.ask
    with the_store().reading() as reader:
        tag = list_etag(read.feed_position(reader))
        if (unchanged := not_modified(tag)) is not None:
            return unchanged
        page = read.page(reader, ask)
        texts = list(_texts(reader, question, page))
        links = {
            "next": _beside(question, page.entries[-1].position, backward=False)
            if page.more_after and page.entries
            else None,
            "prev": _beside(question, page.entries[0].position, backward=True)
            if page.more_before and page.entries
            else None,
        }
        info: dict[str, typing.Any] = {"limit": ask.limit, **links}
        if question.total is not None:
            count, exact = facets.total(reader, ask, exact=question.total == "exact")
            info["total"] = {"count": count, "qualifier": "exact" if exact else "at_least"}
        if question.fields:
            info["fields"] = list(fields_of(question))
        counts = {facet.name: _facet(reader, question, facet) for facet in question.facets}
    frame = b'{"data":[%s],"page":%s%s}' % (
        ",".join(texts).encode(),
        orjson.dumps(info),
        b',"facets":' + orjson.dumps(counts) if counts else b"",
    )
    response = with_etag(text_response(frame), tag)
    link_header(response, links)
    return response


def link_header(response: Response, links: dict[str, str | None]) -> None:
    """Say the links of a page in its header too (RFC 8288)."""
    told = ", ".join(f'<{url}>; rel="{relation}"' for relation, url in links.items() if url)
    if told:
        response.headers["Link"] = told


def public_url(path: str | None = None, *, without: tuple[str, ...] = (), **replaced: str) -> str:
    """This request's address as clients reach it, or of the same under another path, with parameters replaced."""
    dropped = {*without, *replaced}
    kept = [(name, value) for name, value in request.args.items(multi=True) if name not in dropped]
    return f"{urls.base_url()}{path or request.path}?{urlencode([*kept, *replaced.items()])}"


def _beside(question: ListRequest, position: read.Position, *, backward: bool) -> str:
    return public_url(cursor=cursors.encode(cursors.Cursor(position, backward), question.bound_to))


def _texts(reader: Reader, question: ListRequest, page: read.Page) -> Iterator[str]:
    """The records of a page as JSON: as they are stored, or with their article, or only the chosen fields of them."""
    articles = {}
    if question.include_article:
        articles = read.articles(reader, [str(entry.article_id) for entry in page.entries])
    chosen = fields_of(question)
    for entry in page.entries:
        text = selected(entry.document, chosen) if question.fields else entry.document
        yield _with_article(text, articles[str(entry.article_id)]) if question.include_article else text


def fields_of(question: ListRequest) -> tuple[str, ...]:
    """The fields asked for in the record's order; the id is always among them."""
    return tuple(name for name in question.ask.collection.fields if name == "id" or name in question.fields)


def selected(document: str, chosen: tuple[str, ...]) -> str:
    """These fields of a record."""
    whole = orjson.loads(document)
    return orjson.dumps({name: whole[name] for name in chosen if name in whole}).decode()


def _with_article(claim: str, article: str) -> str:
    return f'{claim[:-1]},"article":{article}}}'


def _facet(reader: Reader, question: ListRequest, facet: typing.Any) -> dict[str, typing.Any]:
    tally = facets.facet_counts(reader, question.ask, facet)
    values = [{"value": value, "label": label, "count": count} for value, label, count in tally.values]
    return {"values": values, "capped": tally.capped}
