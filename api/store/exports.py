"""Queries of whole lists, and of everything, in batches. Documents are returned as stored."""

from __future__ import annotations

from collections.abc import Generator, Sequence

import orjson
from sqlalchemy import select

from api.kinds.collections import CLAIMS, COLLECTION_BY_NAME
from api.store.filter_sql import AnySelect, Condition, Shape, bind_values
from api.store.index_ranges import matching
from api.store.keyset import Sort, segments
from api.store.read import ListQuery, of_fields
from api.store.statement_cache import Reader
from api.store.tables import article, article_text, claim, table_of

# The number of rows of a streamed list that are read at a time. With fewer, the threads of a response wait more often.
# More rows exceed the CPU caches.
_STREAM_ROWS = 200
# A text can have a mebibyte.
_STREAM_TEXTS = 10


def whole_list(reader: Reader, query: ListQuery) -> Generator[list[bytes]]:
    """Yield the documents of a whole list in its order, in batches, as UTF-8. Only one batch is in memory."""
    shapes, values = bind_values(query.conditions)
    shape = (query.collection.name, shapes, query.sort)
    for rows in reader.stream(*of_fields(reader, query, _whole_list), *shape, at_once=_STREAM_ROWS, **values):
        yield [document for (document,) in rows]


def _whole_list(name: str, shapes: tuple[Shape, ...], sort: Sort) -> tuple[AnySelect, ...]:
    """Select the segments of a whole list."""
    collection = COLLECTION_BY_NAME[name]
    table = table_of(collection)
    base = matching(collection, shapes, table.c.document)
    whole = segments([*(table.c[column] for column, _ in sort), table.c.id], sort, None, backward=False)
    return tuple(base.where(segment).order_by(*order) for segment, order in whole)


def everything(reader: Reader, conditions: Sequence[Condition], *, with_texts: bool = False) -> Generator[list[bytes]]:
    """Yield the documents of articles, then of claims, each sorted by id, in batches, as UTF-8.

    Only one batch is in memory.

    With conditions, the claims are those that match, and those that they restate. The articles are those of the claims.
    So no document refers to a missing one. `with_texts` adds the field `text` to articles whose text is stored.
    """
    shapes, values = bind_values(conditions)
    at_once = _STREAM_TEXTS if with_texts else _STREAM_ROWS
    for rows in reader.stream(_articles_of, shapes, with_texts, at_once=at_once, **values):
        yield [_with_text(*row) for row in rows]
    for rows in reader.stream(_claims_with_restated, shapes, at_once=_STREAM_ROWS, **values):
        yield [document for (document,) in rows]


def _with_text(document: bytes, text: bytes | None = None) -> bytes:
    return document if text is None else b'%b,"text":%b}' % (document[:-1], orjson.dumps(text.decode()))


def _articles_of(shapes: tuple[Shape, ...], with_texts: bool) -> tuple[AnySelect]:
    """Select the articles of the claims that match, and of those that they restate. Without conditions, select all."""
    columns = [article.c.document, *([article_text.c.text] if with_texts else [])]
    statement = select(*columns).select_from(article).order_by(article.c.id)
    if with_texts:
        statement = statement.outerjoin(article_text)
    return (statement.where(article.c.id.in_(_closure(shapes, "article_id"))) if shapes else statement,)


def _claims_with_restated(shapes: tuple[Shape, ...]) -> tuple[AnySelect]:
    """Select the claims that match, and those that they restate. Without conditions, select all claims."""
    statement = select(claim.c.document).order_by(claim.c.id)
    return (statement.where(claim.c.id.in_(_closure(shapes, "id"))) if shapes else statement,)


def _closure(shapes: tuple[Shape, ...], column: str) -> AnySelect:
    """Select a column of the claims that match, and of the claims that they restate."""
    names = ("id", "article_id", "restates")
    chosen = matching(CLAIMS, shapes, *(claim.c[name] for name in names)).cte("chosen", recursive=True)
    restated = claim.alias("restated")
    step = select(*(restated.c[name] for name in names)).join(chosen, restated.c.id == chosen.c.restates)
    return select(chosen.union(step).c[column])
