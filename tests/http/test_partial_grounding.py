"""Claims with an undecided check: filters, facets, exports, comparisons and the page of the article."""

from __future__ import annotations

import csv
import hashlib
import io

import orjson
import pytest
from sqlalchemy import select

from api.kinds import KINDS
from api.pages.article_page import grounding_text
from api.store.tables import claim
from tests.conftest import borrowed
from tests.support.factories import sent
from tests.support.generated_records import article, casualty_report
from tests.support.live_server import onrecord
from tests.support.stored import overwrite

ARTICLE = "karabakh-2020-11-01"
REASON = "The check recognized no statement of status in the evidence."
UNDECIDED = {"check": "cue", "outcome": "undecided", "reason": REASON}
PASSED = {"check": "span", "outcome": "passed", "reason": None}
LISTS = [*(kind.path for kind in KINDS), "claims", f"articles/{ARTICLE}/claims"]


@pytest.fixture
def stored(databases):
    """Return a client of an app with the fixtures, and the ids of the partial claims: the first of each kind."""
    with borrowed(databases, "seeded") as app:
        with app.extensions["onrecord"].writing() as connection:
            ids = []
            for kind in KINDS:
                rows = select(claim.c.id, claim.c.document).where(claim.c.type == kind.name).order_by(claim.c.id)
                id_, text = connection.execute(rows).first()
                document = orjson.loads(text)
                others = [check for check in document["grounding"]["checks"] if check["check"] not in ("span", "cue")]
                document["grounding"] = {"status": "partial", "checks": [PASSED, *others, UNDECIDED]}
                overwrite(connection, orjson.dumps(document).decode(), grounding="partial")
                ids.append(id_)
        yield app.test_client(), set(ids)


def ids_of(response):
    assert response.status_code == 200, response.text
    return {record["id"] for record in response.json["data"]}


def without_stamps(value):
    """Return a JSON value without the grounding and the times of its claims."""
    if isinstance(value, list):
        return [without_stamps(entry) for entry in value]
    if isinstance(value, dict):
        stamps = ("grounding", "created_at", "updated_at")
        return {name: without_stamps(entry) for name, entry in value.items() if name not in stamps}
    return value


@pytest.mark.parametrize("path", LISTS)
def test_the_filter_and_the_facet_find_partial_claims(stored, path):
    client, partial = stored
    whole = ids_of(client.get(f"/v1/{path}?limit=200"))
    expected = partial & whole
    assert len(expected) == (1 if path in {kind.path for kind in KINDS} else len(KINDS))
    assert ids_of(client.get(f"/v1/{path}?limit=200&grounding=partial")) == expected
    assert ids_of(client.get(f"/v1/{path}?limit=200&grounding[not]=partial")) == whole - expected
    facet = client.get(f"/v1/{path}?facets=grounding").json["facets"]["grounding"]["values"]
    assert {value["value"]: value["count"] for value in facet if value["count"]} == {
        name: count for name, count in (("partial", len(expected)), ("unverified", len(whole - expected))) if count
    }


@pytest.mark.parametrize("path", LISTS)
def test_exports_carry_the_status(stored, path):
    client, partial = stored
    table = client.get(f"/v1/{path}?format=csv").text
    status = {row["id"]: row["grounding.status"] for row in csv.DictReader(io.StringIO(table))}
    lines = client.get(f"/v1/{path}?format=ndjson").text.splitlines()
    for id_, reported in (*status.items(), *((x["id"], x["grounding"]["status"]) for x in map(orjson.loads, lines))):
        assert reported == ("partial" if id_ in partial else "unverified")


def test_linked_data_carries_the_status(stored):
    client, partial = stored
    for id_ in partial:
        node = client.get(f"/v1/claims/{id_}", headers={"Accept": "application/ld+json"})
        assert node.status_code == 200
        assert '"partial"' in node.text


@pytest.mark.parametrize("path", ["casualty-reports/compare", "casualty-reports/series", "ceasefires/timeline"])
def test_views_show_partial_claims_like_others(stored, seeded, path):
    client, _ = stored
    query = f"?article_id={ARTICLE}"
    if path.endswith("series"):
        cell = client.get(f"/v1/casualty-reports/compare{query}").json["cells"][0]["cell"]["id"]
        query += f"&cell={cell}"
    got, before = (item.get(f"/v1/{path}{query}") for item in (client, seeded))
    assert got.status_code == 200, got.text
    assert without_stamps(got.json) == without_stamps(before.json)
    picture = client.get(f"/v1/{path}{query}", headers={"Accept": "image/svg+xml"})
    assert picture.status_code == 200


def test_the_page_of_an_article_names_the_undecided_check(stored):
    client, partial = stored
    page = client.get(f"/articles/{ARTICLE}").text
    words = "Partly verified: the check recognized no statement of status in the evidence. Checks: "
    assert page.count(words) == len(partial)
    assert page.count("cue undecided") == len(partial)
    assert page.count("Unverified: the article&#39;s text is not stored. Checks: ") == 25 - len(partial)


def test_each_status_is_put_in_words():
    not_held = {"check": "span", "outcome": "not_run", "reason": "The article's text is not stored."}
    no_date = {"check": "date", "outcome": "not_run", "reason": "The claim has no date."}
    assert grounding_text({"status": "verified", "checks": [PASSED, no_date]}) == "Verified."
    assert grounding_text({"status": "partial", "checks": [PASSED, UNDECIDED]}) == (
        "Partly verified: the check recognized no statement of status in the evidence."
    )
    assert grounding_text({"status": "unverified", "checks": [not_held, UNDECIDED]}) == (
        f"Unverified: the article's text is not stored. {REASON}"
    )


def test_a_claim_with_an_unknown_noun_is_accepted_and_partial_once_the_text_is_held(editor):
    text = "Norland said 13 falconers were killed."
    assert editor.put("/v1/articles/the-article", json=sent(article("x"))).status_code == 201
    record = {
        "article_id": "the-article",
        "claimant": {"name": "Norland", "kind": "government"},
        "harm": "killed",
        "population": "civilian",
        "count": 13,
        "qualifier": "exact",
        "evidence": [{"exact": text[:-1], "start": 0, "end": len(text) - 1}],
    }
    created = editor.post("/v1/casualty-reports", json=record)
    assert created.status_code == 201, created.text
    assert created.json["grounding"]["status"] == "unverified"
    headers = {"Content-Type": "text/plain; charset=utf-8", "If-Match": "*"}
    assert editor.put("/v1/articles/the-article/text", data=text.encode(), headers=headers).status_code == 200
    assert ids_of(editor.get("/v1/casualty-reports?grounding=partial")) == {created.json["id"]}
    grounding = editor.get(f"/v1/claims/{created.json['id']}").json["grounding"]
    (undecided,) = [check for check in grounding["checks"] if check["outcome"] == "undecided"]
    assert undecided["reason"] == "The check recognized no statement of population in the evidence."
    page = editor.get("/articles/the-article").text
    assert "Partly verified: the check recognized no statement of population in the evidence." in page


def test_verify_lists_undecided_checks(tmp_path):
    text = "Norland said 13 falconers were killed."
    text_fields = {"text_sha256": hashlib.sha256(text.encode()).hexdigest(), "text_length": len(text)}
    evidence = [{"exact": text[:-1], "start": 0, "end": len(text) - 1}]
    claimant = {"name": "Norland", "kind": "government"}
    lines = [
        article("the-article", **text_fields),
        casualty_report("some", "the-article", count=13, inferred=[], claimant=claimant, evidence=evidence),
    ]
    (tmp_path / "mine.ndjson").write_bytes(b"\n".join(orjson.dumps(line) for line in lines))
    (tmp_path / "text").write_text(text)
    onrecord("db", "upgrade", cwd=tmp_path)
    assert onrecord("import", "mine.ndjson", cwd=tmp_path).returncode == 0
    verified = onrecord("verify", "--text", "text", "the-article", cwd=tmp_path)
    assert (verified.returncode, verified.stdout) == (
        0,
        "1 of 1 claims are supported by the text. 1 of them only partly.\n",
    )
    assert verified.stderr == "some (cue): The check recognized no statement of population in the evidence.\n"
