"""The real command in a process, and the real server over HTTP."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from tests.support import cli_runner

# The command that is installed with this Python.
ONRECORD = (str(Path(sys.executable).parent / "onrecord"),)


def free_port() -> int:
    """Return an unused port of the loopback interface."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def environment(**settings: str) -> dict[str, str]:
    """Return the environment of a command: the current one, with only these settings."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("ONRECORD_")}
    return kept | {f"ONRECORD_{name.upper()}": value for name, value in settings.items()}


def onrecord(*arguments: str, command: Sequence[str] = ONRECORD, cwd: Path, **settings: str):
    """Run the installed command to its end. The default command runs in a process that has loaded it."""
    if command == ONRECORD:
        return cli_runner.run(arguments, cwd, environment(**settings))
    return subprocess.run(
        [*command, *arguments],
        cwd=cwd,
        env=environment(**settings),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


@contextmanager
def run_server(command: Sequence[str], cwd: Path, port: int, env: dict[str, str], log: Path) -> Iterator[str]:
    """Start a server with a command, yield its URL when it responds, and stop it at the end."""
    with log.open("w") as output:
        # A session of its own, so that its child processes end with it.
        process = subprocess.Popen(command, cwd=cwd, env=env, stdout=output, stderr=output, start_new_session=True)
    try:
        yield wait_for_server(process, port, log)
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(60)


def wait_for_server(process: subprocess.Popen[bytes], port: int, log: Path) -> str:
    """Wait until a new server responds, and return its URL."""
    root = f"http://127.0.0.1:{port}"
    for _ in range(1200):
        assert process.poll() is None, log.read_text()
        try:
            urllib.request.urlopen(f"{root}/", timeout=5).close()
        except (urllib.error.URLError, ConnectionError):
            time.sleep(0.05)
        else:
            return root
    raise AssertionError(f"no answer within a minute:\n{log.read_text()}")


def connect(port: int, request: str, body: bytes = b"") -> socket.socket:
    """Send a request over a new connection. Its lines end with a line feed, and an empty line ends its headers."""
    connection = socket.create_connection(("127.0.0.1", port), timeout=60)
    connection.sendall(request.replace("\n", "\r\n").encode("latin-1") + body)
    return connection


def received(connection: socket.socket) -> bytes:
    """Return everything that the server sends until it closes the connection."""
    parts = []
    with connection:
        while part := connection.recv(1_048_576):
            parts.append(part)
    return b"".join(parts)
