"""onrecord backup and onrecord restore: the whole database as a file, and such a file in the place of the database."""

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
    click.echo(f"Written and verified: {file}, with {_describe(content.rows)}.")


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@with_appcontext
def restore(file: Path) -> None:
    """Replace the whole database with the backup in FILE.

    Stop the server first. The command ends with an error if another process uses the database. FILE is verified before
    anything is changed. After an error, the database is as it was.

    Clients that follow the feed get 410 and start again. Keys and records are those of the backup. Repeat each
    revocation and purge since then.

    PostgreSQL requires pg_restore and psql of the server's version on PATH.
    """
    with interruptible():
        content, at_head = backups.restore(current_store(), file)
    click.echo(f"Restored and verified: {file}, with {_describe(content.rows)}.")
    if not at_head:
        click.echo("The backup is of an older version. Run: onrecord db upgrade")


def _describe(rows: dict[str, int]) -> str:
    """Return the numbers of records and changes as a text."""
    counts = {name: rows[name] for name in ("article", "claim", "change")}
    return ", ".join(f"{count:,} {name}{'s' * (count != 1)}" for name, count in counts.items())
