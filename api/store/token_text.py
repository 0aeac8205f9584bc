"""Column type and index for the tokens of claims, on each database.

SQLite stores them as text, and triggers update FTS5. PostgreSQL stores a tsvector of the same words and positions.
Neither database tokenizes text with its own parser, so both return the same matches.
"""

from __future__ import annotations

import re
import typing

from sqlalchemy import ColumnElement, Dialect, Text
from sqlalchemy.dialects.postgresql import TSVECTOR
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.types import TypeDecorator, TypeEngine

from api.kinds.search import GAP

_LEXEME = re.compile(r"'([^']+)':([\d,]+)")

# FTS5's tokenizer keeps non-ASCII characters in words, so only spaces separate tokens. The index stores no text, so a
# deletion must pass the old text.
_ADD = "INSERT INTO search_index(rowid, words) VALUES (new.number, new.words);"
_DELETE = "INSERT INTO search_index(search_index, rowid, words) VALUES ('delete', old.number, old.words);"
FTS5 = (
    (
        "CREATE VIRTUAL TABLE search_index USING fts5(words, content='search', content_rowid='number', columnsize=0, "
        f"tokenize=\"ascii tokenchars '{GAP}'\")"
    ),
    f"CREATE TRIGGER search_added AFTER INSERT ON search BEGIN {_ADD} END",
    f"CREATE TRIGGER search_removed AFTER DELETE ON search BEGIN {_DELETE} END",
    (
        "CREATE TRIGGER search_changed AFTER UPDATE OF words ON search WHEN old.words <> new.words "
        f"BEGIN {_DELETE} {_ADD} END"
    ),
)


class TokenText(TypeDecorator[str]):
    """Tokens in order, as `search.indexed` returns them."""

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[typing.Any]:
        return dialect.type_descriptor(TSVECTOR() if dialect.name == "postgresql" else Text())

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        if value is None or dialect.name != "postgresql":
            return value
        # Tokens contain only letters and digits, so they need no escaping.
        return " ".join(f"'{word}':{position}" for position, word in enumerate(value.split(), 1) if word != GAP)

    def process_result_value(self, value: str | None, dialect: Dialect) -> str | None:
        if value is None or dialect.name != "postgresql":
            return value
        words = {int(position): word for word, positions in _LEXEME.findall(value) for position in positions.split(",")}
        return f" {' '.join(words.get(position, GAP) for position in range(1, max(words, default=0) + 1))} "


class Either(ColumnElement[typing.Any]):
    """An expression that differs between SQLite and PostgreSQL."""

    inherit_cache = False

    def __init__(self, *, sqlite: ColumnElement[typing.Any], postgresql: ColumnElement[typing.Any]):
        self.expressions = {"sqlite": sqlite, "postgresql": postgresql}
        self.type = sqlite.type

    def self_group(self, against: typing.Any = None) -> Either:
        # Without this, SQLAlchemy writes "… = 1", for which SQLite does not use an index.
        return self


@compiles(Either)
def _compiled(either: Either, compiler: typing.Any, **options: typing.Any) -> str:
    expression = either.expressions[compiler.dialect.name].self_group()
    return typing.cast("str", compiler.process(expression, **options))
