"""onrecord contract: the contract that other apps test against."""

from __future__ import annotations

import sys
from pathlib import Path

import click
import orjson

from api.cli.check_response import check_response
from api.contract import frozen
from api.contract.differ.change import Document, Level, worst
from api.openapi.document import indented


@click.group()
def contract() -> None:
    """Write, check and compare the contract, and hold saved answers against it."""


@contract.command()
@click.option("--release", is_flag=True, help="Keep it under its version, too; it can never change from then on.")
def write(release: bool) -> None:
    """Write the document that the service renders down as the contract."""
    try:
        for path in frozen.write(_rendered(), release=release):
            click.echo(f"Written: {path}")
    except ValueError as error:
        raise click.ClickException(str(error)) from None


@contract.command()
def check() -> None:
    """Check that the service keeps to the contract.

    The document that it renders has to be the contract, byte for byte; nothing may break who was built against a
    released version; and its version has to say how much has changed since the newest. Changes that the promise
    excepts are listed with their reason.
    """
    rendered = _rendered()
    wrong = list(frozen.broken_rules(rendered))
    for each in wrong:
        click.echo(each, err=True)
    if wrong:
        sys.exit(1)
    versions = ", ".join(frozen.released()) or "none yet"
    click.echo(f"The service keeps to the contract {orjson.loads(rendered)['info']['version']}. Released: {versions}.")
    for each in frozen.excepted_changes(rendered):
        click.echo(each)


@contract.command()
@click.argument("old", metavar="A")
@click.argument("new", metavar="B")
def diff(old: str, new: str) -> None:
    """Say what changes from the OpenAPI document A to B, and whether that breaks an app that was built against A.

    Each is a file of OpenAPI 3.1 in JSON, or a released version of this contract, such as 1.0.0. Leaves with 1 where
    a change is breaking. A change that the promise excepts is listed as excepted, with the reason, and is not breaking.
    """
    try:
        changes = frozen.changes(_read(old), _read(new))
    except ValueError as error:
        raise click.UsageError(str(error)) from None
    telling = [change for change in changes if change.level is not Level.WORDS]
    for change in telling:
        click.echo(str(change))
    breaking = sum(change.breaking for change in telling)
    excepted = sum(bool(change.exception) for change in telling)
    words = len(changes) - len(telling)
    safe = f"{len(telling) - breaking - excepted} safe" + (f", {excepted} excepted" if excepted else "")
    click.echo(f"{breaking} breaking, {safe}, {words} of words alone.")
    if worst(changes) is Level.BREAKING:
        sys.exit(1)


def _rendered() -> bytes:
    """The document of the service as it is installed, whatever its settings."""
    from api.app import create_app  # noqa: PLC0415 - the app imports its commands
    from api.settings import Settings  # noqa: PLC0415

    return indented(create_app(Settings(database_url="sqlite://")).extensions["openapi"].body)


def _read(name: str) -> Document:
    if (kept := frozen.released().get(name)) is not None:
        body = kept
    else:
        try:
            body = Path(name).read_bytes()
        except OSError as error:
            versions = ", ".join(frozen.released()) or "none"
            told = f"There is no file {name} that can be read ({error.strerror}), and no such release"
            raise ValueError(f"{told}. Released: {versions}.") from None
    try:
        document = orjson.loads(body)
    except ValueError as error:
        raise ValueError(f"{name} is no JSON: {error}.") from None
    if not isinstance(document, dict):
        raise ValueError(f"{name} is no OpenAPI document: it is no JSON object.")
    return document


contract.add_command(check_response)
