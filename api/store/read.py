"""Reading: items, pages by keyset and whole lists; stored texts go out as they are."""

from __future__ import annotations

import typing
from collections.abc import Generator, Sequence
from dataclasses import dataclass

from sqlalchemy import (
    ColumnElement,
    and_,
    bindparam,
    null,
    or_,
    select,
    union_all,
)

from api.kinds.collections import COLLECTION_BY_NAME, KIND_BY_NAME
from api.kinds.filters import SearchFilter
from api.kinds.kind import Collection
from api.store import errors, fulltext
from api.store.filter_sql import SCAN, Binds, Condition, Shape, bind_values, binder
from api.store.keyset import Order, Sort
from api.store.matching import Query, matching, narrowed, planned
from api.store.statement_cache import Builder, Reader
from api.store.tables import article, change, claim, table_of
from schemas.fields import is_identifier

# Of a list that is read whole: more leave the processor's caches, and take half as long again.
_AT_ONCE = 100

Position = tuple[typing.Any, ...]
# By how well they answer a search, the best first: not by a column.
BY_RELEVANCE: Sort = (("relevance", True),)
# Of more that match, these many are ranked: the latest on record.
RANKED_MAX = 1000
_LATEST: Sort = (("on_record_from", True),)


@dataclass(frozen=True)
class Versions:
    """Which version of a record is stored and since when; of its article, too, where that was asked for."""

    version: int
    updated_at: str
    article_version: int | None = None
    article_updated_at: str | None = None


@dataclass(frozen=True)
class Item:
    """A stored record, and its article where that was asked for."""

    versions: Versions
    document: str
    article_document: str | None = None


@dataclass(frozen=True)
class ListQuery:
    """What is asked of a list.

    `sort` are columns and whether each descends; `position` is the sort values and id of the record to begin
    after, or before when `backward`.
    """

    collection: Collection
    conditions: tuple[Condition, ...] = ()
    sort: Sort = ()
    limit: int = 20
    position: Position | None = None
    backward: bool = False


@dataclass(frozen=True)
class Entry:
    """A record on a page, and where it stands in the list's order."""

    position: Position
    document: str
    article_id: str | None


@dataclass(frozen=True)
class Page:
    """A stretch of a list in its order, and whether there is more on either side."""

    entries: list[Entry]
    more_before: bool
    more_after: bool


@dataclass(frozen=True)
class FeedPosition:
    """The last change that a reader sees: what every list, total and facet is true as of."""

    sequence: int
    at: str


def feed_position(reader: Reader) -> FeedPosition:
    """The last change."""
    rows = reader.rows(_last_change)
    return FeedPosition(*rows[0]) if rows else FeedPosition(0, "")


def _last_change() -> tuple[Query]:
    return (select(change.c.sequence, change.c.at).order_by(change.c.sequence.desc()).limit(1),)


def versions(reader: Reader, collection: Collection, id_: str, *, with_article: bool) -> Versions:
    """The versions of a record and, where asked for, of its claim's article, without reading either.

    Raises NotFound, or Gone.
    """
    return Versions(*_found(reader, _versions, collection, id_, with_article))


def item(reader: Reader, collection: Collection, id_: str, *, with_article: bool) -> Item:
    """A record and, where asked for, its claim's article.

    Raises NotFound, or Gone.
    """
    document, *rest = _found(reader, _item, collection, id_, with_article)
    if with_article:
        article_document, *known = rest
        return Item(Versions(*known), document, article_document)
    return Item(Versions(*rest), document)


def _found(
    reader: Reader, builder: Builder, collection: Collection, id_: str, with_article: bool
) -> tuple[typing.Any, ...]:
    # What can be no id is not asked for: PostgreSQL would choke on a NUL in it.
    for found in reader.rows(builder, collection.name, with_article, id=id_) if is_identifier(id_) else ():
        return found
    raise absent(reader, collection, id_)


def _versions(name: str, with_article: bool, *documents: ColumnElement[str]) -> tuple[Query]:
    """The versions of a record by id and, `with_article`, of its claim's article, behind any documents."""
    collection = COLLECTION_BY_NAME[name]
    table = table_of(collection)
    tables = (table, article) if with_article else (table,)
    versions = [column for each in tables for column in (each.c.version, each.c.updated_at)]
    columns: list[ColumnElement[typing.Any]] = [*documents, *versions]
    wanted = narrowed(select(*columns), collection).where(table.c.id == bindparam("id"))
    return (wanted.join_from(claim, article) if with_article else wanted,)


def _item(name: str, with_article: bool) -> tuple[Query]:
    table = table_of(COLLECTION_BY_NAME[name])
    documents = (table.c.document, article.c.document) if with_article else (table.c.document,)
    return _versions(name, with_article, *documents)


def position_types(collection: Collection, sort: Sort) -> list[type]:
    """The types of the values of a position in a list sorted so; each but the last may be null."""
    if sort == BY_RELEVANCE:
        return [int, str]
    columns = table_of(collection).c
    return [*(columns[name].type.python_type for name, _ in sort), str]


def page(reader: Reader, ask: ListQuery) -> Page:
    """A page of a list: one look-up for each stretch of the order that it touches, most often one."""
    ranked = ask.sort == BY_RELEVANCE
    shapes, values = bind_values(planned(reader, ask.conditions, RANKED_MAX if ranked else ask.limit + 1))
    stated = None
    if ask.position is not None:
        stated = tuple(value is not None for value in ask.position[:-1])
        values |= {f"p{number}": value for number, value in enumerate(ask.position)}
    builder, order = (_ranked, ()) if ranked else (_page, (ask.sort,))
    rows = reader.first(
        builder, ask.collection.name, shapes, *order, stated, ask.backward, wanted=ask.limit + 1, **values
    )
    beyond = len(rows) > ask.limit
    entries = [Entry(position=row[2:], document=row[0], article_id=row[1]) for row in rows[: ask.limit]]
    if ask.backward:
        return Page(entries[::-1], more_before=beyond, more_after=True)
    return Page(entries, more_before=ask.position is not None, more_after=beyond)


def _page(
    name: str, shapes: tuple[Shape, ...], sort: Sort, stated: tuple[bool, ...] | None, backward: bool
) -> tuple[Query, ...]:
    """The stretches of a list from a position on; `stated` tells which of its sort values are not null."""
    collection = COLLECTION_BY_NAME[name]
    table = table_of(collection)
    owner = claim.c.article_id if table is claim else null()
    base = matching(collection, shapes, table.c.document, owner, *(table.c[column] for column, _ in sort), table.c.id)
    return tuple(
        base.where(stretch).order_by(*order).limit(bindparam("limit"))
        for stretch, order in Order(table, sort, backward=backward).stretches(stated)
    )


def _ranked(name: str, shapes: tuple[Shape, ...], stated: tuple[bool, ...] | None, backward: bool) -> tuple[Query, ...]:
    """The same of a list by relevance: what matches is ranked, or the latest of it where it is much."""
    collection = COLLECTION_BY_NAME[name]
    index, asked = next(
        (index, shape)
        for index, (filter_, _, shape) in enumerate(shapes)
        if isinstance(collection.by_name[filter_], SearchFilter)
    )
    matches = matching(collection, shapes, claim.c.id, claim.c.on_record_from)
    if any(operator == SCAN for _, operator, _ in shapes):
        halves = [
            select(matches.where(stretch).order_by(*order).limit(RANKED_MAX).subquery())
            for stretch, order in Order(claim, _LATEST, backward=False).stretches(None)
        ]
        latest = union_all(*halves).limit(RANKED_MAX).subquery()
    else:
        # All that match first, which is what OFFSET does: in their order, PostgreSQL would look for few among all.
        few = matches.offset(0).subquery()
        newest = (few.c.on_record_from.desc().nulls_last(), few.c.id.desc())
        latest = select(few).order_by(*newest).limit(RANKED_MAX).subquery()
    rank = fulltext.relevance(latest.c.id, typing.cast("fulltext.Shape", asked), binder(index))
    ranked = select(latest.c.id, rank.label("relevance")).subquery()
    wanted = select(ranked)
    rank_, id_ = ranked.c.relevance, ranked.c.id
    if stated is not None:
        p0, p1 = typing.cast("Binds", bindparam("p0")), typing.cast("Binds", bindparam("p1"))
        beyond = (rank_ > p0, id_ > p1) if backward else (rank_ < p0, id_ < p1)
        wanted = wanted.where(or_(beyond[0], and_(rank_ == p0, beyond[1])))
    order = [column.asc() if backward else column.desc() for column in (rank_, id_)]
    chosen = wanted.order_by(*order).limit(bindparam("limit")).subquery()
    # Only what is on the page is read whole.
    columns = (claim.c.document, claim.c.article_id, chosen.c.relevance, chosen.c.id)
    again = [column.asc() if backward else column.desc() for column in (chosen.c.relevance, chosen.c.id)]
    return (select(*columns).join_from(chosen, claim, claim.c.id == chosen.c.id).order_by(*again),)


def stream(reader: Reader, ask: ListQuery) -> Generator[list[str]]:
    """The documents of a whole list in its order, a hundred at once, which are all that is ever in memory."""
    shapes, values = bind_values(ask.conditions)
    for rows in reader.stream(_stream, ask.collection.name, shapes, ask.sort, at_once=_AT_ONCE, **values):
        yield [document for (document,) in rows]


def _stream(name: str, shapes: tuple[Shape, ...], sort: Sort) -> tuple[Query, ...]:
    """The stretches of a list from its beginning to its end."""
    collection = COLLECTION_BY_NAME[name]
    table = table_of(collection)
    base = matching(collection, shapes, table.c.document)
    stretches = Order(table, sort, backward=False).stretches(None)
    return tuple(base.where(stretch).order_by(*order) for stretch, order in stretches)


def claims(reader: Reader, ask: ListQuery, most: int) -> list[tuple[str, str | None, str | None, str | None]]:
    """The documents of claims that match, each with the conflict of its article and the days that this is of.

    One more than `most` at most.
    """
    shapes, values = bind_values(planned(reader, ask.conditions, most))
    rows = reader.rows(_claims, ask.collection.name, shapes, limit=most + 1, **values)
    return typing.cast("list[tuple[str, str | None, str | None, str | None]]", rows)


def _claims(name: str, shapes: tuple[Shape, ...]) -> tuple[Query]:
    published = (claim.c.published_on_from, claim.c.published_on_to)
    wanted = matching(COLLECTION_BY_NAME[name], shapes, claim.c.document, claim.c.conflict, *published)
    return (wanted.order_by(claim.c.id).limit(bindparam("limit")),)


def articles(reader: Reader, ids: Sequence[str]) -> dict[str, str]:
    """The documents of articles by id."""
    if not ids:
        return {}
    distinct = sorted(set(ids))
    rows = reader.rows(_articles, len(distinct), **{f"id{number}": id_ for number, id_ in enumerate(distinct)})
    return dict(typing.cast("list[tuple[str, str]]", rows))


def _articles(how_many: int) -> tuple[Query]:
    ids: list[Binds] = [bindparam(f"id{number}") for number in range(how_many)]
    return (select(article.c.id, article.c.document).where(article.c.id.in_(ids)),)


def missing(collection: Collection, id_: str, other: str | None, last: tuple[str, str] | None) -> LookupError:
    """What to raise where a collection has no such record.

    `other` is the type of a claim of another kind that has the id, `last` the type of what last had it and when that
    was taken off the record.
    """
    if other is not None:
        kind = KIND_BY_NAME[other]
        return errors.NotFound(
            f"There is no {collection.title} with the id {id_!r}. It is a {kind.title}: ask for it under {kind.path}."
        )
    if last is not None and collection.includes_type(last[0]):
        return errors.Gone(f"The {collection.title} {id_!r} was taken off the record at {last[1]}.")
    return errors.NotFound(f"There is no {collection.title} with the id {id_!r}.")


def absent(reader: Reader, collection: Collection, id_: str) -> LookupError:
    """What to raise for a record that a collection has not: NotFound, or Gone where it once had it."""
    if not is_identifier(id_):
        return missing(collection, id_, None, None)
    other = next((type_ for (type_,) in reader.rows(_type, id=id_)), None) if collection.of_claims else None
    types = types_of(collection)
    last = next(iter(reader.rows(_last_told, types, id=id_)), None)
    return missing(collection, id_, other, last)


def types_of(collection: Collection) -> tuple[str, ...]:
    """The types of record that share their ids with a collection's."""
    return tuple(KIND_BY_NAME) if collection.of_claims else (collection.name,)


def _type() -> tuple[Query]:
    return (select(claim.c.type).where(claim.c.id == bindparam("id")),)


def _last_told(types: tuple[str, ...]) -> tuple[Query]:
    wanted = select(change.c.type, change.c.at).where(
        or_(*(change.c.type == type_ for type_ in types)), change.c.id == bindparam("id")
    )
    return (wanted.order_by(change.c.sequence.desc()).limit(1),)
