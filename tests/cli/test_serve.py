"""`onrecord serve`: its workers are replaced when they are killed, end with their parent, and stop in time."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import time
import urllib.request
from contextlib import contextmanager, suppress

import pytest

from tests.support.live_server import ONRECORD, environment, free_port, onrecord, wait_for_server

pytestmark = pytest.mark.slow


class LiveServer:
    """A server in processes of its own, with a log."""

    def __init__(self, folder, workers, **settings):
        self.port, self.log = free_port(), folder / "log"
        command = [*ONRECORD, "serve", "--port", str(self.port), "--workers", str(workers)]
        with self.log.open("w") as output:
            self.process = subprocess.Popen(
                command, cwd=folder, env=environment(**settings), stdout=output, stderr=output
            )
        self.url = wait_for_server(self.process, self.port, self.log)
        self.wait_for("Started worker", workers)

    @property
    def worker_pids(self):
        """The process ids of all workers that it started."""
        return [int(pid) for pid in re.findall(r"Spawning worker-\d+ with PID: (\d+)", self.log.read_text())]

    def wait_for(self, text, count=1):
        """Wait until the log has a text so many times."""
        wait_until(lambda: self.log.read_text().count(text) >= count)

    def get(self, path="/v1/claims?limit=1"):
        with urllib.request.urlopen(self.url + path, timeout=30) as response:
            return response.status


@contextmanager
def serving(folder, workers, **settings):
    onrecord("db", "upgrade", cwd=folder)
    onrecord("db", "seed", cwd=folder)
    server = LiveServer(folder, workers, **settings)
    try:
        yield server
    finally:
        server.process.terminate()
        server.process.wait(60)


def wait_until(condition):
    """Wait until a condition is true. Fail after half a minute."""
    end = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.05)


def ended(pid):
    with suppress(ProcessLookupError):
        os.kill(pid, 0)
        return False
    return True


def test_a_killed_worker_is_replaced_and_the_others_respond_meanwhile(tmp_path):
    with serving(tmp_path, workers=2) as server:
        os.kill(server.worker_pids[0], signal.SIGKILL)
        server.wait_for("Unexpected exit from worker-1")
        assert [server.get() for _ in range(50)] == [200] * 50
        server.wait_for("Started worker-1", 2)
        os.kill(server.worker_pids[1], signal.SIGKILL)
        server.wait_for("Unexpected exit from worker-2")
        assert [server.get() for _ in range(50)] == [200] * 50


def test_workers_end_with_their_parent(tmp_path):
    with serving(tmp_path, workers=2, shutdown_seconds="0.5") as server:
        server.process.kill()
        server.process.wait(30)
        wait_until(lambda: all(map(ended, server.worker_pids)))


def test_a_stop_cuts_requests_that_do_not_end_and_leaves_no_write_ahead_log(tmp_path):
    with serving(tmp_path, workers=1, shutdown_seconds="1") as server:
        key = onrecord("keys", "create", "--name", "x", "--scope", "claims:write", cwd=tmp_path).stdout.split()[-1]
        with socket.create_connection(("127.0.0.1", server.port)) as sender:
            head = "POST /v1/articles HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 9\r\n"
            sender.sendall(f"{head}Authorization: Bearer {key}\r\n\r\n{{".encode())
            time.sleep(0.5)
            server.process.terminate()
            assert server.process.wait(30) == 0
        assert "Killing worker-1" in server.log.read_text()
    assert [file.name for file in tmp_path.glob("onrecord.db*")] == ["onrecord.db"]
