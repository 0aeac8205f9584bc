"""How records are answered: stored texts joined into pages and items, with their links and tags."""

from __future__ import annotations

import typing
from collections.abc import Iterator
from urllib.parse import urlencode

import orjson
from flask import Response, current_app, request

from api.http import addresses, cursors, negotiation
from api.http.conditions import item_tag, list_tag, not_modified, tagged
from api.http.negotiation import JSON, JSON_LD
from api.kinds.kind import Collection
from api.openapi.smorest import text_response
from api.representations import jsonld
from api.store import reading, tallying
from api.store.engine import Store
from api.store.statements import Reader
from api.v1.asking import Question


def the_store() -> Store:
    """The app's store."""
    return typing.cast("Store", current_app.extensions["onrecord"])


def item(collection: Collection, id_: str, *, include_article: bool = False) -> Response:
    """One record, as it is stored or as linked data."""
    if negotiation.insist(JSON, JSON_LD) == JSON_LD:
        return _linked(collection, id_)
    with the_store().reading() as reader:
        if request.if_none_match:
            tag = item_tag(reading.versions(reader, collection, id_, with_article=include_article))
            if (unchanged := not_modified(tag)) is not None:
                return unchanged
        found = reading.item(reader, collection, id_, with_article=include_article)
    text = found.document
    if found.article_document is not None:
        text = _with_article(text, found.article_document)
    return tagged(text_response(text), item_tag(found.versions))


def _linked(collection: Collection, id_: str) -> Response:
    """One record as linked data, a claim with the article that it appears in.

    Its vocabulary is its own and the same in all versions, so it is made of what is stored.
    """
    with the_store().reading() as reader:
        if request.if_none_match:
            known = reading.versions(reader, collection, id_, with_article=collection.of_claims)
            if (unchanged := not_modified(item_tag(known, "ld"))) is not None:
                return unchanged
        found = reading.item(reader, collection, id_, with_article=collection.of_claims)
    record = orjson.loads(found.document)
    node = (
        jsonld.article(record, addresses.base())
        if found.article_document is None
        else jsonld.claim(record, orjson.loads(found.article_document), addresses.base())
    )
    return tagged(Response(orjson.dumps(node), mimetype=JSON_LD), item_tag(found.versions, "ld"))


def listing(question: Question) -> Response:
    """One page of a list, with what else was asked for, all of one moment."""
    ask = question.ask
    with the_store().reading() as reader:
        tag = list_tag(reading.moment(reader))
        if (unchanged := not_modified(tag)) is not None:
            return unchanged
        page = reading.page(reader, ask)
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
            count, exact = tallying.total(reader, ask, exact=question.total == "exact")
            info["total"] = {"count": count, "qualifier": "exact" if exact else "at_least"}
        if question.fields:
            info["fields"] = list(fields_of(question))
        facets = {facet.name: _facet(reader, question, facet) for facet in question.facets}
    frame = b'{"data":[%s],"page":%s%s}' % (
        ",".join(texts).encode(),
        orjson.dumps(info),
        b',"facets":' + orjson.dumps(facets) if facets else b"",
    )
    response = tagged(text_response(frame), tag)
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
    return f"{addresses.root()}{path or request.path}?{urlencode([*kept, *replaced.items()])}"


def _beside(question: Question, position: reading.Position, *, backward: bool) -> str:
    return public_url(cursor=cursors.encode(cursors.Cursor(position, backward), question.bound_to))


def _texts(reader: Reader, question: Question, page: reading.Page) -> Iterator[str]:
    """The records of a page as JSON: as they are stored, or with their article, or only the chosen fields of them."""
    articles = {}
    if question.include_article:
        articles = reading.articles(reader, [str(entry.article_id) for entry in page.entries])
    chosen = fields_of(question)
    for entry in page.entries:
        text = selected(entry.document, chosen) if question.fields else entry.document
        yield _with_article(text, articles[str(entry.article_id)]) if question.include_article else text


def fields_of(question: Question) -> tuple[str, ...]:
    """The fields asked for in the record's order; the id is always among them."""
    return tuple(name for name in question.ask.collection.fields if name == "id" or name in question.fields)


def selected(document: str, chosen: tuple[str, ...]) -> str:
    """These fields of a record."""
    whole = orjson.loads(document)
    return orjson.dumps({name: whole[name] for name in chosen if name in whole}).decode()


def _with_article(claim: str, article: str) -> str:
    return f'{claim[:-1]},"article":{article}}}'


def _facet(reader: Reader, question: Question, facet: typing.Any) -> dict[str, typing.Any]:
    tally = tallying.tally(reader, question.ask, facet)
    values = [{"value": value, "label": label, "count": count} for value, label, count in tally.values]
    return {"values": values, "capped": tally.capped}
