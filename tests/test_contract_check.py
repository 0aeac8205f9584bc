"""The check of answers against the document is worth something: it finds what is wrong with an answer."""

from __future__ import annotations

import orjson
import pytest
from sqlalchemy import update
from werkzeug.test import EnvironBuilder
from werkzeug.wrappers import Request, Response

from api.store.tables import claim
from tests.conftest import borrowed
from tests.contract import ContractBroken, contract_of

URL = "/v1/casualty-reports/armenia-soldiers-killed"


@pytest.fixture
def broken(databases):
    """Break the stored document of a claim, and get a client that reads it."""
    with borrowed(databases, "seeded") as app:

        def break_(change):
            with app.extensions["onrecord"].writing() as connection:
                document = orjson.loads(app.test_client().get(URL).data)
                change(document)
                text = orjson.dumps(document).decode()
                connection.execute(update(claim).where(claim.c.id == document["id"]).values(document=text))
            return app.test_client()

        yield break_


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda document: document.pop("harm"), "harm"),
        (lambda document: document.update(harm="kiled"), "kiled"),
        (lambda document: document.update(count="1166"), "count"),
        (lambda document: document.update(low=-1), "low"),
        (lambda document: document.update(surplus=1), "surplus"),
        (lambda document: document["claimant"].pop("country"), "country"),
        (lambda document: document["evidence"].clear(), "evidence"),
        (lambda document: document.update(created_at="yesterday"), "created_at"),
        (lambda document: document.update(type="quote"), "type"),
    ],
    ids=["absent", "word", "type", "range", "surplus", "nested", "too few", "format", "kind"],
)
@pytest.mark.parametrize("path", [URL, "/v1/casualty-reports", "/v1/casualty-reports?include=article"])
def test_an_answer_that_breaks_the_contract_fails_the_test_that_got_it(broken, change, told, path):
    client = broken(change)
    with pytest.raises(ContractBroken, match=told):
        client.get(path)


@pytest.mark.parametrize(
    ("change", "told"),
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
def test_an_exchange_that_is_not_documented_is_found(seeded_app, change, told):
    answer = seeded_app.test_client().get("/v1/quotes")

    def check(*, method="GET", path="/v1/quotes", query=None, status=200, headers=None, body=answer.data):
        request = Request(EnvironBuilder(path, method=method, query_string=query).get_environ())
        response = Response(body, status)
        response.headers.clear()
        for name, value in {**answer.headers, **(headers or {})}.items():
            if value is not None:
                response.headers[name] = value
        contract_of(seeded_app).check(request, response)

    check()
    with pytest.raises(ContractBroken, match=told):
        check(**change)
