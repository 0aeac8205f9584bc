"""The release date of prisoner exchanges as a filter."""

import sqlalchemy as sa
from alembic import op

revision = "v1_2"
down_revision = "v1_1_indexes"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for name in ("released_on_from", "released_on_to"):
        day = sa.String().with_variant(sa.String(collation="C"), "postgresql")
        op.add_column("claim", sa.Column(name, day, nullable=True))
    op.create_index(
        op.f("ix_claim_released_on_from_id"),
        "claim",
        ["released_on_from", "id"],
        sqlite_where=sa.text("released_on_from IS NOT NULL"),
        postgresql_where=sa.text("released_on_from IS NOT NULL"),
    )


def downgrade() -> None:
    op.drop_index(op.f("ix_claim_released_on_from_id"), "claim")
    for name in ("released_on_from", "released_on_to"):
        op.execute(f"ALTER TABLE claim DROP COLUMN {name}")
