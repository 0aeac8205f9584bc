"""The place of casualty reports and quotes as a filter, names as folded since 1.1, and the renderer of documents.

`onrecord db render` adds new fields to documents.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import orjson
import sqlalchemy as sa
from alembic import op

from api.text import fold, strip_diacritics

revision: str = "v1_1"
down_revision: str | None = "v1"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

_CLAIM = sa.table("claim", *map(sa.column, ("id", "type", "document", "place", "place_key")))
_CHANGE = sa.table("change", *map(sa.column, ("sequence", "type", "document")))
_PARTY = sa.table("party", sa.column("name"), sa.column("name_key"))
_ARTICLE = sa.table("article", *map(sa.column, ("id", "document", "publisher", "publisher_key")))
_TERM = sa.table("term", sa.column("owner"), sa.column("list"))
_REPORT = "casualty_report"
# Documents in memory at one time.
_BATCH = 1000


def upgrade() -> None:
    for name in ("place", "place_key"):
        op.add_column(
            "claim", sa.Column(name, sa.String().with_variant(sa.String(collation="C"), "postgresql"), nullable=True)
        )
    _rewrite(_CLAIM, _CLAIM.c.id, _CLAIM.c.type.in_(("quote", _REPORT)), _place)
    _fold_names(fold)
    rendering = op.create_table(
        "rendering", sa.Column("renderer", sa.Integer(), nullable=False, primary_key=True, autoincrement=False)
    )
    # Version 1.0.0 wrote the documents.
    op.bulk_insert(rendering, [{"renderer": 1}])
    # After the rows, so that they are indexed only once.
    op.create_index(
        op.f("ix_claim_place_key_on_record_from_id"),
        "claim",
        ["place_key", "on_record_from", "id"],
        unique=False,
        sqlite_where=sa.text("place_key IS NOT NULL"),
        postgresql_where=sa.text("place_key IS NOT NULL"),
    )


def downgrade() -> None:
    op.drop_index(op.f("ix_claim_place_key_on_record_from_id"), "claim")
    for name in ("place", "place_key"):
        # Alembic would copy the table, and deleting the original would delete all parties with it.
        op.execute(f"ALTER TABLE claim DROP COLUMN {name}")
    _rewrite(_CLAIM, _CLAIM.c.id, _CLAIM.c.type == _REPORT, _without("subgroups"))
    _rewrite(_CHANGE, _CHANGE.c.sequence, _CHANGE.c.type == _REPORT, _without("subgroups"))
    _rewrite(_ARTICLE, _ARTICLE.c.id, sa.true(), _without("type"))
    _rewrite(_CHANGE, _CHANGE.c.sequence, _CHANGE.c.type == "article", _without("type"))
    _fold_names(_fold_of_1_0)
    op.drop_table("rendering")
    op.execute(sa.delete(_TERM).where(_TERM.c.owner == "claim", _TERM.c.list == "subgroups"))


def _fold_names(folded: Callable[[str], str]) -> None:
    """Update the folded names of parties and publishers that another version folded in another way."""
    connection = op.get_bind()
    for name, key in ((_PARTY.c.name, _PARTY.c.name_key), (_ARTICLE.c.publisher, _ARTICLE.c.publisher_key)):
        stored = connection.execute(sa.select(name, key).where(name.is_not(None)).distinct()).all()
        updates = [{"printed": row[0], "old": row[1], "new": folded(row[0])} for row in stored]
        updates = [update for update in updates if update["old"] != update["new"]]
        # The key is indexed, the name is not.
        rows = sa.and_(key == sa.bindparam("old"), name == sa.bindparam("printed"))
        if updates:
            connection.execute(sa.update(key.table).where(rows).values({key.name: sa.bindparam("new")}), updates)


def _fold_of_1_0(name: str) -> str:
    """Fold a name as version 1.0 did, which kept the stops of initialisms and a leading article."""
    return (" ".join(strip_diacritics(name).split()) or name)[:300]


def _rewrite(
    table: sa.TableClause,
    key: sa.ColumnElement[Any],
    condition: sa.ColumnElement[bool],
    change: Callable[[dict[str, Any]], dict[str, Any]],
) -> None:
    """Update the rows that match a condition, in batches. `change` returns the new values of a row from its document."""
    connection = op.get_bind()
    for rows in _batches(connection, table, key, condition):
        updates = [{"row": row, **change(orjson.loads(document))} for row, document in rows]
        values = {name: sa.bindparam(name) for name in updates[0] if name != "row"}
        connection.execute(sa.update(table).where(key == sa.bindparam("row")).values(values), updates)


def _batches(
    connection: sa.Connection,
    table: sa.TableClause,
    key: sa.ColumnElement[Any],
    condition: sa.ColumnElement[bool],
) -> Iterator[Sequence[sa.Row[Any]]]:
    matching = sa.select(key, table.c.document).where(condition, table.c.document.is_not(None))
    rows = connection.execute(matching.order_by(key).limit(_BATCH)).all()
    while rows:
        yield rows
        rows = connection.execute(matching.where(key > rows[-1][0]).order_by(key).limit(_BATCH)).all()


def _place(document: dict[str, Any]) -> dict[str, Any]:
    place = document["place"]
    return {"place": place, "place_key": None if place is None else fold(place)}


def _without(name: str) -> Callable[[dict[str, Any]], dict[str, Any]]:
    def change(document: dict[str, Any]) -> dict[str, Any]:
        document.pop(name, None)
        return {"document": orjson.dumps(document).decode()}

    return change
