"""onrecord restore: a backup in the place of the database."""

from __future__ import annotations

from pathlib import Path

import click
from flask.cli import with_appcontext

from api.cli.backup import describe
from api.cli.context import interruptible
from api.http.context import current_store
from api.store import backup as backups


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
    click.echo(f"Restored and verified: {file}, with {describe(content.rows)}.")
    if not at_head:
        click.echo("The backup is of an older version. Run: onrecord db upgrade")
