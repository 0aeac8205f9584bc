"""onrecord backup: the whole database as a file."""

from __future__ import annotations

from pathlib import Path

import click
from flask.cli import with_appcontext

from api.cli.context import interruptible
from api.http.context import current_store
from api.store import backup as backups


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@with_appcontext
def backup(file: Path) -> None:
    """Write the whole database to FILE, which must not exist, and verify it.

    The server can run, and writers do not wait. FILE has the database of one point in time: records, texts, history and
    keys. Only its owner can read it. After an error, FILE does not exist.

    PostgreSQL requires pg_dump and pg_restore of the server's version on PATH.
    """
    with interruptible():
        content = backups.write(current_store(), file)
    click.echo(f"Written and verified: {file}, with {describe(content.rows)}.")


def describe(rows: dict[str, int]) -> str:
    """Return the numbers of records and changes as a text."""
    counts = {name: rows[name] for name in ("article", "claim", "change")}
    return ", ".join(f"{count:,} {name}{'s' * (count != 1)}" for name, count in counts.items())
