"""onrecord db: the tables of the database, and the fixtures."""

from __future__ import annotations

import click
from flask.cli import AppGroup

from api.cli.context import announce_render, upgraded_store
from api.cli.imports import report
from api.http.context import current_store
from api.seed import files
from api.store import read
from api.store.imports import import_lines
from api.store.rewrite import rewrite

db = AppGroup("db", help="Create or upgrade the tables, and store the fixtures.")


@db.command()
def upgrade() -> None:
    """Create the tables, or upgrade them."""
    store = current_store()
    store.upgrade()
    click.echo(f"The database {store.url.render_as_string(hide_password=True)} is up to date.")
    announce_render(store)


@db.command()
def render() -> None:
    """Store all documents in the shape of this version.

    Run this after an update, if `onrecord serve` or `onrecord db upgrade` announces it. The server can run meanwhile,
    and records keep their versions. If the command ends early, run it again.
    """
    store = upgraded_store()
    click.echo(f"Rewritten: {rewrite(store):,} documents.")


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
