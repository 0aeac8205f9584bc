"""The generated parts of docs: the commands from click, and the settings from their table.

`make docs` writes them between the markers of their pages. tests/cli/test_docs.py checks that they are current.
"""

from __future__ import annotations

import re
import sys
import textwrap
import typing
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path

import click

from api.cli import onrecord
from api.settings import Settings, variable

DOCS = Path(__file__).parents[2] / "docs"
_START, _END = "<!-- generated -->\n", "<!-- /generated -->"


def pages() -> Iterator[tuple[Path, str]]:
    """Yield the generated pages, each with its current text."""
    for name, render in (("cli.md", commands), ("settings.md", settings)):
        path = DOCS / name
        start, rest = path.read_text().split(_START)
        yield path, f"{start}{_START}{render()}{_END}{rest.partition(_END)[2]}"


def settings() -> str:
    """Return the table of settings."""
    rows = ["| variable | default | meaning |", "|---|---|---|"]
    rows += [
        f"| `{variable(item.name)}` | `{item.default}` | {item.metadata['meaning']} |" for item in fields(Settings)
    ]
    return "\n".join([*rows, ""])


def commands() -> str:
    """Return a section for each command."""
    return "\n".join(_sections("onrecord", onrecord))


def _sections(name: str, command: click.Command) -> Iterator[str]:
    context = click.Context(command, info_name=name)
    if isinstance(command, click.Group):
        for below in command.list_commands(context):
            yield from _sections(f"{name} {below}", typing.cast("click.Command", command.get_command(context, below)))
        return
    usage = " ".join([name, *command.collect_usage_pieces(context)])
    parts = [f"## {name}", f"```text\n{usage}\n```", _prose(command), _options(command, context)]
    yield "\n\n".join(part for part in parts if part) + "\n"


def _prose(command: click.Command) -> str:
    """Return the help of a command in lines of at most 120 characters."""
    text = "\n\n".join(part.strip() for part in (command.help, command.epilog) if part)
    paragraphs = re.split(r"\n\s*\n", text.replace("\b\n", ""))
    return "\n\n".join(textwrap.fill(" ".join(part.split()), 120, break_on_hyphens=False) for part in paragraphs)


def _options(command: click.Command, context: click.Context) -> str:
    """Return the table of options, empty if a command has none."""
    records = [param.get_help_record(context) for param in command.params if isinstance(param, click.Option)]
    rows = [f"| `{names}` | {' '.join(meaning.split())} |" for names, meaning in filter(None, records)]
    return "\n".join(["| option | meaning |", "|---|---|", *rows]) if rows else ""


def main(arguments: typing.Sequence[str]) -> int:
    """Write the pages, or print the names of those that are not current and return 1."""
    stale = [(path, text) for path, text in pages() if path.read_text() != text]
    for path, text in stale:
        if "--write" in arguments:
            path.write_text(text)
        sys.stdout.write(f"{path.name}\n")
    return int(bool(stale) and "--write" not in arguments)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
