"""Queries of records: items, and pages by keyset. Documents are returned as stored."""

from __future__ import annotations

import typing
from collections.abc import Hashable, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Table, and_, bindparam, or_, select, true, union, union_all

from api.kinds.collections import COLLECTION_BY_NAME, KIND_BY_NAME
from api.kinds.filters import SearchFilter
from api.kinds.kind import Collection
from api.store import errors, fulltext
from api.store.document_text import beginning, in_beginning
from api.store.filter_sql import (
    SCAN,
    AnySelect,
    Binds,
    Condition,
    Shape,
    article_id,
    binder,
    of_type,
)
from api.store.index_ranges import Drive, in_order, matching
from api.store.keyset import Sort, segments
from api.store.plan import plan
from api.store.statement_cache import Builder, Reader, Rows
from api.store.streams import Stream, streams
from api.store.tables import DAY_OF, article, change, claim, feed, table_of
from schemas.fields import is_identifier

Position = tuple[typing.Any, ...]
# The order by relevance to a search. It is not a column.
BY_RELEVANCE: Sort = (("relevance", True),)
# The number of matches that are ranked. If more claims match, the ones with the latest `on_record` are ranked.
RANKED_MAX = 1000
# The columns of the default orders of lists.
_DAYS = {collection.name: DAY_OF[table_of(collection)].name for collection in COLLECTION_BY_NAME.values()}
_LATEST: Sort = (("on_record_from", True),)


class Versions(typing.NamedTuple):
    """Version and time of a stored record and, if requested, of its article."""

    version: int
    updated_at: str
    article_version: int | None = None
    article_updated_at: str | None = None


class Item(typing.NamedTuple):
    """A stored record and, if requested, its article."""

    versions: Versions
    document: str
    article_document: str | None = None


@dataclass(frozen=True)
class ListQuery:
    """Query of a list.

    `sort` has columns, and whether each one is descending. The page begins after `position`, the sort values and id of
    a record or, if `backward`, ends before it. `fields` are the requested fields in the order of the record, or all if
    it is empty. Documents can lack the other ones.
    """

    collection: Collection
    conditions: tuple[Condition, ...] = ()
    sort: Sort = ()
    limit: int = 20
    position: Position | None = None
    backward: bool = False
    fields: tuple[str, ...] = ()


class Page(typing.NamedTuple):
    """A page of a list, and whether more records precede or follow it.

    A row has the document of a record, the id of its article, and its position in the order of the list.
    """

    rows: Rows
    more_before: bool
    more_after: bool

    @property
    def documents(self) -> list[str]:
        """The documents of the records."""
        return [row[0] for row in self.rows]

    @property
    def article_ids(self) -> list[str]:
        """The ids of the articles of the records."""
        return [row[1] for row in self.rows]

    def position(self, index: int) -> Position:
        """Return the position of a record: its sort values and its id."""
        return self.rows[index][2:]


class FeedPosition(typing.NamedTuple):
    """Sequence number and time of the last change that a reader's snapshot contains, and the epoch of the feed.

    A sequence number of another epoch belongs to another change.
    """

    sequence: int
    at: str
    epoch: str


class LastChange(typing.NamedTuple):
    """The last change of an id."""

    type: str
    version: int
    at: str
    action: str


def feed_position(reader: Reader) -> FeedPosition:
    """Return the position of the last change."""
    ((sequence, at, epoch),) = reader.rows(_last_change)
    return FeedPosition(sequence or 0, at or "", epoch)


def _last_change() -> tuple[AnySelect]:
    last = select(change.c.sequence, change.c.at).order_by(change.c.sequence.desc()).limit(1).subquery()
    return (select(last.c.sequence, last.c.at, feed.c.epoch).select_from(feed.outerjoin(last, true())),)


def item(reader: Reader, collection: Collection, id_: str, *, with_article: bool = False) -> Item:
    """Return a record and, if requested, its article. Raises NotFound or Gone."""
    # PostgreSQL raises an error for an id with NUL.
    for row in reader.rows(_item, collection.name, with_article, id=id_) if is_identifier(id_) else ():
        document, version, updated_at, *of_article = row
        article_document, *article_versions = of_article or (None,)
        return Item(Versions(version, updated_at, *article_versions), document, article_document)
    raise absent(reader, collection, id_)


def _item(name: str, with_article: bool) -> tuple[AnySelect]:
    """Select document and version of a record and, `with_article`, of its article."""
    collection = COLLECTION_BY_NAME[name]
    table = table_of(collection)
    tables = (table, article) if with_article else (table,)
    columns = [column for table_ in tables for column in (table_.c.document, table_.c.version, table_.c.updated_at)]
    statement = of_type(select(*columns), collection).where(table.c.id == bindparam("id"))
    return (statement.join_from(claim, article) if with_article else statement,)


def sort_types(collection: Collection) -> dict[str, type]:
    """Return the types of the values that a list can be sorted by. All but ids can be null."""
    return {"relevance": int, **{column.name: column.type.python_type for column in table_of(collection).c}}


def page(reader: Reader, query: ListQuery) -> Page:
    """Return a page of a list. It takes one statement for each segment of the order that the page contains."""
    ranked = query.sort == BY_RELEVANCE
    default_order = [name for name, _ in query.sort] == [_DAYS[query.collection.name]]
    rows_max = RANKED_MAX if ranked else query.limit + 1
    planned = plan(reader, query.collection, query.conditions, rows_max, in_order=default_order)
    values, not_null = dict(planned.values), None
    if query.position is not None:
        not_null = tuple(value is not None for value in query.position[:-1])
        values |= {f"p{number}": value for number, value in enumerate(query.position)}
    builder, order = (_ranked, ()) if ranked else (_page, ((query.sort, planned.drive),))
    rows: Rows = []
    if not planned.is_empty:
        shape = (query.collection.name, planned.shapes, *order, not_null, query.backward)
        rows = reader.first(*of_fields(reader, query, builder), *shape, rows_max=query.limit + 1, **values)
    beyond = len(rows) > query.limit
    rows = rows[: query.limit]
    if query.backward:
        return Page(rows[::-1], more_before=beyond, more_after=True)
    return Page(rows, more_before=query.position is not None, more_after=beyond)


def of_fields(reader: Reader, query: ListQuery, builder: Builder) -> tuple[Builder, *tuple[Builder, ...]]:
    """Return the builder of a query. If the beginnings of documents have all its fields, it is `_beginnings` of it."""
    whole = not query.fields or reader.renders or not in_beginning(table_of(query.collection).c.document, query.fields)
    return (builder,) if whole else (_beginnings, builder)


def _beginnings(builder: Builder, *shape: Hashable) -> tuple[AnySelect, ...]:
    """Select the rows of another builder, with the beginnings of documents. So shared parts are not looked up."""
    return tuple(
        statement.with_only_columns(
            *(beginning(column) if column is claim.c.document else column for column in statement.selected_columns)
        )
        for statement in builder(*shape)
    )


def _page(
    name: str,
    shapes: tuple[Shape, ...],
    order: tuple[Sort, Drive | None],
    not_null: tuple[bool, ...] | None,
    backward: bool,
) -> tuple[AnySelect, ...]:
    """Select the segments of a list from a position on. `not_null` is true for its sort values that are not null."""
    collection, (sort, drive) = COLLECTION_BY_NAME[name], order
    table = table_of(collection)
    if drive is not None and drive.range is None:
        return _merged(table, streams(collection, shapes, drive.condition), sort, not_null, backward)
    keys = [*(table.c[column] for column, _ in sort), table.c.id]
    if drive is not None:
        # OFFSET makes PostgreSQL find all matches first. Otherwise it scans all records in order for a few matches.
        matches = matching(collection, shapes, *keys, drive=drive).offset(0).subquery()
        parts = [
            select(matches).where(segment) for segment, _ in segments([*matches.c], sort, not_null, backward=backward)
        ]
        return tuple(_with_documents(table, part, sort, backward) for part in parts)
    base = matching(collection, shapes, table.c.document, article_id(table), *keys)
    if shapes and keys[:-1] == [DAY_OF[table]]:
        base = in_order(base, collection, shapes)
    return tuple(
        base.where(segment).order_by(*columns).limit(bindparam("limit"))
        for segment, columns in segments(keys, sort, not_null, backward=backward)
    )


def _merged(
    table: Table, sources: Sequence[Stream], sort: Sort, not_null: tuple[bool, ...] | None, backward: bool
) -> tuple[AnySelect, ...]:
    """Select the segments of streams from a position on, as one list without repeated records."""
    parts = [
        [
            source.statement.where(segment).order_by(*order).limit(bindparam("limit"))
            for segment, order in segments((source.day, source.id), sort, not_null, backward=backward)
        ]
        for source in sources
    ]
    if len(parts) == 1:
        return tuple(parts[0])
    merged = []
    for selects in zip(*parts, strict=True):
        keys = [select(*[*part.subquery().c][-2:]) for part in selects]
        merged.append(_with_documents(table, select(union(*keys).subquery()), sort, backward))
    return tuple(merged)


def _with_documents(table: Table, keys: AnySelect, sort: Sort, backward: bool) -> AnySelect:
    """Select a page from a SELECT of the sort values and ids of records. Only documents of the page are read."""

    def order(columns: Sequence[ColumnElement[typing.Any]]) -> list[ColumnElement[typing.Any]]:
        directions = [descends != backward for _, descends in (*sort, sort[-1])]
        nulls = [column.is_(None).desc() if backward else column.is_(None) for column in columns[:-1]]
        values = [
            column.desc() if descends else column.asc() for column, descends in zip(columns, directions, strict=True)
        ]
        return [*(clause for pair in zip(nulls, values, strict=False) for clause in pair), values[-1]]

    page = keys.order_by(*order([*keys.selected_columns])).limit(bindparam("limit")).subquery()
    columns = (table.c.document, article_id(table), *page.c)
    return select(*columns).join_from(page, table, table.c.id == [*page.c][-1]).order_by(*order([*page.c]))


def _ranked(
    name: str, shapes: tuple[Shape, ...], not_null: tuple[bool, ...] | None, backward: bool
) -> tuple[AnySelect, ...]:
    """Select a page by relevance. At most RANKED_MAX matches are ranked."""
    collection = COLLECTION_BY_NAME[name]
    index, search_shape = next(
        (index, shape)
        for index, (filter_, _, shape) in enumerate(shapes)
        if isinstance(collection.by_name[filter_], SearchFilter)
    )
    matches = matching(collection, shapes, claim.c.id, claim.c.on_record_from)
    if any(operator == SCAN for _, operator, _ in shapes):
        latest_segments = [
            select(matches.where(segment).order_by(*order).limit(RANKED_MAX).subquery())
            for segment, order in segments((claim.c.on_record_from, claim.c.id), _LATEST, None, backward=False)
        ]
        latest = union_all(*latest_segments).limit(RANKED_MAX).subquery()
    else:
        # OFFSET makes PostgreSQL find all matches first. Otherwise it scans all claims in order for a few matches.
        unordered = matches.offset(0).subquery()
        newest = (unordered.c.on_record_from.desc().nulls_last(), unordered.c.id.desc())
        latest = select(unordered).order_by(*newest).limit(RANKED_MAX).subquery()
    rank = fulltext.relevance(latest.c.id, typing.cast("fulltext.Shape", search_shape), binder(index))
    ranked = select(latest.c.id, rank.label("relevance")).subquery()
    statement = select(ranked)
    rank_, id_ = ranked.c.relevance, ranked.c.id
    if not_null is not None:
        p0, p1 = typing.cast("Binds", bindparam("p0")), typing.cast("Binds", bindparam("p1"))
        beyond = (rank_ > p0, id_ > p1) if backward else (rank_ < p0, id_ < p1)
        statement = statement.where(or_(beyond[0], and_(rank_ == p0, beyond[1])))
    order = [column.asc() if backward else column.desc() for column in (rank_, id_)]
    chosen = statement.order_by(*order).limit(bindparam("limit")).subquery()
    # Only documents of the page are read.
    columns = (claim.c.document, claim.c.article_id, chosen.c.relevance, chosen.c.id)
    chosen_order = [column.asc() if backward else column.desc() for column in (chosen.c.relevance, chosen.c.id)]
    return (select(*columns).join_from(chosen, claim, claim.c.id == chosen.c.id).order_by(*chosen_order),)


def claims(reader: Reader, query: ListQuery, claims_max: int) -> list[tuple[str, str | None, str | None, str | None]]:
    """Return the documents of claims that match, each with conflict and publication dates of its article.

    If more than `claims_max` claims match, one more is returned.
    """
    planned = plan(reader, query.collection, query.conditions, claims_max)
    if planned.is_empty:
        return []
    rows = reader.rows(
        _claims, query.collection.name, planned.shapes, planned.drive, limit=claims_max + 1, **planned.values
    )
    return typing.cast("list[tuple[str, str | None, str | None, str | None]]", rows)


def _claims(name: str, shapes: tuple[Shape, ...], drive: Drive | None) -> tuple[AnySelect]:
    published = (claim.c.published_on_from, claim.c.published_on_to)
    columns = (claim.c.document, claim.c.conflict, *published)
    statement = matching(COLLECTION_BY_NAME[name], shapes, *columns, drive=drive)
    return (statement.order_by(claim.c.id).limit(bindparam("limit")),)


def articles(reader: Reader, ids: Sequence[str]) -> dict[str, str]:
    """Return the documents of articles by id."""
    if not ids:
        return {}
    distinct = sorted(set(ids))
    rows = reader.rows(_articles, len(distinct), **{f"id{number}": id_ for number, id_ in enumerate(distinct)})
    return dict(typing.cast("list[tuple[str, str]]", rows))


def _articles(count: int) -> tuple[AnySelect]:
    ids: list[Binds] = [bindparam(f"id{number}") for number in range(count)]
    return (select(article.c.id, article.c.document).where(article.c.id.in_(ids)),)


def absent(reader: Reader, collection: Collection, id_: str) -> LookupError:
    """Return the error for a record that does not exist in a collection: NotFound, or Gone if it was deleted."""
    rows = reader.rows(_last_change_of, types_of(collection), id=id_) if is_identifier(id_) else ()
    return missing(collection, id_, LastChange(*rows[0]) if rows else None)


def missing(collection: Collection, id_: str, last: LastChange | None) -> LookupError:
    """Return the error for a record that does not exist in a collection, from the last change of its id."""
    if last is not None and last.action not in ("deleted", "purged"):
        kind = KIND_BY_NAME[last.type]
        return errors.NotFound(
            f"The {collection.title} {id_!r} does not exist. This id belongs to a {kind.title}. "
            f"Request {kind.path}/{id_}."
        )
    if last is not None and collection.type in (None, last.type):
        return errors.Gone(f"The {collection.title} {id_!r} was deleted at {last.at}.")
    return errors.NotFound(f"The {collection.title} {id_!r} does not exist.")


def types_of(collection: Collection) -> tuple[str, ...]:
    """Return the record types that share their ids with a collection."""
    return tuple(KIND_BY_NAME) if collection.of_claims else (collection.name,)


def _last_change_of(types: tuple[str, ...]) -> tuple[AnySelect]:
    statement = select(*(change.c[name] for name in LastChange._fields)).where(
        or_(*(change.c.type == type_ for type_ in types)), change.c.id == bindparam("id")
    )
    return (statement.order_by(change.c.sequence.desc()).limit(1),)
