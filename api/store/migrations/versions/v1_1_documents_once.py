"""The document of a current version only in its record, not also in its change."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from alembic import op

revision: str = "v1_1_once"
down_revision: str | None = "v1_1_epoch"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

_CHANGE = sa.table("change", *map(sa.column, ("type", "id", "version", "document")))
_ARTICLE = sa.table("article", *map(sa.column, ("id", "version", "document")))
_CLAIM = sa.table("claim", *map(sa.column, ("id", "version", "document")))


def upgrade() -> None:
    for table, types in ((_ARTICLE, _CHANGE.c.type == "article"), (_CLAIM, _CHANGE.c.type != "article")):
        op.execute(sa.update(_CHANGE).where(types, sa.exists(_of_record(table))).values(document=None))


def downgrade() -> None:
    for table, types in ((_ARTICLE, _CHANGE.c.type == "article"), (_CLAIM, _CHANGE.c.type != "article")):
        document = _of_record(table)
        copied = sa.update(_CHANGE).where(types, sa.exists(document)).values(document=document.scalar_subquery())
        op.execute(copied)


def _of_record(table: sa.TableClause) -> sa.Select[Any]:
    """Return a SELECT of the document of a change's record if it still has the version of the change."""
    same = (table.c.id == _CHANGE.c.id) & (table.c.version == _CHANGE.c.version)
    return sa.select(table.c.document).where(same).correlate(_CHANGE)
