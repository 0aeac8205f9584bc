"""Lookup of the stored records that a write depends on, in batches.

For an import, the rows in its temporary tables replace the stored rows.
"""

from __future__ import annotations

import typing
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from operator import itemgetter

import orjson
from sqlalchemy import Connection, Select, Table, bindparam, exists, func, select

from api.kinds.collections import KIND_BY_NAME
from api.kinds.rendering import render_fields
from api.store import rendering
from api.store.errors import IdTaken, RecordRejected, circle
from api.store.read import LastChange
from api.store.tables import metadata
from schemas.documents import ArticleDocument, ClaimDocument
from schemas.fields import is_identifier

# The table of a record, and its id. All kinds of claims share their ids.
Key = tuple[str, str]

# A text can have a mebibyte. The claims of an article are prepared in sequence, so few texts are kept.
_TEXTS_MAX = 4
# The maximum number of changes that are compared with the records that a write depends on.
_CHANGES_MAX = 10_000


# Tables with records, by name.
Layer = Mapping[str, Table]
# The stored records that a claim depends on: its article and its text, the claim that it replaces and its last change.
ClaimContext = tuple[ArticleDocument, str | None, ClaimDocument | None, LastChange | None]
STORED: Layer = {
    name: metadata.tables[name]
    for name in ("article", "article_text", "document_part", "claim", "party", "term", "search", "change")
}


class RecordLookup:
    """Cache of the stored records that a write depends on."""

    def __init__(self, connection: Connection, *layers: Layer, imported_ids: Select[typing.Any] | None = None):
        """Create an empty cache. `imported_ids` selects the claims of an import, which are prepared separately."""
        self._connection = connection
        self._layers = layers
        self._imported_ids = imported_ids
        self._documents: dict[Key, typing.Any] = {}
        self._last_changes: dict[Key, LastChange | None] = {}
        self._texts: dict[str, str | None] = {}
        self._claims_of: dict[str, list[ClaimDocument]] = {}

    def look_up(self, articles: set[str], claims: set[str]) -> None:
        """Read the articles and claims with these ids. Replaces the cached records."""
        self._documents = self._read("article", articles) | self._read("claim", claims)
        self._last_changes = self._read_last_changes(key for key, stored in self._documents.items() if stored is None)

    def claim_context(self, type_: str, id_: str, article_id: str, restates: str | None) -> ClaimContext:
        """Return the stored records that a claim depends on: its article and text, and the claim that it replaces.

        If it replaces none, the last change of its id is returned too.

        Raises RecordRejected if its article or the claim that it restates does not exist, or if claims restate one
        another in a circle. Raises IdTaken if its id belongs to a claim of another kind.
        """
        article = self.article(article_id)
        if article is None:
            message = f"The article {article_id!r} does not exist. Create it first."
            raise RecordRejected(("/article_id", message))
        stored = self.claim(id_)
        last_change = self.last_change(type_, id_) if stored is None else None
        other = stored["type"] if stored is not None else last_change.type if last_change else type_
        if other != type_:
            verb = "is" if stored is not None else "was"
            message = f"{id_!r} {verb} a {KIND_BY_NAME[other].title}. Choose another id."
            raise IdTaken("/id", message, [(other, id_)])
        self._check_restates(id_, restates, new=stored is None)
        return article, self.text(article["id"]), stored, last_change

    def _check_restates(self, id_: str, restated: str | None, *, new: bool) -> None:
        if restated is None:
            return
        if restated != id_ and self.claim(restated) is None:
            raise RecordRejected(("/restates", f"The claim {restated!r} does not exist. Create it first."))
        if new and restated != id_:
            # No claim restates a claim that did not exist, so a circle is impossible.
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
        article: ArticleDocument | None = self._document("article", id_)
        return article

    def claim(self, id_: str) -> ClaimDocument | None:
        """Return a claim of any kind."""
        claim: ClaimDocument | None = self._document("claim", id_)
        return claim

    def _document(self, table: str, id_: str) -> typing.Any:
        if (table, id_) not in self._documents:
            self._documents |= self._read(table, {id_})
        return self._documents[table, id_]

    def last_change(self, type_: str, id_: str) -> LastChange | None:
        """Return the last change of an id."""
        key = _key(type_, id_)
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
        rows = self._claims("position", "id", "document", article_id=article_id)
        self._claims_of[article_id] = [self._render(document) for *_, document in sorted(rows, key=itemgetter(0, 1))]
        return self._claims_of[article_id]

    def some_claims_of(self, article_id: str) -> list[tuple[str, str]]:
        """Return type and id of the first claims of an article in reading order, at most ten."""
        rows = self._claims("position", "id", "type", limit=10, article_id=article_id)
        return [(type_, id_) for _, id_, type_ in sorted(rows)[:10]]

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
        return [(type_, other) for other, type_ in self._claims("id", "type", limit=10, restates=id_)]

    def _claims(self, *names: str, limit: int | None = None, **values: str) -> list[typing.Any]:
        """Return columns of the claims with these values, at most `limit` of each layer in the order of the columns."""
        rows: list[typing.Any] = []
        for columns, statement in self._visible("claim", *names):
            matching = statement.where(*(columns[name] == value for name, value in values.items()))
            if limit is not None:
                matching = matching.order_by(*(columns[name] for name in names)).limit(limit)
            rows += self._connection.execute(matching)
        return rows

    def outdated(self, connection: Connection, since: int) -> bool:
        """Return whether a record that was looked up was changed, created or deleted after a change."""
        changes, claims = STORED["change"].c, STORED["claim"].c
        statement = select(changes.type, changes.id, claims.article_id).where(changes.sequence > since)
        rows = connection.execute(
            statement.outerjoin_from(STORED["change"], STORED["claim"], claims.id == changes.id).limit(_CHANGES_MAX)
        ).all()
        claim_ids = {claim["id"] for of_article in self._claims_of.values() for claim in of_article}
        return len(rows) == _CHANGES_MAX or any(
            _key(type_, id_) in self._documents
            or (type_ != "article" and (id_ in claim_ids or article_id in self._claims_of))
            for type_, id_, article_id in rows
        )

    def _read(self, name: str, ids: set[str]) -> dict[Key, typing.Any]:
        documents: dict[Key, typing.Any] = {(name, id_): None for id_ in ids}
        # PostgreSQL raises an error for an id with NUL.
        valid_ids = [id_ for id_ in ids if is_identifier(id_)]
        for columns, statement in self._visible(name, "id", "document") if valid_ids else ():
            rows = self._connection.execute(statement.where(columns.id.in_(valid_ids)))
            documents |= {(name, id_): self._render(document) for id_, document in rows}
        return documents

    def _render(self, document: str) -> typing.Any:
        """Return a stored document in the current shape, so that a change of a field changes no other one."""
        stored = orjson.loads(document)
        return render_fields(stored) if self._render_due else stored

    @cached_property
    def _render_due(self) -> bool:
        return rendering.is_due(self._connection)

    def _visible(self, name: str, *columns: str) -> Iterator[tuple[typing.Any, Select[typing.Any]]]:
        """Yield each layer's columns of a table, and a SELECT of the rows that no higher layer replaces."""
        higher: list[Table] = []
        for layer in self._layers:
            table = layer[name]
            statement = select(*(table.c[column] for column in columns))
            yield table.c, statement.where(*(~exists().where(upper.c.id == table.c.id) for upper in higher))
            higher.append(table)

    def _text(self, article_id: str) -> str | None:
        for statement in self._text_statements:
            for (text,) in self._connection.execute(statement, {"article_id": article_id}):
                return typing.cast("str | None", text)
        return None

    @cached_property
    def _text_statements(self) -> list[Select[typing.Any]]:
        """A SELECT of the text of an article for each layer. An import runs them for each article."""
        statements = []
        for layer in self._layers:
            articles, texts = layer["article"], layer["article_text"]
            statement = select(texts.c.text).outerjoin_from(articles, texts, texts.c.article_id == articles.c.id)
            statements.append(statement.where(articles.c.id == bindparam("article_id")))
        return statements

    def _read_last_changes(self, keys: Iterable[Key]) -> dict[Key, LastChange | None]:
        changes: dict[Key, LastChange | None] = dict.fromkeys(keys)
        columns = STORED["change"].c
        for table, types in (("article", ["article"]), ("claim", list(KIND_BY_NAME))):
            if ids := [id_ for name, id_ in changes if name == table and is_identifier(id_)]:
                last = select(func.max(columns.sequence)).where(columns.type.in_(types), columns.id.in_(ids))
                statement = select(columns.id, *(columns[name] for name in LastChange._fields))
                rows = self._connection.execute(statement.where(columns.sequence.in_(last.group_by(columns.id))))
                changes |= {(table, id_): LastChange(*change) for id_, *change in rows}
        return changes


def last_sequence(connection: Connection) -> int:
    """Return the sequence number of the last change, or 0."""
    return connection.execute(select(func.max(STORED["change"].c.sequence))).scalar_one() or 0


def _key(type_: str, id_: str) -> Key:
    return "article" if type_ == "article" else "claim", id_
