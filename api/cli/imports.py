"""onrecord import: store the records of files."""

from __future__ import annotations

import gzip
import sys
import typing
import zlib
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path

import click
from flask.cli import with_appcontext

from api.cli.context import interruptible, upgraded_store
from api.store.errors import ConcurrentWrite
from api.store.import_report import Report
from api.store.imports import Progress, import_lines, lines_of
from api.store.workers import available_processes, collect_less_garbage

_LINES_SHOWN_MAX = 50
_CHUNK = 65_536

_STANDARD_INPUT = Path("-")
_GZIP_ERRORS = (gzip.BadGzipFile, EOFError, zlib.error)


@click.command("import")
@click.argument(
    "files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, allow_dash=True, path_type=Path)
)
@click.option(
    "--no-atomic", "atomic", flag_value=False, default=True, help="Store the valid lines, even if others are rejected."
)
@click.option("--dry-run", is_flag=True, help="Report the result without storing anything.")
@with_appcontext
def import_(files: tuple[Path, ...], atomic: bool, dry_run: bool) -> None:
    """Store the records of NDJSON files, or none of them if a line is rejected.

    Each line is a JSON object with its type, such as article or quote, and its id. Articles and claims can have any
    order. A repeated import changes nothing. Files that end in .gz are decompressed, and - is standard input.
    """
    store = upgraded_store()
    sources = [(str(file), lines_of(_chunks(file))) for file in files]
    collect_less_garbage()
    try:
        with interruptible(), _progress(files) as progress:
            result = import_lines(
                store, sources, atomic=atomic, keep=not dry_run, progress=progress, processes=available_processes()
            )
    except _GZIP_ERRORS as error:
        raise click.ClickException(f"A file that ends in .gz is not complete gzip data: {error}.") from None
    except ConcurrentWrite:
        raise click.ClickException("Concurrent requests keep changing the same articles. Try again.") from None
    report(result)


def report(result: Report) -> None:
    """Print the result of an import. Exit with 1 if a line was rejected."""
    for rejection in result.rejected_lines[:_LINES_SHOWN_MAX]:
        click.echo(str(rejection), err=True)
    if len(result.rejected_lines) > _LINES_SHOWN_MAX:
        click.echo(f"… and {len(result.rejected_lines) - _LINES_SHOWN_MAX:,} more.", err=True)
    if result.omitted:
        click.echo(f"{result.omitted:,} more lines were rejected. Their errors are not listed.", err=True)
    if result.unfinished:
        click.echo(result.unfinished, err=True)
    rejected = result.counts["refused"]
    counts = ", ".join(f"{result.counts[outcome]:,} {outcome}" for outcome in ("created", "replaced", "unchanged"))
    if rejected:
        counts += f", {rejected:,} rejected"
    if result.stored:
        click.echo(f"Stored: {counts}.")
    else:
        click.echo(f"Nothing was stored: {counts}.", err=bool(rejected))
    if rejected:
        sys.exit(1)


def _chunks(file: Path) -> Iterator[bytes]:
    with _open(file) as stream:
        yield from iter(lambda: stream.read(_CHUNK), b"")


def _open(file: Path) -> AbstractContextManager[typing.IO[bytes]]:
    if file == _STANDARD_INPUT:
        return nullcontext(sys.stdin.buffer)
    return typing.cast("typing.IO[bytes]", gzip.open(file)) if file.suffix == ".gz" else file.open("rb")


@contextmanager
def _progress(files: tuple[Path, ...]) -> Iterator[Progress]:
    """Show a progress bar on a terminal. Each line counts twice, because it is read and checked.

    The length of standard input is unknown, so it has no progress bar.
    """
    if not sys.stderr.isatty() or _STANDARD_INPUT in files:
        yield lambda _: None
        return
    lines = sum(chunk.count(b"\n") for file in files for chunk in _chunks(file))
    bar: typing.Any = click.progressbar(length=2 * lines, label="Reading and checking", file=sys.stderr)
    with bar:
        yield bar.update
