"""The conformance checks pass on a correct server, and each planted fault fails them."""

from __future__ import annotations

import json
import re
import threading
import xml.etree.ElementTree as ET
from contextlib import closing

import pytest
from click.testing import CliRunner
from werkzeug.serving import WSGIRequestHandler, make_server
from werkzeug.wrappers import Response

from api.app import create_app
from api.cli.conformance import conformance
from api.contract.conformance.runner import FAILED, PASSED, SKIPPED, run, select
from api.contract.mock.app import KEY, open_mock
from api.settings import Settings
from api.store import keys
from api.store.database import Store
from tests.conftest import SqliteDatabases, key_of
from tests.support.faults import FAULTS, change_response
from tests.support.live_server import ONRECORD, environment, free_port, onrecord, run_server

pytestmark = pytest.mark.slow

CHECKS = {check.name: check for check in select([])}

# These checks require a key.
WITH_KEY = {
    "compression/tag-is-good-for-writing",
    "conditions/stale",
    "passage/large-bodies",
    *(name for name in CHECKS if name.startswith("writing/")),
}
# This check requires stored claims.
WITH_CLAIMS = {"lists/forward"}


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch):
    """Connect directly, even if this machine uses a proxy."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")


class RequestHandler(WSGIRequestHandler):
    def log(self, *_):
        """Log nothing."""

    def send_header(self, keyword, value):
        """Send a header, but close the connection unannounced if `closes_unannounced` is set."""
        if keyword == "Connection" and self.server.closes_unannounced:
            self.close_connection = True
        else:
            super().send_header(keyword, value)


class AppServer:
    """An HTTP server. `app` is the WSGI app that it serves: the correct app, or one with a fault."""

    def __init__(self, url, **settings):
        self.server = make_server("127.0.0.1", 0, self._serve, threaded=True, request_handler=RequestHandler)
        self.server.closes_unannounced = False
        # `close` waits for the requests before it closes the database.
        self.server.daemon_threads = False
        self.base_url = f"http://127.0.0.1:{self.server.port}"
        self.correct_app = create_app(Settings(database_url=url, public_url=self.base_url, rate_limit="", **settings))
        self.app, self.key = self.correct_app, key_of(self.correct_app, "claims:write")
        self.thread = threading.Thread(target=self.server.serve_forever)
        self.thread.start()

    def _serve(self, environ, start_response):
        return self.app(environ, start_response)

    def get(self, url):
        return self.correct_app.test_client().get(url)

    def close(self):
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()
        self.correct_app.extensions["onrecord"].close()


@pytest.fixture(scope="module")
def shared_server(tmp_path_factory):
    with closing(AppServer(SqliteDatabases(tmp_path_factory.mktemp("conformance")).new("seeded"))) as server:
        yield server


@pytest.fixture
def server(shared_server):
    shared_server.app = shared_server.correct_app
    return shared_server


def names(results, outcome):
    return {entry.check.name for entry in results.outcomes if entry.outcome == outcome}


def failures(results):
    return [(entry.check.name, str(entry.failure)) for entry in results.outcomes if entry.failure]


def run_checks(server, *patterns, key=None):
    return run(server.base_url, select(patterns), key=key)


def invoke(*arguments, **options):
    return CliRunner().invoke(conformance, arguments, **options)


def test_our_own_server_passes_all_checks(databases, tmp_path):
    url, port = databases.new("seeded"), free_port()
    store = Store(url)
    with store.writing() as connection:
        key = keys.create(connection, "of a test", {"claims:write"}, None)
    store.close()
    command, log = (*ONRECORD, "serve", "--port", str(port)), tmp_path / "log"
    with run_server(command, tmp_path, port, environment(database_url=url), log) as base_url:
        results = run(base_url, select([]), key=key)
    assert (failures(results), names(results, PASSED), results.remaining) == ([], set(CHECKS), [])


def test_the_command_needs_neither_a_database_nor_settings(server, tmp_path):
    arguments = ("conformance", server.base_url, "--only", "keys")
    result = onrecord(*arguments, cwd=tmp_path, database_url="nowhere", no_setting="x")
    assert (result.returncode, result.stderr) == (0, "")
    assert "2 passed, 0 failed, 0 skipped" in result.stdout


def test_without_a_key_nothing_is_written_and_checks_that_write_are_skipped(server):
    before = server.get("/v1/changes?since=29").json
    results = run_checks(server)
    assert (failures(results), names(results, SKIPPED)) == ([], WITH_KEY)
    assert {entry.reason for entry in results.outcomes if entry.outcome == SKIPPED} == {"requires a key"}
    assert server.get("/v1/changes?since=29").json == before


def test_an_empty_database_passes(databases):
    with closing(AppServer(databases.new("empty"))) as server:
        without_key = run_checks(server)
        assert (failures(without_key), names(without_key, SKIPPED)) == ([], WITH_KEY | WITH_CLAIMS)
        results = run_checks(server, key=server.key)
        assert (failures(results), names(results, SKIPPED)) == ([], set())


def test_created_records_are_deleted(server):
    before = server.get("/v1/changes?limit=1&since=0").headers["ETag"]
    results = run_checks(server, "writing", "conditions", key=server.key)
    assert results.remaining == []
    assert server.get("/v1/claims?total=exact").json["page"]["total"]["count"] == 25
    assert server.get("/v1/articles").json["page"]["next"] is None
    assert before != server.get("/v1/changes?limit=1&since=0").headers["ETag"]


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_a_fault_fails_its_checks_and_no_other_of_their_groups(server, fault):
    server.app = fault.wrap(server.correct_app)
    results = run_checks(server, *{name.partition("/")[0] for name in fault.checks}, key=server.key)
    assert names(results, FAILED) == fault.checks, failures(results)


def test_an_unannounced_close_of_a_connection_fails(server):
    server.server.closes_unannounced = True
    try:
        results = run_checks(server, "passage/connections")
    finally:
        server.server.closes_unannounced = False
    assert names(results, FAILED) == {"passage/connections"}


def test_each_check_has_a_fault():
    assert set().union({"passage/connections"}, *(fault.checks for fault in FAULTS)) == set(CHECKS)


def test_there_are_30_checks_and_each_has_a_source():
    assert len(CHECKS) == 30
    assert len({check.statement for check in CHECKS.values()}) == len(CHECKS)
    for check in CHECKS.values():
        assert re.fullmatch(
            r"https://www\.rfc-editor\.org/rfc/rfc[0-9]{4}#section-[0-9.]*[0-9]"
            r"|https://fetch\.spec\.whatwg\.org/#[a-z0-9-]+"
            r"|/contract#[a-z0-9-]+",
            check.source.url,
        )


@pytest.mark.parametrize("chaos", [(), ("add-fields", "new-enum-values", "page-size-1", "retry-once")])
def test_changes_that_the_promise_allows_pass(server, chaos):
    with open_mock(server.base_url, chaos) as server.app:
        results = run_checks(server, key=KEY)
    assert (failures(results), names(results, SKIPPED)) == ([], set())


def test_a_request_is_retried_after_the_delay_that_the_server_asks_for(server):
    rejections = iter([("429", "1"), ("503", "0")])

    @change_response
    def busy(request, response):
        status, seconds = next(rejections, (None, None)) if request.path == "/v1/claims" else (None, None)
        return status and Response(status=int(status), headers={"Retry-After": seconds})

    server.app = busy(server.correct_app)
    results = run_checks(server, "negotiation/liked")
    assert (failures(results), results.seconds >= 1) == ([], True)


def test_a_long_delay_is_reported(server):
    @change_response
    def closed(request, response):
        return Response(status=503, headers={"Retry-After": "3600"})

    server.app = closed(server.correct_app)
    result = invoke(server.base_url, "--only", "keys/reading")
    assert result.exit_code == 2
    assert "says to retry in 3600 seconds" in result.stderr


def test_a_body_with_another_schema_fails(server):
    @change_response
    def malformed(request, response):
        if request.path == "/v1/claims" and response.status_code == 200:
            response.data = b'{"data": [1, 2], "page": {"next": null, "prev": null}}'

    server.app = malformed(server.correct_app)
    results = run_checks(server, "lists/forward")
    assert names(results, FAILED) == {"lists/forward"}
    assert "GET /v1/claims" in results.outcomes[0].failure.parts["request"]


def test_records_that_cannot_be_deleted_are_listed_and_the_exit_status_is_1(server, tmp_path):
    def without_delete(app):
        def faulty(environ, start_response):
            return (Response(status=403) if environ["REQUEST_METHOD"] == "DELETE" else app)(environ, start_response)

        return faulty

    (tmp_path / "key").write_text(server.key)
    server.app = without_delete(server.correct_app)
    arguments = ("--key-file", str(tmp_path / "key"), "--only", "writing/put", "--only", "lists/forward")
    result = invoke(server.base_url, *arguments)
    assert result.exit_code == 1
    (line,) = [line for line in result.stdout.splitlines() if "could not be deleted" in line]
    paths = re.findall("/v1/[^ ,]+", line)
    assert len(paths) == 7
    for path in paths:
        headers = {"If-Match": "*", "Authorization": f"Bearer {server.key}"}
        assert server.correct_app.test_client().delete(path, headers=headers).status_code == 204


def test_results_are_written_as_text_json_and_junit(server, tmp_path):
    (fault,) = [fault for fault in FAULTS if fault.name == "URLs are limited to 8 kB"]
    server.app = fault.wrap(server.correct_app)
    files = ("--junit", str(tmp_path / "x"), "--json", str(tmp_path / "j"))
    result = invoke(server.base_url, "--only", "passage", "--only", "*/put", *files)
    assert result.exit_code == 1
    assert "✗ passage/long-addresses: A URL of more than 8 kB" in result.stdout
    assert "    source    promise, what-was-taken-is-taken\n" in result.stdout
    assert "    request   GET /v1/claims?id=no-such-claim-here-" in result.stdout
    assert "    received  414 (text/plain): <h1>414</h1>\n" in result.stdout
    assert "    advice    Accept URLs of the same length as the server" in result.stdout
    assert "✓ passage/links: Links have the origin of the request\n" in result.stdout
    assert "– writing/put: PUT with a new id" in result.stdout
    assert "3 passed, 1 failed, 2 skipped in" in result.stdout

    suites = ET.parse(tmp_path / "x").getroot()
    counts = {name: suites.get(name) for name in ("tests", "failures", "errors", "skipped")}
    assert counts == {"tests": "6", "failures": "1", "errors": "0", "skipped": "2"}
    assert [suite.get("name") for suite in suites] == ["passage", "writing"]
    (case,) = [case for case in suites.iter("testcase") if case.find("failure") is not None]
    assert (case.get("classname"), case.get("name")) == ("onrecord.conformance.passage", "long-addresses")
    assert case.find("failure").get("type") == "promise, what-was-taken-is-taken"
    assert "request: GET /v1/claims?id=" in case.find("failure").text
    skipped = [case.get("name") for case in suites.iter("testcase") if case.find("skipped") is not None]
    assert skipped == ["large-bodies", "put"]

    document = json.loads((tmp_path / "j").read_bytes())
    assert set(document) == {"url", "checked_by", "began_at", "seconds", "counts", "questions", "left_on_record"}
    assert (document["url"], document["counts"]) == (server.base_url, {"holds": 3, "broken": 1, "not_asked": 2})
    (failed,) = [entry for entry in document["questions"] if entry["outcome"] == "broken"]
    assert set(failed) == {
        *("name", "claim", "source", "outcome", "reason", "asked", "expected", "came", "advice", "seconds"),
    }
    # A clause of the promise is on the deployment.
    source = {"title": "promise, what-was-taken-is-taken"}
    assert failed["source"] == {**source, "url": f"{server.base_url}/contract#what-was-taken-is-taken"}
    assert failed["asked"].startswith("GET /v1/claims?id=")
    assert (failed["expected"], failed["came"]) == ("200", "414 (text/plain): <h1>414</h1>")


def test_json_on_standard_output_is_the_only_output(server):
    result = invoke(server.base_url, "--only", "conditions/strong", "--json", "-")
    assert result.exit_code == 0
    (entry,) = json.loads(result.stdout)["questions"]
    url = "https://www.rfc-editor.org/rfc/rfc9110#section-8.8.3"
    assert entry["source"] == {"title": "RFC 9110, section 8.8.3", "url": url}


def test_control_characters_are_escaped_in_junit(server, tmp_path):
    @change_response
    def garbled(request, response):
        return Response("\x00\x1b[31m\ufffe <&]]>", 500, mimetype="text/plain")

    server.app = garbled(server.correct_app)
    assert invoke(server.base_url, "--only", "keys/reading", "--junit", str(tmp_path / "x")).exit_code == 1
    (failure,) = ET.parse(tmp_path / "x").getroot().iter("failure")
    assert "\\x00\\x1b[31m\\ufffe <&]]>" in failure.text


def test_a_key_is_never_printed(server, tmp_path):
    @change_response
    def echoing(request, response):
        return Response(f"<p>{request.headers.get('Authorization')}</p>", 500) if request.method != "GET" else None

    server.app = echoing(server.correct_app)
    files = ("--junit", str(tmp_path / "x"), "--json", str(tmp_path / "j"))
    result = invoke(server.base_url, "--key-file", "-", *files, input=f"{server.key}\n")
    assert result.exit_code == 1
    assert "<p>Bearer …</p>" in result.stdout
    for text in (result.stdout, *(file.read_text() for file in tmp_path.iterdir())):
        assert server.key[-20:] not in text


def test_an_origin_that_is_not_allowed_is_skipped_and_an_allowed_one_passes(tmp_path):
    url = SqliteDatabases(tmp_path).new("seeded")
    with closing(AppServer(url, cors_origins="https://newsroom.example")) as server:
        results = run_checks(server, "cors")
        assert names(results, SKIPPED) == {"cors/reading", "cors/preflight"}
        result = invoke(server.base_url, "--only", "cors", "--origin", "https://newsroom.example")
        assert "2 passed, 0 failed, 0 skipped" in result.stdout


def test_a_server_that_does_not_respond_is_reported():
    result = invoke(f"http://127.0.0.1:{free_port()}")
    assert (result.exit_code, "does not respond" in result.stderr) == (2, True)


def test_a_server_that_stops_responding_does_not_delay_the_remaining_checks(server):
    requests = []

    def hang(app):
        def faulty(environ, start_response):
            requests.append(environ["PATH_INFO"])
            if environ["PATH_INFO"] == "/":
                return app(environ, start_response)
            raise ConnectionResetError

        return faulty

    server.app = hang(server.correct_app)
    results = run(server.base_url, select([]), timeout=0.3)
    assert names(results, PASSED) == set()
    assert "the server stopped responding" in {entry.reason for entry in results.outcomes}
    assert len(requests) < len(CHECKS)


def test_a_redirect_is_reported(server):
    @change_response
    def redirect(request, response):
        return Response(status=301, headers={"Location": "https://onrecord.example/"})

    server.app = redirect(server.correct_app)
    result = invoke(server.base_url)
    assert (result.exit_code, "redirects to https://onrecord.example/" in result.stderr) == (2, True)


def test_a_run_with_only_skipped_checks_does_not_succeed(server):
    result = invoke(server.base_url, "--only", "writing")
    assert (result.exit_code, "0 passed, 0 failed, 4 skipped" in result.stdout) == (2, True)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("onrecord.example",), "is not a URL such as https://onrecord.example"),
        (("ftp://onrecord.example",), "is not a URL such as https://onrecord.example"),
        (("https://onrecord.example/%v1",), "The character '%' at 25 is not followed by two hexadecimal digits"),
        (("https://key@onrecord.example",), "is not a URL such as https://onrecord.example"),
        (("https://onrecord.example:x",), "is not a URL"),
        (("https://onrecord.example/api",), "Use https://onrecord.example."),
        (("http://127.0.0.1:1", "--only", "nothing"), "The groups are passage,"),
        (("http://127.0.0.1:1", "--key-file", "/no/such/file"), "No such file"),
        (("http://127.0.0.1:1", "--key-file", "-"), "The file contains no key"),
        (("http://127.0.0.1:1", "--junit", "/no/such/folder/x"), "No such file or directory"),
    ],
)
def test_a_usage_error_is_reported_before_any_request(arguments, message):
    result = invoke(*arguments, input="")
    assert result.exit_code == 2
    assert message in result.stderr
