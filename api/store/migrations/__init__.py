"""Migrations of the tables to the newest version, by Alembic."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util.exc import CommandError
from sqlalchemy import Connection

from api.store import errors


def upgrade(connection: Connection) -> None:
    """Create the tables, or migrate them to the newest version.

    Raises UnknownTables if this program does not know the version of the tables.
    """
    try:
        command.upgrade(_config(connection), "head")
    except CommandError as error:
        message = (
            "The tables of the database belong to another version of onrecord, which this version does not know. "
            "Use that version, or another database."
        )
        raise errors.UnknownTables(message) from error


def at_head(connection: Connection) -> bool:
    """Return whether the tables have the newest version."""
    return MigrationContext.configure(connection).get_current_revision() == _head()


@lru_cache
def _head() -> str | None:
    return ScriptDirectory.from_config(_config(None)).get_current_head()


def _config(connection: Connection | None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    config.attributes["connection"] = connection
    return config
