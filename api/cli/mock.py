"""onrecord mock: a contract server for the tests of other apps."""

from __future__ import annotations

import click

from api.cli.serve import reachable, refuse_a_taken_port
from api.promise import MAY
from schemas.values import closest

# What is promised to apps, and can be shown to them.
NAMES = ("add-fields", "new-enum-values", "page-size-1", "retry-once", "slow")
_ALL = "all"


def _named(context: click.Context, option: click.Parameter, value: str | None) -> tuple[str, ...]:
    if value is None:
        return ()
    if value == _ALL:
        return NAMES
    names = tuple(name.strip() for name in value.split(","))
    for name in names:
        if name not in NAMES:
            meant = closest(name, NAMES)
            hint = f" Did you mean {meant}?" if meant else ""
            raise click.BadParameter(f"{name!r} is none of {', '.join(NAMES)}.{hint}")
    return names


def _advice() -> str:
    told = {clause.slug: clause.text for clause in MAY}
    return "\n\n".join(f"{name}: {told[name]}" for name in NAMES)


@click.command(epilog=f"What --chaos makes of the promise at /contract:\n\n{_advice()}")
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option(
    "--port", default=8000, show_default=True, type=click.IntRange(0, 65_535), help="The port to listen on; 0 is any."
)
@click.option(
    "--chaos",
    "names",
    is_flag=False,
    flag_value=_ALL,
    callback=_named,
    metavar="[NAME,…]",
    help=f"Change what version 1 may change: {', '.join(NAMES)}; all of it without a name.",
)
def mock(host: str, port: int, names: tuple[str, ...]) -> None:
    """Serve the contract for the tests of other apps.

    The real API on a database in memory, with the fixtures on record and a key that is always the same. POST
    /_contract/reset puts back the beginning; GET /_contract/report tells which calls broke the contract, and how.
    """
    if port:
        refuse_a_taken_port(host, port)
    from api.contract.mock import serving  # noqa: PLC0415 - the other commands start the sooner
    from api.contract.mock.app import KEY, watched  # noqa: PLC0415
    from api.http.logs import hush  # noqa: PLC0415

    hush()
    server = serving.listen(host, port)
    root = reachable(host, server.port)
    with watched(root, names) as app:
        serving.serve(server, app, lambda: click.echo(f"The contract is served at {root} and takes the key {KEY}"))
