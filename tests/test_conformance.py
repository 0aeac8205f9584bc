"""The conformance check: it finds nothing in our server, and every fault that is planted."""

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

from api import create_app
from api.cli.conformance import conformance
from api.contract.conformance.concerns import CONCERNS
from api.contract.conformance.running import BROKEN, HOLDS, NOT_ASKED, run, wanted
from api.contract.mock.app import KEY, watched
from api.settings import Settings
from api.store import keys
from api.store.engine import Store
from tests.conftest import SqliteDatabases, key_of
from tests.faults import FAULTS, answering
from tests.serving import ONRECORD, environment, free_port, onrecord, serving

pytestmark = pytest.mark.slow

QUESTIONS = {question.name: question for concern in CONCERNS for question in concern.questions}

# What only who may write can tell.
KEYED = {
    "compression/tag-is-good-for-writing",
    "conditions/stale",
    "conditions/unseen",
    "feed/tells-all",
    "keys/scope",
    "passage/large-bodies",
    *(name for name in QUESTIONS if name.startswith("writing/")),
}
# What cannot be told where nothing is on record.
OF_RECORDS = {"feed/tokens", "negotiation/tables", *(name for name in QUESTIONS if name.startswith("lists/"))}


@pytest.fixture(autouse=True)
def directly(monkeypatch):
    """What is asked here is on this machine, whatever proxy the machine has."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")


class Quiet(WSGIRequestHandler):
    def log(self, *_):
        """Say nothing."""

    def send_header(self, keyword, value):
        """As it is, unless the server is to close connections without a word."""
        if keyword == "Connection" and self.server.curt:
            self.close_connection = True
        else:
            super().send_header(keyword, value)


class Served:
    """An app over HTTP, as it is or with a fault around it."""

    def __init__(self, url, **settings):
        self.app = None
        self.server = make_server("127.0.0.1", 0, self._answer, threaded=True, request_handler=Quiet)
        self.server.curt = False
        # `close` waits for the requests before it closes the database.
        self.server.daemon_threads = False
        self.root = f"http://127.0.0.1:{self.server.port}"
        self.right = create_app(Settings(database_url=url, public_url=self.root, rate_limit="", **settings))
        self.app, self.key = self.right, key_of(self.right, "claims:write")
        self.thread = threading.Thread(target=self.server.serve_forever)
        self.thread.start()

    def _answer(self, environ, start_response):
        return self.app(environ, start_response)

    def close(self):
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()
        self.right.extensions["onrecord"].close()


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    """An app with the fixtures on record; a fault may be put around it."""
    with closing(Served(SqliteDatabases(tmp_path_factory.mktemp("conformance")).new("seeded"))) as served:
        yield served


@pytest.fixture
def right(served):
    served.app = served.right
    return served


def outcomes(report, outcome):
    return {finding.question.name for finding in report.findings if finding.outcome == outcome}


def found(report):
    """What does not hold, to be read when a test fails."""
    return [(finding.question.name, str(finding.broken)) for finding in report.findings if finding.broken]


def asked(served, *only, key=None):
    return run(served.root, wanted(only), key=key)


def broken(app, name):
    """The app with the fault of this name."""
    (fault,) = [fault for fault in FAULTS if fault.name == name]
    return fault.around(app)


def checked(*arguments, **more):
    return CliRunner().invoke(conformance, arguments, **more)


def test_our_own_server_does_all_that_it_is_asked(databases, tmp_path):
    url, port = databases.new("seeded"), free_port()
    store = Store(url)
    with store.writing() as connection:
        key = keys.create(connection, "of a test", {"claims:write"}, None)
    store.close()
    command, log = (*ONRECORD, "serve", "--port", str(port)), tmp_path / "log"
    with serving(command, tmp_path, port, environment(database_url=url), log) as root:
        report = run(root, wanted([]), key=key)
    assert (found(report), outcomes(report, HOLDS), report.left) == ([], set(QUESTIONS), [])


def test_the_command_needs_neither_a_database_nor_settings(right, tmp_path):
    told = onrecord("conformance", right.root, "--only", "keys", cwd=tmp_path, database_url="nowhere", no_setting="x")
    assert (told.returncode, told.stderr) == (0, "")
    assert "3 hold, 0 do not; not asked: 1." in told.stdout


def test_without_a_key_nothing_is_written_and_the_rest_is_asked(right):
    before = right.right.test_client().get("/v1/changes?since=26").json
    report = asked(right)
    assert (found(report), outcomes(report, NOT_ASKED)) == ([], KEYED)
    assert {finding.reason for finding in report.findings if finding.outcome == NOT_ASKED} == {"it needs a key"}
    assert right.right.test_client().get("/v1/changes?since=26").json == before


def test_on_an_empty_database_nothing_is_found(databases):
    with closing(Served(databases.new("empty"))) as served:
        without = asked(served)
        assert (found(without), outcomes(without, NOT_ASKED)) == ([], KEYED | OF_RECORDS)
        report = asked(served, key=served.key)
        assert (found(report), outcomes(report, NOT_ASKED)) == ([], set())


def test_what_is_put_on_record_is_taken_off_again(right):
    before = right.right.test_client().get("/v1/changes?limit=1&since=0").headers["ETag"]
    report = asked(right, "writing", "conditions", key=right.key)
    assert report.left == []
    assert right.right.test_client().get("/v1/claims?total=exact").json["page"]["total"]["count"] == 25
    assert right.right.test_client().get("/v1/articles").json["page"]["next"] is None
    assert before != right.right.test_client().get("/v1/changes?limit=1&since=0").headers["ETag"]


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_a_fault_is_found_by_the_questions_it_concerns_and_no_other(served, fault):
    served.app = fault.around(served.right)
    report = asked(served, *{name.partition("/")[0] for name in fault.breaks}, key=served.key)
    assert outcomes(report, BROKEN) == fault.breaks, found(report)


def test_a_connection_that_is_closed_without_a_word_is_found(right):
    right.server.curt = True
    try:
        report = asked(right, "passage/connections")
    finally:
        right.server.curt = False
    assert outcomes(report, BROKEN) == {"passage/connections"}


def test_every_question_is_broken_by_some_fault():
    assert set().union({"passage/connections"}, *(fault.breaks for fault in FAULTS)) == set(QUESTIONS)


def test_the_questions_are_some_forty_each_with_its_source():
    assert 40 <= len(QUESTIONS) <= 50
    assert len({question.claim for question in QUESTIONS.values()}) == len(QUESTIONS)
    for question in QUESTIONS.values():
        assert re.fullmatch(
            r"https://www\.rfc-editor\.org/rfc/rfc[0-9]{4}#section-[0-9.]*[0-9]"
            r"|https://fetch\.spec\.whatwg\.org/#[a-z0-9-]+"
            r"|/contract#[a-z0-9-]+",
            question.source.url,
        )


@pytest.mark.parametrize("chaos", [(), ("add-fields", "new-enum-values", "page-size-1", "retry-once")])
def test_what_the_promise_allows_is_no_fault(served, chaos):
    with watched(served.root, chaos) as served.app:
        report = asked(served, key=KEY)
    # The mock's key may do everything, and so cannot tell what one may not that has other scopes.
    assert (found(report), outcomes(report, NOT_ASKED)) == ([], {"keys/scope"})


def test_who_is_told_to_wait_waits_and_goes_on(served):
    told = iter([("429", "1"), ("503", "0")])

    @answering
    def busy(request, response):
        status, seconds = next(told, (None, None)) if request.path == "/v1/claims" else (None, None)
        return status and Response(status=int(status), headers={"Retry-After": seconds})

    served.app = busy(served.right)
    report = asked(served, "negotiation/unknown")
    assert (found(report), report.seconds >= 1) == ([], True)


def test_who_is_told_to_come_back_much_later_says_so(served):
    @answering
    def closed(request, response):
        return Response(status=503, headers={"Retry-After": "3600"})

    served.app = closed(served.right)
    told = checked(served.root, "--only", "keys/reading")
    assert told.exit_code == 2
    assert "wants to be asked again in 3600 seconds" in told.stderr


def test_answers_that_have_no_form_are_a_finding(served):
    @answering
    def formless(request, response):
        if request.path == "/v1/claims" and response.status_code == 200:
            response.data = b'{"data": [1, 2], "page": {"next": null, "prev": null}}'

    served.app = formless(served.right)
    report = asked(served, "lists/forward")
    assert outcomes(report, BROKEN) == {"lists/forward"}
    assert "GET /v1/claims" in report.findings[0].broken.asked


def test_what_could_not_be_taken_off_the_record_is_told_and_no_success(served, tmp_path):
    def kept(app):
        def wrong(environ, start_response):
            deleting = environ["REQUEST_METHOD"] == "DELETE"
            return (Response(status=403) if deleting else app)(environ, start_response)

        return wrong

    (tmp_path / "key").write_text(served.key)
    arguments = (served.root, "--key-file", str(tmp_path / "key"), "--only", "writing/media-type")
    served.app = kept(served.right)
    told = checked(*arguments)
    assert told.exit_code == 1
    (left,) = [line for line in told.stdout.splitlines() if line.startswith("Left on record")]
    paths = re.findall("/v1/[^ ,]+", left)
    assert len(paths) == 6
    for path in paths:
        headers = {"If-Match": "*", "Authorization": f"Bearer {served.key}"}
        assert served.right.test_client().delete(path, headers=headers).status_code == 204


def test_a_run_is_told_to_people_to_programs_and_to_continuous_integration(served, tmp_path):
    served.app = broken(served.right, "405 without Allow")
    told = checked(
        served.root,
        "--only",
        "methods",
        "--only",
        "*/put",
        "--junit",
        str(tmp_path / "x"),
        "--json",
        str(tmp_path / "j"),
    )
    assert told.exit_code == 1
    assert (
        "  ✗ OPTIONS and 405 list in Allow what a path answers\n      methods/allow: RFC 9110, section 10.2.1\n"
        in told.stdout
    )
    assert "      asked     DELETE /v1/claims\n" in told.stdout
    assert "      came      Allow: none\n" in told.stdout
    assert "  ✓ HEAD answers with" in told.stdout
    assert "  – A record that is put under an id" in told.stdout
    assert "2 hold, 1 do not; not asked: 1." in told.stdout

    suites = ET.parse(tmp_path / "x").getroot()
    counts = {name: suites.get(name) for name in ("tests", "failures", "errors", "skipped")}
    assert counts == {"tests": "4", "failures": "1", "errors": "0", "skipped": "1"}
    assert [suite.get("name") for suite in suites] == ["methods", "writing"]
    (case,) = [case for case in suites.iter("testcase") if case.find("failure") is not None]
    assert (case.get("classname"), case.get("name")) == ("onrecord.conformance.methods", "allow")
    assert "asked: DELETE /v1/claims" in case.find("failure").text
    assert [case.get("name") for case in suites.iter("testcase") if case.find("skipped") is not None] == ["put"]

    whole = json.loads((tmp_path / "j").read_bytes())
    assert (whole["url"], whole["counts"]) == (served.root, {"holds": 2, "broken": 1, "not_asked": 1})
    (wrong,) = [entry for entry in whole["questions"] if entry["outcome"] == "broken"]
    assert set(wrong) == {
        *("name", "claim", "source", "outcome", "reason", "asked", "expected", "came", "advice", "seconds"),
    }
    assert wrong["source"] == {
        "title": "RFC 9110, section 10.2.1",
        "url": "https://www.rfc-editor.org/rfc/rfc9110#section-10.2.1",
    }
    assert (wrong["asked"], wrong["came"]) == ("DELETE /v1/claims", "Allow: none")


def test_json_to_standard_output_is_all_there_is(right):
    told = checked(right.root, "--only", "keys/address", "--json", "-")
    assert told.exit_code == 0
    (question,) = json.loads(told.stdout)["questions"]
    # The address is one of the server that was asked.
    assert question["source"]["url"] == f"{right.root}/contract#keys-stay-out-of-addresses"


def test_control_characters_are_told_in_junit(served, tmp_path):
    @answering
    def garbled(request, response):
        return Response("\x00\x1b[31m\ufffe <&]]>", 500, mimetype="text/plain")

    served.app = garbled(served.right)
    assert checked(served.root, "--only", "keys/reading", "--junit", str(tmp_path / "x")).exit_code == 1
    (failure,) = ET.parse(tmp_path / "x").getroot().iter("failure")
    assert "\\x00\\x1b[31m\\ufffe <&]]>" in failure.text


def test_a_key_is_never_told(served, tmp_path):
    @answering
    def echoing(request, response):
        return Response(f"<p>{request.headers.get('Authorization')}</p>", 500) if request.method != "GET" else None

    served.app = echoing(served.right)
    files = ("--junit", str(tmp_path / "x"), "--json", str(tmp_path / "j"))
    told = checked(served.root, "--key-file", "-", *files, input=f"{served.key}\n")
    assert told.exit_code == 1
    assert "<p>Bearer …</p>" in told.stdout
    for text in (told.stdout, *(file.read_text() for file in tmp_path.iterdir())):
        assert served.key[-20:] not in text


def test_pages_of_few_origins_are_asked_about_as_one_of_those(tmp_path):
    with closing(Served(SqliteDatabases(tmp_path).new("seeded"), cors_origins="https://newsroom.example")) as served:
        report = asked(served, "cors")
        assert outcomes(report, NOT_ASKED) == {"cors/reading", "cors/preflight"}
        told = checked(served.root, "--only", "cors", "--origin", "https://newsroom.example")
        assert "2 hold, 0 do not; not asked: 0." in told.stdout


def test_where_nobody_answers_there_is_nothing_to_find():
    told = checked(f"http://127.0.0.1:{free_port()}")
    assert (told.exit_code, "does not answer" in told.stderr) == (2, True)


def test_who_is_led_elsewhere_is_told_to_ask_there(served):
    @answering
    def led(request, response):
        return Response(status=301, headers={"Location": "https://onrecord.example/"})

    served.app = led(served.right)
    told = checked(served.root)
    assert (told.exit_code, "leads to https://onrecord.example/" in told.stderr) == (2, True)


def test_where_nothing_could_be_asked_there_is_no_success(right):
    told = checked(right.root, "--only", "writing")
    assert (told.exit_code, "0 hold, 0 do not; not asked: 7." in told.stdout) == (2, True)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("onrecord.example",), "is no address such as https://onrecord.example"),
        (("ftp://onrecord.example",), "is no address such as https://onrecord.example"),
        (("https://key@onrecord.example",), "is no address such as https://onrecord.example"),
        (("https://onrecord.example:x",), "is no address"),
        (("https://onrecord.example/api",), "Ask https://onrecord.example."),
        (("http://127.0.0.1:1", "--only", "nothing"), "The concerns are passage,"),
        (("http://127.0.0.1:1", "--key-file", "/no/such/file"), "No such file"),
        (("http://127.0.0.1:1", "--key-file", "-"), "There is no key in it"),
        (("http://127.0.0.1:1", "--junit", "/no/such/folder/x"), "cannot be written"),
    ],
)
def test_wrong_use_is_told_before_anything_is_asked(arguments, told):
    answer = checked(*arguments, input="")
    assert answer.exit_code == 2
    assert told in answer.stderr
