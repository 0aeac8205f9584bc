"""Country codes over HTTP: Kosovo and former states in every field and filter that takes a country."""

from __future__ import annotations

import pytest

from api.kinds.collections import COLLECTIONS
from api.kinds.filters import PartyKeywordFilter
from schemas.fields import Country
from tests.http.test_http_semantics import problem
from tests.support.factories import report

KOSOVO = {"name": "Kosovo", "kind": "government", "country": "XKX"}
YUGOSLAVIA = {"name": "Yugoslavia", "kind": "government", "country": "YUG"}
SOVIET_UNION = {"name": "Soviet Union", "kind": "government", "country": "SUN"}
FILTERS = [
    (collection, filter_.name)
    for collection in COLLECTIONS
    for filter_ in collection.filters
    if isinstance(filter_, PartyKeywordFilter) and filter_.value is Country
]


@pytest.fixture
def stored(client_with_article):
    """Return a client with one stored report that names Kosovo, Yugoslavia and the Soviet Union."""
    parties = {"claimant": KOSOVO, "affected": [YUGOSLAVIA], "via": [SOVIET_UNION]}
    inferred = ["claimant", "affected", "via", "harm", "population", "qualifier"]
    assert (
        client_with_article.put("/v1/casualty-reports/of-1999", json=report(**parties, inferred=inferred)).status_code
        == 201
    )
    return client_with_article


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("claimant_country=XKX", 1),
        ("affected_country=YUG", 1),
        ("party_country=SUN", 1),
        ("party_country=SUN&party_country=ARM", 1),
        ("party_country=DDR", 0),
        ("claimant_country[not]=XKX", 0),
    ],
)
def test_claims_of_kosovo_and_former_states_are_found(stored, query, count):
    assert len(stored.get(f"/v1/casualty-reports?{query}").json["data"]) == count


def test_country_facets_count_kosovo_and_former_states(stored):
    facets = stored.get("/v1/claims?facets=claimant_country,party_country").json["facets"]
    assert [bucket["value"] for bucket in facets["claimant_country"]["values"]] == ["XKX"]
    assert {bucket["value"] for bucket in facets["party_country"]["values"]} == {"XKX", "YUG", "SUN"}


@pytest.mark.parametrize(("collection", "name"), FILTERS, ids=lambda value: getattr(value, "path", value))
def test_every_country_filter_suggests_the_code_of_a_name(seeded, collection, name):
    (error,) = problem(seeded.get(f"/v1/{collection.path}?{name}=Russia"), 422, "invalid-parameters")["errors"]
    assert (error["parameter"], error["detail"].endswith("Did you mean RUS?")) == (name, True)


def test_a_rejected_country_of_a_claim_has_a_pointer_and_a_suggestion(client_with_article):
    rejected = client_with_article.post(
        "/v1/casualty-reports", json=report(via=[{**SOVIET_UNION, "country": "Russia"}])
    )
    (error,) = problem(rejected, 422, "invalid-record")["errors"]
    assert (error["pointer"], error["detail"].endswith("Did you mean RUS?")) == ("/via/0/country", True)
