"""The image: the steps of the Dockerfile in a clean folder, and the server that they start.

A Docker daemon is not needed. The absolute paths of the image become paths in a temporary folder, and the base image
becomes the Python that runs the tests.
"""

from __future__ import annotations

import fnmatch
import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import urllib.request
from pathlib import Path

import pytest

from tests.support.live_server import free_port, wait_for_server

pytestmark = pytest.mark.external

ROOT = Path(__file__).parent.parent.parent
# The folders of the image that its instructions name. Others, such as /tmp, are those of this machine.
FOLDERS = ("/build", "/data", "/opt")
# Root gives up all its rights, except to read a Python that only root may read.
AS_USER = (
    *("setpriv", "--reuid=10001", "--regid=10001", "--clear-groups"),
    *("--inh-caps=+dac_read_search", "--ambient-caps=+dac_read_search", "--no-new-privs"),
)


def read_instructions(text: str) -> list[tuple[str, str]]:
    """Return the instructions of a Dockerfile, with their arguments."""
    lines = [line for line in text.splitlines() if not line.lstrip().startswith("#")]
    joined = re.sub(r"\\\n\s*", "", "\n".join(lines))
    return [tuple(line.split(maxsplit=1)) for line in joined.splitlines() if line]


def copy_context(target: Path) -> None:
    """Copy the files that .dockerignore sends to a build. As in Docker, the last pattern that matches decides."""
    patterns = [line for line in (ROOT / ".dockerignore").read_text().splitlines() if line and line[0] != "#"]
    for path in ROOT.iterdir():
        verdict = True
        for pattern in patterns:
            if fnmatch.fnmatch(path.name, pattern.removeprefix("!")):
                verdict = pattern.startswith("!")
        if not verdict:
            continue
        if path.is_dir():
            names = [pattern.removeprefix("**/") for pattern in patterns if pattern.startswith("**/")]
            shutil.copytree(path, target / path.name, ignore=shutil.ignore_patterns(*names))
        else:
            shutil.copy(path, target)


class Image:
    """The image of a Dockerfile. The files of all its stages share one folder."""

    def __init__(self, dockerfile: str, context: Path, root: Path, base: Path):
        self.context = context
        self.root = root
        self.base = base
        for name, arguments in read_instructions(dockerfile):
            getattr(self, {"FROM": "from_"}.get(name, name.lower()))(arguments)

    def path(self, name: str = "") -> Path:
        """Return a path of the image as a path of this machine."""
        return self.root / (Path(self.work) / name).relative_to("/")

    def resolve(self, text: str) -> str:
        """Put the root folder before the absolute paths in a text."""
        return re.sub(rf"(?<![\w./-])(?={'|'.join(FOLDERS)})", str(self.root), text)

    def environ(self) -> dict[str, str]:
        """Return the environment of a process: that of the image, and the settings of pip of this machine."""
        pip = {name: value for name, value in os.environ.items() if name.startswith(("PIP_", "SSL_"))}
        return {**pip, **self.variables, "HOME": "/nonexistent", "PYTHONDONTWRITEBYTECODE": "1"}

    def execute(self, command: list[str], **variables: str) -> subprocess.CompletedProcess[str]:
        """Run a command to its end."""
        env = self.environ() | variables
        return subprocess.run(command, cwd=self.path(), env=env, capture_output=True, text=True, check=False)

    def from_(self, arguments: str) -> None:
        assert re.match(r"python:3\.\d+\.\d+-slim-\w+( AS \w+)?$", arguments), arguments
        self.work, self.identity = "/", "0:0"
        self.variables = {"PATH": f"{self.base}:/usr/bin:/bin"}

    def run(self, arguments: str) -> None:
        done = self.execute(["sh", "-euc", self.resolve(arguments)])
        assert done.returncode == 0, done.stdout + done.stderr

    def copy(self, arguments: str) -> None:
        options = dict(re.findall(r"--(\w+)=(\S+)", arguments))
        *sources, target = re.sub(r"--\S+", "", arguments).split()
        if "from" in options:
            # All stages share the folder, so that the files are there already.
            assert sources == [target]
            if os.geteuid() == 0:
                os.chown(self.path(target), *map(int, options.get("chown", "0:0").split(":")))
            return
        for source in sources:
            path = self.context / source
            if path.is_dir():
                shutil.copytree(path, self.path(target), dirs_exist_ok=True)
            else:
                shutil.copy(path, self.path(target))

    def env(self, arguments: str) -> None:
        for variable in shlex.split(arguments):
            name, value = variable.split("=", 1)
            self.variables[name] = self.resolve(value).replace("$PATH", self.variables["PATH"])

    def workdir(self, arguments: str) -> None:
        self.work = arguments
        self.path().mkdir(parents=True, exist_ok=True)

    def user(self, arguments: str) -> None:
        self.identity = arguments

    def cmd(self, arguments: str) -> None:
        self.command = json.loads(arguments)

    def healthcheck(self, arguments: str) -> None:
        self.check = json.loads(arguments.partition(" CMD ")[2])

    def expose(self, arguments: str) -> None:
        assert arguments == self.variables["PORT"]

    def volume(self, arguments: str) -> None:
        assert arguments == self.work


def state_of(folder: Path) -> dict[str, tuple[int, int]]:
    """Return the size and the time of change of every file."""
    return {str(path): (path.lstat().st_size, path.lstat().st_mtime_ns) for path in folder.rglob("*")}


@pytest.fixture(scope="module")
def image():
    """Return the built image, in which only /data can be written."""
    with tempfile.TemporaryDirectory(prefix="onrecord-image-") as name:
        folder = Path(name)
        # The user of the image has to reach its files.
        folder.chmod(0o755)
        context, root, base = (folder / name for name in ("context", "root", "base"))
        for made in (context, root, base):
            made.mkdir()
        (base / "python").symlink_to(sys._base_executable)
        copy_context(context)
        built = Image((ROOT / "Dockerfile").read_text(), context, root, base)
        # The files of the build stage are not in the image.
        shutil.rmtree(root / "build")
        subprocess.run(["chmod", "-R", "a-w", root / "opt"], check=True)
        yield built
        subprocess.run(["chmod", "-R", "u+w", root / "opt"], check=True)


def test_the_build_gets_the_code_and_nothing_else(tmp_path):
    copy_context(tmp_path)
    names = {path.name for path in tmp_path.iterdir()}
    assert names == {
        *("api", "fixtures", "schemas", "wsgi.py"),
        *("pyproject.toml", "requirements.txt", "README.md", "LICENSE"),
    }
    assert not list(tmp_path.rglob("__pycache__"))


def test_the_image_serves_as_a_user_without_rights_and_writes_only_its_data(image):
    assert image.identity == "10001:10001"
    before = state_of(image.root / "opt")
    as_user = list(AS_USER) if os.geteuid() == 0 else []
    port = free_port()
    env = image.environ() | {"PORT": str(port)}
    log = image.root.parent / "log"
    with log.open("w") as output:
        process = subprocess.Popen(
            [*as_user, *image.command], cwd=image.path(), env=env, stdout=output, stderr=output, start_new_session=True
        )
    try:
        address = wait_for_server(process, port, log)
        assert image.execute(as_user + image.check, PORT=str(port)).returncode == 0
        # Matplotlib finds no home folder.
        picture = urllib.request.Request(
            f"{address}/v1/casualty-reports/compare?conflict=none", headers={"Accept": "image/svg+xml"}
        )
        with urllib.request.urlopen(picture) as response:
            assert response.read().startswith(b"<?xml")
        created = image.execute([*as_user, "onrecord", "keys", "create", "--name", "test", "--scope", "claims:write"])
        assert created.stdout.startswith("onrecord_"), created.stderr
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        assert process.wait(60) == 0, log.read_text()
    assert image.execute(as_user + image.check, PORT=str(port)).returncode == 1
    assert (image.root / "data" / "onrecord.db").exists()
    assert state_of(image.root / "opt") == before
    assert {path.name for path in image.root.iterdir()} == {"data", "opt"}
