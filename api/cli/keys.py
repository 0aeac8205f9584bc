"""onrecord keys: API keys, for writing and for reading texts."""

from __future__ import annotations

from datetime import date

import click
from flask.cli import AppGroup

from api.cli.context import upgraded_store
from api.http.scopes import SCOPES
from api.store import keys as stored

keys = AppGroup("keys", help="Create, list and revoke API keys.")


def _parse_date(context: click.Context, option: click.Parameter, value: str | None) -> str | None:
    if value is None:
        return None
    try:
        day = date.fromisoformat(value)
    except ValueError:
        raise click.BadParameter(f"{value!r} is not a date such as 2027-01-31.") from None
    if day <= date.today():  # noqa: DTZ011 - the time zone makes no difference to this check
        raise click.BadParameter(f"{value} is not in the future.")
    return f"{day.isoformat()}T00:00:00.000Z"


@keys.command()
@click.option("--name", required=True, help="Name that describes the use of the key.")
@click.option(
    "--scope",
    "scopes",
    multiple=True,
    required=True,
    type=click.Choice(tuple(SCOPES)),
    help="Scope of the key. Can be repeated.",
)
@click.option("--expires", callback=_parse_date, help="First day on which it is invalid, in UTC, such as 2027-01-31.")
def create(name: str, scopes: tuple[str, ...], expires: str | None) -> None:
    """Create a key and print it. It cannot be shown again."""
    if not name.strip() or len(name) > 100 or not name.isprintable():
        raise click.BadParameter("The name must have 1 to 100 printable characters.", param_hint="--name")
    with upgraded_store().writing() as connection:
        token = stored.create(connection, name, set(scopes), expires)
    click.echo("Save this key, because only its hash is stored. Send it as Authorization: Bearer KEY.", err=True)
    click.echo(token)


@keys.command("list")
def list_() -> None:
    """List all keys, including expired and revoked ones, without their secrets."""
    with upgraded_store().reading() as reader:
        all_keys = stored.every(reader)
    if not all_keys:
        click.echo("No keys exist. Create one: onrecord keys create")
    for key in all_keys:
        until = f" until {key.expires_at[:10]}" if key.expires_at else ""
        scopes = " ".join(sorted(key.scopes))
        click.echo(f"{key.id}  {key.state:7}  {scopes:24}  {key.name}, from {key.created_at[:10]}{until}")


@keys.command()
@click.argument("id_", metavar="ID")
def revoke(id_: str) -> None:
    """Revoke the key with this ID, as listed by `onrecord keys list`."""
    with upgraded_store().writing() as connection:
        if not stored.revoke(connection, id_):
            raise click.ClickException(f"The key {id_} does not exist. `onrecord keys list` lists all keys.")
    click.echo(f"The key {id_} is revoked.")
