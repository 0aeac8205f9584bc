"""The check of answers against the document is worth something: it finds what is wrong with an answer."""

from __future__ import annotations

from dataclasses import replace

import orjson
import pytest
from sqlalchemy import update
from werkzeug.datastructures import Headers

from api.contract.checking.exchange import Exchange
from api.store.tables import claim
from tests.conftest import borrowed
from tests.support.contract_client import ContractBroken, contract_of

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
        ({"status": 202}, "not an answer of listQuotes"),
        ({"status": 418}, "not an answer of listQuotes"),
        ({"status": 304}, "a body where there is none to be"),
        ({"method": "HEAD"}, "a body where there is none to be"),
        ({"headers": {"ETag": None}}, "no ETag"),
        ({"headers": {"API-Version": None}}, "no API-Version"),
        ({"headers": {"Content-Type": "text/html"}}, "text/html is not documented"),
        ({"body": b"{"}, "no JSON"),
        ({"query": "fields=id"}, "fields"),
        ({"path": "/nothing", "status": 404}, "application/json is not documented"),
    ],
    ids=lambda change: "" if isinstance(change, str) else "".join(change),
)
def test_an_exchange_that_is_not_documented_is_found(seeded_app, change, told):
    answer = seeded_app.test_client().get("/v1/quotes")
    headers = {**answer.headers, **change.get("headers", {})}
    good = Exchange("GET", "/v1/quotes", 200, answer.headers, answer.data)
    contract_of(seeded_app).check(good)
    told_headers = Headers({name: value for name, value in headers.items() if value is not None})
    bad = replace(good, **{**change, "headers": told_headers})
    with pytest.raises(ContractBroken, match=told):
        contract_of(seeded_app).check(bad)
