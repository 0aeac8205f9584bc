"""onrecord export: articles and claims as one file."""

from __future__ import annotations

import sys
import typing
from errno import EPIPE
from urllib.parse import urlencode

import click
from flask import Request
from flask.cli import with_appcontext

from api.cli.context import upgraded_store
from api.http import query_params
from api.http.problems import InvalidParameters
from api.store import read
from api.store.exports import everything
from api.store.filter_sql import Condition
from api.v1 import VERSION, full_export
from api.v1.exports import ENDED_EARLY, ndjson_lines


def _conditions(context: click.Context, parameter: click.Parameter, filters: tuple[str, ...]) -> tuple[Condition, ...]:
    """Return the conditions of filters in the form of a URL's query."""
    pairs = [filter_.partition("=") for filter_ in filters]
    for name, equals, _ in pairs:
        if not equals:
            raise click.BadParameter(f"{name!r} has no value. Write it as NAME=VALUE, as in claimant=Armenia.")
    values = urlencode([(name, value) for name, _, value in pairs])
    query = typing.cast("Request", Request.from_values(query_string=values))
    params = full_export.list_params(VERSION)
    try:
        return params.conditions(query_params.parse(params.filter_schema(), query))
    except InvalidParameters as error:
        raise click.BadParameter(error.detail) from None


@click.command()
@click.argument("conditions", metavar="[NAME=VALUE]...", nargs=-1, callback=_conditions)
@click.option("--texts", is_flag=True, help="Also write the stored texts of articles.")
@with_appcontext
def export(conditions: tuple[Condition, ...], texts: bool) -> None:
    """Write articles and claims as NDJSON that `onrecord import` accepts.

    The records are those of one point in time. Without filters, they are all records. The filters are those of
    /v1/claims, such as claimant=Armenia. With them, the file has the claims that match, the claims that these restate,
    and the articles of both.

    Standard error gets the number of records and, as `Change-Sequence`, the number of their last change. `Change-Epoch`
    is the epoch of this number.
    """
    store = upgraded_store()
    output = sys.stdout.buffer
    count = 0
    with store.reading() as reader:
        position = read.feed_position(reader)
        try:
            for documents in everything(reader, conditions, with_texts=texts):
                output.write(ndjson_lines(documents))
                count += len(documents)
            output.flush()
        except OSError as error:
            if error.errno == EPIPE:
                raise
            raise click.ClickException(
                f"The output is incomplete, because it cannot be written: {error.strerror}."
            ) from None
        except Exception:
            output.write(ENDED_EARLY)
            raise
    last = f"Change-Sequence: {position.sequence}, Change-Epoch: {position.epoch}"
    click.echo(f"Exported: {count:,} records. {last}", err=True)
