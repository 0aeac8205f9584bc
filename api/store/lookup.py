"""Known: what is stored of the records that a write concerns, looked up for many of them at once.

An import lays tables of its own over those of the database: what stands there counts first.
"""

from __future__ import annotations

import typing
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

import orjson
from sqlalchemy import ColumnElement, Connection, Select, Table, exists, func, select

from api.kinds.collections import KIND_BY_NAME
from api.kinds.record_input import RecordInput
from api.store import tables
from schemas.fields import is_identifier

Document = Mapping[str, typing.Any]

# A text may be a mebibyte, and the claims of an article come one after the other.
_TEXTS_KEPT = 4
# SQLite takes 32,766 parameters in a statement.
_IDS_A_QUERY = 500


@dataclass(frozen=True)
class Layer:
    """A set of the tables that hold records."""

    article: Table
    article_text: Table
    claim: Table
    party: Table
    term: Table
    search: Table
    change: Table


STORED = Layer(
    tables.article, tables.article_text, tables.claim, tables.party, tables.term, tables.search, tables.change
)


@dataclass(frozen=True)
class Last:
    """The last that was told of an id: of what type it was, its version then, and when that was."""

    type: str
    version: int
    at: str


class RecordLookup:
    """What is stored, as a writer needs to know it, and as it was when it was looked up."""

    def __init__(self, connection: Connection, *layers: Layer, brought: Select[typing.Any] | None = None):
        """`brought` asks for the ids of the claims that an import brings, each of which is prepared by itself."""
        self._connection = connection
        self._layers = layers
        self._brought = brought
        self._articles: dict[str, Document | None] = {}
        self._claims: dict[str, Document | None] = {}
        self._lasts: dict[tuple[bool, str], Last | None] = {}
        self._texts: dict[str, str | None] = {}
        self._claims_of: dict[str, dict[str, Document]] = {}

    def look_up(self, batch: Iterable[RecordInput]) -> None:
        """Read at once what there is of a batch of records and of those they name; forget what was read before."""
        articles, claims = set(), set()
        for record_input in batch:
            if record_input.type == "article":
                articles.add(record_input.id)
            else:
                articles.add(record_input.record["article_id"])
                claims |= {record_input.id, record_input.record["restates"]} - {None}
        self._articles = self._documents("article", articles)
        self._claims = self._documents("claim", claims)
        absent = [(True, id_) for id_ in articles if self._articles[id_] is None]
        absent += [(False, id_) for id_ in claims if self._claims[id_] is None]
        self._lasts = self._last_told(absent)

    def article(self, id_: str) -> Document | None:
        if id_ not in self._articles:
            self._articles |= self._documents("article", {id_})
        return self._articles[id_]

    def claim(self, id_: str) -> Document | None:
        """A claim of whatever kind."""
        if id_ not in self._claims:
            self._claims |= self._documents("claim", {id_})
        return self._claims[id_]

    def last(self, type_: str, id_: str) -> Last | None:
        """The last that was told of an id that nothing has now; ids of claims are one's over all kinds."""
        key = (type_ == "article", id_)
        if key not in self._lasts:
            self._lasts |= self._last_told([key])
        return self._lasts[key]

    def text(self, article_id: str) -> str | None:
        """The text of an article, where it is held."""
        if article_id not in self._texts:
            if len(self._texts) >= _TEXTS_KEPT:
                self._texts.clear()
            self._texts[article_id] = self._text(article_id)
        return self._texts[article_id]

    def claims_of(self, article_id: str) -> list[Document]:
        """The claims of an article in reading order."""
        found: list[tuple[int, str, Document]] = []
        for columns, wanted in self._visible("claim", "position", "id", "document"):
            rows = self._connection.execute(wanted.where(columns.article_id == article_id))
            found += [(position, id_, orjson.loads(document)) for position, id_, document in rows]
        self._claims_of[article_id] = {id_: document for _, id_, document in found}
        return [document for *_, document in sorted(found, key=lambda each: each[:2])]

    def some_claims_of(self, article_id: str) -> list[tuple[str, str]]:
        """Return type and id of the first claims of an article in reading order, at most ten."""
        found: list[tuple[int, str, str]] = []
        for columns, wanted in self._visible("claim", "position", "id", "type"):
            of_it = wanted.where(columns.article_id == article_id).order_by(columns.position, columns.id).limit(10)
            found += [(position, id_, type_) for position, id_, type_ in self._connection.execute(of_it)]
        return [(type_, id_) for _, id_, type_ in sorted(found)[:10]]

    def followers_of(self, article_id: str) -> list[Document]:
        """The claims that move with an article: all of it but those that an import brings itself."""
        claims = self.claims_of(article_id)
        if self._brought is None or not claims:
            return claims
        (column,) = self._brought.selected_columns
        ids = [claim["id"] for claim in claims]
        brought = set(self._connection.execute(self._brought.where(column.in_(ids))).scalars())
        return [claim for claim in claims if claim["id"] not in brought]

    def restating(self, id_: str) -> list[tuple[str, str]]:
        """Type and id of some claims that restate a claim."""
        found: list[tuple[str, str]] = []
        for columns, wanted in self._visible("claim", "type", "id"):
            rows = self._connection.execute(wanted.where(columns.restates == id_).limit(10))
            found += [(type_, other) for type_, other in rows]
        return found

    def find_by_content_hash(self, fingerprints: Iterable[str]) -> dict[str, tuple[str, str]]:
        """Type and id of the claims that say what is asked for, by the fingerprint of that."""
        asked = list(fingerprints)
        found: dict[str, tuple[str, str]] = {}
        for columns, wanted in self._visible("claim", "said", "type", "id"):
            rows = self._connection.execute(wanted.where(columns.said.in_(asked)))
            found |= {said: (type_, id_) for said, type_, id_ in rows}
        return found

    def outdated(self, connection: Connection) -> bool:
        """Return whether a stored record that was looked up was changed, created or deleted since."""
        for table, documents in ((STORED.article, self._articles), (STORED.claim, self._claims)):
            ids = [id_ for id_ in documents if is_identifier(id_)]
            for start in range(0, len(ids), _IDS_A_QUERY):
                some = {id_: documents[id_] for id_ in ids[start : start + _IDS_A_QUERY]}
                if _versions(connection, table, table.c.id.in_(some)) != _versions_of(some):
                    return True
        for article_id, claims in self._claims_of.items():
            of_it = STORED.claim.c.article_id == article_id
            if _versions(connection, STORED.claim, of_it) != _versions_of(claims):
                return True
        return RecordLookup(connection, STORED)._last_told(list(self._lasts)) != self._lasts

    def _documents(self, name: str, ids: set[str]) -> dict[str, Document | None]:
        found: dict[str, Document | None] = dict.fromkeys(ids)
        # What can be no id is not asked for: PostgreSQL would choke on a NUL in it.
        asked = [id_ for id_ in ids if is_identifier(id_)]
        for columns, wanted in self._visible(name, "id", "document") if asked else ():
            rows = self._connection.execute(wanted.where(columns.id.in_(asked)))
            found |= {id_: orjson.loads(document) for id_, document in rows}
        return found

    def _visible(self, name: str, *columns: str) -> Iterator[tuple[typing.Any, Select[typing.Any]]]:
        """Of each layer, the table of a name with a query for what no layer above replaces."""
        above: list[Table] = []
        for layer in self._layers:
            table: Table = getattr(layer, name)
            wanted = select(*(table.c[column] for column in columns))
            yield table.c, wanted.where(*(~exists().where(upper.c.id == table.c.id) for upper in above))
            above.append(table)

    def _text(self, article_id: str) -> str | None:
        for layer in self._layers:
            table = layer.article
            if self._connection.execute(select(table.c.id).where(table.c.id == article_id)).first() is not None:
                texts = layer.article_text
                wanted = select(texts.c.text).where(texts.c.article_id == article_id)
                return self._connection.execute(wanted).scalar_one_or_none()
        return None

    def _last_told(self, keys: list[tuple[bool, str]]) -> dict[tuple[bool, str], Last | None]:
        found: dict[tuple[bool, str], Last | None] = dict.fromkeys(keys)
        for of_article, types in ((True, ["article"]), (False, list(KIND_BY_NAME))):
            ids = [id_ for each, id_ in keys if each is of_article]
            table = STORED.change
            if ids:
                newest = (
                    select(func.max(table.c.sequence))
                    .where(table.c.type.in_(types), table.c.id.in_(ids))
                    .group_by(table.c.id)
                )
                rows = self._connection.execute(
                    select(table.c.id, table.c.type, table.c.version, table.c.at).where(table.c.sequence.in_(newest))
                )
                found |= {(of_article, id_): Last(type_, version, at) for id_, type_, version, at in rows}
        return found


def _versions(connection: Connection, table: Table, condition: ColumnElement[bool]) -> dict[str, tuple[int, str]]:
    """Return version and time of the stored records of a table, by id."""
    rows = connection.execute(select(table.c.id, table.c.version, table.c.updated_at).where(condition))
    return {id_: (version, updated_at) for id_, version, updated_at in rows}


def _versions_of(documents: Mapping[str, Document | None]) -> dict[str, tuple[int, str]]:
    return {id_: (each["version"], each["updated_at"]) for id_, each in documents.items() if each is not None}
