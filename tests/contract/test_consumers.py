"""The apps in consumers/ pass their own tests against the mock.

Five generators make their clients from the contract. In each client, a record makes a round trip. The generated files
are kept, and rebuilt if their inputs change.
"""

from __future__ import annotations

import fcntl
import hashlib
import importlib
import json
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

from api.cli.mock import CHAOS_NAMES
from api.contract.mock.app import open_mock
from api.contract.mock.server import listen
from tests.support.live_server import ONRECORD, environment, free_port

ROOT = Path(__file__).parents[2]
pytestmark = pytest.mark.external
CONTRACT = ROOT / "schemas" / "contract" / "v1" / "openapi.json"
CONSUMERS = ROOT / "tests" / "contract" / "consumers"
PYTHON = CONSUMERS / "python"
TYPESCRIPT = CONSUMERS / "typescript"
BIN = Path(sys.executable).parent

needs_node = pytest.mark.skipif(
    not all(map(shutil.which, ("node", "npm"))), reason="no Node.js 20 with npm: apt-get install nodejs npm"
)


def run(*command, cwd, **variables):
    """Run a command that must succeed, with the tools that are installed next to this Python."""
    done = subprocess.run(
        command, cwd=cwd, env=app_environment(**variables), capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def app_environment(**variables):
    """Return the environment of an app. It has the tools of this environment, but not its packages."""
    kept = {name: value for name, value in environment().items() if name not in ("PYTHONPATH", "PYTEST_ADDOPTS")}
    return kept | {"PATH": os.pathsep.join((str(BIN), os.environ["PATH"]))} | variables


def build_once(product, of, *command, cwd):
    """Build a file or folder, unless it was built from the same inputs. A lock keeps concurrent runs apart."""
    folder = CONSUMERS / ".made"
    folder.mkdir(exist_ok=True)
    reported = hashlib.sha256(b"\0".join([*map(os.fsencode, command), *(path.read_bytes() for path in of)])).hexdigest()
    with (folder / product).open("a+") as stamp:
        fcntl.flock(stamp, fcntl.LOCK_EX)
        stamp.seek(0)
        if stamp.read() == reported and (cwd / product).exists():
            return
        stamp.truncate(0)
        run(*command, cwd=cwd)
        stamp.write(reported)


GENERATORS = (
    "openapi-python-client",
    "datamodel-code-generator",
    "openapi-typescript",
    "orval",
    "@hey-api/openapi-ts",
)
# The files that the generators for Python make, and their commands without the output.
PYTHON_CLIENTS = {
    "onrecord_client": (
        *("openapi-python-client", "generate", "--path", str(CONTRACT), "--meta", "none", "--overwrite"),
        "--output-path",
    ),
    "onrecord_models.py": (
        *("datamodel-codegen", "--input", str(CONTRACT), "--input-file-type", "openapi", "--disable-warnings"),
        *("--output-model-type", "pydantic_v2.BaseModel", "--use-annotated", "--enum-field-as-literal", "all"),
        "--output",
    ),
}


@pytest.fixture(scope="module")
def python():
    """Build the clients of the Python app."""
    for product, command in PYTHON_CLIENTS.items():
        build_once(product, [CONTRACT, ROOT / "requirements-test.txt"], *command, product, cwd=PYTHON)


@pytest.fixture(scope="module")
def node_modules():
    """Install the packages of the TypeScript app."""
    locked = [TYPESCRIPT / "package-lock.json", TYPESCRIPT / "package.json"]
    build_once("node_modules", locked, *("npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"), cwd=TYPESCRIPT)
    return locked


@pytest.fixture(scope="module")
def typescript(node_modules):
    """Generate the clients of the TypeScript app, and compile it."""
    settings = [TYPESCRIPT / name for name in ("orval.config.ts", "tsconfig.json")]
    build_once("generated", [CONTRACT, *node_modules, *settings], "npm", "run", "generate", cwd=TYPESCRIPT)
    sources = [*sorted(TYPESCRIPT.glob("*.ts")), *settings]
    build_once("build", [CONTRACT, *node_modules, *sources], "npm", "run", "build", cwd=TYPESCRIPT)


@contextmanager
def mock(folder, *arguments):
    """Start a mock and yield its output as the environment variables of the apps' tests."""
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
    """Run an app's tests against a mock, against one with chaos, and its other checks, all concurrently."""
    with ExitStack() as stack:
        mocks = [stack.enter_context(mock(folder, *arguments)) for arguments in ((), ("--chaos",))]
        running = [
            subprocess.Popen(
                command,
                cwd=cwd,
                env=app_environment(**variables),
                text=True,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
            )
            for command, variables in [*((tests, reported) for reported in mocks), *((check, {}) for check in checks)]
        ]
        for item in running:
            stack.callback(item.kill)
        reported = [item.communicate(timeout=300)[0] for item in running]
        assert [item.returncode for item in running] == [0] * len(running), "\n".join(reported)
        return reported[:2]


def test_a_python_app_keeps_to_its_types_and_passes_its_tests_with_and_without_chaos(python, tmp_path):
    sources = [*sorted(path.name for path in PYTHON.glob("*.py")), "onrecord_client"]
    tests, types = (sys.executable, "-m", "pytest", "-q"), ("mypy", "--cache-dir", str(tmp_path), *sources)
    for reported in passes_with_and_without_chaos(tests, types, cwd=PYTHON, folder=tmp_path):
        assert "6 passed" in reported


@needs_node
def test_a_typescript_app_keeps_to_its_types_and_passes_its_tests_with_and_without_chaos(typescript, tmp_path):
    for reported in passes_with_and_without_chaos(("npm", "test"), cwd=TYPESCRIPT, folder=tmp_path):
        assert "# pass 7" in reported


@needs_node
def test_a_converter_to_postman_makes_less_than_10_megabytes(node_modules, tmp_path):
    """It makes an example of each response. If a schema lets lists of lists grow, the examples have 300 MB."""
    output = tmp_path / "collection.json"
    run("npm", "run", "postman", "--", "--output", str(output), cwd=TYPESCRIPT)
    assert len(json.loads(output.read_bytes())["item"]) > 0
    assert output.stat().st_size < 10_000_000


def test_the_packages_of_the_typescript_app_are_locked_and_name_no_registry():
    lock = (TYPESCRIPT / "package-lock.json").read_text()
    assert '"integrity"' in lock
    assert '"resolved"' not in lock


def test_the_docs_state_the_locked_version_of_each_generator():
    table = re.findall(
        r"^\| ([^ ,|]+)[^|]* \| ([0-9.]+) \| `", (ROOT / "docs" / "testing-your-app.md").read_text(), re.MULTILINE
    )
    packages = json.loads((TYPESCRIPT / "package-lock.json").read_text())["packages"]
    locked = {name.removeprefix("node_modules/"): package.get("version") for name, package in packages.items()}
    locked |= dict(re.findall(r"^([a-z-]+)==([0-9.]+)", (ROOT / "requirements-test.txt").read_text(), re.MULTILINE))
    assert [name for name, _ in table] == [*GENERATORS]
    assert all(f"{locked[name]}.".startswith(f"{version}.") for name, version in table), table


@needs_node
def test_the_first_tests_in_docs_run(typescript, tmp_path):
    blocks = re.findall(r"```bash\n(.*?)```", (ROOT / "docs" / "testing-your-app.md").read_text(), re.DOTALL)
    script = "".join(blocks)
    # Its packages are installed here.
    script, installs = re.subn(r"^(python3 -m venv|pip install|npm install) .*\n", "", script, flags=re.MULTILINE)
    assert (installs, len(blocks)) == (3, 2)
    (tmp_path / "node_modules").symlink_to(TYPESCRIPT / "node_modules")
    for port in ("8100", "8101"):
        script = script.replace(port, str(free_port()))
    with (tmp_path / "log").open("w+") as log:
        process = subprocess.Popen(
            ["bash", "-euc", script],
            cwd=tmp_path,
            env=app_environment(),
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
        try:
            status = process.wait(300)
        finally:
            os.killpg(process.pid, signal.SIGTERM)
        log.seek(0)
        reported = log.read()
    assert status == 0, reported
    assert (reported.count("1 passed"), reported.count("# pass 1")) == (2, 2)


@needs_node
def test_offsets_in_docs_select_the_shown_text_in_javascript(tmp_path):
    (program,) = re.findall(r"```js\n(.*?)```", (ROOT / "docs" / "concepts.md").read_text(), re.DOTALL)
    assert run("node", "--eval", program, cwd=tmp_path) == "Norland\n"
    wrong = program.replace('Array.from(text).slice(start, end).join("")', "text.slice(start, end)")
    assert run("node", "--eval", wrong, cwd=tmp_path) == " Norlan\n"


# Chaos bites: who forgets an advice is found out by the change that it is about, and by no other.


@contextmanager
def serve_mock(*names):
    """Serve a mock in a thread, with the chaos of these names."""
    server = listen("127.0.0.1", 0)
    # A client that timed out is gone before its request is done, and the database stays open until then.
    server.daemon_threads = False
    root = f"http://127.0.0.1:{server.port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    with open_mock(root, names) as server.app:
        thread.start()
        try:
            yield root
        finally:
            server.shutdown()
            thread.join()
            server.server_close()


@pytest.fixture
def fragile(monkeypatch):
    """Return the apps that each ignore one rule, by the name of the rule."""
    monkeypatch.syspath_prepend(PYTHON)
    yield importlib.import_module("fragile")
    for name in ("fragile", "patience"):
        sys.modules.pop(name, None)


KNOWN = {"the article 1000", "Russia 5000", "Azerbaijan None", "Azerbaijan 91", "Armenia 1166", "Armenia 45"}


def shows_claims(app, root):
    """Return whether an app shows the stored claims. Retry on a slow machine."""
    for _ in range(5):
        httpx.post(f"{root}/_contract/reset").raise_for_status()
        try:
            return set(app(root)) >= KNOWN
        except httpx.TimeoutException:
            continue
        except (httpx.HTTPError, TypeError, KeyError):
            break
    return False


@pytest.mark.parametrize(
    "names", [(), *((name,) for name in CHAOS_NAMES)], ids=lambda names: "-".join(names) or "plain"
)
def test_an_app_that_ignores_one_rule_fails_only_with_that_chaos(fragile, names):
    apps = {name: getattr(fragile, name.replace("-", "_")) for name in CHAOS_NAMES}
    with serve_mock(*names) as root:
        assert {name for name, app in apps.items() if not shows_claims(app, root)} == set(names)
