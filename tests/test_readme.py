"""What the README shows is run: its two commands, its requests with their answers, its tables."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
from dataclasses import fields
from itertools import pairwise
from pathlib import Path

import pytest

from api import create_app
from api.settings import Settings, variable
from tests.serving import environment, free_port, onrecord, serving

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text()
BLOCKS = re.findall(r"```(\w+)\n(.*?)```", README, re.DOTALL)
COMMANDS = [text.strip() for language, text in BLOCKS if language == "sh"]
REQUESTS = [
    (command.strip(), json.loads(answer))
    for (language, command), (following, answer) in pairwise(BLOCKS)
    if (language, following) == ("sh", "json")
]


@pytest.fixture(scope="module")
def running(tmp_path_factory):
    """The service as `make run` starts it, with a database of its own."""
    folder, port = tmp_path_factory.mktemp("run"), free_port()
    env = environment(database_url=f"sqlite:///{folder}/onrecord.db")
    with serving(("make", "run", f"PORT={port}"), ROOT, port, env, folder / "log") as root:
        yield root


def test_the_first_commands_are_the_two():
    assert COMMANDS[:2] == ["make run", "make test"]
    assert len(REQUESTS) == len(COMMANDS) - 2 >= 3


@pytest.mark.parametrize(("command", "answer"), REQUESTS, ids=[str(number) for number in range(1, len(REQUESTS) + 1)])
def test_a_request_is_answered_as_shown(running, command, answer):
    arguments = shlex.split(command.replace("http://127.0.0.1:8000", running))
    assert arguments[0] == "curl"
    got = subprocess.run([*arguments, "--silent"], capture_output=True, text=True, timeout=30, check=True).stdout
    got = json.loads(got.replace(running, "http://127.0.0.1:8000"))
    # "…" stands for what differs from time to time.
    for name, value in answer.items():
        if value == "…":
            assert got[name]
            got[name] = value
    assert got == answer


def test_the_settings_are_those_there_are():
    rows = re.findall(r"^\| `(ONRECORD_\w+)` \| `(.*?)` \| (.*?) \|$", README, re.MULTILINE)
    assert rows == [(variable(field.name), field.default, field.metadata["meaning"]) for field in fields(Settings)]


def test_the_paths_are_served():
    served = {
        re.sub("<(.*?)>", r"{\1}", rule.rule)
        for rule in create_app(Settings(database_url="sqlite://")).url_map.iter_rules()
    }
    shown = set(re.findall(r"`(/[\w./{}-]*)`", README))
    assert shown <= served
    assert {path for path in served if path.startswith("/v1/") and "{" not in path} <= shown


def test_the_commands_are_those_there_are(tmp_path):
    shown = re.findall(r"^\| `onrecord (\w+)(?: (\w+))?", README, re.MULTILINE)
    for first, second in shown:
        told = onrecord(*[word for word in (first, second) if word and word.islower()], "--help", cwd=tmp_path)
        assert told.returncode == 0, told.stderr
    top = onrecord("--help", cwd=tmp_path).stdout.partition("Commands:")[2].split("\n")
    assert {line.split()[0] for line in top if line.strip()} == {first for first, _ in shown}


@pytest.mark.parametrize("paper", ["README.md", "CONTRIBUTING.md"])
def test_links_lead_to_files_that_are_there(paper):
    for target in re.findall(r"\]\((?!https?:)([^)#]+)\)", (ROOT / paper).read_text()):
        assert (ROOT / target).exists(), target


def test_contributing_shows_the_fifth_kind_as_it_is_added():
    text = re.sub(r"^ {3}", "", (ROOT / "CONTRIBUTING.md").read_text(), flags=re.MULTILINE)
    for file in ("schemas_prisoner_exchange.py", "api_kinds_prisoner_exchange.py"):
        shown = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
        assert any(block.strip() in (ROOT / "tests" / "fifth_kind" / file).read_text() for block in shown), file
