"""`onrecord serve`: its workers are replaced when they are killed, end with their parent, and stop in time.

Clients that send or receive slowly do not stop others.
"""

from __future__ import annotations

import gzip
import os
import re
import select
import signal
import socket
import sqlite3
import subprocess
import time
import urllib.error
import urllib.request
from contextlib import ExitStack, closing, contextmanager, suppress
from http.client import HTTPResponse
from pathlib import Path
from tempfile import TemporaryDirectory
from types import SimpleNamespace

import orjson
import pytest

from tests.support.generated_records import article
from tests.support.live_server import ONRECORD, connect, environment, free_port, onrecord, received, wait_for_server

pytestmark = pytest.mark.slow


class LiveServer:
    """A server in processes of its own, with a log."""

    def __init__(self, folder, workers, *, wrapper=(), tmpdir=None, **settings):
        self.port, self.log = free_port(), folder / "log"
        command = [*wrapper, *ONRECORD, "serve", "--port", str(self.port), "--workers", str(workers)]
        env = environment(**settings) | ({"TMPDIR": str(tmpdir)} if tmpdir else {})
        with self.log.open("w") as output:
            self.process = subprocess.Popen(command, cwd=folder, env=env, stdout=output, stderr=output)
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
def serving(folder, workers, **options):
    onrecord("db", "upgrade", cwd=folder)
    onrecord("db", "seed", cwd=folder)
    server = LiveServer(folder, workers, **options)
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
        server.key = create_key(tmp_path, "claims:write")
        with post(server, 9, expect="Expect: 100-continue\n") as sender:
            # The app waits for the body now.
            assert sender.recv(12) == b"HTTP/1.1 100"
            server.process.terminate()
            assert server.process.wait(30) == 0
        assert "Killing worker-1" in server.log.read_text()
    assert [file.name for file in tmp_path.glob("onrecord.db*")] == ["onrecord.db"]


def test_a_stop_lets_running_requests_end(tmp_path):
    with serving(tmp_path, workers=1, shutdown_seconds="20") as server:
        server.key = create_key(tmp_path, "claims:write")
        sender = post(server, 2, expect="Expect: 100-continue\n")
        with sender, connect(server.port, "GET /healthz HTTP/1.1\nHost: x\n\n") as idle:
            assert idle.recv(12) == b"HTTP/1.1 200"
            assert sender.recv(100) == b"HTTP/1.1 100 Continue\r\n\r\n"
            server.process.terminate()
            server.wait_for("Shutting down")
            sender.sendall(b"{}")
            assert sender.recv(12) == b"HTTP/1.1 422"
            assert server.process.wait(60) == 0
        assert "Killing worker-1" not in server.log.read_text()


# --- Slow clients. Each test has more of them than the server has threads.

SLOW_CLIENTS = 12


@pytest.fixture(scope="module")
def patient_server(tmp_path_factory):
    """Start a server that waits a second for its clients, with a database whose exports fill all buffers."""
    folder = tmp_path_factory.mktemp("slow-clients")
    onrecord("db", "upgrade", cwd=folder)
    onrecord("db", "seed", cwd=folder)
    key = create_key(folder, "claims:write", "texts:read")
    with serving(folder, workers=1, client_seconds="1", query_seconds="30", rate_limit="") as server:
        server.key = key
        assert import_articles(server, key) == 200
        yield server


def import_articles(server, key):
    """Import 12 MB of articles."""
    lines = (orjson.dumps(article(f"large-article-{number}", standfirst="x" * 2000)) for number in range(6000))
    headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/x-ndjson", "Content-Encoding": "gzip"}
    body = gzip.compress(b"\n".join(lines))
    request = urllib.request.Request(f"{server.url}/v1/imports", data=body, headers=headers)
    with urllib.request.urlopen(request, timeout=60) as response:
        return response.status


def create_key(folder, *scopes):
    options = [option for scope in scopes for option in ("--scope", scope)]
    return onrecord("keys", "create", "--name", "x", *options, cwd=folder).stdout.split()[-1]


def post(server, length, body=b"", expect=""):
    head = (
        f"POST /v1/articles HTTP/1.1\nHost: x\nAuthorization: Bearer {server.key}\n"
        f"Content-Type: application/json\nContent-Length: {length}\n{expect}\n"
    )
    return connect(server.port, head, body)


def read_response(connection):
    """Return the status, the headers and the body of a response. The server can leave the connection open."""
    with connection, HTTPResponse(connection) as response:
        response.begin()
        return response.status, response.headers, response.read()


def assert_responsive(server):
    """Assert that others can read, write and check the health while there are slow clients."""
    for path in ("/healthz", "/readyz", "/v1/claims?limit=1", "/healthz"):
        assert server.get(path) == 200
    with post(server, 2, b"{}") as connection:
        assert connection.recv(100).startswith(b"HTTP/1.1 422")


def test_bodies_that_do_not_arrive_are_rejected_and_stop_nobody(patient_server):
    senders = [post(patient_server, 100, b"{") for _ in range(SLOW_CLIENTS)]
    # The first 64 KiB of these arrive in time, so a thread waits for the rest.
    senders += [post(patient_server, 200_000, b"{" + b" " * 70_000) for _ in range(SLOW_CLIENTS)]
    assert_responsive(patient_server)
    statuses, headers, problems = zip(*map(read_response, senders), strict=True)
    assert statuses[:SLOW_CLIENTS] == (408,) * SLOW_CLIENTS
    # A few long bodies are received at once, and more can be rejected.
    assert set(statuses) <= {408, 503}
    codes = {orjson.loads(problem)["code"] for problem in problems}
    assert codes <= {"request-timeout", "unavailable"}
    assert {header["Connection"] for header in headers} == {"close"}
    with post(patient_server, 200_002, b"{" + b" " * 200_000 + b"}") as connection:
        assert connection.recv(100).startswith(b"HTTP/1.1 422")


def test_a_body_that_drips_is_rejected_and_stops_nobody(patient_server):
    senders = [post(patient_server, 100_000, b"{") for _ in range(SLOW_CLIENTS)]
    end = time.monotonic() + 30
    while ready := [sender for sender in senders if not select.select([sender], [], [], 0)[0]]:
        assert time.monotonic() < end
        for sender in ready:
            with suppress(ConnectionError):
                sender.sendall(b" ")
        assert_responsive(patient_server)
    assert {read_response(sender)[0] for sender in senders} == {408}


def test_a_client_that_expects_a_100_is_rejected_before_it_sends_the_body(patient_server):
    server = SimpleNamespace(port=patient_server.port, key="wrong")
    with post(server, 9, expect="Expect: 100-continue\n") as connection:
        assert connection.recv(100).startswith(b"HTTP/1.1 401")
    senders = [post(patient_server, 9, expect="Expect: 100-continue\n") for _ in range(SLOW_CLIENTS)]
    assert_responsive(patient_server)
    # Those for which a thread waits get a 100 first.
    statuses = {(sender.recv(12, socket.MSG_PEEK)[-3:], read_response(sender)[0]) for sender in senders}
    assert (b"100", 408) in statuses
    assert statuses <= {(b"100", 408), (b"503", 503)}


def test_more_long_bodies_than_the_maximum_are_rejected_at_once(tmp_path):
    with serving(tmp_path, workers=1) as server, ExitStack() as stack:
        server.key = create_key(tmp_path, "claims:write")
        senders = [stack.enter_context(post(server, 200_000, b"{" + b" " * 70_000)) for _ in range(9)]
        (rejected,) = select.select(senders, [], [], 60)[0]
        assert rejected.recv(12) == b"HTTP/1.1 503"
        assert server.get("/healthz") == 200


def test_headers_that_do_not_arrive_end_the_connection_and_stop_nobody(patient_server):
    senders = [connect(patient_server.port, "GET /v1/claims HTTP/1.1\nHost: x\n") for _ in range(SLOW_CLIENTS)]
    assert_responsive(patient_server)
    assert {received(sender) for sender in senders} == {b""}


@pytest.mark.parametrize("format_", ["ndjson", "csv"])
def test_exports_that_nobody_reads_end_and_stop_nobody(patient_server, format_):
    export = f"GET /v1/articles?format={format_} HTTP/1.1\nHost: x\n\n"
    # Each one waits until the one before has its slot, which is free again although nobody reads.
    readers, log = [], patient_server.log.read_text()
    for _ in range(SLOW_CLIENTS):
        wait_until(lambda: is_accepted(patient_server, export, readers))
        assert_responsive(patient_server)
    message = "an export ended early: its client is too slow"
    patient_server.wait_for(message, log.count(message) + SLOW_CLIENTS)
    # No snapshot keeps the write-ahead log.
    with closing(sqlite3.connect(patient_server.log.parent / "onrecord.db")) as connection:
        assert connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0] == 0
    for reader in readers:
        response = received(reader)
        assert response.endswith(b"Retry it.\xff\r\n"), response[-200:]


def test_the_connection_of_a_client_that_reads_nothing_is_closed(patient_server):
    with connect(patient_server.port, "GET /v1/articles?format=ndjson HTTP/1.1\nHost: x\n\n") as reader:
        wait_until(lambda: reader.getsockname() in connected(patient_server))
        wait_until(lambda: reader.getsockname() not in connected(patient_server))
        # The client gets an error, and not the end of a complete export.
        with pytest.raises(ConnectionResetError):
            received(reader)


def connected(server):
    """Return the addresses of the clients whose connection to the server is established."""
    lines = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    local, established = f"0100007F:{server.port:04X}", "01"
    return {("127.0.0.1", int(line[2][-4:], 16)) for line in lines if (line[1], line[3]) == (local, established)}


def is_accepted(server, export, readers):
    """Begin an export, and return whether the server had a slot for it. Do not read its records."""
    reader = connect(server.port, export)
    if reader.recv(12) == b"HTTP/1.1 200":
        readers.append(reader)
        return True
    reader.close()
    return False


def test_a_whole_list_that_nobody_reads_stops_nobody(patient_server):
    readers = [
        connect(patient_server.port, "GET /v1/articles?limit=200 HTTP/1.1\nHost: x\n\n" * 20)
        for _ in range(SLOW_CLIENTS)
    ]
    assert_responsive(patient_server)
    for reader in readers:
        reader.close()


def test_an_export_ends_after_its_longest_time(tmp_path):
    with serving(tmp_path, workers=1, export_seconds="0.001") as server:
        import_articles(server, create_key(tmp_path, "claims:write"))
        response = received(
            connect(server.port, "GET /v1/articles?format=csv HTTP/1.1\nHost: x\nConnection: close\n\n")
        )
        assert b"\xff" in response[-20:], response[-200:]
        assert "an export ended early" in server.log.read_text()


# --- A full disk.


@pytest.fixture
def tmpdir_of_server(tmp_path):
    folder = tmp_path / "tmp"
    folder.mkdir()
    return folder


def test_the_metrics_files_have_their_disk_space_before_they_are_mapped(tmp_path, tmpdir_of_server):
    with serving(tmp_path, workers=2, tmpdir=tmpdir_of_server) as server:
        assert server.get("/metrics") == 200
        files = [file.stat() for file in tmpdir_of_server.glob("onrecord-metrics-*/*.db")]
        assert len(files) == 4
        assert all(file.st_blocks * 512 >= file.st_size > 0 for file in files)


def test_workers_that_cannot_create_metrics_files_keep_their_own_metrics(tmp_path, tmpdir_of_server):
    # The limit of a file's length fails like a full disk. It is higher than the database.
    wrapper = ("sh", "-c", 'ulimit -f 1024; exec "$@"', "sh")
    with serving(tmp_path, workers=2, tmpdir=tmpdir_of_server, wrapper=wrapper) as server:
        server.wait_for("this process does not share its metrics", 2)
        assert [server.get(path) for path in ("/v1/claims", "/metrics") * 10] == [200] * 20
        assert not list(tmpdir_of_server.glob("*/*"))
        assert "Unexpected exit" not in server.log.read_text()


def with_small_disk(folder, mebibytes):
    """Return the start of a command line that mounts a small disk in a folder, in a namespace without privileges."""
    mount = f'mount -t tmpfs -o size={mebibytes}m tmpfs "{folder}" && exec "$@"'
    return ("unshare", "--user", "--map-root-user", "--mount", "sh", "-c", mount, "sh")


def can_mount():
    """Return whether this process can mount a disk. Some containers forbid it, and then the tests above remain."""
    with TemporaryDirectory() as folder, suppress(FileNotFoundError):
        return subprocess.run([*with_small_disk(folder, 1), "true"], capture_output=True, check=False).returncode == 0
    return False


if can_mount():

    @pytest.mark.parametrize("mebibytes", [3, 5])
    def test_a_full_disk_for_temporary_files_ends_no_worker(tmp_path, tmpdir_of_server, mebibytes):
        # Five mebibytes hold the files of two workers.
        wrapper = with_small_disk(tmpdir_of_server, mebibytes)
        with serving(tmp_path, workers=2, tmpdir=tmpdir_of_server, wrapper=wrapper) as server:
            with (
                suppress(OSError),
                Path(f"/proc/{server.process.pid}/root{tmpdir_of_server}/full").open("wb", 0) as file,
            ):
                while file.write(bytes(4096)):
                    pass
            paths = ("/v1/claims", "/v1/quotes?q=peace", "/v1/claims?format=csv", "/metrics", "/readyz")
            assert [server.get(path) for path in paths * 10] == [200] * 50
            # SQLite keeps the lines of a long import in a temporary file.
            with pytest.raises(urllib.error.HTTPError, match="503") as rejected:
                import_articles(server, create_key(tmp_path, "claims:write"))
            assert "disk" in orjson.loads(rejected.value.read())["detail"]
            assert "Unexpected exit" not in server.log.read_text()
            assert server.log.read_text().count("does not share") == (mebibytes < 4)
