"""onrecord purge: erase records and their history for good."""

from __future__ import annotations

import click
from flask.cli import with_appcontext

from api.cli.database import database
from api.store.errors import DatabaseInUse, InUse, NotFound
from api.store.purge import purge as erase


@click.command()
@click.argument("ids", metavar="ID...", nargs=-1, required=True)
@click.option("--yes", is_flag=True, help="Do not ask.")
@with_appcontext
def purge(ids: tuple[str, ...], yes: bool) -> None:
    """Erase records for good, with all their versions, as a court may order: an article with all its claims.

    What is left is a line in the feed that says that the record is no more. Copies of the database, and those who
    follow the feed, have to be seen to elsewhere.
    """
    store = database()
    if not yes:
        click.confirm(f"Erase {', '.join(ids)} and their history for good?", abort=True)
    try:
        purged = erase(store, ids)
    except (NotFound, InUse) as error:
        raise click.ClickException(str(error)) from None
    except DatabaseInUse:
        told = "It is off the record, but others are reading the database, whose files still hold it. Stop the server,"
        raise click.ClickException(f"{told} and run the same command again.") from None
    for each in purged:
        versions = "1 version" if each.versions == 1 else f"{each.versions} versions"
        click.echo(f"Erased the {each.type.replace('_', ' ')} {each.id}, {versions}.")
