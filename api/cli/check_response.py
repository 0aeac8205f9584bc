"""onrecord contract check-response: a saved answer, held against the contract without a server."""

from __future__ import annotations

import typing

import click
import orjson

from schemas.values import closest


@click.command("check-response")
@click.option("--operation", "name", required=True, help="The operationId of what was asked: getQuote.")
@click.option(
    "--status", type=click.IntRange(100, 599), help="Its status, where only the body was saved; else the good one."
)
@click.option("--media-type", "type_", help="Its media type, where only the body was saved; else JSON.")
@click.option(
    "--fields", "selected", is_flag=True, help="It was asked for with `fields=`. A page of JSON says so itself."
)
@click.argument("file", type=click.File("rb"))
@click.pass_context
def check_response(
    context: click.Context,
    file: typing.BinaryIO,
    *,
    name: str,
    status: int | None,
    type_: str | None,
    selected: bool,
) -> None:
    """Hold a saved answer against the contract.

    FILE is what `curl -i` saved, with its status line and headers, or a body alone; - is standard input. Ends with 0
    where it keeps to the contract, with 1 and each departure where it does not.
    """
    from api.contract import snapshots  # noqa: PLC0415 - the other commands start the sooner
    from api.contract.checking import kept  # noqa: PLC0415
    from api.contract.checking.contract import Contract  # noqa: PLC0415

    contract = Contract(orjson.loads(snapshots.document()))
    operation = contract.described.operations.get(name)
    if operation is None:
        meant = closest(name, contract.described.operations)
        hint = f" Did you mean {meant}?" if meant else " The OpenAPI document lists them."
        raise click.BadParameter(f"There is no operation {name}.{hint}", param_hint="--operation")
    saved = kept.taken_apart(file.read())
    if saved.status is not None and (status is not None or type_ is not None):
        raise click.UsageError("The file says its status and media type itself. Leave --status and --media-type out.")
    answer = kept.answer_of(operation, saved, status=status, type_=type_, selected=selected)
    departures = contract.judge_kept(operation, answer)
    for departure in departures:
        click.echo(str(departure))
    if departures:
        context.exit(1)
    judged = "" if answer.headers is not None else " Its headers were not saved, and not looked at."
    click.echo(f"It keeps to the contract: {name}, {answer.status}, {answer.media_type or 'no body'}.{judged}")
