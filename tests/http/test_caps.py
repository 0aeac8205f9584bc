"""The work of totals, facets and comparisons has a cap, and a response says if it was reached."""

from __future__ import annotations

import pytest

from api.store import facets
from api.v1 import comparisons
from tests.conftest import app_on
from tests.support.factories import report

REPORTS = "/v1/casualty-reports"
CAP = 3


@pytest.fixture
def client(databases, monkeypatch):
    """Yield a client of an app with low caps and a database with the fixtures."""
    monkeypatch.setattr(facets, "COUNT_CAP", CAP)
    monkeypatch.setattr(comparisons, "CLAIMS_MAX", CAP)
    app = app_on(databases.new("seeded"))
    yield app.test_client()
    app.extensions["onrecord"].close()


# A condition that each claim of the fixtures matches.
ALL = "published_on[gte]=1900-01-01"


@pytest.mark.parametrize("facet", ["type", "conflict", "claimant", "claimant_kind", "on_record_year", "inferred"])
def test_a_facet_counts_records_up_to_its_cap_and_says_so(client, facet):
    response = client.get(f"/v1/claims?facets={facet}&limit=1&{ALL}").json["facets"][facet]
    assert response["capped"]
    if facet != "inferred":
        assert sum(value["count"] for value in response["values"]) == CAP


@pytest.mark.parametrize("facet", ["type", "conflict", "claimant_kind"])
def test_a_facet_without_conditions_counts_all_records(client, facet):
    response = client.get(f"/v1/claims?facets={facet}&limit=1&total=exact").json
    assert not response["facets"][facet]["capped"]
    assert sum(value["count"] for value in response["facets"][facet]["values"]) == response["page"]["total"]["count"]


def test_a_condition_of_the_facet_itself_needs_no_cap(client):
    facets = [client.get(f"/v1/claims?facets=type&limit=1{more}").json["facets"] for more in ("", "&type=quote")]
    assert facets[0] == facets[1]


def test_a_facet_of_few_records_is_not_capped(client):
    ids = [claim["id"] for claim in client.get(f"/v1/claims?limit={CAP}").json["data"]]
    facet = client.get("/v1/claims", query_string={"facets": "type", "id": ids}).json["facets"]["type"]
    assert not facet["capped"]
    assert sum(value["count"] for value in facet["values"]) == CAP


def test_a_facet_without_values_says_that_it_is_capped(client):
    page = client.get(f"/v1/quotes?facets=place&limit=1&total=exact&{ALL}").json
    assert page["page"]["total"]["count"] > CAP
    assert page["facets"]["place"] == {"values": [], "capped": True}


def test_a_total_counts_up_to_its_cap_and_says_so(client):
    assert client.get("/v1/claims?limit=1&total=capped").json["page"]["total"] == {
        "count": CAP,
        "qualifier": "at_least",
    }
    assert client.get("/v1/claims?limit=1&total=exact").json["page"]["total"]["qualifier"] == "exact"


def test_a_comparison_of_too_many_claims_is_rejected_with_the_cap(client_with_article, monkeypatch):
    monkeypatch.setattr(comparisons, "CLAIMS_MAX", CAP)
    for number in range(CAP + 1):
        record = report(claimant={"name": f"Channel {number}", "kind": "media"})
        assert client_with_article.put(f"{REPORTS}/one-{number}", json=record).status_code == 201
        response = client_with_article.get(f"{REPORTS}/compare?article_id={record['article_id']}")
        assert response.status_code == (200 if number < CAP else 422), response.json
    assert f"More than {CAP} claims match." in response.json["errors"][0]["detail"]
