"""The mock is the real app, for the tests of other apps."""

from __future__ import annotations

import http.client
import re
import resource
import signal
import socket
import subprocess
import sys
import threading
import time
from contextlib import closing, contextmanager

import orjson
import pytest
from click.testing import CliRunner

from api.cli.mock import CHAOS_NAMES
from api.cli.mock import mock as command
from api.contract.mock.app import KEY
from api.contract.mock.server import listen
from api.promise import CLAUSES
from api.store.memory_database import MemoryDatabase
from tests.conftest import open_sqlite_connections
from tests.support.live_server import ONRECORD, environment
from tests.support.mock_client import open_client
from tests.support.openapi import OPERATIONS

pytestmark = pytest.mark.slow

RECORD = "/v1/resolutions/four-security-council"
NDJSON = {"Content-Type": "application/x-ndjson"}
MERGE = {"Content-Type": "application/merge-patch+json"}


class MockProcess:
    """A mock in a process, and a persistent connection to it."""

    def __init__(self, process, line):
        self.process = process
        self.line = line
        self.port = int(re.search(r"http://127\.0\.0\.1:([0-9]+)", line)[1])
        self.connection = self.connect()

    def connect(self):
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)

    def request(self, method, url, body=None, connection=None, **headers):
        """Return the status, the headers and the body of a response."""
        connection = connection or self.connection
        sent = {"Authorization": f"Bearer {KEY}", **{name.replace("_", "-"): value for name, value in headers.items()}}
        connection.request(method, url, body=body, headers=sent)
        response = connection.getresponse()
        return response.status, response.headers, response.read()

    def get_json(self, url):
        return orjson.loads(self.request("GET", url)[2])


@contextmanager
def start_mock(*arguments, cwd, **settings):
    """Start a mock and yield it when it is ready. Stop it at the end."""
    process = subprocess.Popen(
        [*ONRECORD, "mock", "--port", "0", *arguments],
        cwd=cwd,
        env=environment(**settings),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        line = process.stdout.readline()
        assert line, process.stderr.read()
        yield MockProcess(process, line)
    finally:
        process.terminate()
        process.wait(30)
        process.stdout.close()
        process.stderr.close()


@pytest.fixture(scope="module")
def running(tmp_path_factory):
    # An unknown setting stops the server, but not the mock.
    with start_mock(
        cwd=tmp_path_factory.mktemp("mock"), nonsense="1", database_url="postgresql://nowhere/none"
    ) as mock:
        yield mock
        mock.connection.close()


@pytest.fixture
def fresh(running):
    assert running.request("POST", "/_contract/reset")[0] == 204
    return running


# the server


def children_cpu_seconds():
    """Return the CPU time of the processes that have ended."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def start_and_stop(folder):
    """Start the mock, send one request, stop it, and return the CPU time of that."""
    before = children_cpu_seconds()
    with start_mock(cwd=folder) as mock:
        assert mock.request("GET", "/v1/quotes")[0] == 200
        mock.connection.close()
        mock.process.terminate()
        assert mock.process.communicate() == ("", "")
        assert mock.process.returncode == 0
    return children_cpu_seconds() - before


def import_app():
    """Import the app in a new process and return the CPU time."""
    before = children_cpu_seconds()
    subprocess.run([sys.executable, "-c", "import api.app"], check=True)
    return children_cpu_seconds() - before


def test_it_starts_with_little_more_work_than_an_import_of_the_app_and_leaves_no_file(tmp_path):
    start, imports = (min(work() for _ in range(3)) for work in (lambda: start_and_stop(tmp_path), import_app))
    print(f"The mock starts in {start:.2f} s of CPU time, and an import of the app takes {imports:.2f} s.")
    assert start < 3 * imports
    assert list(tmp_path.iterdir()) == []


def run_program(program, cwd):
    """Run a Python program and return the words that it prints."""
    run = subprocess.run(
        [sys.executable, "-c", program], cwd=cwd, env=environment(), capture_output=True, text=True, check=True
    )
    return run.stdout.split()


def test_it_imports_only_the_packages_that_it_needs(tmp_path):
    program = """
import sys
from api.contract.mock.app import open_mock
with open_mock("http://a.example"):
    print(*sys.modules)
"""
    loaded = {name.partition(".")[0] for name in run_program(program, tmp_path)}
    assert "sqlalchemy" in loaded
    assert not loaded & {"granian", "alembic", "matplotlib", "redis"}


def test_it_prints_its_url_and_its_key(running):
    assert running.line == f"The mock runs at http://127.0.0.1:{running.port} and accepts the key {KEY}\n"
    page = running.get_json("/v1/claims?limit=1")
    assert page["page"]["next"].startswith(f"http://127.0.0.1:{running.port}/v1/claims?")
    assert running.request("GET", "/readyz")[0] == 200


def test_chaos_without_a_name_applies_all_of_it(tmp_path):
    with start_mock("--chaos", cwd=tmp_path) as mock:
        status, tries = 503, 0
        while status in (429, 503):
            status, _, body = mock.request("GET", "/v1/quotes/us-calls-for-ceasefire")
            tries += 1
        assert (status, tries) == (200, 2)
        assert b"a_field_to_come" in body
        assert b"an_unheard_of_word" in body
        mock.connection.close()
        # Ctrl+C in a terminal sends this signal.
        mock.process.send_signal(signal.SIGINT)
        assert mock.process.wait(10) == 0


def test_a_taken_port_is_reported_with_the_option_to_change(running):
    result = CliRunner().invoke(command, ["--port", str(running.port)])
    assert result.exit_code == 1
    assert f"Cannot listen on 127.0.0.1, port {running.port}" in result.stderr
    assert "--port" in result.stderr


@pytest.mark.parametrize("names", ["slow,add-feilds", "add-feilds"])
def test_an_unknown_chaos_name_is_rejected_with_a_suggestion(names):
    result = CliRunner().invoke(command, ["--port", "0", "--chaos", names])
    assert result.exit_code == 2
    assert "'add-feilds' is not one of" in result.stderr
    assert "Did you mean add-fields?" in result.stderr


def test_the_help_has_the_clause_of_each_chaos_name():
    help_text = " ".join(CliRunner().invoke(command, ["--help"]).stdout.split())
    for name in CHAOS_NAMES:
        assert f"{name}: {CLAUSES[name].text[:40]}" in help_text


def test_connections_are_persistent(fresh):
    fresh.request("GET", "/v1/quotes")
    socket_before = fresh.connection.sock
    for method, url, body, headers in (
        ("GET", "/v1/claims?format=ndjson", None, {}),
        ("HEAD", "/v1/claims", None, {}),
        ("HEAD", "/v1/claims?format=csv", None, {}),
        ("GET", "/v1/none-such", None, {}),
        ("OPTIONS", "/v1/quotes", None, {}),
        ("POST", "/v1/quotes", b"{" * 100_000, {"Content-Type": "application/json"}),
        ("DELETE", RECORD, None, {"If-Match": "*"}),
        ("POST", "/_contract/reset", None, {}),
        ("GET", "/v1/quotes", None, {"If-None-Match": "*"}),
    ):
        fresh.request(method, url, body, **headers)
    assert fresh.connection.sock is socket_before is not None


def test_responses_are_sent_without_delay():
    """With Nagle's algorithm, a response in two writes waits 40 ms for the acknowledgement of the first."""
    no_delay = []

    def app(environ, start_response):
        no_delay.append(environ["werkzeug.socket"].getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))
        start_response("204 No Content", [])
        return []

    server = listen("127.0.0.1", 0)
    server.app = app
    client = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
    with closing(server.socket), closing(client):
        client.request("GET", "/")
        server.handle_request()
        assert client.getresponse().status == 204
    assert no_delay == [1]


def test_head_has_the_headers_of_get_and_no_body(fresh):
    _, get_headers, body = fresh.request("GET", "/v1/quotes")
    status, headers, none = fresh.request("HEAD", "/v1/quotes")
    assert (status, none, len(body)) == (200, b"", int(get_headers["Content-Length"]))
    assert headers["ETag"] == get_headers["ETag"]


def test_chunked_and_large_bodies_are_accepted(fresh):
    text = "a" * 1_000_000
    lines = [
        orjson.dumps({"type": "article", "id": f"long-{n}", "headline": "x", "text": text}) + b"\n" for n in range(5)
    ]
    status, _, body = fresh.request("POST", "/v1/imports", iter(lines), **NDJSON)
    assert (status, orjson.loads(body)["counts"]["created"]) == (200, 5)
    status, _, held = fresh.request("GET", "/v1/articles/long-4/text")
    assert (status, held.decode()) == (200, text)
    assert fresh.get_json("/_contract/report")["broken"] == []


@pytest.mark.parametrize(
    ("framing", "body"),
    [
        ("Content-Length: 60", b'{"type": "article", "id": "one", "headline": "x"}\n'),
        ("Transfer-Encoding: chunked", b'32\r\n{"type": "article", "id": "one", "headline": "x"}\n\r\n'),
        ("Transfer-Encoding: chunked", b'32\r\n{"type": "article", "id": "one", "headline": "x"}\n\r\nno length\r\n'),
    ],
    ids=["too few bytes", "no last chunk", "no length of a chunk"],
)
def test_an_incomplete_body_is_rejected_and_nothing_is_stored(fresh, framing, body):
    lines = ["POST /v1/imports HTTP/1.1", "Host: mock", f"Authorization: Bearer {KEY}", framing]
    head = "\r\n".join([*lines, "Content-Type: application/x-ndjson", "", ""])
    with socket.create_connection(("127.0.0.1", fresh.port), timeout=30) as connection:
        connection.sendall(head.encode() + body)
        connection.shutdown(socket.SHUT_WR)
        response = http.client.HTTPResponse(connection)
        response.begin()
        problem = orjson.loads(response.read())
        assert (response.status, problem["code"], response.getheader("Connection")) == (400, "malformed-body", "close")
        assert connection.recv(1) == b""
    assert fresh.request("GET", "/v1/articles/one")[0] == 404


# the state


def test_a_created_record_exists_until_the_reset(fresh):
    operation = OPERATIONS["createQuote"]
    status, headers, created = fresh.request("POST", operation.path, operation.body, **operation.headers)
    assert status == 201
    url = headers["Location"].removeprefix(f"http://127.0.0.1:{fresh.port}")
    assert fresh.request("GET", url)[2] == created
    assert fresh.get_json("/_contract/report")["exchanges"] == 2
    before = fresh.request("GET", RECORD)
    assert fresh.request("DELETE", RECORD, If_Match="*")[0] == 204
    assert fresh.request("GET", RECORD)[0] == 410
    assert fresh.request("POST", "/_contract/reset")[0] == 204
    assert fresh.request("GET", url)[0] == 404
    assert fresh.request("GET", RECORD)[1]["ETag"] == before[1]["ETag"]
    assert fresh.get_json("/_contract/report")["exchanges"] == 2


def test_concurrent_writers_lose_no_update(fresh):
    body = orjson.dumps({"topic": "0"})
    assert fresh.request("PATCH", RECORD, body, If_Match="*", **MERGE)[0] == 200
    failures = []

    def add(times):
        connection = fresh.connect()
        while times:
            _, headers, record = fresh.request("GET", RECORD, connection=connection)
            patch = orjson.dumps({"topic": str(int(orjson.loads(record)["topic"]) + 1)})
            status, *_ = fresh.request("PATCH", RECORD, patch, connection=connection, If_Match=headers["ETag"], **MERGE)
            times -= status == 200
            if status not in (200, 412):
                failures.append(status)
        connection.close()

    writers = [threading.Thread(target=add, args=(10,)) for _ in range(8)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert failures == []
    assert fresh.get_json(RECORD)["topic"] == "80"


def test_a_reset_waits_for_concurrent_reads_and_writes(fresh):
    until = time.monotonic() + 1.5
    failures = []

    def send_requests(number):
        connection, count = fresh.connect(), 0
        while time.monotonic() < until:
            count += 1
            line = orjson.dumps({"type": "article", "id": f"a-{number}-{count}", "headline": "x", "text": "y"})
            method, url, data, headers = (
                ("POST", "/_contract/reset", None, {}),
                ("POST", "/v1/imports", line, NDJSON),
                ("GET", "/v1/claims?format=ndjson", None, {}),
            )[number % 3]
            status, _, body = fresh.request(method, url, data, connection=connection, **headers)
            if status not in (200, 204) or (number % 3 == 2 and body.count(b"\n") != 25):
                failures.append((url, status, body))
        connection.close()

    threads = [threading.Thread(target=send_requests, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []


def test_a_throwaway_that_kept_nothing_restores_nothing():
    store = MemoryDatabase()
    with pytest.raises(RuntimeError, match="No state is saved"):
        store.restore()
    store.close()


def test_the_database_is_closed_at_the_end():
    before = open_sqlite_connections()
    with open_client() as mock:
        assert mock.get("/v1/quotes").status_code == 200
        assert open_sqlite_connections() > before
    assert open_sqlite_connections() <= before
