"""onrecord keys: who may write, and who may read texts."""

from __future__ import annotations

from datetime import date

import click
from flask.cli import AppGroup

from api.cli.database import database
from api.http.scopes import SCOPES
from api.store import keys as stored

keys = AppGroup("keys", help="Make, list and revoke keys.")


def _day(context: click.Context, option: click.Parameter, value: str | None) -> str | None:
    if value is None:
        return None
    try:
        day = date.fromisoformat(value)
    except ValueError:
        raise click.BadParameter(f"{value!r} is no day, as in 2027-01-31.") from None
    if day <= date.today():  # noqa: DTZ011 - a day too early or late is the same mistake
        raise click.BadParameter(f"{value} is not in the future.")
    return f"{day.isoformat()}T00:00:00.000Z"


@keys.command()
@click.option("--name", required=True, help="What it is for, so that it can be told from others.")
@click.option(
    "--scope",
    "scopes",
    multiple=True,
    required=True,
    type=click.Choice(tuple(SCOPES)),
    help="What it may do; repeat for several.",
)
@click.option("--expires", callback=_day, help="The first day, UTC, that it is invalid on: 2027-01-31.")
def create(name: str, scopes: tuple[str, ...], expires: str | None) -> None:
    """Make a key, and print it: it cannot be shown again."""
    if not name.strip() or len(name) > 100 or not name.isprintable():
        raise click.BadParameter("A name has 1 to 100 printable characters.", param_hint="--name")
    with database().writing() as connection:
        token = stored.create(connection, name, set(scopes), expires)
    click.echo("Keep it: only its hash is stored. Send it as Authorization: Bearer KEY.", err=True)
    click.echo(token)


@keys.command("list")
def list_() -> None:
    """List all keys there ever were; none of their secrets."""
    with database().reading() as reader:
        every = stored.every(reader)
    if not every:
        click.echo("There are no keys. Make one with: onrecord keys create")
    for key in every:
        until = f" until {key.expires_at[:10]}" if key.expires_at else ""
        scopes = " ".join(sorted(key.scopes))
        click.echo(f"{key.id}  {key.state:7}  {scopes:24}  {key.name}, from {key.created_at[:10]}{until}")


@keys.command()
@click.argument("id_", metavar="ID")
def revoke(id_: str) -> None:
    """Make the key with this ID, from `onrecord keys list`, invalid from now on."""
    with database().writing() as connection:
        if not stored.revoke(connection, id_):
            raise click.ClickException(f"There is no key {id_}. `onrecord keys list` lists them.")
    click.echo(f"The key {id_} is revoked.")
