"""onrecord purge: permanent deletion of records and their history."""

from __future__ import annotations

import click
from flask.cli import with_appcontext

from api.cli.context import upgraded_store
from api.store.errors import FilesNotOverwritten
from api.store.purge import Erased, overwrite_files
from api.store.purge import purge as purge_records


class Unfinished(click.ClickException):
    """The records are deleted, but the files of the database can still contain them."""

    exit_code = 3


@click.command()
@click.argument("ids", metavar="[ID]...", nargs=-1)
@click.option("--finish", is_flag=True, help="Delete nothing. Overwrite the files, if an earlier purge could not.")
@click.option("--yes", is_flag=True, help="Do not ask for confirmation.")
@with_appcontext
def purge(ids: tuple[str, ...], *, finish: bool, yes: bool) -> None:
    """Delete records and all their versions permanently. An article is deleted with all its claims.

    A claim that was moved to another article only loses the versions of the deleted article. The feed still has an
    entry for each deletion. Copies of the database, and clients that follow the feed, still have the records.

    Afterwards, the deleted rows are overwritten in the files of the database. This waits for readers of earlier
    states. Exit status: 3 if the records are deleted, but the files can still contain them. Run it with --finish then.
    """
    if finish == bool(ids):
        raise click.UsageError("Pass the ids of records, or --finish to complete an earlier purge.")
    store = upgraded_store()
    if ids:
        if not yes:
            click.confirm(
                f"Permanently delete {', '.join(ids)} and {'its' if len(ids) == 1 else 'their'} history?", abort=True
            )
        for erased in purge_records(store, ids):
            click.echo(_message(erased))
    try:
        overwrite_files(store)
    except FilesNotOverwritten as error:
        raise Unfinished(
            f"The records are deleted, but the files of the database can still contain them. {error} "
            "To overwrite the files, run: onrecord purge --finish"
        ) from None
    if finish:
        click.echo("The files of the database contain no deleted records.")


def _message(erased: Erased) -> str:
    name = f"the {erased.type.replace('_', ' ')} {erased.id}"
    versions = "1 version" if erased.versions == 1 else f"{erased.versions} versions"
    if erased.remains:
        return f"Deleted {versions} of {name}. Its other versions are of another article."
    return f"Deleted {name}, {versions}."
