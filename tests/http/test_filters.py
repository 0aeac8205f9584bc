"""Filters of lists, beyond the tests of every kind."""

from __future__ import annotations

import pytest

from tests.conftest import app_on
from tests.support.factories import report

REPORTS = "/v1/casualty-reports"


def ids(client, path, **query):
    response = client.get(f"/v1/{path}", query_string={"sort": "id", **query})
    assert response.status_code == 200, response.text
    return [record["id"] for record in response.json["data"]]


@pytest.mark.parametrize("name", ["https://t.me/s/channel", "Radio://Free", "RADIO://FREE"])
def test_a_party_whose_name_contains_a_scheme_is_found_by_it(client_with_article, name):
    parties = [
        {"name": "https://t.me/s/channel", "kind": "media"},
        {"name": "Radio://Free", "kind": "media"},
        {"name": "Channel", "kind": "media", "same_as": "https://t.me/s/channel"},
        {"name": "Else", "kind": "media", "same_as": "https://t.me/s/another"},
    ]
    for number, party in enumerate(parties):
        assert client_with_article.put(f"{REPORTS}/said-{number}", json=report(claimant=party)).status_code == 201
    expected = ["said-0", "said-2"] if name.startswith("https") else ["said-1"]
    others = sorted({"said-0", "said-1", "said-2", "said-3"} - set(expected))
    for parameter in ("claimant", "party"):
        assert ids(client_with_article, "casualty-reports", **{parameter: name}) == expected
        assert ids(client_with_article, "claims", **{parameter: [name, "nobody"]}) == expected
        assert ids(client_with_article, "casualty-reports", **{f"{parameter}[not]": name}) == others
    facet = client_with_article.get(f"{REPORTS}?facets=claimant").json["facets"]["claimant"]["values"]
    for value in facet:
        assert len(ids(client_with_article, "casualty-reports", claimant=value["value"])) >= value["count"]


def test_the_filtered_list_of_an_empty_database_is_empty(databases):
    app = app_on(databases.new("empty"))
    assert ids(app.test_client(), "casualty-reports", claimant="Norland", **{"on_record[gte]": "2024"}) == []
    app.extensions["onrecord"].close()
