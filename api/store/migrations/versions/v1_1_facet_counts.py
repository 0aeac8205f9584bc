"""The stored counts of the values of facets. After each migration, all records are counted again."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "v1_1_facets"
down_revision: str | None = "v1_1_indexes"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

_WORD = sa.String().with_variant(sa.String(collation="C"), "postgresql")
_KEY = ("facet", "value", "type", "label")


def upgrade() -> None:
    op.create_table(
        "facet_count",
        *(sa.Column(name, _WORD, nullable=False) for name in _KEY),
        sa.Column("count", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.PrimaryKeyConstraint(*_KEY, name=op.f("pk_facet_count")),
        sqlite_with_rowid=False,
    )
    unused = sa.text("count = 0")
    name = op.f("ix_facet_count_count")
    op.create_index(name, "facet_count", ["count"], sqlite_where=unused, postgresql_where=unused)


def downgrade() -> None:
    op.drop_table("facet_count")
