"""onrecord import: put files of records on record."""

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

from api.cli.database import database
from api.store.errors import ConcurrentWrite
from api.store.imports import Progress, Report, import_lines, lines_of

_SHOWN = 50
_CHUNK = 65_536

_STANDARD_INPUT = Path("-")
_NO_GZIP = (gzip.BadGzipFile, EOFError, zlib.error)


@click.command("import")
@click.argument(
    "files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, allow_dash=True, path_type=Path)
)
@click.option("--no-atomic", "atomic", flag_value=False, default=True, help="Store what is not refused.")
@click.option("--dry-run", is_flag=True, help="Say what would be done, and store nothing.")
@with_appcontext
def import_(files: tuple[Path, ...], atomic: bool, dry_run: bool) -> None:
    """Put the records of NDJSON files on record: all of them, or none where one is refused.

    Each line is a JSON object with its type (article, quote, ceasefire …) and id. Articles and claims may come in
    any order; importing twice changes nothing. Files that end in .gz are unpacked, and - is the standard input.
    """
    store = database()
    sources = [(str(file), lines_of(_chunks(file))) for file in files]
    try:
        with _progress(files) as progress:
            result = import_lines(store, sources, atomic=atomic, keep=not dry_run, progress=progress)
    except _NO_GZIP as error:
        raise click.ClickException(f"A file that ends in .gz is no whole gzip: {error}.") from None
    except ConcurrentWrite:
        raise click.ClickException("Others go on writing to the same articles. Try again.") from None
    report(result)


def report(result: Report) -> None:
    """Say what an import came to; leaves with 1 where a line was refused."""
    for refusal in result.refusals[:_SHOWN]:
        click.echo(str(refusal), err=True)
    if len(result.refusals) > _SHOWN:
        click.echo(f"… and {len(result.refusals) - _SHOWN:,} more.", err=True)
    if result.omitted:
        click.echo(f"{result.omitted:,} more lines are refused, of which nothing is shown.", err=True)
    if result.unfinished:
        click.echo(result.unfinished, err=True)
    refused = result.counts["refused"]
    outcomes = ("created", "replaced", "unchanged", *(["refused"] * bool(refused)))
    told = ", ".join(f"{result.counts[outcome]:,} {outcome}" for outcome in outcomes)
    if result.stored:
        click.echo(f"On record: {told}.")
    else:
        click.echo(f"Nothing was stored: {told}.", err=bool(refused))
    if refused:
        sys.exit(1)


def _chunks(file: Path) -> Iterator[bytes]:
    with _opened(file) as opened:
        yield from iter(lambda: opened.read(_CHUNK), b"")


def _opened(file: Path) -> AbstractContextManager[typing.IO[bytes]]:
    if file == _STANDARD_INPUT:
        return nullcontext(sys.stdin.buffer)
    return typing.cast("typing.IO[bytes]", gzip.open(file)) if file.suffix == ".gz" else file.open("rb")


@contextmanager
def _progress(files: tuple[Path, ...]) -> Iterator[Progress]:
    """A bar on a terminal, and nothing elsewhere: every line is read once and checked once.

    The standard input cannot be counted first, and has none.
    """
    if not sys.stderr.isatty() or _STANDARD_INPUT in files:
        yield lambda _: None
        return
    lines = sum(chunk.count(b"\n") for file in files for chunk in _chunks(file))
    bar: typing.Any = click.progressbar(length=2 * lines, label="Reading and checking", file=sys.stderr)
    with bar:
        yield bar.update
