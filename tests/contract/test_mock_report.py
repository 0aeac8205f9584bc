"""The mock reports requests and responses that violate the contract."""

from __future__ import annotations

import orjson
import pytest

from api.app import create_app
from api.contract import snapshots
from api.contract.mock.app import MockApp
from api.contract.mock.handlers import app_handler
from api.contract.mock.report import LISTED_MAX
from api.contract.validator.validator import Validator
from api.settings import Settings
from api.store.memory_database import MemoryDatabase
from tests.support.mock_client import MockClient, open_client
from tests.support.openapi import OPERATIONS

pytestmark = pytest.mark.slow

RECORD = "/v1/resolutions/four-security-council"
NDJSON = {"Content-Type": "application/x-ndjson"}
MERGE = {"Content-Type": "application/merge-patch+json"}


@pytest.fixture(scope="module")
def client():
    with open_client() as client:
        yield client


def test_valid_requests_are_counted_by_operation(client):
    client.reset()
    for operation in OPERATIONS.values():
        client.send_example(operation)
    report = client.report()
    assert report["broken"] == []
    assert report["exchanges"] == len(OPERATIONS)
    assert report["not_exercised"] == []
    assert report["operations"]["listQuotes"] == {"exchanges": 1, "broken": 0, "statuses": {"200": 1}}


def test_pages_and_preflight_requests_are_not_violations(client):
    client.reset()
    for url in ("/", "/docs", "/healthz", "/readyz", "/metrics", "/problems/gone", "/v1/openapi.json"):
        assert client.get(url).status_code == 200
    assert client.options("/v1/quotes").status_code == 204
    assert client.get("/v1/quotes/none-such").status_code == 404
    assert client.report()["broken"] == []


JSON = {"Content-Type": "application/json"}
QUOTE = orjson.loads(OPERATIONS["createQuote"].body)
VIOLATIONS = {
    "path": (("GET", "/v1/quote"), "path", "/v1/quote does not exist. Did you mean /v1/quotes?"),
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
    "twice": (("GET", "/v1/quotes?limit=1&limit=2"), "query parameter limit", "sent more than once"),
    "pattern": (("GET", "/v1/quotes?article_id=A"), "query parameter article_id", '"A" does not match the pattern'),
    "date": (("GET", "/v1/quotes?on_record=2020-13"), "query parameter on_record", "is not a valid EDTF date."),
    "interval": (("GET", "/v1/quotes?on_record[gte]=2020/2021"), "query parameter on_record[gte]", "single EDTF date"),
    "country": (
        ("GET", "/v1/quotes?claimant_country=AAA"),
        "query parameter claimant_country",
        "is not a valid country code",
    ),
    "precondition": (("DELETE", RECORD), "header If-Match", "It is missing."),
    "idempotency": (
        ("POST", "/v1/quotes", QUOTE, {**JSON, "Idempotency-Key": "with space"}),
        "header Idempotency-Key",
        "does not match the pattern",
    ),
    "key": (
        ("POST", "/v1/quotes", QUOTE, {**JSON, "Authorization": None}),
        "header Authorization",
        "createQuote requires a key with the scope claims:write.",
    ),
    "media type": (("POST", "/v1/quotes", QUOTE, {"Content-Type": "text/plain"}), "header Content-Type", "text/plain"),
    "no media type": (
        ("POST", "/v1/quotes", QUOTE, {}),
        "header Content-Type",
        "It is missing. createQuote accepts application/json.",
    ),
    "no body": (("POST", "/v1/quotes", None, JSON), "body", "createQuote requires a body"),
    "no JSON": (("POST", "/v1/quotes", b"{", JSON), "body", "Not JSON"),
    "no UTF-8": (("POST", "/v1/imports", b"\xff", NDJSON), "body", "not UTF-8"),
    "field": (
        ("POST", "/v1/quotes", {**QUOTE, "speaker": "x"}, JSON),
        "body",
        "The field speaker does not exist here.",
    ),
    "word": (("POST", "/v1/quotes", {**QUOTE, "mode": "driect"}, JSON), "body /mode", "Did you mean direct?"),
    "absent": (("POST", "/v1/quotes", {"mode": "direct"}, JSON), "body", "claimant is missing."),
    "nested": (
        ("POST", "/v1/quotes", {**QUOTE, "claimant": {"name": "x", "kind": "person", "country": "AAA"}}, JSON),
        "body /claimant/country",
        "is not a valid country code",
    ),
    "patch": (("PATCH", RECORD, {"count": "4"}, {**MERGE, "If-Match": "*"}), "body /count", '"4" is not of the type'),
    "in words": (
        ("GET", "/v1/quotes?cursor=made-up"),
        "request",
        "The server rejected it (invalid-parameters): cursor",
    ),
    "accept": (
        ("GET", "/v1/quotes", None, {"Accept": "image/png"}),
        "request",
        "The server rejected it (not-acceptable)",
    ),
}


@pytest.mark.parametrize(("request_", "place", "message"), VIOLATIONS.values(), ids=VIOLATIONS)
def test_a_violation_by_the_client_is_reported_with_its_place(client, request_, place, message):
    method, url, body, headers = (*request_, *(None, {})[len(request_) - 2 :])
    client.reset()
    data = body if isinstance(body, bytes | None) else orjson.dumps(body)
    assert client.open(url, method=method, data=data, headers=headers).status_code >= 400
    (entry,) = client.report()["broken"]
    assert {reason["by"] for reason in entry["reasons"]} == {"client"}
    assert any(reason["where"] == place and message in reason["detail"] for reason in entry["reasons"])
    assert entry["request"] == f"{method} {url}"
    assert client.report()["broken_by"] == {"client": 1, "server": 0}


def test_violations_by_the_server_are_distinguished_from_those_by_the_client():
    app = create_app(Settings(database_url="sqlite://", rate_limit=""))
    app.extensions["onrecord"] = MemoryDatabase()
    handler = app_handler(app)

    def faulty(request):
        response = handler(request)
        response.set_data(response.get_data().replace(b'"next":null', b'"next":7'))
        return response

    mock = MockApp(lambda: faulty, Validator(orjson.loads(snapshots.document())))
    client = MockClient(mock)
    without_key = {"Authorization": None}
    assert client.get("/v1/quotes?x=1", headers=without_key).status_code == 422
    assert client.get("/v1/quotes", headers=without_key).status_code == 200
    by_client, by_server = (entry["reasons"] for entry in mock.report.to_dict()["broken"])
    assert [(reason["by"], reason["where"]) for reason in by_client] == [("client", "query parameter x")]
    assert [(reason["by"], reason["where"]) for reason in by_server] == [("server", "body /page/next")]
    assert mock.report.to_dict()["broken_by"] == {"client": 1, "server": 1}
    app.extensions["onrecord"].close()


def test_listed_violations_are_limited_but_all_are_counted(client):
    client.reset()
    for _ in range(LISTED_MAX + 5):
        client.get("/v1/quotes?x=1")
    report = client.report()
    assert len(report["broken"]) == LISTED_MAX
    assert report["broken_by"]["client"] == LISTED_MAX + 5
    first = report["broken"][0]
    assert (first["request"], first["status"]) == ("GET /v1/quotes?x=1", 422)
    assert [(reason["by"], reason["where"]) for reason in first["reasons"]] == [("client", "query parameter x")]
    client.reset()


@pytest.mark.parametrize(
    ("method", "url", "status"),
    [("GET", "/_contract/reset", 405), ("POST", "/_contract/report", 405), ("GET", "/_contract/none", 404)],
)
def test_a_wrong_request_to_the_mocks_own_paths_is_a_problem_and_not_reported(client, method, url, status):
    client.reset()
    response = client.open(url, method=method)
    assert (response.status_code, response.mimetype) == (status, "application/problem+json")
    assert client.report()["exchanges"] == 0
