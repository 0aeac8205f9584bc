"""Chaos makes only changes that the promise allows, each under its name."""

from __future__ import annotations

import csv
import io
import re
import time

import orjson
import pytest

from api.cli.mock import CHAOS_NAMES
from api.contract import snapshots
from api.contract.mock.chaos.bodies import FIELD
from api.contract.mock.chaos.new_enum_values import KIND, VALUE
from api.contract.mock.chaos.requests import SECONDS
from api.contract.validator.validator import Validator
from api.kinds.collections import KIND_BY_NAME
from api.promise import MAY
from tests.support.contract_client import strict
from tests.support.mock_client import BASE_URL, media_types, open_client, parse_lines
from tests.support.openapi import OPERATIONS

pytestmark = pytest.mark.slow

# The tests need not wait.
FAST = tuple(name for name in CHAOS_NAMES if name != "slow")
LISTS = ("/v1/claims", "/v1/quotes", "/v1/ceasefires", "/v1/resolutions", "/v1/casualty-reports")

STRICT = Validator(strict(orjson.loads(snapshots.document())), closed=True)


@pytest.fixture(scope="module")
def shared_plain():
    with open_client() as client:
        yield client


@pytest.fixture
def plain(shared_plain):
    shared_plain.reset()
    return shared_plain


@pytest.fixture(scope="module", params=[*((name,) for name in FAST if name != "retry-once"), FAST], ids="+".join)
def shared_chaotic(request):
    """Yield a client of a mock with one kind of chaos, and of one with all of them."""
    with open_client(*request.param) as client:
        yield client


@pytest.fixture
def chaotic(shared_chaotic):
    shared_chaotic.reset()
    return shared_chaotic


@pytest.fixture(scope="module")
def add_fields():
    with open_client("add-fields") as client:
        yield client


@pytest.fixture(scope="module")
def new_values():
    with open_client("new-enum-values") as client:
        yield client


@pytest.fixture(scope="module")
def page_size_1():
    with open_client("page-size-1") as client:
        yield client


@pytest.fixture(scope="module")
def retry_once():
    with open_client("retry-once") as client:
        yield client


def retry(send, *args, **kwargs):
    """Send a request until chaos does not reject it, and return the response."""
    while (response := send(*args, **kwargs)).status_code in (429, 503):
        pass
    return response


def test_each_name_is_a_clause_of_allowed_changes():
    assert set(CHAOS_NAMES) <= {clause.slug for clause in MAY}


@pytest.mark.parametrize("name", OPERATIONS)
def test_a_changed_response_is_valid(chaotic, plain, name):
    operation = OPERATIONS[name]
    for media_type in media_types(operation) or ["*/*"]:
        response = retry(chaotic.send_example, operation, Accept=media_type)
        original = plain.send_example(operation, Accept=media_type)
        assert (response.status_code, response.mimetype) == (original.status_code, original.mimetype)
    assert chaotic.report()["broken"] == []
    assert name not in chaotic.report()["not_exercised"]


@pytest.mark.parametrize("url", ["/v1/quotes/none-such", "/v1/quotes?limit=0", "/v1/none-such"])
def test_a_changed_problem_is_valid(chaotic, url):
    retry(chaotic.get, url)
    assert not any(reason["by"] == "server" for entry in chaotic.report()["broken"] for reason in entry["reasons"])


@pytest.mark.parametrize("url", [*LISTS, "/v1/articles", "/v1/quotes/us-calls-for-ceasefire", "/v1/claims?format=csv"])
def test_an_unchanged_response_is_304_and_head_has_the_headers_of_get(chaotic, url):
    response = retry(chaotic.get, url)
    assert int(response.headers["Content-Length"]) == len(response.data)
    not_modified = retry(chaotic.get, url, headers={"If-None-Match": response.headers["ETag"]})
    assert (not_modified.status_code, not_modified.data) == (304, b"")
    head = retry(chaotic.head, url)
    assert (head.status_code, head.data) == (200, b"")
    for name in ("ETag", "Content-Length", "Content-Type", "Link"):
        assert head.headers.get(name) == response.headers.get(name)


@pytest.mark.parametrize("chaos", ["add-fields", "new-enum-values"])
def test_a_strict_client_detects_the_change(chaos):
    with open_client(chaos) as mock:
        response = mock.get("/v1/claims")
    assert STRICT.validate_response(response.request, response)


# add-fields


def objects(value):
    """Yield all objects in a value."""
    if isinstance(value, dict):
        yield value
        for name, field in value.items():
            if name != FIELD:
                yield from objects(field)
    elif isinstance(value, list):
        for item in value:
            yield from objects(item)


def test_each_object_has_a_new_first_field(add_fields):
    for url in ("/v1/claims?include=article", OPERATIONS["getCasualtyReportComparison"].url, "/v1/quotes?limit=0&x=1"):
        changed = list(objects(add_fields.get(url).json))
        assert len(changed) > 2
        assert all(next(iter(value)) == FIELD for value in changed)


def test_a_map_gets_no_new_entry(add_fields):
    facets = add_fields.get("/v1/claims?facets=claimant").json["facets"]
    assert list(facets) == ["claimant"]
    assert FIELD in facets["claimant"]


def without(value):
    """Return a value without the added fields."""
    if isinstance(value, dict):
        return {name: without(field) for name, field in value.items() if name != FIELD}
    return [without(item) for item in value] if isinstance(value, list) else value


def test_all_other_fields_are_unchanged(add_fields, plain):
    for url in ("/v1/quotes/us-calls-for-ceasefire", "/v1/resolutions?fields=organ&total=exact", "/v1/articles"):
        original = plain.get(url).json
        changed = without(add_fields.get(url).json)
        assert re.sub(rb"20..-..-..T[^\"]*", b"", orjson.dumps(changed)) == re.sub(
            rb"20..-..-..T[^\"]*", b"", orjson.dumps(original)
        )


def test_a_table_has_a_new_column_without_a_tag(add_fields, plain):
    url = "/v1/casualty-reports?format=csv&hxl=true&fields=harm,count"
    rows = list(csv.reader(io.StringIO(add_fields.get(url).text)))
    assert [row[0] for row in rows[:3]] == [FIELD, "", rows[2][0]]
    assert [row[1:] for row in rows] == list(csv.reader(io.StringIO(plain.get(url).text)))
    assert {len(row) for row in rows} == {len(rows[0])}


def test_json_ld_is_unchanged(add_fields):
    response = add_fields.get("/v1/quotes/us-calls-for-ceasefire", headers={"Accept": "application/ld+json"})
    assert response.status_code == 200
    assert FIELD not in response.text


# new-enum-values


@pytest.mark.parametrize("url", LISTS)
def test_an_unfiltered_list_has_an_additional_last_record_and_unchanged_others(new_values, plain, url):
    stored = plain.get(f"{url}?limit=200").json["data"]
    *others, copy = new_values.get(f"{url}?limit=200").json["data"]
    assert [sent_fields(record) for record in others] == [sent_fields(record) for record in stored]
    assert copy["article_id"] == others[-1]["article_id"]
    assert copy["claimant"]["kind"] == VALUE
    assert copy["id"] not in {record["id"] for record in others}
    if url == "/v1/claims":
        assert copy["type"] == KIND
        assert "text" not in copy
    else:
        assert copy["type"] == others[-1]["type"]


def sent_fields(record):
    """Return the fields of a record that a client sends."""
    return {name: value for name, value in record.items() if name not in ("grounding", "created_at", "updated_at")}


@pytest.mark.parametrize("url", LISTS)
def test_the_additional_record_can_be_requested_by_its_id(new_values, url):
    copy = new_values.get(f"{url}?limit=200").json["data"][-1]
    assert new_values.get(f"{url}/{copy['id']}").json == copy


def test_exports_have_the_additional_record_too(new_values, plain):
    copy = new_values.get("/v1/claims?limit=200&sort=id").json["data"][-1]
    for url in ("/v1/claims?format=ndjson&sort=id", "/v1/claims/export?sort=id", "/v1/export"):
        *others, last = parse_lines(new_values.get(url))
        assert last == copy
        assert [record["id"] for record in others] == [record["id"] for record in parse_lines(plain.get(url))]
    for url in ("/v1/claims?format=csv&sort=id", "/v1/claims/export?format=csv&sort=id"):
        changed, original = (list(csv.DictReader(io.StringIO(mock.get(url).text))) for mock in (new_values, plain))
        assert changed[-1]["id"] == copy["id"]
        assert changed[-1]["type"] == KIND
        assert [row["id"] for row in changed[:-1]] == [row["id"] for row in original]


def test_an_export_without_claims_has_no_additional_record():
    with open_client("new-enum-values") as mock:
        # A restated claim is deleted after the claim that restates it.
        while claims := [record for record in parse_lines(mock.get("/v1/claims/export")) if record["type"] != KIND]:
            for claim in claims:
                mock.delete(f"/v1/{KIND_BY_NAME[claim['type']].path}/{claim['id']}", headers={"If-Match": "*"})
        assert parse_lines(mock.get("/v1/claims/export")) == []
        assert {record["type"] for record in parse_lines(mock.get("/v1/export"))} == {"article"}


def test_an_array_of_enum_values_gets_a_new_last_value():
    with open_client("new-enum-values") as mock:
        record = mock.get("/v1/casualty-reports?limit=200").json["data"][-2]
        patch = orjson.dumps({"subgroups": ["officers"], "inferred": [*record["inferred"], "subgroups"]})
        headers = {"If-Match": "*", "Content-Type": "application/merge-patch+json"}
        path = f"/v1/casualty-reports/{record['id']}"
        assert mock.patch(path, data=patch, headers=headers).json["subgroups"] == ["officers"]
        assert mock.get("/v1/casualty-reports?limit=200").json["data"][-1]["subgroups"] == ["officers", VALUE]
        assert mock.get(path).json["subgroups"] == ["officers"]


def test_the_additional_record_has_its_own_page_if_the_last_page_is_full(new_values):
    *others, last = new_values.pages("/v1/resolutions?limit=1&total=exact")
    assert [len(page.json["data"]) for page in (*others, last)] == [1] * (len(others) + 1)
    assert {page.json["page"]["total"]["count"] for page in (*others, last)} == {len(others) + 1}
    assert last.json["data"][0]["organ"] == VALUE
    assert f'<{last.json["page"]["prev"]}>; rel="prev"' in last.headers["Link"]
    before = new_values.get(last.json["page"]["prev"].removeprefix(BASE_URL))
    assert before.json == others[-1].json
    assert 'rel="next"' in before.headers["Link"]


@pytest.mark.parametrize("query", ["party=Armenia", "harm=killed", "q=killed", "id=armenia-civilians-killed"])
def test_a_filtered_list_is_unchanged(new_values, plain, query):
    url = f"/v1/casualty-reports?{query}"
    ids = [[record["id"] for record in mock.get(url).json["data"]] for mock in (new_values, plain)]
    assert ids[0] == ids[1] != []


def test_a_created_record_is_returned_unchanged(new_values, plain):
    operation = OPERATIONS["createCasualtyReport"]
    created, original = new_values.send_example(operation).json, plain.send_example(operation).json
    assert {**sent_fields(created), "id": None} == {**sent_fields(original), "id": None}
    assert created.keys() == original.keys() > {"id"}
    assert new_values.get(f"/v1/casualty-reports/{created['id']}").json == created
    new_values.reset()


def test_checks_cells_points_and_events_have_an_additional_entry(new_values, plain):
    checks = new_values.get("/v1/quotes/us-calls-for-ceasefire").json["grounding"]["checks"]
    assert [check["check"] for check in checks[-2:]] == [checks[-2]["check"], VALUE]
    compare = OPERATIONS["getCasualtyReportComparison"].url
    changed, original = (mock.get(compare).json["cells"] for mock in (new_values, plain))
    assert len(changed) == len(original) + 1
    assert (changed[-1]["agreement"], changed[-1]["cell"]["harm"]) == (VALUE, VALUE)
    assert changed[-1]["cell"]["subgroups"] == [*changed[-2]["cell"]["subgroups"], VALUE]
    assert changed[-1]["cell"]["id"] not in {comparison["cell"]["id"] for comparison in original}
    url = original[0]["series"].removeprefix(BASE_URL)
    assert new_values.get(url).json["lines"][0]["points"][-1]["step"] == VALUE
    event, copy = new_values.get(OPERATIONS["getCeasefireTimeline"].url).json["aggregate"][-2:]
    assert copy["status"] == VALUE
    # The claims of the copy are stored records, so they are unchanged.
    assert copy["claims"] == event["claims"] != []
    *_, cell, copy = changed
    assert [entry["claim"] for entry in copy["entries"]] == [entry["claim"] for entry in cell["entries"]] != []
    assert {entry["period"]["kind"] for entry in copy["entries"]} == {VALUE}


# page-size-1


@pytest.mark.parametrize(
    "url", ["/v1/claims", "/v1/claims?limit=7&sort=-id", "/v1/articles/karabakh-2020-11-01/claims"]
)
def test_each_page_has_one_record_and_all_pages_have_the_whole_list(page_size_1, plain, url):
    all_pages = list(page_size_1.pages(url))
    ids = [record["id"] for page in all_pages for record in page.json["data"]]
    assert ids == [record["id"] for page in plain.pages(url) for record in page.json["data"]]
    assert {len(page.json["data"]) for page in all_pages} == {1}
    assert {page.json["page"]["limit"] for page in all_pages} == {7 if "limit" in url else 20}
    assert all_pages[1].headers["Link"].count(all_pages[1].json["page"]["next"]) == 1
    previous = page_size_1.get(all_pages[3].json["page"]["prev"].removeprefix(BASE_URL))
    assert previous.json["data"] == all_pages[2].json["data"]


def test_the_feed_and_histories_have_pages_of_one_record(page_size_1, plain):
    changes = plain.get("/v1/changes?limit=200").json["data"]
    url, received = "/v1/changes", []
    while page := page_size_1.get(url.removeprefix(BASE_URL)).json["data"]:
        assert len(page) == 1
        received += page
        url = f"/v1/changes?since={page[0]['sequence']}"
    assert [change["id"] for change in received] == [change["id"] for change in changes]
    assert len(page_size_1.get("/v1/quotes/us-calls-for-ceasefire/versions").json["data"]) == 1


def test_an_export_is_complete(page_size_1):
    assert len(parse_lines(page_size_1.get("/v1/claims?format=ndjson"))) == 25
    assert page_size_1.get("/v1/claims?limit=0").status_code == 422


# retry-once


def test_each_request_is_rejected_once_and_then_accepted(retry_once):
    statuses = set()
    for name, operation in OPERATIONS.items():
        retry_once.reset()
        first = retry_once.send_example(operation)
        assert first.status_code in (429, 503), name
        assert first.headers["Retry-After"] == "0"
        assert first.json["code"] in ("too-many-requests", "unavailable")
        assert retry_once.send_example(operation).status_code not in (429, 503)
        statuses.add(first.status_code)
        retry_once.reset()
        assert retry_once.send_example(operation).status_code == first.status_code
    assert statuses == {429, 503}


def test_a_rejected_request_has_no_effect(retry_once):
    retry_once.reset()
    record = {"id": "an-article-of-its-own", "headline": "An invented headline"}
    responses = [retry_once.post("/v1/articles", json=record, headers={"Idempotency-Key": "k"}) for _ in range(3)]
    assert [response.status_code for response in responses[1:]] == [201, 201]
    assert responses[2].headers["Idempotent-Replayed"] == "true"
    retry_once.get("/v1/articles")
    stored = [article["headline"] for article in retry_once.get("/v1/articles").json["data"]]
    assert stored.count(record["headline"]) == 1


# slow


def test_each_response_is_delayed(monkeypatch):
    """The mock sleeps before every response, however fast the machine is."""
    waits = []
    monkeypatch.setattr(time, "sleep", waits.append)
    for names, expected in (((), []), (("slow",), [SECONDS])):
        with open_client(*names) as mock:
            assert mock.get("/v1/quotes").status_code == 200
        assert waits == expected
