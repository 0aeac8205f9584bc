"""Subgroups of casualty reports and the filter on places, from the write to every representation."""

from __future__ import annotations

import csv
import io

import orjson
import pytest

from api.store.imports import import_lines
from schemas.casualty_report import CasualtyReportInput, Subgroup
from tests.conftest import borrowed
from tests.http.test_http_semantics import problem
from tests.http.test_search import quote
from tests.support.db_invariants import assert_sound
from tests.support.factories import changed, sent
from tests.support.generated_records import article, casualty_report

REPORTS = "/v1/casualty-reports"
ARTICLE = "the-article"
TEXT = (
    "Invented: the ministry of Norland said 244 women and children were killed in Gənçə. "
    "Save the Plain said 12 nurses had died. Südmark zählt nichts."
)
WOMEN_AND_CHILDREN = "the ministry of Norland said 244 women and children were killed"
NORLAND = {"name": "the ministry of Norland", "kind": "government"}


def report(**more):
    """Return a casualty report of the article, without inferred fields."""
    whole = {
        "article_id": ARTICLE,
        "claimant": NORLAND,
        "evidence": [{"exact": WOMEN_AND_CHILDREN}],
        "harm": "killed",
        "population": "civilian",
        "count": 244,
        "qualifier": "exact",
        "subgroups": ["children"],
    }
    return {name: value for name, value in {**whole, **more}.items() if value is not ...}


@pytest.fixture
def client(editor):
    """Return a client with write access. Its database has one article with its text."""
    response = editor.put(
        f"/v1/articles/{ARTICLE}", json={**sent(article(ARTICLE)), "conflict": "hill-war", "text": TEXT}
    )
    assert response.status_code == 201
    return editor


@pytest.fixture(scope="module")
def listed(databases):
    """Return a client of a read-only app with reports of several subgroups and places."""
    mixed = [[], ["children"], ["women", "children"], ["women"], ["journalists"]]
    places = ["Gənçə", None, "Port Sund", "Gənçə", "port sünd"]
    lines = [article(ARTICLE, conflict="hill-war")]
    for number, (subgroups, place) in enumerate(zip(mixed, places, strict=True)):
        harm = "injured" if number == 4 else "killed"
        lines.append(casualty_report(f"report-{number}", ARTICLE, subgroups=subgroups, place=place, harm=harm))
    lines += [quote("here", "so it is", place="Gənçə"), quote("anywhere", "so it was")]
    lines[-2]["inferred"] = [*lines[-2]["inferred"], "place"]
    with borrowed(databases, "empty") as app:
        report = import_lines(app.extensions["onrecord"], [("lines", map(orjson.dumps, lines))])
        assert not report.rejected_lines, report.rejected_lines
        yield app.test_client()


def ids(client, path, **query):
    response = client.get(f"/v1/{path}", query_string={"sort": "id", **query})
    assert response.status_code == 200, response.text
    return [record["id"].removeprefix("report-") for record in response.json["data"]]


def test_a_report_keeps_its_subgroups_in_the_order_that_was_sent(client):
    created = client.post(REPORTS, json=report(subgroups=["women", "children"], count=244))
    assert (created.status_code, created.json["subgroups"]) == (201, ["women", "children"])
    fields = list(created.json)
    assert fields[fields.index("population") + 1] == "subgroups"
    cue = next(check for check in created.json["grounding"]["checks"] if check["check"] == "cue")
    assert cue["outcome"] == "passed"
    assert_sound(client.application.extensions["onrecord"])


@pytest.mark.parametrize("subgroups", [..., []], ids=["left out", "empty"])
def test_a_report_without_subgroups_counts_the_whole_population(client, subgroups):
    assert client.post(REPORTS, json=report(subgroups=subgroups)).json["subgroups"] == []


@pytest.mark.parametrize(
    ("subgroups", "pointer", "detail"),
    [
        (["children", "women", "children"], "/subgroups/2", "children occurs twice"),
        (["childrn"], "/subgroups/0", "Did you mean children?"),
        ("children", "/subgroups", "Not a valid list"),
        (None, "/subgroups", "null"),
        # Its entries are not even read.
        (["nonsense"] * 51, "/subgroups", "at most 50 entries"),
    ],
    ids=["repeated", "mistyped", "no list", "null", "too long"],
)
def test_a_subgroup_is_a_word_of_the_vocabulary_named_once(client, subgroups, pointer, detail):
    (error,) = problem(client.post(REPORTS, json=report(subgroups=subgroups)), 422, "invalid-record")["errors"]
    assert error["pointer"] == pointer
    assert detail in error["detail"]


def test_every_word_of_the_vocabulary_can_be_sent_at_once():
    sent_ = {**report(subgroups=list(Subgroup)), "evidence": [{"exact": "x", "start": 0, "end": 1}]}
    assert CasualtyReportInput().load(sent_)["subgroups"] == list(Subgroup)


def test_evidence_without_a_word_for_a_subgroup_is_rejected(client):
    subgroups = ["children", "journalists"]
    (error,) = problem(client.post(REPORTS, json=report(subgroups=subgroups)), 422, "not-grounded")["errors"]
    assert (error["check"], error["pointer"], error["looked_for"]) == ("cue", "/subgroups/1", "journalists")
    inferred = client.post(REPORTS, json=report(subgroups=subgroups, inferred=["subgroups"]))
    assert inferred.status_code == 201
    cue = next(check for check in inferred.json["grounding"]["checks"] if check["check"] == "cue")
    assert (cue["outcome"], cue["reason"]) == ("excused", "inferred: subgroups")


def test_the_rejection_shows_where_the_article_names_the_subgroup(client):
    said = "the ministry of Norland said 244"
    wrong = report(evidence=[{"exact": said}], inferred=["harm", "population"])
    (error,) = problem(client.post(REPORTS, json=wrong), 422, "not-grounded")["errors"]
    assert (error["pointer"], [place["exact"] for place in error["places"]]) == ("/subgroups/0", ["children"])


def test_words_are_checked_in_english_articles_only(client):
    client.put("/v1/articles/german", json={**sent(article("german")), "language": "de", "text": "Zwölf Kinder: 12."})
    german = report(
        article_id="german",
        claimant={"name": "the article", "kind": "article"},
        evidence=[{"exact": "Zwölf Kinder: 12"}],
        count=12,
        subgroups=["children"],
    )
    assert client.post(REPORTS, json=german).status_code == 201


def test_the_order_of_subgroups_makes_no_new_claim_and_the_words_do(client):
    first = client.post(REPORTS, json=report(subgroups=["women", "children"]))
    again = client.post(REPORTS, json=report(subgroups=["children", "women"]))
    problem(again, 409, "duplicate")
    assert first.json["id"] in again.json["detail"]
    assert [client.post(REPORTS, json=report(subgroups=words)).status_code for words in (["children"], [])] == [
        201,
        201,
    ]


def test_a_merge_patch_replaces_the_list_and_null_empties_it(client):
    path = f"{REPORTS}/{client.post(REPORTS, json=report()).json['id']}"
    assert changed(client, path, {"subgroups": ["women"]}).json["subgroups"] == ["women"]
    assert client.get(f"{REPORTS}?subgroups=women").json["data"][0]["subgroups"] == ["women"]
    assert client.get(f"{REPORTS}?subgroups=children").json["data"] == []
    assert changed(client, path, {"subgroups": None}).json["subgroups"] == []
    history = client.get(f"{path}/versions").json["data"]
    assert [entry["document"]["subgroups"] for entry in history] == [[], ["women"], ["children"]]
    assert_sound(client.application.extensions["onrecord"])


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"subgroups": "children"}, "12"),
        ({"subgroups": ["women", "journalists"]}, "234"),
        ({"subgroups[not]": "children"}, "034"),
        ({"subgroups[exists]": "true"}, "1234"),
        ({"subgroups[exists]": "false"}, "0"),
        ({"subgroups": "children", "subgroups[not]": "women"}, "1"),
        ({"place": "GANCA"}, "03"),
        ({"place": ["Gence", "Port  Sund"]}, "24"),
        ({"place[not]": "Gənçə"}, "124"),
        ({"place[exists]": "false"}, "1"),
        ({"place": "port sund", "subgroups": "women"}, "2"),
    ],
    ids=str,
)
def test_reports_are_filtered_by_subgroup_and_place(listed, query, found):
    assert "".join(ids(listed, "casualty-reports", **query)) == found


def test_quotes_are_filtered_by_place(listed):
    assert ids(listed, "quotes", place="ganca") == ["here"]
    assert ids(listed, "quotes", **{"place[exists]": "false"}) == ["anywhere"]
    assert ids(listed, "quotes", **{"place[not]": "Gənçə"}) == ["anywhere"]


def test_subgroups_and_places_are_facets(listed):
    facets = listed.get(f"{REPORTS}?facets=subgroups,place").json["facets"]
    counts = {name: {item["value"]: item["count"] for item in facet["values"]} for name, facet in facets.items()}
    assert counts == {
        "subgroups": {"children": 2, "women": 2, "journalists": 1},
        "place": {"ganca": 2, "port sund": 2},
    }
    for name, values in counts.items():
        for value, count in values.items():
            assert len(ids(listed, "casualty-reports", **{name: value})) == count


def test_all_claims_have_no_such_filter_and_the_error_says_where_it_is(listed):
    for name, paths in (("place", "/v1/quotes and /v1/casualty-reports"), ("subgroups", "/v1/casualty-reports")):
        reported = problem(listed.get(f"/v1/claims?{name}=children"), 422, "invalid-parameters")["errors"][0]["detail"]
        assert all(path in reported for path in paths.split(" and "))
    assert listed.get("/v1/claims?fields=subgroups&limit=200").status_code == 200


@pytest.mark.parametrize(
    ("query", "tag"),
    [
        ("harm=killed&subgroups=journalists", "#affected+killed+journalists"),
        ("harm=injured&subgroups=journalists", "#affected+injured+journalists"),
        ("subgroups=journalists", "#affected+journalists"),
        # Some of these rows count women and children together.
        ("harm=killed&subgroups=children", "#affected+killed"),
        ("harm=killed&subgroups=children&subgroups[not]=women", "#affected+killed+children"),
        ("harm=killed&subgroups=children&subgroups=women", "#affected+killed"),
        ("harm=killed", "#affected+killed"),
    ],
)
def test_figures_are_tagged_by_the_subgroup_if_all_rows_are_of_one(listed, query, tag):
    table = listed.get(f"{REPORTS}?{query}&format=csv&hxl=true&fields=count,low,subgroups").text
    names, tags, *_ = csv.reader(io.StringIO(table))
    assert dict(zip(names, tags, strict=True)) == {
        "id": "#meta+id",
        "subgroups": "#meta+subgroups",
        "count": tag,
        "low": tag.replace("#affected", "#affected+min"),
    }


def test_a_table_lists_the_subgroups_in_one_column(listed):
    rows = csv.DictReader(io.StringIO(listed.get(f"{REPORTS}?format=csv&sort=id").text))
    assert [row["subgroups"] for row in rows] == ["", "children", "women; children", "women", "journalists"]


def test_linked_data_has_the_subgroups(listed):
    accept = {"Accept": "application/ld+json"}
    assert listed.get(f"{REPORTS}/report-2", headers=accept).json["subgroups"] == ["women", "children"]
    assert "subgroups" not in listed.get(f"{REPORTS}/report-0", headers=accept).json


def test_a_comparison_has_the_subgroups_of_each_cell(listed):
    cells = listed.get(f"{REPORTS}/compare?conflict=hill-war").json["cells"]
    actual = {cell["entries"][0]["claim"]["id"]: cell["cell"]["subgroups"] for cell in cells}
    # Always in the order of the vocabulary: the cell is the same whichever order a claim has.
    assert actual == {
        "report-0": [],
        "report-1": ["children"],
        "report-2": ["children", "women"],
        "report-3": ["women"],
        "report-4": ["journalists"],
    }
    for cell in cells:
        series = listed.get(cell["series"].removeprefix("http://127.0.0.1:8000"))
        assert series.json["cell"] == cell["cell"]
    filtered = listed.get(f"{REPORTS}/compare?conflict=hill-war&subgroups=journalists").json["cells"]
    assert [cell["cell"]["subgroups"] for cell in filtered] == [["journalists"]]


def test_pages_and_pictures_name_the_subgroups(client):
    client.post(
        REPORTS, json=report(subgroups=["women", "children"], affected=[], place="Gənçə", inferred=["affected"])
    )
    nurses = report(
        claimant={"name": "Save the Plain", "kind": "organisation"},
        evidence=[{"exact": "Save the Plain said 12 nurses had died"}],
        count=12,
        subgroups=["health_workers"],
    )
    assert client.post(REPORTS, json=nurses).status_code == 201
    page = client.get(f"/articles/{ARTICLE}").text
    assert "women, children" in page
    assert "health workers" in page
    picture = client.get(f"{REPORTS}/compare?conflict=hill-war", headers={"Accept": "image/svg+xml"}).text
    assert "Killed: women and children among civilians (party not stated), Gənçə" in picture
    assert "Killed: health workers among civilians (party not stated)" in picture


def test_an_import_stores_subgroups_and_places(client):
    line = {"type": "casualty_report", "id": "imported", **report(subgroups=["women", "children"], place="Gənçə")}
    line["evidence"] = [{"exact": f"{WOMEN_AND_CHILDREN} in Gənçə"}]
    response = client.post("/v1/imports", data=orjson.dumps(line), headers={"Content-Type": "application/x-ndjson"})
    assert (response.status_code, response.json["counts"]["created"]) == (200, 1), response.text
    assert ids(client, "casualty-reports", place="ganca", subgroups="women") == ["imported"]
    assert_sound(client.application.extensions["onrecord"])
