"""What the README shows is run: its two commands, its requests with their answers, its tables."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from dataclasses import fields
from itertools import pairwise
from pathlib import Path

import pytest

from api import create_app
from api.cli import _ALONE
from api.settings import Settings, variable
from tests.serving import environment, free_port, onrecord, serving

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text()
BLOCKS = re.findall(r"```(\w+)\n(.*?)```", README, re.DOTALL)
PROGRAMS = [text for language, text in BLOCKS if language == "python"]
COMMANDS = [text.strip() for language, text in BLOCKS if language == "sh"]
# Each command with the answer that is shown behind it, or None.
STEPS = [
    (command.strip(), json.loads(following) if answer == "json" else None)
    for (language, command), (answer, following) in pairwise([*BLOCKS, ("", "")])
    if language == "sh"
]
MORE = "…"


@pytest.fixture(scope="module")
def running(tmp_path_factory):
    """The service as `make run` starts it, with a database of its own."""
    folder, port = tmp_path_factory.mktemp("run"), free_port()
    env = environment(database_url=f"sqlite:///{folder}/onrecord.db")
    with serving(("make", "run", f"PORT={port}"), ROOT, port, env, folder / "log") as root:
        yield root, env


def test_the_first_commands_are_the_two():
    assert COMMANDS[:2] == ["make run", "make test"]
    assert len([answer for _, answer in STEPS if answer is not None]) >= 6


@pytest.mark.slow
def test_what_is_shown_is_what_happens(running):
    root, env = running
    shell = {}
    for command, shown in STEPS[2:]:
        script = command.replace("http://127.0.0.1:8000", root).replace("curl ", "curl --silent ")
        # What a command leaves in a variable, the next one has.
        script += "" if shown is not None else "\necho KEY=$KEY"
        told = subprocess.run(
            ["bash", "-euc", script],
            cwd=ROOT,
            env={**env, **shell},
            capture_output=True,
            text=True,
            timeout=60,
            check=True,
        ).stdout
        (ROOT / "sides.svg").unlink(missing_ok=True)
        if shown is None:
            shell |= dict([told.strip().rpartition("\n")[2].split("=", 1)])
            continue
        got = json.loads(told.replace(root, "http://127.0.0.1:8000"))
        if MORE in shown:
            got = {name: value for name, value in got.items() if name in shown} | {MORE: MORE}
        # "…" stands for what differs from time to time.
        assert got == {name: got[name] if value == MORE else value for name, value in shown.items()}, command


@pytest.mark.slow
def test_what_is_taken_away_is_read_in_one_line_each(running, tmp_path):
    root, _ = running
    (program,) = PROGRAMS
    told = subprocess.run(
        [sys.executable, "-W", "error", "-c", program.replace("http://127.0.0.1:8000", root)],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    ).stdout
    # Who claims the highest figure.
    assert re.search(r"Russia.*5000", told), told


def test_the_settings_are_those_there_are():
    rows = re.findall(r"^\| `(ONRECORD_\w+)` \| `(.*?)` \| (.*?) \|$", README, re.MULTILINE)
    assert rows == [(variable(field.name), field.default, field.metadata["meaning"]) for field in fields(Settings)]


def test_the_paths_are_served():
    served = {
        re.sub("<(?:[^<>]*:)?(.*?)>", r"{\1}", rule.rule)
        for rule in create_app(Settings(database_url="sqlite://")).url_map.iter_rules()
    }
    shown = set(re.findall(r"`(/[\w./{}-]*)`", README))
    assert shown <= served
    assert {path for path in served if path.startswith("/v1/") and "{" not in path} <= shown


def test_the_commands_are_those_there_are(tmp_path):
    shown = re.findall(r"^\| `onrecord (\w+)(?: ([a-z][a-z-]*))?", README, re.MULTILINE)
    there = set()
    commands = create_app(Settings(database_url="sqlite://")).cli.commands
    for name, command in {**commands, **{command.name: command for command in _ALONE}}.items():
        there |= {(name, below) for below in getattr(command, "commands", {"": None})}
    assert set(shown) == there
    top = onrecord("--help", cwd=tmp_path).stdout.partition("Commands:")[2].split("\n")
    assert {line.split()[0] for line in top if line.strip()} == {first for first, _ in shown}


@pytest.mark.parametrize("paper", ["README.md", "CONTRIBUTING.md", "docs/grounding.md"])
def test_links_lead_to_files_that_are_there(paper):
    for target in re.findall(r"\]\((?!https?:)([^)#]+)\)", (ROOT / paper).read_text()):
        assert (ROOT / paper).parent.joinpath(target).exists(), target


def test_contributing_shows_the_fifth_kind_as_it_is_added():
    text = re.sub(r"^ {3}", "", (ROOT / "CONTRIBUTING.md").read_text(), flags=re.MULTILINE)
    for file in ("schemas_prisoner_exchange.py", "api_kinds_prisoner_exchange.py"):
        shown = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
        assert any(block.strip() in (ROOT / "tests" / "fifth_kind" / file).read_text() for block in shown), file
