"""onrecord conformance: whether a running server does what the promise and the RFCs say."""

from __future__ import annotations

import signal
import sys
import typing
from pathlib import Path
from urllib.parse import urlsplit

import click


def _origin(context: click.Context, parameter: click.Parameter, value: str) -> str:
    """An address without a path, which is all that a deployment has."""
    try:
        parts = urlsplit(value)
        port = parts.port
    except ValueError as error:
        raise click.BadParameter(f"{value!r} is no address: {error}.") from None
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.username or not value.isprintable():
        raise click.BadParameter(f"{value!r} is no address such as https://onrecord.example.")
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    root = f"{parts.scheme}://{host}" + (f":{port}" if port is not None else "")
    if parts.path.strip("/") or parts.query or parts.fragment:
        raise click.BadParameter(f"onrecord is served at the root of its address. Ask {root}.")
    return root


def _key(context: click.Context, parameter: click.Parameter, value: typing.TextIO | None) -> str | None:
    if value is None:
        return None
    key = value.read(1000).strip()
    if not key or not key.isascii() or not key.isprintable() or " " in key:
        raise click.BadParameter("There is no key in it. `onrecord keys create` prints one.")
    return key


@click.command()
@click.argument("url", callback=_origin)
@click.option(
    "--key-file",
    "key",
    type=click.File("r"),
    callback=_key,
    metavar="FILE",
    help="The file with a key that has the scope claims:write; - is standard input. Without one, nothing is written.",
)
@click.option(
    "--only", multiple=True, metavar="PATTERN", help="Only questions of this concern, or named like conditions/*."
)
@click.option("--junit", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE", help="Also write JUnit XML.")
@click.option("--json", "json_", metavar="FILE", help="Also write JSON; - prints it, and nothing else.")
@click.option(
    "--timeout", default=30.0, show_default=True, type=click.FloatRange(0.1, 600), help="Seconds for an answer."
)
@click.option(
    "--origin",
    default="https://a-page-of-another-origin.example",
    callback=_origin,
    help="An origin whose pages may read, where not all may.",
)
def conformance(
    *,
    url: str,
    key: str | None,
    only: tuple[str, ...],
    junit: Path | None,
    json_: str | None,
    timeout: float,
    origin: str,
) -> None:
    """Ask a running server whether it does what it should, through whatever stands before it.

    Each question is tied to a section of an RFC, or to a clause of the promise that /contract tells. With a key, an
    invented article is put on record with some claims, and taken off again: its ids then answer 410, and the feed
    tells that it came and went.

    Leaves with 0 if all that was asked holds, with 1 if something does not, with 2 if nothing could be asked.
    """
    # The other commands start the sooner.
    from api.contract.conformance import running  # noqa: PLC0415
    from api.contract.conformance.asking import Unreachable  # noqa: PLC0415
    from api.contract.conformance.reports.junit import junit as as_junit  # noqa: PLC0415
    from api.contract.conformance.reports.readable import Readable, summary  # noqa: PLC0415
    from api.contract.conformance.reports.structured import structured  # noqa: PLC0415

    readable, quiet = Readable(), json_ == "-"

    def tell(finding: running.Finding) -> None:
        if not quiet:
            click.echo("\n".join(readable.lines(finding)))

    # Who is told to end still takes off the record what was put on it.
    signal.signal(signal.SIGTERM, lambda number, _: sys.exit(128 + number))
    try:
        report = running.run(url, running.wanted(only), key=key, timeout=timeout, origin=origin, tell=tell)
    except (Unreachable, ValueError) as error:
        raise click.UsageError(str(error)) from None
    if junit is not None:
        junit.write_bytes(as_junit(report))
    if quiet:
        click.echo(structured(report), nl=False)
    else:
        if json_ is not None:
            Path(json_).write_bytes(structured(report))
        click.echo("\n".join(["", *summary(report)]))
    counts = report.counts
    asked = counts[running.HOLDS] + counts[running.BROKEN]
    sys.exit(1 if counts[running.BROKEN] or report.left else 0 if asked else 2)
