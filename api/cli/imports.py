"""onrecord import: put files of records on record."""

from __future__ import annotations

import sys
from pathlib import Path

import click
from flask.cli import with_appcontext

from api.cli.database import database
from api.store.imports import Report, import_lines

_SHOWN = 50


@click.command("import")
@click.argument("files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@with_appcontext
def import_(files: tuple[Path, ...]) -> None:
    """Put the records of NDJSON files on record: all of them, or none where one is refused.

    Each line is a JSON object with its type (article, quote, ceasefire …) and id. Articles and claims may come in
    any order; importing twice changes nothing.
    """
    store = database()
    sources = [(str(file), file.read_bytes().split(b"\n")) for file in files]
    report(import_lines(store, sources))


def report(result: Report) -> None:
    """Say what an import came to; leaves with 1 where it was refused."""
    if not result.refusals:
        told = ", ".join(f"{result.counts[outcome]} {outcome}" for outcome in ("created", "updated", "unchanged"))
        click.echo(f"On record: {told}.")
        return
    for refusal in result.refusals[:_SHOWN]:
        click.echo(str(refusal), err=True)
    if len(result.refusals) > _SHOWN:
        click.echo(f"… and {len(result.refusals) - _SHOWN} more.", err=True)
    click.echo("Nothing was stored.", err=True)
    sys.exit(1)
