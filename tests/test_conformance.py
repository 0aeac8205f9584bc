"""The conformance check: it finds nothing in our server, and every fault that is planted."""

from __future__ import annotations

import threading

import pytest
from click.testing import CliRunner
from werkzeug.serving import WSGIRequestHandler, make_server

from api import create_app
from api.cli.conformance import conformance
from api.contract.conformance.concerns import CONCERNS
from api.contract.conformance.running import BROKEN, HOLDS, NOT_ASKED, run, wanted
from api.settings import Settings
from tests.conftest import SqliteDatabases, key_of
from tests.faults import FAULTS
from tests.serving import ONRECORD, environment, free_port, onrecord, serving

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


class Served:
    """An app over HTTP, as it is or with a fault around it."""

    def __init__(self, url):
        self.app = None
        self.server = make_server("127.0.0.1", 0, self._answer, threaded=True, request_handler=Quiet)
        self.root = f"http://127.0.0.1:{self.server.port}"
        self.right = create_app(Settings(database_url=url, public_url=self.root, rate_limit=""))
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
    served = Served(SqliteDatabases(tmp_path_factory.mktemp("conformance")).new("seeded"))
    yield served
    served.close()


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


def checked(*arguments, **more):
    return CliRunner().invoke(conformance, arguments, **more)


def test_our_own_server_does_all_that_it_is_asked(databases, tmp_path):
    url, port = databases.new("seeded"), free_port()
    key = onrecord("keys", "create", "--name", "x", "--scope", "claims:write", cwd=tmp_path, database_url=url).stdout
    (tmp_path / "key").write_text(key)
    command, log = (*ONRECORD, "serve", "--port", str(port)), tmp_path / "log"
    with serving(command, tmp_path, port, environment(database_url=url), log) as root:
        report = run(root, wanted([]), key=key.strip())
        assert (found(report), outcomes(report, HOLDS)) == ([], set(QUESTIONS))
        assert report.left == []
        # The command, in a place without a database, and without a key.
        told = onrecord("conformance", root, cwd=tmp_path, database_url="nowhere")
        assert (told.returncode, told.stderr) == (0, "")
        assert f"{len(QUESTIONS) - len(KEYED)} hold, 0 do not, {len(KEYED)} were not asked." in told.stdout


def test_without_a_key_nothing_is_written_and_the_rest_is_asked(right):
    before = right.right.test_client().get("/v1/changes?since=26").json
    report = asked(right)
    assert (found(report), outcomes(report, NOT_ASKED)) == ([], KEYED)
    assert right.right.test_client().get("/v1/changes?since=26").json == before


@pytest.mark.parametrize("keyed", [True, False])
def test_on_an_empty_database_nothing_is_found(databases, keyed):
    served = Served(databases.new("empty"))
    report = asked(served, key=served.key if keyed else None)
    assert found(report) == []
    assert outcomes(report, NOT_ASKED) == (set() if keyed else KEYED | OF_RECORDS)
    served.close()


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
