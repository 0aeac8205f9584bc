"""onrecord contract: the OpenAPI document as a contract, its changes, and saved responses."""

from __future__ import annotations

import sys
import typing
from pathlib import Path

import click
import orjson

from api.app import create_app
from api.contract import snapshots
from api.contract.diff.change import Level
from api.contract.diff.node import Document
from api.contract.validator import saved_response
from api.contract.validator.validator import Validator
from api.openapi.document import indented
from api.settings import Settings
from schemas.fields import did_you_mean


@click.group()
def contract() -> None:
    """Write, check and compare the contract, and check saved responses."""


@contract.command()
@click.option("--release", is_flag=True, help="Also write it under its version. A released file never changes.")
def write(release: bool) -> None:
    """Write the document that the service renders as the contract."""
    try:
        for path in snapshots.write(_rendered(), release=release):
            click.echo(f"Written: {path}")
    except ValueError as error:
        raise click.ClickException(str(error)) from None


@contract.command()
def check() -> None:
    """Check that the service keeps to the contract.

    The service must render the contract byte for byte. The contract must not break clients of a released version. Its
    version must fit the changes since the newest release. Changes that the promise excepts are listed with the reason.
    """
    rendered = _rendered()
    try:
        violations = list(snapshots.violations(rendered))
    except ValueError as error:
        raise click.UsageError(str(error)) from None
    for violation in violations:
        click.echo(violation, err=True)
    if violations:
        sys.exit(1)
    versions = ", ".join(snapshots.released()) or "none"
    click.echo(f"The service keeps to the contract {orjson.loads(rendered)['info']['version']}. Released: {versions}.")
    for change in snapshots.excepted_changes(rendered):
        click.echo(change)


@contract.command()
@click.argument("old", metavar="A")
@click.argument("new", metavar="B")
def diff(old: str, new: str) -> None:
    """List the changes from the OpenAPI document A to B, and whether they break clients of A.

    A and B are JSON files or released versions, such as 1.0.0. A change is breaking, safe, or excepted by the promise.
    Changes of texts are only counted. Constructs that this contract does not use are not supported.

    Exit status: 0 if no change is breaking, 1 if one is, 2 if a document cannot be compared.
    """
    try:
        changes = snapshots.changes(_read(old), _read(new))
    except ValueError as error:
        raise click.UsageError(str(error)) from None
    listed = [change for change in changes if change.level is not Level.TEXT]
    for change in listed:
        click.echo(str(change))
    breaking = sum(change.breaking for change in listed)
    excepted = sum(bool(change.exception) for change in listed)
    safe = f"{len(listed) - breaking - excepted} safe" + (f", {excepted} excepted" if excepted else "")
    level = max((change.level for change in changes), default=None)
    outcome = "No changes." if level is None else f"A {level.version_part} version is required."
    if level is Level.TEXT:
        outcome = f"Texts only: {outcome.lower()}"
    click.echo(f"{breaking} breaking, {safe}, {len(changes) - len(listed)} in texts. {outcome}")
    if level is Level.BREAKING:
        sys.exit(1)


@contract.command("check-response")
@click.option("--operation", "name", required=True, help="The operationId of the request, such as getQuote.")
@click.option(
    "--status",
    type=click.IntRange(100, 599),
    help="Response status, if FILE has no headers. Defaults to the success status.",
)
@click.option("--media-type", help="Media type, if FILE has no headers. Defaults to JSON.")
@click.option(
    "--fields",
    "selected",
    is_flag=True,
    help="The request had `fields=`. JSON pages state it, so they do not need this option.",
)
@click.argument("file", type=click.File("rb"))
def check_response(
    file: typing.BinaryIO, *, name: str, status: int | None, media_type: str | None, selected: bool
) -> None:
    """Check a saved response against the contract.

    FILE is the output of `curl -i`, or a body alone. Use - for standard input.

    Exit status: 0 if the response is valid, 1 if it has violations. Each violation is printed.
    """
    validator = Validator(orjson.loads(snapshots.document()))
    operation = validator.spec.operations.get(name)
    if operation is None:
        hint = did_you_mean(name, validator.spec.operations) or " The OpenAPI document lists all operations."
        raise click.BadParameter(f"The operation {name} does not exist.{hint}", param_hint="--operation")
    response, has_headers = saved_response.read(file.read(), operation, status=status, media_type=media_type)
    if has_headers and (status is not None or media_type is not None):
        raise click.UsageError("The file contains the status and the headers. Omit --status and --media-type.")
    selected = selected or saved_response.has_selected_fields(response)
    violations = validator.validate_operation(operation, response, selected=selected, has_headers=has_headers)
    for violation in violations:
        click.echo(str(violation))
    if violations:
        sys.exit(1)
    unchecked = "" if has_headers else " The headers were not saved, so they were not checked."
    click.echo(f"Valid: {name}, {response.status_code}, {response.mimetype or 'no body'}.{unchecked}")


def _rendered() -> bytes:
    """Return the document of the installed service, independent of its settings."""
    return indented(create_app(Settings(database_url="sqlite://")).extensions["openapi"].body)


def _read(name: str) -> Document:
    releases = snapshots.released()
    try:
        document = orjson.loads(releases[name] if name in releases else Path(name).read_bytes())
    except OSError as error:
        versions = ", ".join(releases) or "none"
        raise ValueError(f"{name} cannot be read ({error.strerror}). Released versions: {versions}.") from None
    except ValueError as error:
        raise ValueError(f"{name} is not JSON: {error}.") from None
    if not isinstance(document, dict):
        raise ValueError(f"{name} is not an OpenAPI document, because it is not a JSON object.")
    return document
