"""The claims of the seed's article, requested over HTTP."""

from __future__ import annotations

import pytest

CASUALTIES = "/v1/casualty-reports"


def ids(response):
    assert response.status_code == 200, response.text
    return [record["id"] for record in response.json["data"]]


def test_armenias_own_figures_are_the_1166_and_the_45(seeded):
    response = seeded.get(f"{CASUALTIES}?harm=killed&claimant_country=ARM")
    assert {record["count"] for record in response.json["data"]} == {1166, 45}


def test_an_undisclosed_figure_of_azerbaijan_has_no_count(seeded):
    (record,) = seeded.get(f"{CASUALTIES}?qualifier=undisclosed").json["data"]
    assert (record["claimant"]["name"], record["harm"], record["population"]) == (
        "Azerbaijan",
        "casualties",
        "combatant",
    )
    assert (record["count"], record["low"], record["high"]) == (None, None, None)


def test_all_six_figures_are_on_record_by_the_day_of_the_article(seeded):
    assert len(ids(seeded.get(f"{CASUALTIES}?on_record[lte]=2020-11-01"))) == 6
    assert ids(seeded.get(f"{CASUALTIES}?on_record[lte]=2020-10-31")) == []


@pytest.mark.parametrize(
    ("path", "query", "found"),
    [
        ("quotes", "claimant=ilham aliyev", 4),
        ("quotes", "claimant=ILHAM ALIYEV&claimant=Nikol Pashinyan", 5),
        ("quotes", "claimant[not]=Ilham Aliyev", 11),
        ("quotes", "via=Azertag", 2),
        ("quotes", "via[exists]=false", 13),
        ("quotes", "addressee=Russia", 1),
        ("quotes", "mode=direct", 1),
        ("quotes", "mode[not]=direct", 14),
        ("quotes", "claimant_kind=armed_force", 2),
        ("quotes", "claimant_country[exists]=false", 3),
        ("quotes", "claimed_on=2020-10", 1),
        ("quotes", "claimed_on[exists]=false", 14),
        ("quotes", "inferred=restates", 1),
        ("quotes", "restates=aliyev-by-any-means", 1),
        ("claims", "party=Armenia", 5),
        ("claims", "party=Azertag", 2),
        ("claims", "party_country=RUS", 4),
        ("claims", "type=ceasefire&type=resolution", 4),
        ("claims", "conflict=nagorno-karabakh", 25),
        ("claims", "conflict[not]=nagorno-karabakh", 0),
        ("claims", "publisher=trt world", 25),
        ("claims", "published_on=2020", 25),
        ("claims", "published_on[gte]=2020-11-02", 0),
        ("claims", "article_id=karabakh-2020-11-01", 25),
        ("claims", "grounding=unverified", 25),
        ("claims", "id=ceasefire-1994&id=russia-both-sides&id=nothing", 2),
        ("ceasefires", "status=collapsed", 1),
        ("ceasefires", "agreed_on[lte]=1994", 1),
        ("ceasefires", "agreed_on=2020-10", 1),
        ("ceasefires", "on_record[gte]=2020", 1),
        ("ceasefires", "count[gte]=2", 1),
        ("ceasefires", "ceasefire[exists]=true", 0),
        ("resolutions", "organ=un_security_council", 1),
        ("resolutions", "symbol=S/RES/822(1993)", 1),
        ("resolutions", "symbol=s/res/822 (1993)&symbol=S/RES/853 (1993)", 1),
        ("resolutions", "symbol[not]=S/RES/822 (1993)", 1),
        ("casualty-reports", "own_side=true", 4),
        ("casualty-reports", "own_side=false", 2),
        ("casualty-reports", "affected=Armenia", 3),
        ("casualty-reports", "affected_country=AZE", 3),
        ("casualty-reports", "affected[exists]=false", 1),
        ("casualty-reports", "population=civilian&harm=killed", 2),
        ("casualty-reports", "high[lte]=100", 2),
        ("casualty-reports", "low[gte]=1001", 2),
        ("casualty-reports", "low[exists]=false", 2),
        ("casualty-reports", "count=5000", 1),
        ("casualty-reports", "count[exists]=false", 1),
        ("casualty-reports", "since=2020-09-27", 2),
        ("casualty-reports", "as_of[exists]=false", 6),
        ("articles", "conflict=nagorno-karabakh", 1),
        ("articles", "text_held=false", 1),
        ("articles", "inferred=publisher", 1),
    ],
)
def test_a_filter_finds_what_matches(seeded, path, query, found):
    response = seeded.get(f"/v1/{path}?{query}&total=exact&limit=200")
    assert len(ids(response)) == found
    assert response.json["page"]["total"] == {"count": found, "qualifier": "exact"}


def test_an_articles_claims_come_in_reading_order(seeded):
    claims = seeded.get("/v1/articles/karabakh-2020-11-01/claims?limit=200").json["data"]
    assert len(claims) == 25
    starts = [claim["evidence"][0]["start"] for claim in claims]
    assert starts == sorted(starts)
    assert claims[0]["id"] == "aliyev-go-to-the-end"


def test_a_claim_is_found_among_all_claims_and_under_its_kind(seeded):
    here, there = seeded.get("/v1/claims/ceasefire-1994"), seeded.get("/v1/ceasefires/ceasefire-1994")
    assert here.data == there.data
    assert here.json["type"] == "ceasefire"


def test_facets_count_what_matches_and_leave_their_own_filter_out(seeded):
    facets = seeded.get(f"{CASUALTIES}?harm=killed&claimant=Armenia&facets=claimant,harm").json["facets"]
    assert {value["label"]: value["count"] for value in facets["claimant"]["values"]} == {
        "Armenia": 2,
        "Azerbaijan": 1,
        "Russia": 1,
        "the article": 1,
    }
    assert facets["harm"] == {"values": [{"value": "killed", "label": "killed", "count": 2}], "capped": False}


def test_the_value_of_a_facet_is_what_its_filter_takes(seeded):
    for facet in ("claimant", "publisher", "party_country", "inferred", "type"):
        response = seeded.get(f"/v1/claims?facets={facet}")
        for value in response.json["facets"][facet]["values"]:
            actual = seeded.get("/v1/claims", query_string={facet: value["value"], "total": "exact"})
            assert actual.json["page"]["total"]["count"] == value["count"]


def test_with_include_each_claim_holds_its_article(seeded):
    claims = seeded.get("/v1/claims?include=article&limit=3").json["data"]
    article = seeded.get("/v1/articles/karabakh-2020-11-01").json
    assert [claim["article"] for claim in claims] == [article] * 3
    assert seeded.get("/v1/claims/ceasefire-1994?include=article").json["article"] == article


@pytest.mark.parametrize("path", ["claims", "quotes", "articles/karabakh-2020-11-01/claims"])
def test_a_list_without_matches_is_empty_for_all_parameters(seeded, path):
    response = seeded.get(f"/v1/{path}?claimant=nobody&include=article&total=exact&facets=via&fields=type")
    assert response.json["data"] == []
    assert (response.json["page"]["next"], response.json["page"]["prev"]) == (None, None)
    assert response.json["page"]["total"] == {"count": 0, "qualifier": "exact"}


def test_in_a_list_of_all_claims_each_has_its_selected_fields(seeded):
    ids_ = "id=armenia-civilians-killed&id=aliyev-no-basis&id=ceasefire-1994"
    records = seeded.get(f"/v1/claims?{ids_}&fields=type,count,mode&sort=id").json["data"]
    assert records == [
        {"id": "aliyev-no-basis", "type": "quote", "mode": "mixed"},
        {"id": "armenia-civilians-killed", "type": "casualty_report", "count": 45},
        {"id": "ceasefire-1994", "type": "ceasefire", "count": 1},
    ]


def test_with_fields_records_hold_those_and_their_id(seeded):
    response = seeded.get(f"{CASUALTIES}?fields=count,harm&limit=1&sort=id").json
    assert response["data"] == [{"id": "armenia-civilians-killed", "harm": "killed", "count": 45}]
    assert response["page"]["fields"] == ["id", "harm", "count"]
