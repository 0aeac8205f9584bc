"""onrecord mock: the API for the tests of other apps."""

from __future__ import annotations

import click

from api.cli.serve import check_port_is_free, local_url
from api.contract.mock import server
from api.contract.mock.app import KEY, open_mock
from api.contract.mock.chaos import CHAOS
from api.http.logs import log_only_errors
from api.promise import CLAUSES
from schemas.fields import did_you_mean

# Each name is the slug of a clause of the promise.
CHAOS_NAMES = tuple(sorted(CHAOS))
_ALL = "all"


def _parse_chaos(context: click.Context, option: click.Parameter, value: str | None) -> tuple[str, ...]:
    if value is None:
        return ()
    if value == _ALL:
        return CHAOS_NAMES
    names = tuple(name.strip() for name in value.split(","))
    for name in names:
        if name not in CHAOS_NAMES:
            hint = did_you_mean(name, CHAOS_NAMES)
            raise click.BadParameter(f"{name!r} is not one of {', '.join(CHAOS_NAMES)}.{hint}")
    return names


_CLAUSES = "\n\n".join(f"{name}: {CLAUSES[name].text}" for name in CHAOS_NAMES)


@click.command(epilog=f"The clauses of the promise at /contract that --chaos applies:\n\n{_CLAUSES}")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option(
    "--port", default=8000, show_default=True, type=click.IntRange(0, 65_535), help="Port to listen on, 0 for any."
)
@click.option(
    "--chaos",
    "names",
    is_flag=False,
    flag_value=_ALL,
    callback=_parse_chaos,
    metavar="[NAME,…]",
    help=f"Apply changes that version 1 allows: {', '.join(CHAOS_NAMES)}. Without a name, apply all of them.",
)
def mock(host: str, port: int, names: tuple[str, ...]) -> None:
    """Serve the API for the tests of other apps.

    It is the real API on a database in memory, with the fixtures and a fixed key. POST /_contract/reset restores the
    initial state. GET /_contract/report lists the requests and responses that violate the contract.
    """
    if port:
        check_port_is_free(host, port)
    log_only_errors()
    listener = server.listen(host, port)
    base_url = local_url(host, listener.port)
    with open_mock(base_url, names) as app:
        server.serve(listener, app, lambda: click.echo(f"The mock runs at {base_url} and accepts the key {KEY}"))
