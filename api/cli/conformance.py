"""onrecord conformance: whether a running server does what the promise and the RFCs say."""

from __future__ import annotations

import signal
import sys
import typing
from collections.abc import Iterator
from contextlib import contextmanager
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


def _opened(context: click.Context, parameter: click.Parameter, value: str | None) -> typing.BinaryIO | None:
    """The file to write to, before anything is asked that could then not be told."""
    if value is None:
        return None
    if value == "-":
        return sys.stdout.buffer
    try:
        return context.with_resource(Path(value).open("wb"))
    except OSError as error:
        raise click.BadParameter(f"{value} cannot be written: {error.strerror}.") from None


class _NothingAsked(click.ClickException):
    """There was nobody to ask."""

    exit_code = 2


@contextmanager
def _ending_in_order() -> Iterator[None]:
    """Have whoever tells the process to end wait until nothing invented is left on record."""
    before = signal.signal(signal.SIGTERM, lambda number, _: sys.exit(128 + number))
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


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
    "--only",
    multiple=True,
    metavar="PATTERN",
    help="Only the questions of this concern, such as lists, or named so, such as */links; repeat for several.",
)
@click.option("--junit", callback=_opened, metavar="FILE", help="Also write JUnit XML.")
@click.option(
    "--json", "json_", callback=_opened, metavar="FILE", help="Also write JSON; - prints it, and nothing else."
)
@click.option(
    "--timeout", default=30.0, show_default=True, type=click.FloatRange(0.1, 600), help="Seconds to wait for."
)
@click.option(
    "--origin",
    default="https://a-page-of-another-origin.example",
    callback=_origin,
    help="An origin whose pages may read, where not those of every origin may.",
)
def conformance(
    *,
    url: str,
    key: str | None,
    only: tuple[str, ...],
    junit: typing.BinaryIO | None,
    json_: typing.BinaryIO | None,
    timeout: float,
    origin: str,
) -> None:
    """Ask a running server whether it does what it should, through whatever stands before it.

    Each question is tied to a section of a standard, or to a clause of the promise that the server tells at /contract.

    With a key, an invented article is put on record with some claims, and taken off again. Their ids then answer 410,
    and the feed tells that they came and went. Without one, nothing is written, and what only a writer can tell is not
    asked.

    Leaves with 0 if all that was asked holds, with 1 if something does not or could not be taken off the record, and
    with 2 if nothing could be asked.
    """
    # The other commands start the sooner.
    from api.contract.conformance import runner as running  # noqa: PLC0415
    from api.contract.conformance.client import Unreachable  # noqa: PLC0415
    from api.contract.conformance.reports.junit import junit as as_junit  # noqa: PLC0415
    from api.contract.conformance.reports.readable import Readable, summary  # noqa: PLC0415
    from api.contract.conformance.reports.structured import structured  # noqa: PLC0415

    readable = Readable()
    quiet = json_ is sys.stdout.buffer

    def tell(finding: running.Finding) -> None:
        if not quiet:
            click.echo("\n".join(readable.lines(finding)))

    try:
        questions = running.wanted(only)
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--only") from None
    try:
        with _ending_in_order():
            report = running.run(url, questions, key=key, timeout=timeout, origin=origin, tell=tell)
    except Unreachable as error:
        raise _NothingAsked(str(error)) from None
    for file, written in ((junit, as_junit), (json_, structured)):
        if file is not None:
            file.write(written(report))
    if not quiet:
        click.echo("\n".join(["", *summary(report)]))
    sys.exit(_status(report.counts[running.HOLDS], report.counts[running.BROKEN] + len(report.left)))


def _status(well: int, ill: int) -> int:
    if ill:
        return 1
    return 0 if well else 2
