"""onrecord verify: whether a text bears out what is on record of an article."""

from __future__ import annotations

import sys
from pathlib import Path

import click
from flask.cli import with_appcontext

from api.cli.database import database
from api.store.article_texts import verify as verify_claims
from api.store.errors import NotFound, TextMismatch


@click.command()
@click.option(
    "--text",
    "file",
    required=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="The article's whole text, in UTF-8.",
)
@click.argument("article")
@with_appcontext
def verify(file: Path, article: str) -> None:
    """Check every claim of ARTICLE against its text, and store nothing."""
    store = database()
    try:
        # As bytes, for reading as text would change line ends, and offsets with them.
        told = list(verify_claims(store, article, file.read_bytes().decode()))
    except UnicodeDecodeError as error:
        raise click.ClickException(f"{file} is not UTF-8: {error.reason} at byte {error.start}.") from None
    except (NotFound, TextMismatch) as error:
        raise click.ClickException(str(error)) from None
    failed = [(id_, grounding) for id_, grounding in told if grounding.failures]
    for id_, grounding in failed:
        for failure in grounding.failures:
            click.echo(f"{id_} {failure.pointer} ({failure.check}): {failure.detail}", err=True)
    partial = [
        (id_, grounding)
        for id_, grounding in told
        if not grounding.failures and grounding.report["status"] == "partial"
    ]
    for id_, grounding in partial:
        for check in grounding.report["checks"]:
            if check["outcome"] == "undecided":
                click.echo(f"{id_} ({check['check']}): {check['reason']}", err=True)
    partly = f" {len(partial)} of them partly." if partial else ""
    click.echo(f"{len(told) - len(failed)} of {len(told)} claims verify.{partly}")
    if failed:
        sys.exit(1)
