"""onrecord db: the database's tables, and the fixtures to begin with."""

from __future__ import annotations

import typing

import click
from flask import current_app
from flask.cli import AppGroup

from api.cli.database import database
from api.cli.imports import report
from api.seed import files
from api.store import errors, read
from api.store.database import Store
from api.store.imports import import_lines

db = AppGroup("db", help="Set up the database.")


@db.command()
def upgrade() -> None:
    """Create the tables, or bring them to the newest form."""
    store = typing.cast("Store", current_app.extensions["onrecord"])
    try:
        store.upgrade()
    except errors.UnknownTables as error:
        raise click.ClickException(str(error)) from None
    click.echo(f"The database {store.url.render_as_string(hide_password=True)} is up to date.")


@db.command()
def seed() -> None:
    """Put the fixtures on record, if nothing ever was: 25 claims of one article."""
    store = database()
    with store.reading() as reader:
        untouched = read.feed_position(reader).sequence == 0
    if not untouched:
        click.echo("The database has been written to before; the fixtures are left out.")
        return
    report(import_lines(store, [(name, file.read_bytes().splitlines()) for name, file in files()]))
