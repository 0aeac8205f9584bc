"""The consumers under consumers/: apps of other people, each with tests of its own, run against the mock.

Their clients are generated from the contract, and their types are checked. What is made for that is kept beside them
for as long as it is made of the same.
"""

from __future__ import annotations

import fcntl
import hashlib
import importlib
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
from contextlib import ExitStack, contextmanager
from pathlib import Path

import httpx
import pytest

from api.cli.mock import NAMES
from api.contract.mock.app import watched
from api.contract.mock.serving import listen
from tests.serving import ONRECORD, environment, free_port

pytestmark = pytest.mark.external

ROOT = Path(__file__).parent.parent
CONTRACT = ROOT / "schemas" / "contract" / "v1" / "openapi.json"
CONSUMERS = ROOT / "tests" / "consumers"
PYTHON = CONSUMERS / "python"
TYPESCRIPT = CONSUMERS / "typescript"
BIN = Path(sys.executable).parent

needs_node = pytest.mark.skipif(
    not all(map(shutil.which, ("node", "npm"))), reason="no Node.js 20 with npm: apt-get install nodejs npm"
)


def run(*command, cwd, **variables):
    """Run a command to its good end, with the tools that are installed beside this Python."""
    done = subprocess.run(command, cwd=cwd, env=own(**variables), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def own(**variables):
    """The environment of an app: nothing of ours but its tools."""
    kept = {name: value for name, value in environment().items() if name not in ("PYTHONPATH", "PYTEST_ADDOPTS")}
    return kept | {"PATH": os.pathsep.join((str(BIN), os.environ["PATH"]))} | variables


def made(product, of, *command, cwd):
    """Make a file or folder by a command, unless it was made of the same; one at a time, whoever else tests here."""
    folder = CONSUMERS / ".made"
    folder.mkdir(exist_ok=True)
    told = hashlib.sha256(b"\0".join([*map(os.fsencode, command), *(path.read_bytes() for path in of)])).hexdigest()
    with (folder / product).open("a+") as stamp:
        fcntl.flock(stamp, fcntl.LOCK_EX)
        stamp.seek(0)
        if stamp.read() == told and (cwd / product).exists():
            return
        stamp.truncate(0)
        run(*command, cwd=cwd)
        stamp.write(told)


@pytest.fixture(scope="module")
def python():
    """The client of the Python app."""
    generate = ("openapi-python-client", "generate", "--path", str(CONTRACT), "--meta", "none", "--overwrite")
    client = "onrecord_client"
    made(client, [CONTRACT, ROOT / "requirements-test.txt"], *generate, "--output-path", client, cwd=PYTHON)


@pytest.fixture(scope="module")
def typescript():
    """The TypeScript app with its packages, and with the contract as types, compiled."""
    lock, package = TYPESCRIPT / "package-lock.json", TYPESCRIPT / "package.json"
    npm_ci = ("npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund")
    made("node_modules", [lock, package], *npm_ci, cwd=TYPESCRIPT)
    made("contract.d.ts", [CONTRACT, lock, package], "npm", "run", "contract", cwd=TYPESCRIPT)
    sources = [*sorted(TYPESCRIPT.glob("*.ts")), TYPESCRIPT / "tsconfig.json"]
    made("build", [CONTRACT, lock, package, *sources], "npm", "run", "build", cwd=TYPESCRIPT)


@contextmanager
def mock(folder, *arguments):
    """What a started mock says of itself, as the variables that the apps' tests read."""
    command = [*ONRECORD, "mock", "--port", "0", *arguments]
    process = subprocess.Popen(command, cwd=folder, env=environment(), stdout=subprocess.PIPE, text=True)
    try:
        words = process.stdout.readline().split()
        yield {"MOCK_URL": next(word for word in words if "://" in word), "MOCK_KEY": words[-1]}
    finally:
        process.terminate()
        process.wait(30)
        process.stdout.close()


def passes_with_and_without_chaos(tests, *checks, cwd, folder):
    """An app's own tests, against a mock and against one in chaos, and what else is checked of it: all at once."""
    with ExitStack() as stack:
        mocks = [stack.enter_context(mock(folder, *arguments)) for arguments in ((), ("--chaos",))]
        running = [
            subprocess.Popen(
                command, cwd=cwd, env=own(**variables), text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
            )
            for command, variables in [*((tests, told) for told in mocks), *((check, {}) for check in checks)]
        ]
        for each in running:
            stack.callback(each.kill)
        told = [each.communicate(timeout=120)[0] for each in running]
        assert [each.returncode for each in running] == [0] * len(running), "\n".join(told)
        return told[:2]


def test_a_python_app_keeps_to_its_types_and_passes_its_tests_with_and_without_chaos(python, tmp_path):
    sources = sorted(path.name for path in PYTHON.glob("*.py"))
    tests, types = (sys.executable, "-m", "pytest", "-q"), ("mypy", "--cache-dir", str(tmp_path), *sources)
    for told in passes_with_and_without_chaos(tests, types, cwd=PYTHON, folder=tmp_path):
        assert "4 passed" in told


@needs_node
def test_a_typescript_app_keeps_to_its_types_and_passes_its_tests_with_and_without_chaos(typescript, tmp_path):
    for told in passes_with_and_without_chaos(("npm", "test"), cwd=TYPESCRIPT, folder=tmp_path):
        assert "# pass 4" in told


def test_the_packages_of_the_typescript_app_are_locked_and_name_no_registry():
    lock = (TYPESCRIPT / "package-lock.json").read_text()
    assert '"integrity"' in lock
    assert '"resolved"' not in lock


@needs_node
def test_the_first_tests_that_readme_shows_run_as_they_stand(typescript, tmp_path):
    blocks = re.findall(r"```bash\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)
    script = "".join(blocks)
    # What it installs is installed here.
    script, installs = re.subn(r"^(python3 -m venv|pip install|npm install) .*\n", "", script, flags=re.MULTILINE)
    assert (installs, len(blocks)) == (3, 2)
    (tmp_path / "node_modules").symlink_to(TYPESCRIPT / "node_modules")
    for port in ("8100", "8101"):
        script = script.replace(port, str(free_port()))
    with (tmp_path / "log").open("w+") as log:
        process = subprocess.Popen(
            ["bash", "-euc", script], cwd=tmp_path, env=own(), stdout=log, stderr=log, start_new_session=True
        )
        try:
            status = process.wait(120)
        finally:
            os.killpg(process.pid, signal.SIGTERM)
        log.seek(0)
        told = log.read()
    assert status == 0, told
    assert (told.count("1 passed"), told.count("# pass 1")) == (2, 2)


# Chaos bites: who forgets an advice is found out by the change that it is about, and by no other.


@contextmanager
def served(*names):
    """A mock in a thread, in a chaos of some names."""
    server = listen("127.0.0.1", 0)
    # A client that timed out is gone before its request is done, and the database stays open until then.
    server.daemon_threads = False
    root = f"http://127.0.0.1:{server.port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    with watched(root, names) as server.app:
        thread.start()
        try:
            yield root
        finally:
            server.shutdown()
            thread.join()
            server.server_close()


@pytest.fixture
def fragile(monkeypatch):
    """The apps that each forget one advice, by the name of what they forget."""
    monkeypatch.syspath_prepend(PYTHON)
    yield importlib.import_module("fragile")
    for name in ("fragile", "patience"):
        sys.modules.pop(name, None)


KNOWN = {"the article 1000", "Russia 5000", "Azerbaijan None", "Azerbaijan 91", "Armenia 1166", "Armenia 45"}


def works(app, root):
    """Whether it shows what is on record. A machine that is slow by itself is asked again."""
    for _ in range(5):
        httpx.post(f"{root}/_contract/reset").raise_for_status()
        try:
            return set(app(root)) >= KNOWN
        except httpx.TimeoutException:
            continue
        except (httpx.HTTPError, TypeError, KeyError):
            break
    return False


@pytest.mark.parametrize("names", [(), *((name,) for name in NAMES)], ids=lambda names: "-".join(names) or "plain")
def test_an_app_that_forgets_one_advice_is_found_out_by_that_change_alone(fragile, names):
    apps = {name: getattr(fragile, name.replace("-", "_")) for name in NAMES}
    with served(*names) as root:
        assert {name for name, app in apps.items() if not works(app, root)} == set(names)
