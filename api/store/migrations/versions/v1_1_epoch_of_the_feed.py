"""The epoch of the feed, which a restore renews."""

import secrets
from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "v1_1_epoch"
down_revision: str | None = "v1_1"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    epoch = sa.Column("epoch", sa.String().with_variant(sa.String(collation="C"), "postgresql"), nullable=False)
    feed = op.create_table("feed", epoch, sa.PrimaryKeyConstraint("epoch", name=op.f("pk_feed")))
    op.bulk_insert(feed, [{"epoch": secrets.token_hex(8)}])


def downgrade() -> None:
    op.drop_table("feed")
