"""README and docs: every block runs, and tables, commands, paths and links match the code.

The blocks of a page run in order, in one shell, against a server of the page's own:

- `sh` runs. A line that starts a server runs in the background. `make run` in README and `make demo` start the page's
  server. The servers of other pages have the same data as after `make run`.
- `python` runs, with warnings as errors.
- `json` is compared with the output of the block before it, `text` too. In both, `…` stands for anything.

RUN_ELSEWHERE and NOT_RUN list all other blocks, with the reason.
"""

from __future__ import annotations

import configparser
import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import textwrap
import typing
import urllib.request
from contextlib import suppress
from dataclasses import dataclass, fields
from pathlib import Path

import pytest

from api.app import create_app
from api.settings import Settings, variable
from tests.conftest import PostgresDatabases, SqliteDatabases
from tests.support import generated_docs
from tests.support.live_server import ONRECORD, environment, free_port, onrecord, run_server

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
PAGES = [ROOT / "README.md", *sorted(DOCS.glob("*.md"))]
PAPERS = [*PAGES, *(ROOT / name for name in ("CONTRIBUTING.md", "SECURITY.md", "fixtures/demo/README.md"))]
README = PAGES[0].read_text()
MORE = "…"

# Blocks that another test runs, by page and language.
RUN_ELSEWHERE = {
    ("testing-your-app.md", "bash"): "tests/contract/test_consumers.py runs it: it installs packages, also with npm.",
    ("concepts.md", "js"): "tests/contract/test_consumers.py runs it: it needs Node.js.",
    ("adding-a-kind.md", "python"): "tests/http/test_new_kind.py adds these files to a copy of the project.",
    ("operations.md", "ini"): "test_the_unit_starts_a_server runs its command in its environment.",
    ("operations.md", "bash"): "test_the_runbook_runs_on_both_databases runs it: it stops the server.",
    ("cli.md", "text"): "test_generated_pages_are_current compares it with click.",
}
# Blocks that no test runs, by page and language or command.
NOT_RUN = {
    ("README.md", "make test"): "It runs this suite.",
    ("operations.md", "nginx"): "nginx is not among the requirements of the tests.",
}

# Paths in docs that are not paths of a server: the mock serves the first two, and the others are folders and prefixes.
NOT_SERVED = {"/_contract/reset", "/_contract/report", "/opt/onrecord", "/v2"}


@dataclass(frozen=True)
class Block:
    """A fenced block: its language and its content."""

    language: str
    content: str


def blocks(page: Path) -> list[Block]:
    """Return the fenced blocks of a page."""
    fence = re.compile(r"^( *)```(\w*)\n(.*?)^\1```$", re.DOTALL | re.MULTILINE)
    return [Block(language, textwrap.dedent(content)) for _, language, content in fence.findall(page.read_text())]


def executed(page: Path) -> list[Block]:
    """Return the blocks that run with the page, and those that show their output."""
    own = []
    for block in blocks(page):
        if (page.name, block.language) in {*RUN_ELSEWHERE, *NOT_RUN} or (page.name, block.content.strip()) in NOT_RUN:
            continue
        assert block.language in ("sh", "python", "json", "text"), f"{page.name} has a {block.language!r} block"
        own.append(block)
    return own


@dataclass(frozen=True)
class Step:
    """A block that runs, and the block that shows its output, if there is one."""

    block: Block
    shown: Block | None


def steps(page: Path) -> list[Step]:
    """Return the blocks of a page that run, each with its output."""
    result: list[Step] = []
    for block in executed(page):
        if block.language in ("sh", "python"):
            result.append(Step(block, None))
        else:
            assert result, f"{page.name} shows output before the first command"
            assert result[-1].shown is None, f"{page.name} shows two outputs after {result[-1].block.content}"
            result[-1] = Step(result[-1].block, block)
    return result


# These commands start the server of a page.
STARTS = ("make run", "make demo")
PORT = re.compile(r"(?<=127\.0\.0\.1:)\d+|(?<=--port )\d+")
RUNNABLE = [page for page in PAGES if steps(page)]


def difference(shown: typing.Any, actual: typing.Any, where: str = "") -> str | None:
    """Return the first difference between a shown value and the actual one, or None."""
    if isinstance(shown, str) and MORE in shown and (shown == MORE or isinstance(actual, str)):
        return None if shown == MORE or wildcard(shown).fullmatch(actual) else f"{where}: {shown!r}, not {actual!r}"
    if isinstance(shown, dict) and isinstance(actual, dict):
        names = {name for name in shown if name != MORE}
        if not names <= actual.keys() or (MORE not in shown and names != actual.keys()):
            return f"{where}: the fields {sorted(names)}, not {sorted(actual)}"
        pairs = [(f"{where}/{name}", shown[name], actual[name]) for name in sorted(names)]
    elif isinstance(shown, list) and isinstance(actual, list):
        expected = [value for value in shown if value != MORE]
        if len(expected) > len(actual) or (len(expected) == len(shown) != len(actual)):
            return f"{where}: {len(shown)} values, not {len(actual)}"
        pairs = [(f"{where}/{place}", *pair) for place, pair in enumerate(zip(expected, actual, strict=False))]
    else:
        same = shown == actual and isinstance(shown, bool) == isinstance(actual, bool)
        return None if same else f"{where}: {shown!r}, not {actual!r}"
    return next(filter(None, (difference(one, other, place) for place, one, other in pairs)), None)


def wildcard(shown: str) -> re.Pattern[str]:
    """Return the pattern of a text in which `…` stands for anything."""
    return re.compile(".*".join(map(re.escape, shown.split(MORE))), re.DOTALL)


def test_a_difference_is_found_wherever_it_is():
    actual = {"a": 1, "b": [{"c": "one two"}, 2], "d": None}
    for shown in (actual, {"a": 1, MORE: MORE}, {"a": MORE, "b": [{"c": "one …"}, MORE], "d": None}):
        assert difference(shown, actual) is None
    for shown in ({"a": 1}, {"e": 1, MORE: MORE}, {"a": True, MORE: MORE}, {"b": [{"c": "two …"}, 2], MORE: MORE}):
        assert difference(shown, actual) is not None
    for shown in ([MORE, MORE], [{"c": "one two"}], [1, 2, 3]):
        assert (difference({"b": shown, MORE: MORE}, actual) is None) == (shown[0] == MORE)


class Page:
    """A page in a folder like a checkout, with its own server. The database is onrecord.db, as by default."""

    def __init__(self, path: Path, folder: Path):
        self.path = path
        self.folder = folder
        self.steps = steps(path)
        self.ports = {port: free_port() for port in ("8000", *PORT.findall(path.read_text()))}
        for entry in ROOT.iterdir():
            if not entry.name.startswith(".") and entry.suffix != ".db":
                (folder / entry.name).symlink_to(entry)
        (folder / ".venv").mkdir()
        (folder / ".venv" / "bin").symlink_to(Path(sys.executable).parent)
        (folder / ".curlrc").write_text("silent\nshow-error\n")
        self.outputs = folder / "outputs"
        self.outputs.mkdir()

    def served(self, seed: Path):
        """Return a context manager of the page's server."""
        port, log = self.ports["8000"], self.folder / "log"
        start = self.steps[0].block.content.strip()
        if start != "make demo" and not (start == "make run" and self.path.name == "README.md"):
            shutil.copy(seed, self.folder / "onrecord.db")
            return run_server((*ONRECORD, "serve", "--port", str(port)), self.folder, port, environment(), log)
        url = f"sqlite:///{self.folder}/onrecord.db"
        command = (*start.split(), f"PORT={port}", f"DEMO_DATABASE={url}")
        return run_server(command, ROOT, port, environment(database_url=url), log)

    def localized(self, text: str) -> str:
        """Replace the ports of the page with the free ones."""
        return PORT.sub(lambda match: str(self.ports[match[0]]), text)

    def script(self) -> str:
        """Return the blocks as a script of bash. Each writes its output to a file."""
        parts = []
        for place, step in enumerate(self.steps):
            content = self.localized(step.block.content)
            if step.block.language == "python":
                content = f"{sys.executable} -W error - <<'END_OF_BLOCK'\n{content}END_OF_BLOCK\n"
            elif content.strip() in STARTS:
                content = ":\n"
            else:
                content = re.sub(
                    r"^\S*onrecord (?:serve|mock)\b.*--port (\d+).*$", self.background, content, flags=re.MULTILINE
                )
            parts.append(f"{{\n{content}}} > {shlex.quote(str(self.outputs / str(place)))}\n")
        return "".join(parts)

    def background(self, line: re.Match[str]) -> str:
        """Return the commands that start a server in the background and wait for it."""
        return f"{line[0]} &\nuntil (: > /dev/tcp/127.0.0.1/{line[1]}) 2> /dev/null; do sleep 0.1; done"

    def run(self) -> list[str]:
        """Run the script and return the output of each block."""
        with (self.folder / "errors").open("w+") as errors:
            process = subprocess.Popen(
                ["bash", "-euo", "pipefail", "-c", self.script()],
                cwd=self.folder, env={**environment(), "CURL_HOME": str(self.folder)},
                stderr=errors, stdout=errors, start_new_session=True,
            )  # fmt: skip
            try:
                status: object = process.wait(120)
            except subprocess.TimeoutExpired:
                status = "timeout"
            finally:
                # Its group has the servers that it started, if there are any.
                with suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGTERM)
            errors.seek(0)
            done = [path.read_text() for path in sorted(self.outputs.iterdir(), key=lambda path: int(path.name))]
            last = self.steps[len(done) - 1].block.content if done else ""
            assert status == 0, f"{last}\n{done[-1:]}\n{errors.read()}"
        for documented, free in self.ports.items():
            done = [text.replace(f"127.0.0.1:{free}", f"127.0.0.1:{documented}") for text in done]
        return done


@pytest.fixture(scope="module")
def seeded(tmp_path_factory):
    """Create a database file with the fixtures."""
    source = SqliteDatabases(tmp_path_factory.mktemp("databases"))
    yield Path(source.new("seeded").removeprefix("sqlite:///"))
    source.close()


@pytest.mark.parametrize("path", RUNNABLE, ids=lambda path: path.name)
def test_every_block_runs_and_prints_the_shown_output(path, tmp_path, seeded):
    page = Page(path, tmp_path)
    with page.served(seeded):
        outputs = page.run()
    for step, output in zip(page.steps, outputs, strict=True):
        if step.shown is None:
            continue
        if step.shown.language == "text":
            assert wildcard(step.shown.content.strip()).fullmatch(output.replace("\r", "").strip()), output
        else:
            message = difference(json.loads(step.shown.content), json.loads(output))
            assert message is None, f"{step.block.content}{message}\n{output}"


def test_no_exception_is_left_over():
    present = {(page.name, block.language) for page in PAGES for block in blocks(page)}
    present |= {(page.name, block.content.strip()) for page in PAGES for block in blocks(page)}
    assert {*RUN_ELSEWHERE, *NOT_RUN} <= present


def test_readme_is_short_and_begins_with_the_two_commands():
    assert len(README.splitlines()) <= 150
    commands = [block.content.strip() for block in blocks(PAGES[0]) if block.language == "sh"]
    assert commands[:2] == ["make run", "make test"]
    assert sum(step.shown is not None for page in PAGES for step in steps(page)) >= 6


def test_readme_links_every_page():
    linked = set(re.findall(r"\]\((docs/[\w.-]+)\)", README))
    assert linked == {f"docs/{page.name}" for page in DOCS.iterdir()}


@pytest.mark.parametrize("page", PAGES[1:], ids=lambda page: page.name)
def test_a_page_begins_with_one_sentence_about_its_readers(page):
    title, opening = page.read_text().split("\n\n")[:2]
    assert re.fullmatch(r"# \S.*", title)
    assert re.fullmatch(r"Read this page (?:if|before|when|to) [^.]*\.", opening), opening


def test_generated_pages_are_current():
    stale = [path.name for path, text in generated_docs.pages() if path.read_text() != text]
    assert stale == [], "Run: make docs"


def test_the_settings_are_those_of_the_code():
    rows = re.findall(r"^\| `(ONRECORD_\w+)` \| `(.*?)` \| (.*?) \|$", (DOCS / "settings.md").read_text(), re.MULTILINE)
    assert rows == [(variable(field.name), field.default, field.metadata["meaning"]) for field in fields(Settings)]


def test_the_paths_are_served():
    served = {
        re.sub("<(?:[^<>]*:)?(.*?)>", r"{\1}", rule.rule)
        for rule in create_app(Settings(database_url="sqlite://")).url_map.iter_rules()
    }
    shown = {path for page in PAGES for path in re.findall(r"`(?:[A-Z]+ )?(/[\w./{}-]*)`", page.read_text())}
    assert shown - NOT_SERVED <= served
    assert {path for path in served if path.startswith("/v1/") and "{" not in path} <= shown


def test_the_commands_are_those_of_the_code(tmp_path):
    def listed(*group: str) -> list[str]:
        lines = onrecord(*group, "--help", cwd=tmp_path).stdout.partition("Commands:\n")[2].splitlines()
        return [" ".join([*group, line.split()[0]]) for line in lines if re.match(r"  \S", line)]

    sections = re.findall(r"^## onrecord (.*)$", (DOCS / "cli.md").read_text(), re.MULTILINE)
    assert sections == [name for top in listed() for name in listed(top) or [top]]
    for paper in PAPERS:
        for words in re.findall(r"`onrecord ([a-z]+[^`]*)`", paper.read_text()):
            assert any(f"{words} ".startswith(f"{name} ") for name in sections), f"{paper.name}: {words}"


@pytest.mark.parametrize("paper", PAPERS, ids=lambda paper: paper.name)
def test_links_lead_to_existing_files_and_headings(paper):
    for target, anchor in re.findall(r"\]\((?!https?:)([^)#]*)(?:#([^)]+))?\)", paper.read_text()):
        file = paper.parent.joinpath(target) if target else paper
        assert file.exists(), target
        if anchor:
            headings = re.findall(r"^#+ (.*)$", file.read_text(), re.MULTILINE)
            slugs = {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}
            assert anchor in slugs, f"{target}#{anchor}"


@pytest.mark.parametrize("paper", PAPERS, ids=lambda paper: paper.name)
def test_named_files_and_make_targets_exist(paper):
    text = paper.read_text()
    added = set(re.findall(r"`((?:schemas|api|fixtures)/[\w/.-]*(?:prisoner)[\w.-]*)`", text))
    for path in re.findall(r"`((?:api|schemas|fixtures|tests|docs|\.ci|\.github)/[\w/.-]*)`", text):
        assert path in added or (ROOT / path).exists(), path
    for path in re.findall(r"(?<![\w/])tests/[\w/]+\.py", text):
        assert (ROOT / path).exists(), path
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    for target in re.findall(r"`make ([a-z-]+)|^make ([a-z-]+)", text, re.MULTILINE):
        assert "".join(target) in targets, target


def test_adding_a_kind_shows_the_files_that_are_added():
    shown = [block.content.strip() for block in blocks(DOCS / "adding-a-kind.md")]
    names = ("schemas_prisoner_exchange.py", "api_kinds_prisoner_exchange.py", "migration_prisoner_exchange.py")
    for block, name in zip(shown, names, strict=True):
        assert block in (ROOT / "tests" / "support" / "new_kind" / name).read_text()


def test_the_unit_starts_a_server(tmp_path):
    (block,) = [block for block in blocks(DOCS / "operations.md") if block.language == "ini"]
    unit = configparser.ConfigParser(strict=False, interpolation=None)
    unit.optionxform = str
    unit.read_string(block.content)
    settings = dict(part.split("=", 1) for part in shlex.split(unit["Service"]["Environment"]))
    settings["ONRECORD_DATABASE_URL"] = f"sqlite:///{tmp_path}/unit.db"
    env = {**environment(), **settings}
    for name in ("ExecStartPre", "ExecStart"):
        program, *arguments = shlex.split(unit["Service"][name])
        assert program == "/opt/onrecord/.venv/bin/onrecord"
        command = [*ONRECORD, *arguments]
        if name == "ExecStartPre":
            subprocess.run(command, cwd=tmp_path, env=env, check=True, capture_output=True)
    port = free_port()
    with run_server((*command, "--port", str(port)), tmp_path, port, env, tmp_path / "log") as root:
        with urllib.request.urlopen(f"{root}/readyz", timeout=30) as response:
            assert response.status == 200
        catalog = json.load(urllib.request.urlopen(f"{root}/.well-known/api-catalog", timeout=30))
    assert catalog["linkset"][0]["anchor"].startswith(settings["ONRECORD_PUBLIC_URL"])


def test_the_runbook_runs_on_both_databases(databases, tmp_path):
    commands = "".join(block.content for block in blocks(DOCS / "operations.md") if block.language == "bash")
    port = free_port()
    # The commands of systemd, with the server in this script.
    systemd = f"""
sudo() {{ "$@"; }}
systemctl() {{
    if [ "$1" = stop ]; then kill $SERVER; wait $SERVER || true; return; fi
    .venv/bin/onrecord serve --port {port} > log 2>&1 &
    SERVER=$!
    until curl -sf -o ready http://127.0.0.1:{port}/readyz; do sleep 0.1; done
}}
systemctl start onrecord
trap 'kill $SERVER' EXIT
.venv/bin/onrecord backup monday.backup
.venv/bin/onrecord keys create --name after-the-backup --scope claims:write
"""
    folder = tmp_path / ".venv"
    folder.mkdir()
    (folder / "bin").symlink_to(Path(sys.executable).parent)
    env = environment(database_url=databases.new("seeded"))
    if isinstance(databases, PostgresDatabases):
        env["PATH"] = f"{databases.server.bin_path}{os.pathsep}{env['PATH']}"
    script = systemd + commands.replace("127.0.0.1:8000", f"127.0.0.1:{port}")
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script],
        cwd=tmp_path, env=env, capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Restored and verified: monday.backup, with 4 articles, 25 claims, 29 changes." in done.stdout
    assert "\n410\nchange-sequence: 29\nchange-epoch: " in done.stdout.replace("\r", "").lower()
    assert json.loads((tmp_path / "rejected.json").read_text())["code"] == "resync-required"
    assert done.stdout.count("All agrees.") == 2
    keys = onrecord("keys", "list", cwd=tmp_path, database_url=env["ONRECORD_DATABASE_URL"])
    assert "after-the-backup" not in keys.stdout
