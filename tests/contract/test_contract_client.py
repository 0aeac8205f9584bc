"""The test client fails a test that gets a response which violates the OpenAPI document."""

from __future__ import annotations

import orjson
import pytest
from werkzeug.test import EnvironBuilder
from werkzeug.wrappers import Request, Response

from tests.conftest import borrowed
from tests.support.contract_client import ContractBroken, contract_of
from tests.support.stored import overwrite

URL = "/v1/casualty-reports/armenia-soldiers-killed"


@pytest.fixture
def changed_claim(databases):
    """Return a function that changes the stored document of a claim, and returns a client that reads it."""
    with borrowed(databases, "seeded") as app:

        def store(change):
            with app.extensions["onrecord"].writing() as connection:
                document = orjson.loads(app.test_client().get(URL).data)
                change(document)
                times = {name: document.pop(name) for name in ("created_at", "updated_at")}
                overwrite(connection, orjson.dumps(document | times).decode())
            return app.test_client()

        yield store


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda document: document.pop("harm"), "harm"),
        (lambda document: document.update(harm="kiled"), "kiled"),
        (lambda document: document.update(count="1166"), "count"),
        (lambda document: document.update(low=-1), "low"),
        (lambda document: document.update(unknown=1), "unknown"),
        (lambda document: document["claimant"].pop("country"), "country"),
        (lambda document: document["evidence"].clear(), "evidence"),
        (lambda document: document.update(created_at="yesterday"), "created_at"),
        (lambda document: document.update(type="quote"), "type"),
    ],
    ids=["absent", "enum", "type", "range", "unknown field", "nested", "minItems", "format", "kind"],
)
@pytest.mark.parametrize("path", [URL, "/v1/casualty-reports", "/v1/casualty-reports?include=article"])
def test_a_response_that_violates_the_contract_fails_the_test(changed_claim, change, message, path):
    client = changed_claim(change)
    with pytest.raises(ContractBroken, match=message):
        client.get(path)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"status": 202}, "listQuotes does not document"),
        ({"status": 418}, "listQuotes does not document"),
        ({"status": 304}, "A body is not allowed here"),
        ({"method": "HEAD"}, "A body is not allowed here"),
        ({"headers": {"ETag": None}}, "ETag is missing"),
        ({"headers": {"API-Version": None}}, "API-Version is missing"),
        ({"headers": {"Content-Type": "text/html"}}, "text/html is not documented"),
        ({"body": b"{"}, "Not valid JSON"),
        ({"query": "fields=id"}, "fields"),
        ({"path": "/nothing", "status": 404}, "application/json is not documented"),
    ],
    ids=lambda change: "" if isinstance(change, str) else "".join(change),
)
def test_an_undocumented_response_fails_the_test(seeded_app, change, message):
    valid = seeded_app.test_client().get("/v1/quotes")

    def check(*, method="GET", path="/v1/quotes", query=None, status=200, headers=None, body=valid.data):
        request = Request(EnvironBuilder(path, method=method, query_string=query).get_environ())
        response = Response(body, status)
        response.headers.clear()
        for name, value in {**valid.headers, **(headers or {})}.items():
            if value is not None:
                response.headers[name] = value
        contract_of(seeded_app).check(request, response)

    check()
    with pytest.raises(ContractBroken, match=message):
        check(**change)
