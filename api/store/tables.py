"""The tables: the document is the record, columns are its index.

One table for all kinds of claim, one for the parties of a claim by role, one for the words of its lists, one
append-only table of changes that is feed, history and tombstones in one.
"""

from __future__ import annotations

import typing

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
)
from sqlalchemy.types import TypeEngine

from api.kinds.collections import COLLECTIONS
from api.kinds.kind import Collection
from api.store.token_text import TokenText, index_with_fts5

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)

# By code point on both databases, so that a list has one order everywhere.
Word = String().with_variant(String(collation="C"), "postgresql")
Number = BigInteger().with_variant(Integer(), "sqlite")
_TYPES: dict[type, TypeEngine[typing.Any]] = {str: Word, int: Number, bool: Boolean(create_constraint=False)}

# What every record has, beside what its filters index.
_RECORD = ("id", "version", "created_at", "updated_at", "document")


def _columns(*collections: Collection, but: tuple[str, ...]) -> list[Column[object]]:
    """The index columns of collections that share a table, each once."""
    wanted: dict[str, type] = {}
    for collection in collections:
        for filter_ in collection.filters:
            for name, type_ in filter_.columns.items():
                if wanted.setdefault(name, type_) is not type_:
                    raise TypeError(
                        f"{name} is {type_.__name__} in {collection.name} and {wanted[name].__name__} elsewhere."
                    )
    return [Column(name, _TYPES[type_]) for name, type_ in wanted.items() if name not in but]


def _record_columns() -> list[Column[object]]:
    return [
        Column("id", Word, primary_key=True),
        Column("version", Integer, nullable=False),
        Column("created_at", Word, nullable=False),
        Column("updated_at", Word, nullable=False),
        Column("document", Text, nullable=False),
    ]


_articles = [collection for collection in COLLECTIONS if not collection.of_claims]
_claims = [collection for collection in COLLECTIONS if collection.of_claims]

article = Table("article", metadata, *_record_columns(), *_columns(*_articles, but=_RECORD))

article_text = Table(
    "article_text",
    metadata,
    Column("article_id", Word, ForeignKey("article.id", ondelete="CASCADE"), primary_key=True),
    Column("text", Text, nullable=False),
)

_claim_columns = _columns(*_claims, but=(*_RECORD, "type", "article_id"))
claim = Table(
    "claim",
    metadata,
    *_record_columns(),
    Column("type", Word, nullable=False),
    Column("article_id", Word, ForeignKey("article.id"), nullable=False),
    # Where its first span begins: the reading order of an article's claims.
    Column("position", Integer, nullable=False),
    # The fingerprint of what it says, so that nothing is said twice.
    Column("said", Word, nullable=False),
    *_claim_columns,
)
Index(None, claim.c.article_id, claim.c.position, claim.c.id)
Index(None, claim.c.type, claim.c.on_record_from, claim.c.id)
Index(None, claim.c.said)
_names = {column.name for column in _claim_columns}
for _column in _claim_columns:
    # The other end of a date is read beside the first; of a folded word, the key is looked up; half of all is no
    # less work than all.
    if _column.name.endswith("_to") or f"{_column.name}_key" in _names or isinstance(_column.type, Boolean):
        continue
    # In the order that lists have unless they ask for another.
    _order = (claim.c.id,) if _column.name.endswith("_from") else (claim.c.on_record_from, claim.c.id)
    # Most columns are of one kind, and a claim of another is not to fill their indexes. The day that lists go by is
    # every kind's, and what has none is found at the end of the same index.
    _where = None if _column.name == "on_record_from" else _column.is_not(None)
    Index(None, _column, *_order, sqlite_where=_where, postgresql_where=_where)

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
    PrimaryKeyConstraint("claim_id", "role", "ordinal"),
    sqlite_with_rowid=False,
)
for _name in ("name_key", "same_as", "kind", "country"):
    _where = party.c[_name].is_not(None) if party.c[_name].nullable else None
    Index(None, party.c[_name], party.c.role, party.c.claim_id, sqlite_where=_where, postgresql_where=_where)

term = Table(
    "term",
    metadata,
    Column("owner", Word),
    Column("record_id", Word),
    Column("list", Word),
    Column("value", Word),
    PrimaryKeyConstraint("owner", "record_id", "list", "value"),
    sqlite_with_rowid=False,
)
Index(None, term.c.owner, term.c.list, term.c.value, term.c.record_id)

# The words that each claim is found by. SQLite's FTS5 knows them by number, which is the same after a VACUUM.
search = Table(
    "search",
    metadata,
    Column("number", Number, primary_key=True, autoincrement=True),
    Column("claim_id", Word, ForeignKey("claim.id", ondelete="CASCADE"), nullable=False),
    Column("words", TokenText, nullable=False),
)
Index(None, search.c.claim_id, unique=True)
Index(None, search.c.words, postgresql_using="gin").ddl_if(dialect="postgresql")
index_with_fts5(search)

change = Table(
    "change",
    metadata,
    Column("sequence", Number, primary_key=True, autoincrement=True),
    Column("at", Word, nullable=False),
    Column("action", Word, nullable=False),
    Column("type", Word, nullable=False),
    Column("id", Word, nullable=False),
    Column("version", Integer, nullable=False),
    Column("document", Text),
    # A number that was once told is never given again, not even after a purge of the last entries.
    sqlite_autoincrement=True,
)
Index(None, change.c.type, change.c.id, change.c.version)

api_key = Table(
    "api_key",
    metadata,
    Column("id", Word, primary_key=True),
    Column("name", Word, nullable=False),
    # The secret itself is nowhere.
    Column("sha256", Word, nullable=False),
    Column("scopes", Word, nullable=False),
    Column("created_at", Word, nullable=False),
    Column("expires_at", Word),
    Column("revoked_at", Word),
)

# The answers to requests that came with an Idempotency-Key, so that the same request gets the same answer.
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


def table_of(collection: Collection) -> Table:
    """The table that holds a collection's records."""
    return claim if collection.of_claims else article
