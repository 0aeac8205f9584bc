"""Cursors return each record of a list once, in the same order on every database."""

from __future__ import annotations

import base64
import json
from collections import Counter

import orjson
import pytest

from api.kinds import KINDS
from api.kinds.collections import COLLECTIONS
from api.store.imports import import_lines
from schemas import edtf
from tests.conftest import app_on
from tests.support.generated_records import casualty_reports

REPORTS = "/v1/casualty-reports"
SORTS = [*KINDS[3].collection.sorts]


@pytest.fixture(scope="module")
def walked(databases):
    """Return a client of an app with 300 generated reports, and the reports as returned."""
    app = app_on(databases.new("empty"))
    lines = [orjson.dumps(record) for record in casualty_reports(300)]
    report = import_lines(app.extensions["onrecord"], [("generated", lines)])
    assert not report.rejected_lines, report.rejected_lines[:3]
    client = app.test_client()
    reports = [
        claim for page in pages(client, f"{REPORTS}?limit=200&sort=id&include=article") for claim in page["data"]
    ]
    assert len(reports) == 300
    yield client, reports
    app.extensions["onrecord"].close()


def pages(client, url, direction="next"):
    """Yield the pages of a list by following their links."""
    while url:
        response = client.get(url.removeprefix("http://127.0.0.1:8000"))
        assert response.status_code == 200, response.text
        yield response.json
        url = response.json["page"][direction]


def sort_value(claim, name):
    """Return the sort value of a claim: a number, a name, or the first day of a date."""
    if name == "on_record":
        if claim["on_record"]["basis"] is None:
            return None
        return claim["on_record"]["earliest"] or edtf.DAY_MIN
    value = claim["article"]["published_on"] if name == "published_on" else claim[name]
    if name in ("published_on", "claimed_on", "since", "as_of") and value is not None:
        return edtf.days(value).earliest or edtf.DAY_MIN
    return value


def in_order(claims, sort):
    """Return the claims in the order of a list, by Python's stable sort, the least significant key first."""
    names = sort.split(",")
    claims = sorted(claims, key=lambda claim: claim["id"], reverse=names[-1].startswith("-"))
    for name in reversed(names):
        bare = name.removeprefix("-")
        stated = [claim for claim in claims if sort_value(claim, bare) is not None]
        absent = [claim for claim in claims if sort_value(claim, bare) is None]
        claims = _stably(stated, bare, falling=name.startswith("-")) + absent
    return [claim["id"] for claim in claims]


def _stably(claims, name, *, falling):
    if not falling:
        return sorted(claims, key=lambda claim: sort_value(claim, name))
    # With reverse=True, equal records stay in order, as in a descending list.
    return sorted(claims, key=lambda claim: sort_value(claim, name), reverse=True)


@pytest.mark.parametrize(
    "sort", [*SORTS, *(f"-{name}" for name in SORTS), "as_of,-count", "-as_of,count", "-since,-as_of,low"]
)
def test_pages_are_the_whole_list_in_order_forward_and_backward(walked, sort):
    client, reports = walked
    expected = in_order(reports, sort)
    forward = list(pages(client, f"{REPORTS}?limit=37&sort={sort}"))
    assert [claim["id"] for page in forward for claim in page["data"]] == expected
    backward = list(pages(client, forward[-1]["page"]["prev"], "prev"))
    assert [claim["id"] for page in reversed(backward) for claim in page["data"]] == expected[: 37 * (300 // 37)]


def test_the_default_order_is_the_latest_on_record_first(walked):
    client, reports = walked
    listed = [claim["id"] for page in pages(client, f"{REPORTS}?limit=200") for claim in page["data"]]
    assert listed == in_order(reports, "-on_record")


def possible(claim, name):
    """Return the days that a date of a claim allows, or None without a date."""
    if name == "on_record":
        days = claim["on_record"]
        return None if days["basis"] is None else (days["earliest"] or edtf.DAY_MIN, days["latest"] or edtf.DAY_MAX)
    value = claim["article"]["published_on"] if name == "published_on" else claim[name]
    if value is None:
        return None
    days = edtf.days(value)
    return days.earliest or edtf.DAY_MIN, days.latest or edtf.DAY_MAX


@pytest.mark.parametrize("name", ["on_record", "published_on", "claimed_on", "since", "as_of"])
@pytest.mark.parametrize(
    ("operator", "value"),
    [("", "2031-05"), ("", "2031-05-02/2031-06-01"), ("[gte]", "2031-05-02"), ("[lte]", "2031-04"), ("[gte]", "2032")],
)
def test_a_date_filter_matches_where_possible_days_overlap(walked, name, operator, value):
    client, reports = walked
    requests = edtf.days(value)
    first = edtf.DAY_MIN if operator == "[lte]" else requests.earliest
    last = edtf.DAY_MAX if operator == "[gte]" else requests.latest
    expected = {
        report["id"]
        for report in reports
        if (days := possible(report, name)) is not None and days[0] <= last and days[1] >= first
    }
    responses = pages(client, f"{REPORTS}?{name}{operator}={value}&limit=200")
    assert {claim["id"] for page in responses for claim in page["data"]} == expected


@pytest.mark.parametrize(
    ("query", "holds"),
    [
        ("claimant=NORLAND", lambda claim: claim["claimant"]["name"] == "Norland"),
        ("claimant=sudmark", lambda claim: claim["claimant"]["name"] == "Südmark"),
        (
            "claimant=https://parties.example/norland",
            lambda claim: claim["claimant"]["same_as"] == "https://parties.example/norland",
        ),
        ("affected=Norland", lambda claim: any(party["name"] == "Norland" for party in claim["affected"])),
        ("affected[not]=Norland", lambda claim: all(party["name"] != "Norland" for party in claim["affected"])),
        ("conflict[not]=hill-war", lambda claim: claim["article"]["conflict"] != "hill-war"),
        ("conflict[exists]=false", lambda claim: claim["article"]["conflict"] is None),
        ("low[gte]=5", lambda claim: claim["low"] is not None and claim["low"] >= 5),
        ("high[exists]=false", lambda claim: claim["high"] is None),
        ("harm=killed&harm=missing", lambda claim: claim["harm"] in ("killed", "missing")),
        (
            "own_side=true",
            lambda claim: (
                claim["claimant"]["country"] is not None
                and claim["claimant"]["country"] in [party["country"] for party in claim["affected"]]
            ),
        ),
    ],
)
def test_a_filter_finds_exactly_the_matching_claims(walked, query, holds):
    client, reports = walked
    actual = {claim["id"] for page in pages(client, f"{REPORTS}?{query}&limit=100") for claim in page["data"]}
    assert actual == {report["id"] for report in reports if holds(report)}


def test_parties_with_the_same_identity_are_one_value_of_a_facet(walked):
    client, reports = walked
    values = client.get(f"{REPORTS}?facets=claimant").json["facets"]["claimant"]["values"]
    both = [report for report in reports if report["claimant"]["same_as"]]
    counts = {value["value"]: value["count"] for value in values}
    assert counts["https://parties.example/norland"] == len(both)
    assert sum(counts.values()) == 300


@pytest.mark.parametrize("collection", COLLECTIONS, ids=lambda collection: collection.name)
def test_a_cursor_serves_the_query_it_was_made_for_and_no_other(seeded, collection):
    url = f"/v1/{collection.path}?limit=1&sort=id"
    cursor = seeded.get("/v1/claims?limit=1&sort=id").json["page"]["next"].partition("cursor=")[2]
    response = seeded.get(f"{url}&cursor={cursor}")
    if collection.name == "claim":
        assert response.status_code == 200
    else:
        assert response.status_code == 422
        assert response.json["errors"][0]["parameter"] == "cursor"
        assert "another query" in response.json["detail"]


def test_a_cursor_does_not_outlive_a_changed_filter_or_sort(seeded):
    page = seeded.get("/v1/quotes?limit=2&mode=indirect").json["page"]
    cursor = page["next"].partition("cursor=")[2]
    assert seeded.get(f"/v1/quotes?limit=5&mode=indirect&total=exact&cursor={cursor}").status_code == 200
    for other in ("", "mode=mixed&", "mode=indirect&sort=id&", "mode[not]=indirect&"):
        assert seeded.get(f"/v1/quotes?{other}cursor={cursor}").status_code == 422


def test_a_cursor_is_valid_for_its_query_with_parameters_in_any_order(seeded):
    page = seeded.get("/v1/quotes?limit=1&claimant=Russia&mode=indirect&claimant=France").json["page"]
    cursor = page["next"].partition("cursor=")[2]
    response = seeded.get(f"/v1/quotes?cursor={cursor}&mode=indirect&claimant=France&claimant=Russia&limit=1")
    assert response.status_code == 200
    assert len(response.json["data"]) == 1


def packed(value):
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


@pytest.mark.parametrize(
    "cursor",
    [
        "x",
        "",
        "%00",
        "A" * 3000,
        "é",
        packed(None),
        packed([]),
        packed({}),
        packed(["a", 2, []]),
        packed(["a", 0, [1, 2]]),
    ],
)
def test_an_invalid_cursor_is_rejected(seeded, cursor):
    response = seeded.get("/v1/quotes", query_string={"cursor": cursor})
    assert response.status_code == 422
    assert response.json["errors"][0]["parameter"] == "cursor"


@pytest.mark.parametrize(
    "position", [[1, "x"], ["2020", 5], ["2020"], ["2020", "x", "y"], ["a\0", "x"], [2**63, "x"], [2**70, "x"]]
)
def test_a_modified_cursor_is_rejected(seeded, position):
    link = seeded.get("/v1/quotes?limit=1").json["page"]["next"]
    made_for, backward, _ = orjson.loads(base64.urlsafe_b64decode(link.partition("cursor=")[2] + "=="))
    response = seeded.get("/v1/quotes", query_string={"limit": 1, "cursor": packed([made_for, backward, position])})
    assert response.status_code == 422


def test_links_have_the_public_url_for_every_requested_host(seeded):
    page = seeded.get("/v1/quotes?limit=1&claimant=Ilham Aliyev", headers={"Host": "evil.example"})
    assert page.json["page"]["next"].startswith("http://127.0.0.1:8000/v1/quotes?limit=1&claimant=Ilham+Aliyev&cursor=")
    assert page.headers["Link"] == f'<{page.json["page"]["next"]}>; rel="next"'


def test_the_link_header_has_the_links_of_the_page(seeded):
    first, second, *_ = list(pages(seeded, "/v1/claims?limit=5"))
    assert first["page"]["prev"] is None
    response = seeded.get(first["page"]["next"].removeprefix("http://127.0.0.1:8000"))
    links = response.json["page"]
    assert (links["next"], links["prev"]) == (second["page"]["next"], second["page"]["prev"])
    assert response.headers["Link"] == f'<{links["next"]}>; rel="next", <{links["prev"]}>; rel="prev"'


@pytest.mark.parametrize(("period", "digits"), [("year", 4), ("month", 7), ("day", 10)])
def test_a_facet_of_days_counts_all_days_for_every_filter(walked, period, digits):
    client, reports = walked
    name = f"on_record_{period}"
    expected = Counter()
    for report in reports:
        earliest, latest = report["on_record"]["earliest"], report["on_record"]["latest"]
        if report["harm"] == "killed" and earliest and latest and earliest[:digits] == latest[:digits]:
            expected[earliest[:digits]] += 1
    assert expected
    facet = client.get(f"{REPORTS}?harm=killed&on_record=1999&facets={name}").json["facets"][name]
    assert {value["value"]: value["count"] for value in facet["values"]} == expected
