"""Migrations of the tables to the newest version, by Alembic."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from api.store import errors, rendering

# Alembic's table with the version of the tables.
TABLE = "alembic_version"


def upgrade(connection: Connection) -> None:
    """Create the tables, or migrate them to the newest version.

    Raises UnknownTables if this program does not know the version of the tables.
    """
    at_head(connection)
    command.upgrade(_config(connection), "head")
    rendering.mark_if_new(connection)


def at_head(connection: Connection) -> bool:
    """Return whether the tables have the newest version.

    Raises UnknownTables if this program does not know the version of the tables.
    """
    return is_head(revision(connection))


def revision(connection: Connection) -> str | None:
    """Return the version of the tables, or None without tables."""
    return MigrationContext.configure(connection).get_current_revision()


def is_head(revision: str | None) -> bool:
    """Return whether a version of the tables is the newest. Raises UnknownTables if this program does not know it."""
    if revision is not None and revision not in _revisions():
        raise errors.UnknownTables(
            "The tables of the database belong to another version of onrecord, which this version does not know. "
            "Use that version, or another database."
        )
    return revision == _revisions()[0]


@lru_cache
def _revisions() -> tuple[str, ...]:
    """Return the versions of the tables, the newest first."""
    return tuple(script.revision for script in ScriptDirectory.from_config(_config(None)).walk_revisions())


def _config(connection: Connection | None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    config.attributes["connection"] = connection
    return config
