"""TokenText: how each database keeps those that a claim is found by, and its index of them.

SQLite keeps them as text, and triggers tell FTS5 of each change; PostgreSQL keeps a tsvector of the same words in the
same places. Neither takes a text apart by a parser of its own, so that both find the same.
"""

from __future__ import annotations

import re
import typing

from sqlalchemy import DDL, ColumnElement, Dialect, Table, Text, event
from sqlalchemy.dialects.postgresql import TSVECTOR
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.types import TypeDecorator, TypeEngine

from api.kinds.search import GAP

_LEXEME = re.compile(r"'([^']+)':([\d,]+)")

# To FTS5's tokenizer, all beyond ASCII is part of a word, and only spaces part ours. Its index holds no text of its
# own, so it has to be told what stood there before.
_TELL = "INSERT INTO search_index(rowid, words) VALUES (new.number, new.words);"
_FORGET = "INSERT INTO search_index(search_index, rowid, words) VALUES ('delete', old.number, old.words);"
FTS5 = (
    (
        "CREATE VIRTUAL TABLE search_index USING fts5(words, content='search', content_rowid='number', columnsize=0, "
        f"tokenize=\"ascii tokenchars '{GAP}'\")"
    ),
    f"CREATE TRIGGER search_added AFTER INSERT ON search BEGIN {_TELL} END",
    f"CREATE TRIGGER search_removed AFTER DELETE ON search BEGIN {_FORGET} END",
    (
        "CREATE TRIGGER search_changed AFTER UPDATE OF words ON search WHEN old.words <> new.words "
        f"BEGIN {_FORGET} {_TELL} END"
    ),
)


class TokenText(TypeDecorator[str]):
    """TokenText in their places, as `search.indexed` makes them."""

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[typing.Any]:
        return dialect.type_descriptor(TSVECTOR() if dialect.name == "postgresql" else Text())

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        if value is None or dialect.name != "postgresql":
            return value
        # TokenText are letters and digits alone: nothing in them has to be escaped.
        return " ".join(f"'{word}':{place}" for place, word in enumerate(value.split(), 1) if word != GAP)

    def process_result_value(self, value: str | None, dialect: Dialect) -> str | None:
        if value is None or dialect.name != "postgresql":
            return value
        places = {int(place): word for word, told in _LEXEME.findall(value) for place in told.split(",")}
        return f" {' '.join(places.get(place, GAP) for place in range(1, max(places, default=0) + 1))} "


def index_with_fts5(table: Table) -> None:
    """Have FTS5 index a table of words, wherever the table is made on SQLite."""
    for statement in FTS5:
        made = DDL(statement)  # type: ignore[no-untyped-call]
        event.listen(table, "after_create", made.execute_if(dialect="sqlite"))


class Either(ColumnElement[typing.Any]):
    """An expression that each database has its own words for."""

    inherit_cache = False

    def __init__(self, *, sqlite: ColumnElement[typing.Any], postgresql: ColumnElement[typing.Any]):
        self.said = {"sqlite": sqlite, "postgresql": postgresql}
        self.type = sqlite.type

    def self_group(self, against: typing.Any = None) -> Either:
        # A condition as it is: written as "… = 1", SQLite would not look it up in an index.
        return self


@compiles(Either)
def _compiled(either: Either, compiler: typing.Any, **options: typing.Any) -> str:
    said = either.said[compiler.dialect.name].self_group()
    return typing.cast("str", compiler.process(said, **options))
