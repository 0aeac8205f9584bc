"""onrecord contract check-response: a saved answer is held against the contract, without a server."""

from __future__ import annotations

import orjson
import pytest
from click.testing import CliRunner

from api.cli.check_response import check_response
from tests.documented import OPERATIONS
from tests.mocks import mocked
from tests.serving import onrecord

pytestmark = pytest.mark.slow

URL = "/v1/casualty-reports/armenia-soldiers-killed"


@pytest.fixture(scope="module")
def mock():
    with mocked() as client:
        yield client


def checked(saved, *arguments, operation="getCasualtyReport"):
    """The exit code of the command, and what it says."""
    told = CliRunner().invoke(check_response, ["--operation", operation, *arguments, "-"], input=saved)
    return told.exit_code, told.output


def as_curl_saves(answer):
    """What `curl -i` writes."""
    headers = "".join(f"{name}: {value}\r\n" for name, value in answer.headers)
    return f"HTTP/1.1 {answer.status}\r\n{headers}\r\n".encode() + answer.data


def test_it_needs_neither_server_nor_database(mock, tmp_path):
    (tmp_path / "saved.json").write_bytes(mock.get(URL).data)
    asked = ("contract", "check-response", "--operation", "getCasualtyReport", "saved.json")
    told = onrecord(*asked, cwd=tmp_path, database_url="postgresql://nowhere/none")
    assert told.returncode == 0, told.stderr
    assert told.stdout.startswith("It keeps to the contract: getCasualtyReport, 200, application/json.")
    assert "headers were not saved" in told.stdout


@pytest.mark.parametrize("name", OPERATIONS)
def test_every_answer_of_the_service_keeps_to_it(mock, name):
    mock.reset()
    code, told = checked(as_curl_saves(mock.example(OPERATIONS[name])), operation=name)
    assert code == 0, told
    assert "not saved" not in told


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda record: record.pop("harm"), "body: harm is missing."),
        (lambda record: record.update(count="1166"), 'body /count: "1166" is not of the type'),
        (lambda record: record.update(low=-1), "body /low: -1 is less than 0."),
        (lambda record: record["evidence"].clear(), "body /evidence: [] has fewer than 1 entries."),
        (lambda record: record["claimant"].pop("name"), "body /claimant: name is missing."),
        (lambda record: record.update(created_at="now"), 'body /created_at: "now" is no moment (RFC 3339).'),
        (lambda record: record.update(type="quote"), 'body /type: "quote" is not one of casualty_report.'),
    ],
    ids=["absent", "type", "range", "too few", "nested", "format", "kind"],
)
def test_what_departs_from_it_is_told_with_where(mock, change, told):
    record = mock.get(URL).json
    change(record)
    code, output = checked(orjson.dumps(record))
    assert code == 1
    assert told in output


def test_each_departure_is_told(mock):
    page = mock.get("/v1/claims?limit=5").json
    del page["data"][2]["claimant"], page["data"][4]["evidence"], page["page"]["next"]
    code, told = checked(orjson.dumps(page), operation="listClaims")
    assert code == 1
    assert [line.partition(":")[0] for line in told.splitlines()] == ["body /data/2", "body /data/4", "body /page"]


def test_a_claim_among_others_is_held_against_the_kind_that_it_says_it_is(mock):
    page = mock.get("/v1/claims?type=casualty_report").json
    del page["data"][0]["harm"], page["data"][0]["qualifier"]
    told = "body /data/0: harm is missing.\nbody /data/0: qualifier is missing.\n"
    assert checked(orjson.dumps(page), operation="listClaims") == (1, told)


def test_a_problem_that_is_not_documented_yet_is_no_departure_and_a_failure_of_the_server_is(mock):
    problem = mock.get("/v1/casualty-reports/none-such").data
    assert checked(problem, "--status", "418")[0] == 0
    assert checked(b"{}", "--status", "418")[0] == 1
    code, told = checked(problem, "--status", "502")
    assert (code, "502 is not an answer of getCasualtyReport" in told) == (1, True)


def test_what_a_minor_version_may_bring_is_no_departure():
    requests = (("/v1/claims", "listClaims"), (URL, "getCasualtyReport"), ("/v1/quotes?x=1", "listQuotes"))
    with mocked("add-fields", "new-enum-values", "page-size-1") as disorder:
        for url, operation in requests:
            saved = disorder.get(url)
            assert checked(as_curl_saves(saved), operation=operation)[0] == 0, saved.text


def test_the_status_the_headers_and_the_media_type_are_looked_at_where_they_were_saved(mock):
    saved = as_curl_saves(mock.get(URL))
    for old, new, told in (
        (b"200 OK", b"202 Accepted", "status: 202 is not an answer of getCasualtyReport, which has 200"),
        (b"ETag", b"Tag", "header ETag: no ETag."),
        (b"API-Version", b"Version", "header API-Version: no API-Version."),
        (b"application/json", b"text/html", "header Content-Type: text/html is not documented"),
    ):
        code, output = checked(saved.replace(old, new, 1))
        assert (code, told in output) == (1, True), output


def test_of_several_answers_that_were_saved_the_last_counts(mock):
    saved = as_curl_saves(mock.get(URL))
    assert checked(b"HTTP/1.1 100 Continue\r\n\r\n" + saved)[0] == 0
    assert checked(b"HTTP/1.1 301 Moved\r\nLocation: /\r\n\r\n" + saved.replace(b"\r\n", b"\n", 12))[0] == 0


def test_a_body_alone_is_taken_for_a_good_answer_in_json_unless_it_is_said_what_it_is(mock):
    problem = mock.get("/v1/casualty-reports/none-such").data
    assert checked(problem)[0] == 1
    assert checked(problem, "--status", "404")[0] == 0
    lines = mock.get("/v1/casualty-reports?format=ndjson").data
    assert checked(lines, operation="listCasualtyReports")[0] == 1
    ndjson = ("--media-type", "application/x-ndjson")
    assert checked(lines, *ndjson, operation="listCasualtyReports")[0] == 0
    cut = checked(lines.replace(b'"harm"', b'"ham"', 1), *ndjson, operation="listCasualtyReports")
    assert cut == (1, "line 1: harm is missing.\n")
    assert checked(b"", operation="deleteQuote")[0] == 0
    assert checked(b"{}", operation="deleteQuote")[0] == 1


def test_what_was_asked_for_with_fields_has_only_those(mock):
    page = mock.get("/v1/casualty-reports?fields=harm").data
    assert checked(page, operation="listCasualtyReports")[0] == 0
    lines = mock.get("/v1/casualty-reports?fields=harm&format=ndjson").data
    asked = ("--media-type", "application/x-ndjson")
    assert checked(lines, *asked, operation="listCasualtyReports")[0] == 1
    assert checked(lines, *asked, "--fields", operation="listCasualtyReports")[0] == 0


@pytest.mark.parametrize(
    ("arguments", "saved", "told"),
    [
        ({"operation": "getCasualtyReprot"}, b"{}", "Did you mean getCasualtyReport?"),
        ({"operation": "zzz"}, b"{}", "The OpenAPI document lists them."),
    ],
)
def test_an_operation_that_there_is_not_is_wrong_use(arguments, saved, told):
    code, output = checked(saved, **arguments)
    assert (code, told in output) == (2, True), output


def test_a_status_that_the_file_says_itself_is_wrong_use(mock):
    code, told = checked(as_curl_saves(mock.get(URL)), "--status", "200")
    assert code == 2
    assert "Leave --status and --media-type out." in told


def test_a_file_that_there_is_not_is_wrong_use(tmp_path):
    told = CliRunner().invoke(check_response, ["--operation", "getQuote", str(tmp_path / "none")])
    assert told.exit_code == 2
