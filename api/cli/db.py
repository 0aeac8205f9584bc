"""onrecord db: the tables of the database, and the fixtures."""

from __future__ import annotations

import sys

import click
from flask.cli import AppGroup

from api.cli.context import EARLIER_SHAPE, announce_render, upgraded_store
from api.cli.imports import report
from api.http.context import current_store
from api.seed import sources
from api.store import changes, read
from api.store import check as checks
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
@click.option("--repair", is_flag=True, help="Write the rows again that are derived from documents.")
def check(repair: bool) -> None:
    """Check that documents, columns, parties, terms, counts of facets, search index and feed agree.

    Each disagreement is one line. The server can run. A repair never changes documents or versions. On SQLite, writers
    wait while the search index is checked, about a second for each 100,000 claims, and longer if it is repaired.
    Writers also wait, two seconds for each 100,000 claims, if wrong counts are repaired.

    Exit status: 0 if all agrees or was repaired, 1 if disagreements remain.
    """
    store = upgraded_store()
    if store.render_due():
        # The check compares documents with those that this version writes.
        raise click.ClickException(f"{EARLIER_SHAPE} Run: onrecord db render")
    derived = others = 0
    for disagreement in checks.check(store, repair=repair):
        derived += disagreement.derived
        others += not disagreement.derived
        click.echo(f"{'Repaired: ' if repair and disagreement.derived else ''}{disagreement.message}")
    if not derived and not others:
        click.echo("All agrees.")
    if derived and not repair:
        # A repair can also remove the others, such as those of a record with another type.
        click.echo(f"To repair {derived:,} of {derived + others:,}, run: onrecord db check --repair", err=True)
    elif others:
        click.echo(f"{others:,} cannot be repaired. Restore a backup, or replace the records.", err=True)
    if others or (derived and not repair):
        sys.exit(1)


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
    """Store the fixtures in a new database: 25 claims of one article, and three invented articles with texts."""
    store = upgraded_store()
    with store.reading() as reader:
        is_new = read.feed_position(reader).sequence == 0
    if not is_new:
        click.echo("The database is not new, so the fixtures were not stored.")
        return
    report(import_lines(store, sources()))
