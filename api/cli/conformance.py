"""onrecord conformance: checks of a deployment against RFCs and the promise."""

from __future__ import annotations

import signal
import sys
import typing
from urllib.parse import urlsplit

import click

from api.contract.conformance import reports, runner
from api.contract.conformance.runner import Outcome
from schemas import uri


def _parse_origin(context: click.Context, parameter: click.Parameter, value: str) -> str:
    """Return a URL without its path."""
    try:
        uri.check(value)
        parts = urlsplit(value)
        port = parts.port
    except ValueError as error:
        raise click.BadParameter(f"{value!r} is not a URL: {error}.") from None
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.username:
        raise click.BadParameter(f"{value!r} is not a URL such as https://onrecord.example.")
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    origin = f"{parts.scheme}://{host}" + (f":{port}" if port is not None else "")
    if parts.path.strip("/") or parts.query or parts.fragment:
        raise click.BadParameter(f"onrecord has no path prefix. Use {origin}.")
    return origin


def _read_key(context: click.Context, parameter: click.Parameter, file: typing.TextIO | None) -> str | None:
    if file is None:
        return None
    key = file.read(1000).strip()
    if not key or not key.isascii() or not key.isprintable() or " " in key:
        raise click.BadParameter("The file contains no key. `onrecord keys create` prints one.")
    return key


@click.command()
@click.argument("url", callback=_parse_origin)
@click.option(
    "--key-file",
    "key",
    type=click.File("r"),
    callback=_read_key,
    metavar="FILE",
    help="File with a key that has the scope claims:write, or - for standard input. Without a key, nothing is written.",
)
@click.option(
    "--only",
    "patterns",
    multiple=True,
    metavar="PATTERN",
    help="Run only checks of a group, such as cors, or with a name, such as */links. Can be repeated.",
)
@click.option("--junit", type=click.File("wb", lazy=False), metavar="FILE", help="Also write JUnit XML.")
@click.option(
    "--json", "json_", type=click.File("wb", lazy=False), metavar="FILE", help="Also write JSON. - prints only JSON."
)
@click.option("--timeout", default=30.0, show_default=True, type=click.FloatRange(0.1, 600), help="Timeout in seconds.")
@click.option(
    "--origin",
    default="https://a-page-of-another-origin.example",
    callback=_parse_origin,
    help="An allowed origin, if ONRECORD_CORS_ORIGINS does not allow all.",
)
def conformance(
    *,
    url: str,
    key: str | None,
    patterns: tuple[str, ...],
    junit: typing.BinaryIO | None,
    json_: typing.BinaryIO | None,
    timeout: float,
    origin: str,
) -> None:
    """Check a running server through its proxies.

    Each check has a section of a standard, or a clause of the promise at /contract, as its source.

    With a key, checks create an invented article with some claims and delete them. Then their ids return 410, and the
    feed contains these changes. Without a key, nothing is written, and checks that write are skipped.

    Exit status: 0 if all checks pass, 1 if a check fails or test data remains, 2 if no check could run.
    """
    quiet = json_ is sys.stdout.buffer

    def print_outcome(outcome: Outcome) -> None:
        if not quiet:
            click.echo("\n".join(reports.text_lines(outcome)))

    # SIGTERM must not prevent the deletion of test data.
    previous = signal.signal(signal.SIGTERM, lambda number, _: sys.exit(128 + number))
    try:
        checks = runner.select(patterns)
        results = runner.run(url, checks, key=key, timeout=timeout, origin=origin, on_outcome=print_outcome)
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--only") from None
    except runner.Unreachable as error:
        click.echo(f"Error: {error}", err=True)
        sys.exit(2)
    finally:
        signal.signal(signal.SIGTERM, previous)
    if junit is not None:
        junit.write(reports.to_junit(results))
    if json_ is not None:
        json_.write(reports.to_json(results))
    if not quiet:
        click.echo("\n".join(["", *reports.summary_lines(results)]))
    counts = results.counts
    sys.exit(1 if counts[runner.FAILED] or results.remaining else 0 if counts[runner.PASSED] else 2)
