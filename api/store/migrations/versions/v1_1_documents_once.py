"""Each document and each shared part of documents once, and hashes as bytes.

Changes have no document of a current version. Claims share the reports of their checks.
"""

import hashlib
import sqlite3
import typing
from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "v1_1_once"
down_revision: str | None = "v1_1_epoch"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_CHANGE = sa.table("change", *map(sa.column, ("sequence", "at", "action", "type", "id", "version", "document")))
_ARTICLE = sa.table("article", *map(sa.column, ("id", "version", "document")))
_CLAIM = sa.table("claim", *map(sa.column, ("id", "version", "created_at", "updated_at", "document", "part", "said")))
_RECORDS = ((_ARTICLE, _CHANGE.c.type == "article"), (_CLAIM, _CHANGE.c.type != "article"))
_PART = sa.table("document_part", *map(sa.column, ("number", "text")))
_KEY, _BETWEEN, _END = '"basis":', '","updated_at":"', '"}'
# Documents in memory at one time.
_BATCH = 1000


def upgrade() -> None:
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    op.drop_index(op.f("ix_change_type_id_version"), "change")
    if is_sqlite:
        _copy_changes()
    else:
        for table, types in _RECORDS:
            op.execute(sa.update(_CHANGE).where(types, sa.exists(_of_record(table))).values(document=None))
    op.create_index(op.f("ix_change_id_version"), "change", ["id", "version"])
    op.create_table(
        "document_part",
        sa.Column("number", _NUMBER, nullable=False, autoincrement=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_document_part")),
    )
    op.add_column("claim", sa.Column("part", _NUMBER, nullable=False, server_default="0"))
    op.drop_index(op.f("ix_claim_article_id_position_id"), "claim")
    op.create_index(op.f("ix_claim_article_id_position"), "claim", ["article_id", "position"])
    op.drop_index(op.f("ix_claim_said"), "claim")
    _split_documents(is_sqlite=is_sqlite)
    if not is_sqlite:
        op.execute("ALTER TABLE claim ALTER COLUMN said TYPE BYTEA USING decode(said, 'hex')")
    op.create_index(op.f("ix_claim_said"), "claim", ["said"])


def downgrade() -> None:
    op.drop_index(op.f("ix_claim_article_id_position"), "claim")
    op.create_index(op.f("ix_claim_article_id_position_id"), "claim", ["article_id", "position", "id"])
    op.drop_index(op.f("ix_claim_said"), "claim")
    if op.get_bind().dialect.name == "sqlite":
        op.execute("UPDATE claim SET said = lower(hex(said))")
    else:
        op.execute("ALTER TABLE claim ALTER COLUMN said TYPE VARCHAR COLLATE \"C\" USING encode(said, 'hex')")
    op.create_index(op.f("ix_claim_said"), "claim", ["said"])
    part = sa.select(_PART.c.text).where(_PART.c.number == _CLAIM.c.part).scalar_subquery()
    document: sa.ColumnElement[str] = sa.cast(_CLAIM.c.document, sa.Text()).concat(part).concat(_CLAIM.c.created_at)
    document = document.concat(_BETWEEN).concat(_CLAIM.c.updated_at).concat(_END)
    op.execute(sa.update(_CLAIM).values(document=document))
    # Alembic would copy the table, and deleting the original would delete all parties with it.
    op.execute("ALTER TABLE claim DROP COLUMN part")
    op.drop_table("document_part")
    for table, types in _RECORDS:
        document = _of_record(table)
        copied = sa.update(_CHANGE).where(types, sa.exists(document)).values(document=document.scalar_subquery())
        op.execute(copied)
    op.drop_index(op.f("ix_change_id_version"), "change")
    op.create_index(op.f("ix_change_type_id_version"), "change", ["type", "id", "version"])


def _of_record(table: sa.TableClause) -> sa.Select[typing.Any]:
    """Return a SELECT of the document of a change's record if it still has the version of the change."""
    same = (table.c.id == _CHANGE.c.id) & (table.c.version == _CHANGE.c.version)
    return sa.select(table.c.document).where(same).correlate(_CHANGE)


def _copy_changes() -> None:
    """Copy the changes to a new table. SQLite does not use the space that shorter rows leave in the pages of a table."""
    copy = op.create_table(
        "change_copy",
        sa.Column("sequence", sa.Integer(), nullable=False),
        *(sa.Column(name, sa.String(), nullable=False) for name in ("at", "action", "type", "id")),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("document", sa.Text()),
        sa.PrimaryKeyConstraint("sequence", name=op.f("pk_change")),
        sqlite_autoincrement=True,
    )
    current = sa.or_(*(sa.and_(types, sa.exists(_of_record(table))) for table, types in _RECORDS))
    rows = sa.select(*_CHANGE.c[:-1], sa.case((current, sa.null()), else_=_CHANGE.c.document))
    op.execute(sa.insert(copy).from_select([column.name for column in _CHANGE.c], rows.order_by(_CHANGE.c.sequence)))
    # A sequence number is never reused.
    op.execute("DELETE FROM sqlite_sequence WHERE name = 'change_copy'")
    op.execute("INSERT INTO sqlite_sequence SELECT 'change_copy', seq FROM sqlite_sequence WHERE name = 'change'")
    op.drop_table("change")
    op.rename_table("change_copy", "change")


def _split_documents(*, is_sqlite: bool) -> None:
    """Move the shared parts of documents to their own table. On SQLite, convert the hashes too."""
    connection = op.get_bind()
    columns = (_CLAIM.c.id, _CLAIM.c.created_at, _CLAIM.c.updated_at, _CLAIM.c.document)
    documents = sa.select(*columns).order_by(_CLAIM.c.id).limit(_BATCH)
    values: dict[str, typing.Any] = {"document": sa.bindparam("before"), "part": sa.bindparam("number")}
    if is_sqlite:
        # SQLite has no such function before 3.41. It stores bytes in a column of any type.
        driver = typing.cast("sqlite3.Connection", connection.connection.driver_connection)
        driver.create_function("from_hex", 1, bytes.fromhex)
        values["said"] = sa.func.from_hex(_CLAIM.c.said)
    update = sa.update(_CLAIM).where(_CLAIM.c.id == sa.bindparam("row")).values(values)
    stored = set[int]()
    rows = connection.execute(documents).all()
    while rows:
        updates, parts = list[dict[str, typing.Any]](), dict[int, str]()
        for id_, created_at, updated_at, document in rows:
            # In JSON, the quotation marks of a text are escaped, so no text can match.
            start, end = document.index(_KEY), f"{created_at}{_BETWEEN}{updated_at}{_END}"
            if not document.endswith(end):
                raise ValueError(f"The document of the claim {id_} does not end with its times.")
            part = document[start : -len(end)]
            number = int.from_bytes(hashlib.sha256(part.encode()).digest()[:8], signed=True)
            parts[number] = part
            updates.append({"row": id_, "before": document[:start], "number": number})
        if new := [{"number": number, "text": parts[number]} for number in parts.keys() - stored]:
            connection.execute(sa.insert(_PART), new)
        stored |= parts.keys()
        connection.execute(update, updates)
        rows = connection.execute(documents.where(_CLAIM.c.id > rows[-1][0])).all()
