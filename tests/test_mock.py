"""The mock: the real app for other people's tests, which says of every exchange whether it kept to the contract."""

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

from api import create_app
from api.cli.mock import NAMES
from api.cli.mock import mock as command
from api.contract import frozen
from api.contract.checking.contract import Contract
from api.contract.mock import serving
from api.contract.mock.app import KEY
from api.contract.mock.calling import caller
from api.contract.mock.report import MOST_TOLD, Report
from api.contract.mock.watching import Watching
from api.contract.promise import CLAUSES
from api.settings import Settings
from api.store.throwaway import Throwaway
from tests.conftest import open_sqlite_connections
from tests.documented import OPERATIONS
from tests.mocks import Mock, broken, mocked
from tests.serving import ONRECORD, environment

pytestmark = pytest.mark.slow

RECORD = "/v1/resolutions/four-security-council"
NDJSON = {"Content-Type": "application/x-ndjson"}
MERGE = {"Content-Type": "application/merge-patch+json"}


class Served:
    """A mock in a process of its own, and one connection to it that is kept."""

    def __init__(self, process, line):
        self.process = process
        self.line = line
        self.port = int(re.search(r"http://127\.0\.0\.1:([0-9]+)", line)[1])
        self.connection = self.connect()

    def connect(self):
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)

    def ask(self, method, url, body=None, connection=None, **headers):
        """The status, the headers and the body of an answer."""
        connection = connection or self.connection
        sent = {"Authorization": f"Bearer {KEY}", **{name.replace("_", "-"): value for name, value in headers.items()}}
        connection.request(method, url, body=body, headers=sent)
        answer = connection.getresponse()
        return answer.status, answer.headers, answer.read()

    def json(self, url):
        return orjson.loads(self.ask("GET", url)[2])


@contextmanager
def mock(*arguments, cwd, **settings):
    """A mock, from when it says that it is there until it was told to end."""
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
        yield Served(process, line)
    finally:
        process.terminate()
        process.wait(30)
        process.stdout.close()
        process.stderr.close()


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    # A setting that there is not ends the server, and is no matter of the mock's.
    with mock(cwd=tmp_path_factory.mktemp("elsewhere"), nonsense="1", database_url="postgresql://nowhere/none") as one:
        yield one
        one.connection.close()


@pytest.fixture
def fresh(served):
    assert served.ask("POST", "/_contract/reset")[0] == 204
    return served


@pytest.fixture(scope="module")
def watched():
    with mocked() as client:
        yield client


# the server


def children_cpu_seconds():
    """Return the CPU time of the processes that have ended."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def start_and_stop(folder):
    """Start the mock, send one request, stop it, and return the CPU time of that."""
    before = children_cpu_seconds()
    with mock(cwd=folder) as one:
        assert one.ask("GET", "/v1/quotes")[0] == 200
        one.connection.close()
        one.process.terminate()
        assert one.process.communicate() == ("", "")
        assert one.process.returncode == 0
    return children_cpu_seconds() - before


def import_app():
    """Import the app in a process of its own and return the CPU time of that."""
    before = children_cpu_seconds()
    subprocess.run([sys.executable, "-c", "import api"], check=True)
    return children_cpu_seconds() - before


def test_it_starts_with_little_more_work_than_an_import_of_the_app_and_leaves_no_file(tmp_path):
    start, imports = (min(work() for _ in range(3)) for work in (lambda: start_and_stop(tmp_path), import_app))
    print(f"The mock starts in {start:.2f} s of CPU time, and an import of the app takes {imports:.2f} s.")
    assert start < 3 * imports
    assert list(tmp_path.iterdir()) == []


def said(program, cwd):
    """The words that a program of Python prints."""
    run = subprocess.run(
        [sys.executable, "-c", program], cwd=cwd, env=environment(), capture_output=True, text=True, check=True
    )
    return run.stdout.split()


def test_it_loads_nothing_that_it_does_not_need(tmp_path):
    program = """
import sys
from api.contract.mock.app import watched
with watched("http://a.example"):
    print(*sys.modules)
"""
    loaded = {name.partition(".")[0] for name in said(program, tmp_path)}
    assert "sqlalchemy" in loaded
    assert not loaded & {"granian", "alembic", "matplotlib", "redis"}


def test_a_server_loads_no_checker(tmp_path):
    told = "import sys, wsgi; wsgi.app.extensions['openapi'].body; print(*sys.modules)"
    python = ONRECORD[0].replace("onrecord", "python")
    run = subprocess.run(
        [python, "-c", told], cwd=tmp_path, env=environment(), capture_output=True, text=True, check=True
    )
    assert "jsonschema_rs" not in run.stdout.split()


def test_it_says_where_it_is_and_what_key_it_takes(served):
    assert served.line == f"The contract is served at http://127.0.0.1:{served.port} and takes the key {KEY}\n"
    page = served.json("/v1/claims?limit=1")
    assert page["page"]["next"].startswith(f"http://127.0.0.1:{served.port}/v1/claims?")
    assert served.ask("GET", "/readyz")[0] == 200


def test_chaos_without_a_name_is_all_of_it(tmp_path):
    with mock("--chaos", cwd=tmp_path) as one:
        status, tries = 503, 0
        while status in (429, 503):
            status, _, body = one.ask("GET", "/v1/quotes/us-calls-for-ceasefire")
            tries += 1
        assert (status, tries) == (200, 2)
        assert b"a_field_to_come" in body
        assert b"an_unheard_of_word" in body
        one.connection.close()
        # As somebody does who has it running in a terminal.
        one.process.send_signal(signal.SIGINT)
        assert one.process.wait(10) == 0


def test_a_taken_port_is_said_with_a_way_out(served):
    told = CliRunner().invoke(command, ["--port", str(served.port)])
    assert told.exit_code == 1
    assert f"Cannot listen on 127.0.0.1, port {served.port}" in told.stderr
    assert "--port" in told.stderr


@pytest.mark.parametrize("names", ["slow,add-feilds", "add-feilds"])
def test_chaos_that_there_is_not_is_refused_with_what_was_likely_meant(names):
    told = CliRunner().invoke(command, ["--port", "0", "--chaos", names])
    assert told.exit_code == 2
    assert "'add-feilds' is none of" in told.stderr
    assert "Did you mean add-fields?" in told.stderr


def test_the_help_says_of_each_name_what_is_promised():
    told = " ".join(CliRunner().invoke(command, ["--help"]).stdout.split())
    for name in NAMES:
        assert f"{name}: {CLAUSES[name].text[:40]}" in told


def test_connections_are_kept(fresh):
    fresh.ask("GET", "/v1/quotes")
    kept = fresh.connection.sock
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
        fresh.ask(method, url, body, **headers)
    assert fresh.connection.sock is kept is not None


def test_answers_come_at_once():
    """With Nagle's algorithm, a response in two writes waits 40 ms for the acknowledgement of the first."""
    no_delay = []

    def app(environ, start_response):
        no_delay.append(environ["werkzeug.socket"].getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))
        start_response("204 No Content", [])
        return []

    server = serving.listen("127.0.0.1", 0)
    server.app = app
    client = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
    with closing(server.socket), closing(client):
        client.request("GET", "/")
        server.handle_request()
        assert client.getresponse().status == 204
    assert no_delay == [1]


def test_a_head_has_what_its_get_has_but_the_body(fresh):
    _, told, body = fresh.ask("GET", "/v1/quotes")
    status, headers, none = fresh.ask("HEAD", "/v1/quotes")
    assert (status, none, len(body)) == (200, b"", int(told["Content-Length"]))
    assert headers["ETag"] == told["ETag"]


def test_bodies_of_unknown_length_and_of_many_bytes_are_taken(fresh):
    text = "a" * 1_000_000
    lines = [
        orjson.dumps({"type": "article", "id": f"long-{n}", "headline": "x", "text": text}) + b"\n" for n in range(5)
    ]
    status, _, body = fresh.ask("POST", "/v1/imports", iter(lines), **NDJSON)
    assert (status, orjson.loads(body)["counts"]["created"]) == (200, 5)
    status, _, held = fresh.ask("GET", "/v1/articles/long-4/text")
    assert (status, held.decode()) == (200, text)
    assert fresh.json("/_contract/report")["broken"] == []


@pytest.mark.parametrize(
    ("framing", "body"),
    [
        ("Content-Length: 60", b'{"type": "article", "id": "one", "headline": "x"}\n'),
        ("Transfer-Encoding: chunked", b'32\r\n{"type": "article", "id": "one", "headline": "x"}\n\r\n'),
        ("Transfer-Encoding: chunked", b'32\r\n{"type": "article", "id": "one", "headline": "x"}\n\r\nno length\r\n'),
    ],
    ids=["too few bytes", "no last chunk", "no length of a chunk"],
)
def test_a_body_that_breaks_off_is_rejected_and_nothing_is_stored(fresh, framing, body):
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
    assert fresh.ask("GET", "/v1/articles/one")[0] == 404


# the state


def test_what_is_posted_can_be_got_until_the_reset(fresh):
    operation = OPERATIONS["createQuote"]
    status, headers, created = fresh.ask("POST", operation.path, operation.body, **operation.headers)
    assert status == 201
    url = headers["Location"].removeprefix(f"http://127.0.0.1:{fresh.port}")
    assert fresh.ask("GET", url)[2] == created
    assert fresh.json("/_contract/report")["exchanges"] == 2
    before = fresh.ask("GET", RECORD)
    assert fresh.ask("DELETE", RECORD, If_Match="*")[0] == 204
    assert fresh.ask("GET", RECORD)[0] == 410
    assert fresh.ask("POST", "/_contract/reset")[0] == 204
    assert fresh.ask("GET", url)[0] == 404
    assert fresh.ask("GET", RECORD)[1]["ETag"] == before[1]["ETag"]
    assert fresh.json("/_contract/report")["exchanges"] == 2


def test_many_who_write_at_once_lose_nothing(fresh):
    body = orjson.dumps({"topic": "0"})
    assert fresh.ask("PATCH", RECORD, body, If_Match="*", **MERGE)[0] == 200
    unexpected = []

    def add(times):
        connection = fresh.connect()
        while times:
            _, headers, record = fresh.ask("GET", RECORD, connection=connection)
            patch = orjson.dumps({"topic": str(int(orjson.loads(record)["topic"]) + 1)})
            status, *_ = fresh.ask("PATCH", RECORD, patch, connection=connection, If_Match=headers["ETag"], **MERGE)
            times -= status == 200
            if status not in (200, 412):
                unexpected.append(status)
        connection.close()

    writers = [threading.Thread(target=add, args=(10,)) for _ in range(8)]
    for each in writers:
        each.start()
    for each in writers:
        each.join()
    assert unexpected == []
    assert fresh.json(RECORD)["topic"] == "80"


def test_a_reset_waits_for_those_who_read_and_write(fresh):
    until = time.monotonic() + 1.5
    unexpected = []

    def go_on(number):
        connection, count = fresh.connect(), 0
        while time.monotonic() < until:
            count += 1
            line = orjson.dumps({"type": "article", "id": f"a-{number}-{count}", "headline": "x", "text": "y"})
            asked = (
                ("POST", "/_contract/reset", None, {}),
                ("POST", "/v1/imports", line, NDJSON),
                ("GET", "/v1/claims?format=ndjson", None, {}),
            )[number % 3]
            status, _, body = fresh.ask(*asked[:3], connection=connection, **asked[3])
            if status not in (200, 204) or (number % 3 == 2 and body.count(b"\n") != 25):
                unexpected.append((asked[1], status, body))
        connection.close()

    threads = [threading.Thread(target=go_on, args=(number,)) for number in range(6)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert unexpected == []


def test_a_throwaway_that_kept_nothing_restores_nothing():
    store = Throwaway()
    with pytest.raises(RuntimeError, match="Nothing was kept"):
        store.restore()
    store.close()


def test_the_database_is_closed_at_the_end():
    before = open_sqlite_connections()
    with mocked() as mock:
        assert mock.get("/v1/quotes").status_code == 200
        assert open_sqlite_connections() > before
    assert open_sqlite_connections() <= before


# the report


def test_what_keeps_to_the_contract_is_counted_by_operation(watched):
    watched.reset()
    for operation in OPERATIONS.values():
        watched.example(operation)
    report = watched.report()
    assert report["broken"] == []
    assert report["exchanges"] == len(OPERATIONS)
    assert report["not_exercised"] == []
    assert report["operations"]["listQuotes"] == {"exchanges": 1, "broken": 0, "statuses": {"200": 1}}


def test_pages_and_preflights_are_no_part_of_it(watched):
    watched.reset()
    for url in ("/", "/docs", "/healthz", "/readyz", "/metrics", "/problems/gone", "/v1/openapi.json"):
        assert watched.get(url).status_code == 200
    assert watched.options("/v1/quotes").status_code == 204
    assert watched.get("/v1/quotes/none-such").status_code == 404
    assert watched.report()["broken"] == []


JSON = {"Content-Type": "application/json"}
QUOTE = orjson.loads(OPERATIONS["createQuote"].body)
MISTAKES = {
    "path": (("GET", "/v1/quote"), "path", "There is no /v1/quote. Did you mean /v1/quotes?"),
    "method": (("PUT", "/v1/quotes"), "method", "PUT is not one of GET, POST."),
    "parameter": (("GET", "/v1/quotes?mod=direct"), "query parameter mod", "Did you mean mode?"),
    "enum": (
        ("GET", "/v1/casualty-reports?harm=killed&harm=kiled"),
        "query parameter harm",
        '"kiled" is not one of killed, injured',
    ),
    "comma": (("GET", "/v1/quotes?fields=id,txt"), "query parameter fields", "Did you mean text?"),
    "number": (("GET", "/v1/quotes?limit=many"), "query parameter limit", '"many" is not of the type integer.'),
    "range": (("GET", "/v1/quotes?limit=201"), "query parameter limit", "201 is more than 200."),
    "flag": (("GET", "/v1/quotes?via[exists]=yes"), "query parameter via[exists]", '"yes" is not of the type boolean.'),
    "twice": (("GET", "/v1/quotes?limit=1&limit=2"), "query parameter limit", "given more than once"),
    "pattern": (("GET", "/v1/quotes?article_id=A"), "query parameter article_id", '"A" does not have the form'),
    "date": (("GET", "/v1/quotes?on_record=2020-13"), "query parameter on_record", "is no date in EDTF."),
    "interval": (("GET", "/v1/quotes?on_record[gte]=2020/2021"), "query parameter on_record[gte]", "single date"),
    "country": (("GET", "/v1/quotes?claimant_country=AAA"), "query parameter claimant_country", "is no country code"),
    "precondition": (("DELETE", RECORD), "header If-Match", "It is missing."),
    "idempotency": (
        ("POST", "/v1/quotes", QUOTE, {**JSON, "Idempotency-Key": "with space"}),
        "header Idempotency-Key",
        "does not have the form",
    ),
    "key": (
        ("POST", "/v1/quotes", QUOTE, {**JSON, "Authorization": None}),
        "header Authorization",
        "createQuote needs a key with the scope claims:write, and none was sent.",
    ),
    "media type": (("POST", "/v1/quotes", QUOTE, {"Content-Type": "text/plain"}), "header Content-Type", "text/plain"),
    "no media type": (("POST", "/v1/quotes", QUOTE, {}), "header Content-Type", "No media type is named"),
    "no body": (("POST", "/v1/quotes", None, JSON), "body", "createQuote needs one"),
    "no JSON": (("POST", "/v1/quotes", b"{", JSON), "body", "Not JSON"),
    "no UTF-8": (("POST", "/v1/imports", b"\xff", NDJSON), "body", "not UTF-8"),
    "field": (("POST", "/v1/quotes", {**QUOTE, "speaker": "x"}, JSON), "body", "There is no field speaker here."),
    "word": (("POST", "/v1/quotes", {**QUOTE, "mode": "direkt"}, JSON), "body /mode", "Did you mean direct?"),
    "absent": (("POST", "/v1/quotes", {"mode": "direct"}, JSON), "body", "claimant is missing."),
    "nested": (
        ("POST", "/v1/quotes", {**QUOTE, "claimant": {"name": "x", "kind": "person", "country": "AAA"}}, JSON),
        "body /claimant/country",
        "is no country code",
    ),
    "patch": (("PATCH", RECORD, {"count": "4"}, {**MERGE, "If-Match": "*"}), "body /count", '"4" is not of the type'),
    "in words": (("GET", "/v1/quotes?cursor=made-up"), "request", "It was refused (invalid-parameters): cursor"),
    "accept": (("GET", "/v1/quotes", None, {"Accept": "image/png"}), "request", "It was refused (not-acceptable)"),
}


@pytest.mark.parametrize(("asked", "where", "detail"), MISTAKES.values(), ids=MISTAKES)
def test_a_mistake_of_the_client_is_told_with_where_it_is(watched, asked, where, detail):
    method, url, body, headers = (*asked, *(None, {})[len(asked) - 2 :])
    watched.reset()
    sent = body if isinstance(body, bytes | None) else orjson.dumps(body)
    assert watched.open(url, method=method, data=sent, headers=headers).status_code >= 400
    (call,) = watched.report()["broken"]
    assert {reason["by"] for reason in call["reasons"]} == {"client"}
    assert any(reason["where"] == where and detail in reason["detail"] for reason in call["reasons"])
    assert call["request"] == f"{method} {url}"
    assert watched.report()["broken_by"] == {"client": 1, "server": 0}


def test_a_server_that_breaks_the_contract_is_told_from_a_client_that_does():
    app = create_app(Settings(database_url="sqlite://", rate_limit=""))
    app.extensions["onrecord"] = Throwaway()
    contract = Contract(orjson.loads(frozen.document()))
    report = Report(contract.described.operations)
    ask = caller(app)

    def faulty(asked):
        answered = ask(asked)
        return answered.holding(answered.body.replace(b'"next":null', b'"next":7'))

    client = Mock(Watching(faulty, contract, report))
    without_key = {"Authorization": None}
    assert client.get("/v1/quotes?x=1", headers=without_key).status_code == 422
    assert client.get("/v1/quotes", headers=without_key).status_code == 200
    ours, theirs = (call["reasons"] for call in report.told()["broken"])
    assert [(reason["by"], reason["where"]) for reason in ours] == [("client", "query parameter x")]
    assert [(reason["by"], reason["where"]) for reason in theirs] == [("server", "body /page/next")]
    assert report.told()["broken_by"] == {"client": 1, "server": 1}
    app.extensions["onrecord"].close()


def test_so_many_calls_are_told_and_all_are_counted(watched):
    watched.reset()
    for _ in range(MOST_TOLD + 5):
        watched.get("/v1/quotes?x=1")
    report = watched.report()
    assert len(report["broken"]) == MOST_TOLD
    assert report["broken_by"]["client"] == MOST_TOLD + 5
    assert broken(watched)[0] == ("GET /v1/quotes?x=1", 422, [("client", "query parameter x")])
    watched.reset()


@pytest.mark.parametrize(
    ("method", "url", "status"),
    [("GET", "/_contract/reset", 405), ("POST", "/_contract/report", 405), ("GET", "/_contract/none", 404)],
)
def test_what_is_asked_of_the_mock_wrongly_is_a_problem_and_in_no_report(watched, method, url, status):
    watched.reset()
    answer = watched.open(url, method=method)
    assert (answer.status_code, answer.mimetype) == (status, "application/problem+json")
    assert watched.report()["exchanges"] == 0
