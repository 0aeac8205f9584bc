"""Migrating: bringing a database's tables to their newest form, by Alembic."""

from __future__ import annotations

from functools import lru_cache
from importlib import resources
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util.exc import CommandError
from sqlalchemy import Connection

from api.store import errors


def upgrade(connection: Connection) -> None:
    """Create the tables or bring them to the newest form; raises UnknownTables where they are of no known one."""
    try:
        command.upgrade(_config(connection), "head")
    except CommandError as error:
        told = "The tables were made by a version of onrecord that this one does not know. Use that, or begin"
        raise errors.UnknownTables(f"{told} with another database.") from error


def at_head(connection: Connection) -> bool:
    """Whether the tables are of the newest form."""
    return MigrationContext.configure(connection).get_current_revision() == _head()


@lru_cache
def _head() -> str | None:
    return ScriptDirectory.from_config(_config(None)).get_current_head()


def _config(connection: Connection | None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(str(resources.files("api.store"))) / "migrations"))
    config.attributes["connection"] = connection
    return config
