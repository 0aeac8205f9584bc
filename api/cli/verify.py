"""onrecord verify: checks of the claims of an article against its text."""

from __future__ import annotations

import sys
from pathlib import Path

import click
from flask.cli import with_appcontext

from api.cli.context import upgraded_store
from api.store.article_texts import verify as verify_claims


@click.command()
@click.option(
    "--text",
    "file",
    required=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="File with the full text of the article, in UTF-8.",
)
@click.argument("article")
@with_appcontext
def verify(file: Path, article: str) -> None:
    """Check every claim of ARTICLE against its text. Nothing is stored."""
    store = upgraded_store()
    try:
        # Reading as text would change line endings, and thus offsets.
        results = list(verify_claims(store, article, file.read_bytes().decode()))
    except UnicodeDecodeError as error:
        raise click.ClickException(f"{file} is not UTF-8: {error.reason} at byte {error.start}.") from None
    failed = [(id_, grounding) for id_, grounding in results if grounding.failures]
    for id_, grounding in failed:
        for failure in grounding.failures:
            click.echo(f"{id_} {failure.pointer} ({failure.check}): {failure.detail}", err=True)
    partial = [
        (id_, grounding)
        for id_, grounding in results
        if not grounding.failures and grounding.report["status"] == "partial"
    ]
    for id_, grounding in partial:
        for check in grounding.report["checks"]:
            if check["outcome"] == "undecided":
                click.echo(f"{id_} ({check['check']}): {check['reason']}", err=True)
    partly = f" {len(partial)} of them only partly." if partial else ""
    click.echo(f"{len(results) - len(failed)} of {len(results)} claims are supported by the text.{partly}")
    if failed:
        sys.exit(1)
