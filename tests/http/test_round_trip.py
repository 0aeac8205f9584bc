"""Documents that are sent as they were read: read-only fields are ignored if they are unchanged."""

from __future__ import annotations

from datetime import datetime, timedelta

import orjson
import pytest

from api.kinds import KINDS
from api.store.imports import import_lines
from tests.http.test_http_semantics import problem
from tests.support.db_invariants import assert_sound
from tests.support.factories import ANY, TEXT, changed, feed, report, sent
from tests.support.generated_records import article

ARTICLE = "karabakh-2020-11-01"
REPORT, THE_ARTICLE = "/v1/casualty-reports/a-report", "/v1/articles/the-article"
PATHS = [("articles", ARTICLE), *((kind.path, None) for kind in KINDS)]


def records_at(client, path):
    """Return all records of a collection, claims with their article."""
    include = "" if path == "articles" else "&include=article"
    return client.get(f"/v1/{path}?limit=200{include}").json["data"]


@pytest.fixture
def with_report(client_with_article):
    """Return a client of a service with an article that has a text and a URL, and a claim of it."""
    assert changed(client_with_article, THE_ARTICLE, {"url": "https://news.example/a"}).status_code == 200
    assert client_with_article.put(REPORT, json=report()).status_code == 201
    return client_with_article


@pytest.mark.parametrize("path", [path for path, _ in PATHS])
@pytest.mark.parametrize("method", ["PUT", "PATCH"])
def test_each_fixture_can_be_sent_as_it_was_read(writer, path, method):
    before = feed(writer)
    for record in records_at(writer, path):
        response = writer.open(
            f"/v1/{path}/{record['id']}",
            method=method,
            data=orjson.dumps(record),
            headers={**ANY, "Content-Type": "application/json"},
        )
        assert response.status_code == 200, response.text
        assert response.json == {name: value for name, value in record.items() if name != "article"}
    assert feed(writer) == before


def rewritten(value, write):
    """Return a document with its times in another form."""
    if not isinstance(value, dict):
        return value
    times = {name: write(value[name]) for name in ("created_at", "updated_at") if name in value}
    return {name: rewritten(member, write) for name, member in value.items()} | times


TIME_FORMS = {
    "microseconds": lambda time: time.replace("Z", "000Z"),
    "an offset of zero": lambda time: time.replace("Z", "000+00:00"),
    "another offset": lambda time: f"{(datetime.fromisoformat(time) + timedelta(hours=4)).isoformat()[:-6]}+04:00",
}


@pytest.mark.parametrize("form", TIME_FORMS)
@pytest.mark.parametrize("method", ["PUT", "PATCH"])
def test_times_can_have_the_form_of_a_generated_client(with_report, method, form):
    before, document = feed(with_report), with_report.get(f"{REPORT}?include=article").json
    record = rewritten(document, TIME_FORMS[form])
    assert record["created_at"] != document["created_at"]
    assert record["article"]["updated_at"] != document["article"]["updated_at"]
    response = with_report.open(
        REPORT, method=method, data=orjson.dumps(record), headers={**ANY, "Content-Type": "application/json"}
    )
    assert response.status_code == 200, response.text
    assert feed(with_report) == before
    del record["id"]
    copied = with_report.post("/v1/casualty-reports", json=record)
    assert problem(copied, 409, "duplicate")


@pytest.mark.parametrize("dry_run", ["", "?dry_run=true"])
def test_an_edited_document_is_stored_with_new_read_only_values(with_report, dry_run):
    document = with_report.get(f"{REPORT}?include=article").json
    document["as_of"] = "2031-05-02"
    document["evidence"][0] |= {"exact": "ministry of Norland said three people died", "start": None, "end": None}
    document["inferred"] = [*document["inferred"], "as_of"]
    stored = with_report.put(f"{REPORT}{dry_run}", json=document, headers=ANY)
    assert stored.status_code == 200, stored.text
    assert stored.json["on_record"] == {"earliest": "2031-05-02", "latest": "2031-05-02", "basis": "as_of"}
    assert stored.json["evidence"][0]["source"].endswith("ministry%20of%20Norland%20said%20three%20people%20died")
    assert stored.json["version"] == document["version"] + 1


CHANGED = {
    "/type": {"type": "quote"},
    "/version": {"version": 7},
    "/created_at": {"created_at": "2020-01-01T00:00:00.000Z"},
    "/updated_at": {"updated_at": None},
    "/on_record": {"on_record": {"earliest": "2020-01-01", "latest": "2020-01-01", "basis": "as_of"}},
    "/grounding": {"grounding": {"status": "partial", "checks": []}},
    "/article": {"article": {"headline": "Another"}},
    "/low": {"low": 99},
    "/high": {"high": 99},
}


@pytest.mark.parametrize("pointer", CHANGED)
@pytest.mark.parametrize("method", ["PUT", "PATCH"])
@pytest.mark.parametrize("dry_run", ["", "?dry_run=true"])
def test_a_changed_read_only_field_is_rejected(with_report, method, pointer, dry_run):
    before, document = feed(with_report), with_report.get(REPORT).json
    record = document if method == "PUT" else {}
    response = with_report.open(
        f"{REPORT}{dry_run}",
        method=method,
        data=orjson.dumps({**record, **CHANGED[pointer]}),
        headers={**ANY, "Content-Type": "application/json"},
    )
    (part,) = problem(response, 422, "invalid-record")["errors"]
    assert part["pointer"] == pointer
    assert pointer[1:] in part["detail"] or "Derived" in part["detail"]
    assert "Leave it out" in part["detail"]
    assert feed(with_report) == before


def test_a_changed_read_only_field_of_a_span_is_rejected(with_report):
    document = with_report.get(REPORT).json
    document["evidence"][0]["source"] = "https://elsewhere.example/"
    (part,) = problem(with_report.put(REPORT, json=document, headers=ANY), 422, "invalid-record")["errors"]
    assert part["pointer"] == "/evidence/0/source"
    assert part["detail"] == "Read-only: the server sets source. Leave it out, or send it as the server returned it."
    evidence = changed(with_report, REPORT, {"evidence": document["evidence"]})
    assert problem(evidence, 422, "invalid-record")["errors"] == [part]


def test_the_bounds_of_the_stored_figure_are_computed_again(with_report):
    document = with_report.get(REPORT).json
    assert (document["low"], document["high"]) == (3, 3)
    stored = with_report.put(REPORT, json={**document, "qualifier": "at_least"}, headers=ANY)
    assert (stored.status_code, stored.json["low"], stored.json["high"]) == (200, 3, None), stored.text


def test_the_largest_figure_can_be_sent_with_its_bound(editor):
    most = 10_000_000_000
    text = f"The ministry of Norland said more than {most:,} people died."
    assert editor.put(THE_ARTICLE, json=sent(article("x"), text=text)).status_code == 201
    figure = report(evidence=[{"exact": text}], count=most, qualifier="more_than")
    stored = editor.put(REPORT, json=figure)
    assert (stored.status_code, stored.json["low"]) == (201, most + 1), stored.text
    again = editor.put(REPORT, json=stored.json, headers=ANY)
    assert (again.status_code, again.json) == (200, stored.json)


def test_a_document_is_copied_by_post(with_report):
    copied = with_report.get(f"{REPORT}?include=article").json
    del copied["id"]
    copied |= {"place": "Ashford", "inferred": [*copied["inferred"], "place"]}
    response = with_report.post("/v1/casualty-reports", json=copied)
    assert (response.status_code, response.json["version"]) == (201, 1), response.text
    for wrong in ({"type": "quote"}, {"version": "7"}, {"low": 99}, {"grounding": 1}, {"created_at": "yesterday"}):
        (part,) = problem(with_report.post("/v1/casualty-reports", json=copied | wrong), 422, "invalid-record")[
            "errors"
        ]
        assert part["pointer"] == f"/{next(iter(wrong))}"


def test_a_deleted_document_is_restored_as_it_was_read(with_report):
    document = with_report.get(REPORT).json
    assert with_report.delete(REPORT, headers=ANY).status_code == 204
    restored = with_report.put(REPORT, json=document)
    assert (restored.status_code, restored.json["version"]) == (201, 3)


def test_an_article_that_is_sent_as_it_was_read_keeps_its_text(with_report):
    document = with_report.get(THE_ARTICLE).json
    assert (document["type"], document["text_held"], "text" in document) == ("article", True, False)
    stored = with_report.put(THE_ARTICLE, json={**document, "byline": "By nobody"}, headers=ANY)
    assert (stored.status_code, stored.json["text_held"]) == (200, True)
    assert with_report.get(f"{THE_ARTICLE}/text").text == TEXT
    document = stored.json
    for wrong in ({"text_held": False}, {"type": "claim"}, {"version": 99}):
        rejected = problem(with_report.put(THE_ARTICLE, json=document | wrong, headers=ANY), 422, "invalid-record")
        assert rejected["errors"][0]["pointer"] == f"/{next(iter(wrong))}"


def everything(client):
    """Return all records as lines of an import, as they were read."""
    return [orjson.dumps(record) for path in ("articles", "claims") for record in records_at(client, path)]


def without_stamps(client):
    """Return all records without the fields that differ between servers."""
    stamps = ("version", "created_at", "updated_at", "text_held", "grounding", "article")
    records = [record for path in ("articles", "claims") for record in records_at(client, path)]
    return [{name: value for name, value in record.items() if name not in stamps} for record in records]


def test_documents_of_another_server_are_imported_and_then_unchanged(client, store, seeded):
    lines = everything(seeded)
    assert import_lines(store, [("x", lines)]).counts == {"created": len(lines)}
    assert_sound(store)
    assert without_stamps(client) == without_stamps(seeded)
    assert import_lines(store, [("x", lines)]).counts == {"unchanged": len(lines)}
    other = [{**orjson.loads(line), "version": 99, "created_at": "2020-01-01T00:00:00.000Z"} for line in lines]
    assert import_lines(store, [("x", map(orjson.dumps, other))]).counts == {"unchanged": len(lines)}


def test_an_article_is_imported_without_the_text_that_its_server_has(with_report):
    line = orjson.dumps(with_report.get(THE_ARTICLE).json)
    imported = with_report.post("/v1/imports", data=line, headers={"Content-Type": "application/x-ndjson"})
    assert imported.json["counts"]["unchanged"] == 1, imported.text
    assert with_report.get(THE_ARTICLE).json["text_held"]


@pytest.mark.parametrize(
    ("changes", "pointer", "detail"),
    [
        ({"type": "quote"}, "/inferred/1", "Must be one of"),
        ({"type": "articles"}, "/type", "Did you mean article?"),
        ({"version": "7"}, "/version", "Read-only"),
        ({"low": 4}, "/low", "Derived if qualifier is exact"),
        (
            {"evidence": [{"exact": "three", "start": 0, "end": 5, "source": "nowhere"}]},
            "/evidence/0/source",
            "Read-only",
        ),
    ],
)
def test_a_read_only_field_of_another_form_is_rejected_in_an_import(with_report, changes, pointer, detail):
    line = orjson.dumps({**with_report.get(REPORT).json, **changes})
    response = with_report.post("/v1/imports", data=line, headers={"Content-Type": "application/x-ndjson"})
    parts = problem(response, 422, "import-refused")["errors"]
    assert [detail in part["detail"] for part in parts if part["pointer"] == pointer] == [True]


def test_a_default_value_is_the_same_as_an_omitted_one(editor):
    """`count` of a ceasefire is 1 unless it is sent, and the evidence need not state that."""
    text = "The ministry of Norland said that the truce with Suland was violated."
    assert editor.put(THE_ARTICLE, json=sent(article("x"), text=text)).status_code == 201
    ceasefire = {
        "article_id": "the-article",
        "claimant": {"name": "the ministry of Norland", "kind": "government"},
        "evidence": [{"exact": text}],
        "status": "violated",
    }
    stored = editor.put("/v1/ceasefires/truce", json=ceasefire)
    assert stored.status_code == 201, stored.text
    again = editor.put("/v1/ceasefires/truce", json=stored.json, headers=ANY)
    assert (again.status_code, again.json) == (200, stored.json)


def test_a_span_with_a_long_link_is_imported_as_it_was_read(editor, store):
    words = "ա" * 900
    text = f"The ministry of Norland said three people died. {words} {words}"
    assert editor.put(THE_ARTICLE, json=sent(article("x"), text=text, url="https://news.example/a")).status_code == 201
    assert editor.put(REPORT, json=report(evidence=[{"exact": text}])).status_code == 201
    document = editor.get(REPORT).json
    assert len(document["evidence"][0]["source"]) > 2000
    assert editor.delete(REPORT, headers=ANY).status_code == 204
    imported = import_lines(store, [("x", [orjson.dumps(document)])])
    assert (imported.counts, imported.rejected_lines) == ({"created": 1}, [])
