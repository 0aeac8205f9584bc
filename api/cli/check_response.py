"""onrecord contract check-response: validation of a saved response, without a server."""

from __future__ import annotations

import typing

import click
import orjson

from schemas.fields import suggest


@click.command("check-response")
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
@click.pass_context
def check_response(
    context: click.Context,
    file: typing.BinaryIO,
    *,
    name: str,
    status: int | None,
    media_type: str | None,
    selected: bool,
) -> None:
    """Check a saved response against the contract.

    FILE is the output of `curl -i`, or a body alone. Use - for standard input.

    Exit status: 0 if the response is valid, 1 if it has violations. Each violation is printed.
    """
    from api.contract import snapshots  # noqa: PLC0415 - the other commands start faster
    from api.contract.validator import saved_response  # noqa: PLC0415
    from api.contract.validator.validator import Validator  # noqa: PLC0415

    validator = Validator(orjson.loads(snapshots.document()))
    operation = validator.spec.operations.get(name)
    if operation is None:
        suggestion = suggest(name, validator.spec.operations)
        hint = f"Did you mean {suggestion}?" if suggestion else "The OpenAPI document lists all operations."
        raise click.BadParameter(f"The operation {name} does not exist. {hint}", param_hint="--operation")
    saved = saved_response.parse(file.read())
    has_headers = saved.headers is not None
    if has_headers and (status is not None or media_type is not None):
        raise click.UsageError("The file contains the status and the headers. Omit --status and --media-type.")
    response = saved_response.to_response(operation, saved, status=status, media_type=media_type)
    selected = selected or saved_response.has_selected_fields(response)
    violations = validator.validate_operation(operation, response, selected=selected, has_headers=has_headers)
    for violation in violations:
        click.echo(str(violation))
    if violations:
        context.exit(1)
    unchecked = "" if has_headers else " The headers were not saved, so they were not checked."
    click.echo(f"Valid: {name}, {response.status_code}, {response.mimetype or 'no body'}.{unchecked}")
