"""onrecord db: the tables of the database, and the fixtures."""

from __future__ import annotations

import click
from flask.cli import AppGroup

from api.cli.context import upgraded_store
from api.cli.imports import report
from api.http.context import current_store
from api.seed import files
from api.store import changes, read
from api.store.imports import import_lines

db = AppGroup("db", help="Create or upgrade the tables, and store the fixtures.")


@db.command()
def upgrade() -> None:
    """Create the tables, or upgrade them."""
    store = current_store()
    store.upgrade()
    click.echo(f"The database {store.url.render_as_string(hide_password=True)} is up to date.")


@db.command("renew-epoch")
def renew_epoch() -> None:
    """Make clients that follow the feed start again.

    Run this after you restored the database with other tools than `onrecord restore`. It numbers later changes like
    changes that clients have read, so clients would miss them.
    """
    with upgraded_store().writing() as connection:
        changes.renew_epoch(connection)
    click.echo("The feed has a new epoch. Clients that follow it get 410 and start again.")


@db.command()
def seed() -> None:
    """Store the fixtures, 25 claims of one article, in a new database."""
    store = upgraded_store()
    with store.reading() as reader:
        is_new = read.feed_position(reader).sequence == 0
    if not is_new:
        click.echo("The database is not new, so the fixtures were not stored.")
        return
    report(import_lines(store, [(name, file.read_bytes().splitlines()) for name, file in files()]))
