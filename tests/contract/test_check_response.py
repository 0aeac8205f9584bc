"""The command `onrecord contract check-response` checks a saved response against the contract, without a server."""

from __future__ import annotations

import orjson
import pytest
from click.testing import CliRunner

from api.cli.contract import check_response
from tests.support.live_server import onrecord
from tests.support.mock_client import open_client
from tests.support.openapi import OPERATIONS

pytestmark = pytest.mark.slow

URL = "/v1/casualty-reports/armenia-soldiers-killed"


@pytest.fixture(scope="module")
def mock():
    with open_client() as client:
        yield client


def check(saved, *arguments, operation="getCasualtyReport"):
    """Return the exit status of the command and its output."""
    result = CliRunner().invoke(check_response, ["--operation", operation, *arguments, "-"], input=saved)
    return result.exit_code, result.output


def save_with_headers(response):
    """Return the output of `curl -i` for a response."""
    headers = "".join(f"{name}: {value}\r\n" for name, value in response.headers)
    return f"HTTP/1.1 {response.status}\r\n{headers}\r\n".encode() + response.data


def test_it_needs_neither_server_nor_database(mock, tmp_path):
    (tmp_path / "saved.json").write_bytes(mock.get(URL).data)
    command = ("contract", "check-response", "--operation", "getCasualtyReport", "saved.json")
    result = onrecord(*command, cwd=tmp_path, database_url="postgresql://nowhere/none")
    assert result.returncode == 0, result.stderr
    assert result.stdout.startswith("Valid: getCasualtyReport, 200, application/json.")
    assert "headers were not saved" in result.stdout


@pytest.mark.parametrize("name", OPERATIONS)
def test_every_response_of_the_service_is_valid(mock, name):
    mock.reset()
    code, output = check(save_with_headers(mock.send_example(OPERATIONS[name])), operation=name)
    assert code == 0, output
    assert "not saved" not in output


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda record: record.pop("harm"), "body: harm is missing."),
        (lambda record: record.update(count="1166"), 'body /count: "1166" is not of the type'),
        (lambda record: record.update(low=-1), "body /low: -1 is less than 0."),
        (lambda record: record["evidence"].clear(), "body /evidence: [] has fewer than 1 entries."),
        (lambda record: record["claimant"].pop("name"), "body /claimant: name is missing."),
        (
            lambda record: record.update(created_at="now"),
            'body /created_at: "now" is not a valid timestamp (RFC 3339).',
        ),
        (lambda record: record.update(type="quote"), 'body /type: "quote" is not one of casualty_report.'),
    ],
    ids=["absent", "type", "range", "too few", "nested", "format", "kind"],
)
def test_a_violation_is_printed_with_its_place(mock, change, message):
    record = mock.get(URL).json
    change(record)
    code, output = check(orjson.dumps(record))
    assert code == 1
    assert message in output


def test_each_violation_is_printed(mock):
    page = mock.get("/v1/claims?limit=5").json
    del page["data"][2]["claimant"], page["data"][4]["evidence"], page["page"]["next"]
    code, output = check(orjson.dumps(page), operation="listClaims")
    assert code == 1
    assert [line.partition(":")[0] for line in output.splitlines()] == ["body /data/2", "body /data/4", "body /page"]


def test_a_claim_in_a_mixed_list_is_checked_as_its_own_kind(mock):
    page = mock.get("/v1/claims?type=casualty_report").json
    del page["data"][0]["harm"], page["data"][0]["qualifier"]
    messages = "body /data/0: harm is missing.\nbody /data/0: qualifier is missing.\n"
    assert check(orjson.dumps(page), operation="listClaims") == (1, messages)


def test_an_undocumented_problem_is_valid_but_an_undocumented_server_error_is_not(mock):
    problem = mock.get("/v1/casualty-reports/none-such").data
    assert check(problem, "--status", "418")[0] == 0
    assert check(b"{}", "--status", "418")[0] == 1
    code, output = check(problem, "--status", "502")
    assert (code, "getCasualtyReport does not document 502." in output) == (1, True)


def test_additions_of_a_minor_version_are_valid():
    requests = (("/v1/claims", "listClaims"), (URL, "getCasualtyReport"), ("/v1/quotes?x=1", "listQuotes"))
    with open_client("add-fields", "new-enum-values", "page-size-1") as chaotic:
        for url, operation in requests:
            response = chaotic.get(url)
            assert check(save_with_headers(response), operation=operation)[0] == 0, response.text


def test_saved_status_headers_and_media_type_are_checked(mock):
    saved = save_with_headers(mock.get(URL))
    for old, new, message in (
        (b"200 OK", b"202 Accepted", "status: getCasualtyReport does not document 202. It documents 200"),
        (b"ETag", b"Tag", "header ETag: ETag is missing."),
        (b"API-Version", b"Version", "header API-Version: API-Version is missing."),
        (b"application/json", b"text/html", "header Content-Type: text/html is not documented"),
    ):
        code, output = check(saved.replace(old, new, 1))
        assert (code, message in output) == (1, True), output


def test_the_last_of_several_saved_responses_is_checked(mock):
    saved = save_with_headers(mock.get(URL))
    assert check(b"HTTP/1.1 100 Continue\r\n\r\n" + saved)[0] == 0
    assert check(b"HTTP/1.1 301 Moved\r\nLocation: /\r\n\r\n" + saved.replace(b"\r\n", b"\n", 12))[0] == 0


def test_a_body_alone_counts_as_a_successful_json_response_unless_options_say_otherwise(mock):
    problem = mock.get("/v1/casualty-reports/none-such").data
    assert check(problem)[0] == 1
    assert check(problem, "--status", "404")[0] == 0
    lines = mock.get("/v1/casualty-reports?format=ndjson").data
    assert check(lines, operation="listCasualtyReports")[0] == 1
    ndjson = ("--media-type", "application/x-ndjson")
    assert check(lines, *ndjson, operation="listCasualtyReports")[0] == 0
    invalid = check(lines.replace(b'"harm"', b'"ham"', 1), *ndjson, operation="listCasualtyReports")
    assert invalid == (1, "line 1: harm is missing.\n")
    assert check(b"", operation="deleteQuote")[0] == 0
    assert check(b"{}", operation="deleteQuote")[0] == 1


def test_a_response_to_a_request_with_fields_has_only_those(mock):
    page = mock.get("/v1/casualty-reports?fields=harm").data
    assert check(page, operation="listCasualtyReports")[0] == 0
    lines = mock.get("/v1/casualty-reports?fields=harm&format=ndjson").data
    ndjson = ("--media-type", "application/x-ndjson")
    assert check(lines, *ndjson, operation="listCasualtyReports")[0] == 1
    assert check(lines, *ndjson, "--fields", operation="listCasualtyReports")[0] == 0


@pytest.mark.parametrize(
    ("arguments", "saved", "message"),
    [
        ({"operation": "getCasualtyReprot"}, b"{}", "Did you mean getCasualtyReport?"),
        ({"operation": "zzz"}, b"{}", "The OpenAPI document lists all operations."),
    ],
)
def test_an_unknown_operation_is_a_usage_error(arguments, saved, message):
    code, output = check(saved, **arguments)
    assert (code, message in output) == (2, True), output


def test_a_status_option_for_a_file_with_headers_is_a_usage_error(mock):
    code, output = check(save_with_headers(mock.get(URL)), "--status", "200")
    assert code == 2
    assert "Omit --status and --media-type." in output


def test_a_missing_file_is_a_usage_error(tmp_path):
    result = CliRunner().invoke(check_response, ["--operation", "getQuote", str(tmp_path / "none")])
    assert result.exit_code == 2
