"""Migrations of the tables to the newest version, by Alembic."""

from __future__ import annotations

import re
import typing
from functools import lru_cache
from pathlib import Path

from sqlalchemy import Connection, column, inspect, select, table

from api.store import errors, facet_counts, rendering

if typing.TYPE_CHECKING:
    from alembic.config import Config

# Alembic's table with the version of the tables.
TABLE = "alembic_version"

_REVISION = re.compile(r'^revision(?:: str)? = "(.+)"$', re.MULTILINE)
_DOWN_REVISION = re.compile(r'^down_revision(?:: str \| None)? = "(.+)"$', re.MULTILINE)


def upgrade(connection: Connection) -> None:
    """Create the tables, or migrate them to the newest version.

    Raises UnknownTables if this program does not know the version of the tables.
    """
    from alembic import command  # noqa: PLC0415 - see `head`

    before = revision(connection)
    is_head(before)
    command.upgrade(_config(connection), "head")
    if before not in (None, head()):
        # Declared facets can be other ones than those of the version that counted.
        facet_counts.recount(connection)
    rendering.mark_if_new(connection)


def at_head(connection: Connection) -> bool:
    """Return whether the tables have the newest version.

    Raises UnknownTables if this program does not know the version of the tables.
    """
    return is_head(revision(connection))


def revision(connection: Connection) -> str | None:
    """Return the version of the tables, or None without tables."""
    if not inspect(connection).has_table(TABLE):
        return None
    return connection.execute(select(column("version_num")).select_from(table(TABLE))).scalar_one_or_none()


def is_head(revision: str | None) -> bool:
    """Return whether a version of the tables is the newest. Raises UnknownTables if this program does not know it."""
    if revision not in (None, head()) and revision not in _revisions():
        raise errors.UnknownTables(
            "The tables of the database belong to another version of onrecord, which this version does not know. "
            "Use that version, or another database."
        )
    return revision == head()


@lru_cache
def head() -> str:
    """Return the newest version of the tables.

    Each start compares it. Alembic takes as long to load as the app, so the files of the migrations are read instead.
    """
    files = "".join(file.read_text() for file in (Path(__file__).parent / "versions").glob("*.py"))
    newest: str
    (newest,) = {*_REVISION.findall(files)} - {*_DOWN_REVISION.findall(files)}
    return newest


@lru_cache
def _revisions() -> tuple[str, ...]:
    """Return the versions of the tables, the newest first."""
    from alembic.script import ScriptDirectory  # noqa: PLC0415 - see `head`

    return tuple(script.revision for script in ScriptDirectory.from_config(_config(None)).walk_revisions())


def _config(connection: Connection | None) -> Config:
    from alembic.config import Config  # noqa: PLC0415 - see `head`

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    config.attributes["connection"] = connection
    return config
