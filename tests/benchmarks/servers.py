"""Server processes on one core, which always end, and requests to them."""

from __future__ import annotations

import http.client
import os
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from tests.benchmarks.contenders import Contender
from tests.support.live_server import environment, free_port

_CORES = sorted(os.sched_getaffinity(0))
SERVER_CORE, LOAD_CORE = _CORES[0], _CORES[-1]
_START_SECONDS = 60


def pinned(core: int, command: Sequence[str]) -> list[str]:
    """Return a command that runs on one core."""
    return ["taskset", "--cpu-list", str(core), *command]


class Failed(Exception):
    """A server or a response that is not as expected."""


@dataclass(frozen=True)
class Response:
    """A status, the headers by lower-case name, and a body."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Connection:
    """A connection to a server, with a timeout."""

    def __init__(self, port: int):
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)

    def get(self, path: str, headers: Mapping[str, str] | None = None) -> Response:
        self._connection.request("GET", path, headers=dict(headers or {}))
        response = self._connection.getresponse()
        names = {name.lower(): value for name, value in response.getheaders()}
        return Response(response.status, names, response.read())

    def expect(self, path: str, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
        """Return a response. Raises Failed for another status."""
        response = self.get(path, headers)
        if response.status != status:
            raise Failed(f"{path} returned {response.status}, not {status}: {response.body[:300]!r}")
        return response

    def read_to_end(self, path: str) -> Iterator[bytes]:
        """Yield the chunks of a long response. Raises Failed for a status other than 200."""
        self._connection.request("GET", path)
        response = self._connection.getresponse()
        if response.status != 200:
            raise Failed(f"{path} returned {response.status}: {response.read(300)!r}")
        yield from iter(lambda: response.read1(1 << 20), b"")

    def close(self) -> None:
        self._connection.close()


@dataclass(frozen=True)
class Server:
    """A running server, and the seconds from its start to its first response."""

    contender: Contender
    port: int
    process: subprocess.Popen[bytes]
    start_seconds: float

    @contextmanager
    def connected(self) -> Iterator[Connection]:
        connection = Connection(self.port)
        try:
            yield connection
        finally:
            connection.close()

    def memory(self) -> float:
        """Return the resident memory of the worker, the largest process of the server, in MB."""
        return max(_resident_memory(pid) for pid in _session_members(self.process.pid))


def _session_members(leader: int) -> Iterator[int]:
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with suppress(OSError):
                if os.getsid(int(entry.name)) == leader:
                    yield int(entry.name)


def _resident_memory(pid: int) -> float:
    with suppress(OSError):
        for line in Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) * 1024 / 1e6
    return 0


@contextmanager
def running(contender: Contender, folder: Path, path: str) -> Iterator[Server]:
    """Start a server on the server core and stop it at the end. It has started when it returns 200 for a path."""
    port = free_port()
    settings = {"BENCHMARK_FOLDER": str(folder), "ONRECORD_DATABASE_URL": f"sqlite:///{folder}/onrecord.db"}
    env = environment() | settings | contender.settings
    # Logs go to a file, as with a supervisor.
    with (folder / f"{contender.name}.log").open("ab") as log:
        begin = time.perf_counter()
        process = subprocess.Popen(
            pinned(SERVER_CORE, contender.command(folder, port)),
            env=env,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    try:
        _wait(process, port, path, begin + _START_SECONDS, Path(log.name))
        yield Server(contender, port, process, time.perf_counter() - begin)
    finally:
        _stop(process)


def _wait(process: subprocess.Popen[bytes], port: int, path: str, deadline: float, log: Path) -> None:
    while time.perf_counter() < deadline:
        if process.poll() is not None:
            break
        connection = Connection(port)
        with suppress(OSError, http.client.HTTPException):
            if connection.get(path).status == 200:
                connection.close()
                return
        connection.close()
        time.sleep(0.005)
    raise Failed(f"The server did not start. Its log ends with:\n{log.read_text()[-2000:]}")


def _stop(process: subprocess.Popen[bytes]) -> None:
    for number in (signal.SIGTERM, signal.SIGKILL):
        with suppress(ProcessLookupError):
            os.killpg(process.pid, number)
        with suppress(subprocess.TimeoutExpired):
            process.wait(15)
            break
    # Workers that outlive the first process.
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
