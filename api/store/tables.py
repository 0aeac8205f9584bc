"""Tables. The document is the record, and the columns are its index.

One table has the claims of all kinds. Others have their parties by role, the terms of their lists, and their tokens.
The append-only table of changes is the feed, the history of records, and the marker of deleted ones.
"""

from __future__ import annotations

import secrets
import typing
from collections.abc import Iterable

from sqlalchemy import (
    DDL,
    BigInteger,
    Boolean,
    Column,
    ColumnElement,
    Connection,
    ForeignKey,
    FromClause,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
    event,
    insert,
)
from sqlalchemy.types import TypeEngine

from api.kinds.collections import COLLECTIONS
from api.kinds.kind import Collection
from api.store.document_text import SplitDocument
from api.store.token_text import FTS5, TokenText
from api.version import RENDERER

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)

# Sorted by code point, so that both databases return lists in the same order.
Word = String().with_variant(String(collation="C"), "postgresql")
Number = BigInteger().with_variant(Integer(), "sqlite")
_TYPES: dict[type, TypeEngine[typing.Any]] = {str: Word, int: Number, bool: Boolean(create_constraint=False)}


def _record_table(
    collections: Iterable[Collection], name: str, document: TypeEngine[str], *columns: Column[typing.Any]
) -> Table:
    """Return a table of records, with the columns of the filters of its collections after its own."""
    table = Table(
        name,
        metadata,
        Column("id", Word, primary_key=True),
        Column("version", Integer, nullable=False),
        Column("created_at", Word, nullable=False),
        Column("updated_at", Word, nullable=False),
        Column("document", document, nullable=False),
        *columns,
    )
    own, types = frozenset(table.c.keys()), dict[str, type]()
    for filter_ in (filter_ for collection in collections for filter_ in collection.filters):
        for column, type_ in filter_.columns.items():
            if types.setdefault(column, type_) is not type_:
                raise TypeError(f"The column {column} is {types[column].__name__} and {type_.__name__}. Use one type.")
    for column, type_ in types.items():
        if column not in own:
            table.append_column(Column(column, _TYPES[type_], info={"filter": True}))
    return table


article = _record_table((collection for collection in COLLECTIONS if not collection.of_claims), "article", Text())

article_text = Table(
    "article_text",
    metadata,
    Column("article_id", Word, ForeignKey("article.id", ondelete="CASCADE"), primary_key=True),
    Column("text", Text, nullable=False),
)

# The parts of documents that many claims share. The number is a hash.
document_part = Table(
    "document_part",
    metadata,
    Column("number", Number, primary_key=True, autoincrement=False),
    Column("text", Text, nullable=False),
)

claim = _record_table(
    (collection for collection in COLLECTIONS if collection.of_claims),
    "claim",
    SplitDocument(document_part),
    Column("part", Number, nullable=False),
    Column("type", Word, nullable=False),
    Column("article_id", Word, ForeignKey("article.id"), nullable=False),
    # The start of the first span. It gives the reading order of an article's claims.
    Column("position", Integer, nullable=False),
    # The hash of the content, which prevents duplicates.
    Column("said", LargeBinary, nullable=False),
)
# Without the id, because few claims have the same position.
Index(None, claim.c.article_id, claim.c.position)
Index(None, claim.c.type, claim.c.on_record_from, claim.c.id, claim.c.on_record_to)
Index(None, claim.c.said)


def is_longer_than_a_day(table: FromClause, name: str) -> ColumnElement[bool]:
    """Return the condition that a date has several days."""
    return table.c[f"{name}_from"] < table.c[f"{name}_to"]


def _index_filters(table: Table, day: Column[typing.Any]) -> None:
    """Add the indexes of the filters of a table. Lists have their default order by `day`.

    The index of this order has the last day, too, so that conditions on the date need no row.
    """
    Index(None, day, table.c.id, table.c[f"{day.name.removesuffix('_from')}_to"])
    for column in (column for column in table.c if column.info.get("filter") and column is not day):
        # For a folded word, the key has the index. A boolean does not select enough for an index.
        if f"{column.name}_key" in table.c or isinstance(column.type, Boolean):
            continue
        order: tuple[Column[typing.Any], ...] = (day, table.c.id)
        if column.name.endswith("_from"):
            # Other dates are sorts, too.
            order = (table.c.id,)
        elif column.name.endswith("_to"):
            # Most dates are one day. The index of first days has these, too.
            name = column.name.removesuffix("_to")
            longer = is_longer_than_a_day(table, name)
            Index(None, column, table.c[f"{name}_from"], table.c.id, sqlite_where=longer, postgresql_where=longer)
            continue
        # Most columns belong to one kind, so a partial index excludes other kinds.
        where = column.is_not(None) if column.nullable else None
        Index(None, column, *order, sqlite_where=where, postgresql_where=where)


# The claims and articles without a day are at the end of these indexes.
_index_filters(claim, claim.c.on_record_from)
_index_filters(article, article.c.published_on_from)
# The column that the default order of lists of a table begins with.
DAY_OF = {claim: claim.c.on_record_from, article: article.c.published_on_from}

party = Table(
    "party",
    metadata,
    Column("claim_id", Word, ForeignKey("claim.id", ondelete="CASCADE")),
    Column("role", Word),
    Column("ordinal", Integer),
    Column("name", Word, nullable=False),
    Column("name_key", Word, nullable=False),
    Column("same_as", Word),
    Column("kind", Word, nullable=False),
    Column("country", Word),
    # The day of the claim in the default order of lists, so that an index has the claims of a party in this order.
    Column("day", Word),
    PrimaryKeyConstraint("claim_id", "role", "ordinal"),
    sqlite_with_rowid=False,
)
for _name in ("name_key", "same_as", "country", "kind"):
    _where = party.c[_name].is_not(None) if party.c[_name].nullable else None
    # Parties with a name and another country are skipped in the index.
    _more = (party.c.country,) if _name == "name_key" else ()
    _order = (party.c.role, party.c.day, party.c.claim_id)
    Index(None, party.c[_name], *_order, *_more, sqlite_where=_where, postgresql_where=_where)

term = Table(
    "term",
    metadata,
    Column("owner", Word),
    Column("record_id", Word),
    Column("list", Word),
    Column("value", Word),
    # The same as the day of a party.
    Column("day", Word),
    PrimaryKeyConstraint("owner", "record_id", "list", "value"),
    sqlite_with_rowid=False,
)
Index(None, term.c.owner, term.c.list, term.c.value, term.c.day, term.c.record_id)

# The number of records of each type with a value of a facet. The label is the value as the record has it, and for
# several, the first one. A facet with many values has rows for all claims together, too, of the type "claim".
facet_count = Table(
    "facet_count",
    metadata,
    Column("facet", Word),
    Column("type", Word),
    Column("value", Word),
    Column("label", Word),
    Column("count", Number, nullable=False),
    PrimaryKeyConstraint("facet", "type", "value", "label"),
    sqlite_with_rowid=False,
)
_unused = facet_count.c.count == 0
Index(None, facet_count.c.count, sqlite_where=_unused, postgresql_where=_unused)

# The tokens of each claim. SQLite's FTS5 refers to them by number, which a VACUUM does not change.
search = Table(
    "search",
    metadata,
    Column("number", Number, primary_key=True, autoincrement=True),
    Column("claim_id", Word, ForeignKey("claim.id", ondelete="CASCADE"), nullable=False),
    Column("words", TokenText, nullable=False),
)
Index(None, search.c.claim_id, unique=True)
Index(None, search.c.words, postgresql_using="gin").ddl_if(dialect="postgresql")
for _statement in FTS5:
    event.listen(search, "after_create", DDL(_statement).execute_if(dialect="sqlite"))  # type: ignore[no-untyped-call]

# The actions of changes after which a record has no document.
GONE = ("deleted", "purged")

change = Table(
    "change",
    metadata,
    Column("sequence", Number, primary_key=True, autoincrement=True),
    Column("at", Word, nullable=False),
    Column("action", Word, nullable=False),
    Column("type", Word, nullable=False),
    Column("id", Word, nullable=False),
    Column("version", Integer, nullable=False),
    # Null while the version is the current one, because the record has the document.
    Column("document", Text),
    # A sequence number is never reused, even after a purge of the last changes.
    sqlite_autoincrement=True,
)
Index(None, change.c.id, change.c.version)

# One row. The epoch is another one after a restore, because sequence numbers are then used for other changes.
feed = Table("feed", metadata, Column("epoch", Word, primary_key=True))


def new_epoch() -> str:
    """Return a random epoch."""
    return secrets.token_hex(8)


@event.listens_for(feed, "after_create")
def _begin_epoch(_table: Table, connection: Connection, **_: typing.Any) -> None:
    connection.execute(insert(feed).values(epoch=new_epoch()))


# One row: the number of the renderer that wrote the oldest documents.
rendering = Table("rendering", metadata, Column("renderer", Integer, primary_key=True, autoincrement=False))


@event.listens_for(rendering, "after_create")
def _begin_rendering(_table: Table, connection: Connection, **_: typing.Any) -> None:
    connection.execute(insert(rendering).values(renderer=RENDERER))


api_key = Table(
    "api_key",
    metadata,
    Column("id", Word, primary_key=True),
    Column("name", Word, nullable=False),
    # The hash of the secret. The secret is not stored.
    Column("sha256", Word, nullable=False),
    Column("scopes", Word, nullable=False),
    Column("created_at", Word, nullable=False),
    Column("expires_at", Word),
    Column("revoked_at", Word),
)

# Responses to requests with an Idempotency-Key.
idempotency = Table(
    "idempotency",
    metadata,
    Column("api_key_id", Word, ForeignKey("api_key.id")),
    Column("key", Word),
    Column("request", Word, nullable=False),
    Column("record_id", Word, nullable=False),
    Column("status", Integer, nullable=False),
    Column("headers", Text, nullable=False),
    Column("body", Text, nullable=False),
    Column("at", Word, nullable=False),
    PrimaryKeyConstraint("api_key_id", "key"),
)
Index(None, idempotency.c.at)
Index(None, idempotency.c.record_id)


def document_of(table: Table) -> ColumnElement[typing.Any]:
    """Return the documents of articles or claims as an expression, which a nested SELECT needs."""
    column = table.c.document
    return column.type.column_expression(column) if isinstance(column.type, SplitDocument) else column


def table_of(collection: Collection) -> Table:
    """Return the table of a collection's records."""
    return claim if collection.of_claims else article
