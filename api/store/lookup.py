"""Lookup of the stored records that a write depends on, in batches.

For an import, the rows in its temporary tables replace the stored rows.
"""

from __future__ import annotations

import typing
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from operator import itemgetter

import orjson
from sqlalchemy import ColumnElement, Connection, Select, Table, exists, func, select

from api.kinds.collections import KIND_BY_NAME
from api.kinds.record_input import RecordInput
from api.store import tables
from api.store.errors import IdTaken, RecordRejected, circle
from schemas.documents import ArticleDocument, ClaimDocument, Stamp
from schemas.fields import is_identifier

# A text can have a mebibyte. The claims of an article are prepared in sequence, so few texts are kept.
_TEXTS_MAX = 4
# SQLite allows 32,766 bound values in a statement.
_IDS_MAX = 500


@dataclass(frozen=True)
class Layer:
    """A set of tables with records."""

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
class LastChange:
    """Type, version and time of the last change of an id."""

    type: str
    version: int
    at: str


@dataclass(frozen=True)
class ClaimContext:
    """The stored records that a claim depends on.

    `stored` is the claim that it replaces, and `last_change` the last one of its id if it replaces none.
    """

    article: ArticleDocument
    text: str | None
    stored: ClaimDocument | None
    last_change: LastChange | None


class RecordLookup:
    """Cache of the stored records that a write depends on."""

    def __init__(self, connection: Connection, *layers: Layer, imported_ids: Select[typing.Any] | None = None):
        """Create an empty cache. `imported_ids` selects the claims of an import, which are prepared separately."""
        self._connection = connection
        self._layers = layers
        self._imported_ids = imported_ids
        self._articles: dict[str, ArticleDocument | None] = {}
        self._claims: dict[str, ClaimDocument | None] = {}
        self._last_changes: dict[tuple[bool, str], LastChange | None] = {}
        self._texts: dict[str, str | None] = {}
        self._claims_of: dict[str, dict[str, ClaimDocument]] = {}

    def look_up(self, batch: Iterable[RecordInput]) -> None:
        """Read the stored records of a batch, and the records that they refer to. Replaces the cached records."""
        articles, claims = set(), set()
        for record_input in batch:
            if record_input.type == "article":
                articles.add(record_input.record["id"])
            else:
                articles.add(record_input.record["article_id"])
                claims |= {record_input.record["id"], record_input.record["restates"]} - {None}
        self._articles = self._documents("article", articles)
        self._claims = self._documents("claim", claims)
        absent = [(True, id_) for id_ in articles if self._articles[id_] is None]
        absent += [(False, id_) for id_ in claims if self._claims[id_] is None]
        self._last_changes = self._read_last_changes(absent)

    def claim_context(self, record_input: RecordInput) -> ClaimContext:
        """Return the stored records that a claim depends on.

        Raises RecordRejected if its article or the claim that it restates does not exist, or if claims restate one
        another in a circle. Raises IdTaken if its id belongs to a claim of another kind.
        """
        record, id_ = record_input.record, record_input.record["id"]
        article = self.article(record["article_id"])
        if article is None:
            message = f"The article {record['article_id']!r} does not exist. Create it first."
            raise RecordRejected(("/article_id", message))
        stored = self.claim(id_)
        last_change = self.last_change(record_input.type, id_) if stored is None else None
        other = stored["type"] if stored is not None else last_change.type if last_change else record_input.type
        if other != record_input.type:
            verb = "is" if stored is not None else "was"
            message = f"{id_!r} {verb} a {KIND_BY_NAME[other].title}. Choose another id."
            raise IdTaken("/id", message, [(other, id_)])
        self._check_restates(id_, record["restates"], new=stored is None)
        return ClaimContext(article, self.text(article["id"]), stored, last_change)

    def _check_restates(self, id_: str, restated: str | None, *, new: bool) -> None:
        if restated is None:
            return
        if restated != id_ and self.claim(restated) is None:
            raise RecordRejected(("/restates", f"The claim {restated!r} does not exist. Create it first."))
        if new and restated != id_:
            # No claim restates a claim that did not exist, so there is not a circle.
            return
        seen = {id_: None}
        next_: str | None = restated
        while next_ is not None:
            if next_ in seen:
                raise circle("/restates", [*seen, next_])
            seen[next_] = None
            claim = self.claim(next_)
            next_ = None if claim is None else claim["restates"]

    def article(self, id_: str) -> ArticleDocument | None:
        """Return an article."""
        if id_ not in self._articles:
            self._articles |= self._documents("article", {id_})
        return self._articles[id_]

    def claim(self, id_: str) -> ClaimDocument | None:
        """Return a claim of any kind."""
        if id_ not in self._claims:
            self._claims |= self._documents("claim", {id_})
        return self._claims[id_]

    def last_change(self, type_: str, id_: str) -> LastChange | None:
        """Return the last change of an id that no record has. All kinds of claims share their ids."""
        key = (type_ == "article", id_)
        if key not in self._last_changes:
            self._last_changes |= self._read_last_changes([key])
        return self._last_changes[key]

    def text(self, article_id: str) -> str | None:
        """Return the text of an article if it is stored."""
        if article_id not in self._texts:
            if len(self._texts) >= _TEXTS_MAX:
                self._texts.clear()
            self._texts[article_id] = self._text(article_id)
        return self._texts[article_id]

    def claims_of(self, article_id: str) -> list[ClaimDocument]:
        """Return the claims of an article in reading order."""
        claims: list[tuple[int, str, ClaimDocument]] = []
        for columns, statement in self._visible("claim", "position", "id", "document"):
            rows = self._connection.execute(statement.where(columns.article_id == article_id))
            claims += [(position, id_, orjson.loads(document)) for position, id_, document in rows]
        self._claims_of[article_id] = {id_: document for _, id_, document in claims}
        return [document for *_, document in sorted(claims, key=itemgetter(0, 1))]

    def some_claims_of(self, article_id: str) -> list[tuple[str, str]]:
        """Return type and id of the first claims of an article in reading order, at most ten."""
        claims: list[tuple[int, str, str]] = []
        for columns, statement in self._visible("claim", "position", "id", "type"):
            first = statement.where(columns.article_id == article_id).order_by(columns.position, columns.id).limit(10)
            claims += [(position, id_, type_) for position, id_, type_ in self._connection.execute(first)]
        return [(type_, id_) for _, id_, type_ in sorted(claims)[:10]]

    def followers_of(self, article_id: str) -> list[ClaimDocument]:
        """Return the claims that are updated with an article, without the claims of the import itself."""
        claims = self.claims_of(article_id)
        if self._imported_ids is None or not claims:
            return claims
        (column,) = self._imported_ids.selected_columns
        ids = [claim["id"] for claim in claims]
        imported = set(self._connection.execute(self._imported_ids.where(column.in_(ids))).scalars())
        return [claim for claim in claims if claim["id"] not in imported]

    def restating(self, id_: str) -> list[tuple[str, str]]:
        """Return type and id of the first claims that restate a claim."""
        claims: list[tuple[str, str]] = []
        for columns, statement in self._visible("claim", "type", "id"):
            rows = self._connection.execute(statement.where(columns.restates == id_).limit(10))
            claims += [(type_, other) for type_, other in rows]
        return claims

    def outdated(self, connection: Connection) -> bool:
        """Return whether a stored record that was looked up was changed, created or deleted since."""
        for table, documents in ((STORED.article, self._articles), (STORED.claim, self._claims)):
            ids = [id_ for id_ in documents if is_identifier(id_)]
            for start in range(0, len(ids), _IDS_MAX):
                batch = {id_: documents[id_] for id_ in ids[start : start + _IDS_MAX]}
                if _versions(connection, table, table.c.id.in_(batch)) != _versions_of(batch):
                    return True
        for article_id, claims in self._claims_of.items():
            of_article = STORED.claim.c.article_id == article_id
            if _versions(connection, STORED.claim, of_article) != _versions_of(claims):
                return True
        return RecordLookup(connection, STORED)._read_last_changes(list(self._last_changes)) != self._last_changes

    def _documents(self, name: str, ids: set[str]) -> dict[str, typing.Any]:
        documents: dict[str, typing.Any] = dict.fromkeys(ids)
        # PostgreSQL raises an error for an id with NUL.
        valid_ids = [id_ for id_ in ids if is_identifier(id_)]
        for columns, statement in self._visible(name, "id", "document") if valid_ids else ():
            rows = self._connection.execute(statement.where(columns.id.in_(valid_ids)))
            documents |= {id_: orjson.loads(document) for id_, document in rows}
        return documents

    def _visible(self, name: str, *columns: str) -> Iterator[tuple[typing.Any, Select[typing.Any]]]:
        """Yield each layer's columns of a table, and a SELECT of the rows that no higher layer replaces."""
        higher: list[Table] = []
        for layer in self._layers:
            table: Table = getattr(layer, name)
            statement = select(*(table.c[column] for column in columns))
            yield table.c, statement.where(*(~exists().where(upper.c.id == table.c.id) for upper in higher))
            higher.append(table)

    def _text(self, article_id: str) -> str | None:
        for layer in self._layers:
            table = layer.article
            if self._connection.execute(select(table.c.id).where(table.c.id == article_id)).first() is not None:
                texts = layer.article_text
                statement = select(texts.c.text).where(texts.c.article_id == article_id)
                return self._connection.execute(statement).scalar_one_or_none()
        return None

    def _read_last_changes(self, keys: list[tuple[bool, str]]) -> dict[tuple[bool, str], LastChange | None]:
        changes: dict[tuple[bool, str], LastChange | None] = dict.fromkeys(keys)
        for of_article, types in ((True, ["article"]), (False, list(KIND_BY_NAME))):
            ids = [id_ for is_article, id_ in keys if is_article is of_article]
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
                changes |= {(of_article, id_): LastChange(type_, version, at) for id_, type_, version, at in rows}
        return changes


def _versions(connection: Connection, table: Table, condition: ColumnElement[bool]) -> dict[str, tuple[int, str]]:
    """Return version and time of the stored records of a table, by id."""
    rows = connection.execute(select(table.c.id, table.c.version, table.c.updated_at).where(condition))
    return {id_: (version, updated_at) for id_, version, updated_at in rows}


def _versions_of(documents: Mapping[str, Stamp | None]) -> dict[str, tuple[int, str]]:
    return {
        id_: (document["version"], document["updated_at"])
        for id_, document in documents.items()
        if document is not None
    }
