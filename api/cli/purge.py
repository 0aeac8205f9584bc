"""onrecord purge: permanent deletion of records and their history."""

from __future__ import annotations

import click
from flask.cli import with_appcontext

from api.cli.context import upgraded_store
from api.store.errors import DatabaseInUse
from api.store.purge import purge as purge_records


@click.command()
@click.argument("ids", metavar="ID...", nargs=-1, required=True)
@click.option("--yes", is_flag=True, help="Do not ask for confirmation.")
@with_appcontext
def purge(ids: tuple[str, ...], yes: bool) -> None:
    """Delete records and all their versions permanently. An article is deleted with all its claims.

    The feed still has an entry for the deletion of each record. Copies of the database, and clients that follow the
    feed, still have the records.
    """
    store = upgraded_store()
    if not yes:
        click.confirm(f"Permanently delete {', '.join(ids)} and their history?", abort=True)
    try:
        purged = purge_records(store, ids)
    except DatabaseInUse:
        raise click.ClickException(
            "The records were deleted, but the database files still contain them, because other processes read the "
            "database. Stop the server, and run the same command again."
        ) from None
    for (type_, id_), count in purged.items():
        versions = "1 version" if count == 1 else f"{count} versions"
        click.echo(f"Deleted the {type_.replace('_', ' ')} {id_}, {versions}.")
