"""Chaos changes what the promise says may change, each by its name, and breaks nothing that it says never will."""

from __future__ import annotations

import csv
import io
import re
import time

import orjson
import pytest

from api.cli.mock import NAMES
from api.contract import frozen
from api.contract.checking.contract import Contract
from api.contract.checking.exchange import Exchange
from api.contract.mock.chaos import CHANGES
from api.contract.mock.chaos.more_fields import FIELD
from api.contract.mock.chaos.slowness import SECONDS
from api.contract.mock.chaos.unheard_words import KIND, WORD
from api.contract.promise import MAY
from tests.contract import strict
from tests.documented import OPERATIONS
from tests.mocks import ROOT, lines, media_types, mocked

pytestmark = pytest.mark.slow

# What takes its time needs none here.
QUICK = tuple(name for name in NAMES if name != "slow")
LISTS = ("/v1/claims", "/v1/quotes", "/v1/ceasefires", "/v1/resolutions", "/v1/casualty-reports")

CLOSED = Contract(strict(orjson.loads(frozen.document())), closed=True)


@pytest.fixture(scope="module")
def plain():
    with mocked() as client:
        yield client


@pytest.fixture(scope="module", params=[*((name,) for name in QUICK if name != "retry-once"), QUICK], ids="+".join)
def disorder(request):
    """A mock in each chaos by itself, and in all of them at once."""
    with mocked(*request.param) as client:
        yield client


@pytest.fixture(scope="module")
def growing():
    with mocked("add-fields") as client:
        yield client


@pytest.fixture(scope="module")
def unheard():
    with mocked("new-enum-values") as client:
        yield client


@pytest.fixture(scope="module")
def small():
    with mocked("page-size-1") as client:
        yield client


@pytest.fixture(scope="module")
def refusing():
    with mocked("retry-once") as client:
        yield client


def test_every_name_is_a_clause_of_what_may_change():
    assert set(NAMES) <= {clause.slug for clause in MAY}
    assert set(NAMES) == set(CHANGES)


@pytest.mark.parametrize("name", OPERATIONS)
def test_what_is_changed_keeps_to_the_contract(disorder, plain, name):
    operation = OPERATIONS[name]
    disorder.reset()
    plain.reset()
    for media_type in media_types(operation) or ["*/*"]:
        while (answer := disorder.example(operation, Accept=media_type)).status_code in (429, 503):
            pass
        told = plain.example(operation, Accept=media_type)
        assert (answer.status_code, answer.mimetype) == (told.status_code, told.mimetype)
    assert disorder.report()["broken"] == []
    assert name not in disorder.report()["not_exercised"]


@pytest.mark.parametrize("url", ["/v1/quotes/none-such", "/v1/quotes?limit=0", "/v1/none-such"])
def test_problems_that_are_changed_keep_to_it_too(disorder, url):
    disorder.reset()
    while disorder.get(url).status_code in (429, 503):
        pass
    assert not any(reason["by"] == "server" for call in disorder.report()["broken"] for reason in call["reasons"])


@pytest.mark.parametrize("url", [*LISTS, "/v1/articles", "/v1/quotes/us-calls-for-ceasefire", "/v1/claims?format=csv"])
def test_who_has_what_was_changed_is_told_so(disorder, url):
    def asked(**headers):
        while (answer := disorder.get(url, headers=headers)).status_code in (429, 503):
            pass
        return answer

    first = asked()
    assert int(first.headers["Content-Length"]) == len(first.data)
    again = asked(**{"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    head = disorder.head(url)
    while head.status_code in (429, 503):
        head = disorder.head(url)
    assert (head.status_code, head.data) == (200, b"")
    for name in ("ETag", "Content-Length", "Content-Type", "Link"):
        assert head.headers.get(name) == first.headers.get(name)


@pytest.mark.parametrize("chaos", ["add-fields", "new-enum-values"])
def test_a_client_that_is_closed_to_what_may_come_is_found_out(chaos):
    with mocked(chaos) as mock:
        answer = mock.get("/v1/claims")
    exchange = Exchange("GET", "/v1/claims", 200, answer.headers, answer.data)
    assert CLOSED.judge(exchange)


# add-fields


def objects(value):
    """All objects in a value."""
    if isinstance(value, dict):
        yield value
        for name, each in value.items():
            if name != FIELD:
                yield from objects(each)
    elif isinstance(value, list):
        for each in value:
            yield from objects(each)


def test_every_object_has_a_field_more_and_it_comes_first(growing, plain):
    for url in ("/v1/claims?include=article", OPERATIONS["getCasualtyReportComparison"].url, "/v1/quotes?limit=0&x=1"):
        found = list(objects(growing.get(url).json))
        assert len(found) > 2
        assert all(next(iter(each)) == FIELD for each in found)


def test_where_names_are_names_of_one_thing_there_is_no_other(growing):
    facets = growing.get("/v1/claims?facets=claimant").json["facets"]
    assert list(facets) == ["claimant"]
    assert FIELD in facets["claimant"]


def without(value):
    """A value without the fields that were added."""
    if isinstance(value, dict):
        return {name: without(each) for name, each in value.items() if name != FIELD}
    return [without(each) for each in value] if isinstance(value, list) else value


def test_apart_from_these_nothing_is_changed(growing, plain):
    for url in ("/v1/quotes/us-calls-for-ceasefire", "/v1/resolutions?fields=organ&total=exact", "/v1/articles"):
        told = {**plain.get(url).json}
        ours = without(growing.get(url).json)
        assert re.sub(rb"20..-..-..T[^\"]*", b"", orjson.dumps(ours)) == re.sub(
            rb"20..-..-..T[^\"]*", b"", orjson.dumps(told)
        )


def test_tables_have_a_column_more_and_their_tags_none(growing, plain):
    url = "/v1/casualty-reports?format=csv&hxl=true&fields=harm,count"
    rows = list(csv.reader(io.StringIO(growing.get(url).text)))
    assert [row[0] for row in rows[:3]] == [FIELD, "", rows[2][0]]
    assert [row[1:] for row in rows] == list(csv.reader(io.StringIO(plain.get(url).text)))
    assert {len(row) for row in rows} == {len(rows[0])}


def test_linked_data_keeps_its_context(growing):
    answer = growing.get("/v1/quotes/us-calls-for-ceasefire", headers={"Accept": "application/ld+json"})
    assert answer.status_code == 200
    assert FIELD not in answer.text


# new-enum-values


@pytest.mark.parametrize("url", LISTS)
def test_an_unfiltered_list_has_one_more_at_its_end_and_what_is_on_record_is_unchanged(unheard, plain, url):
    on_record = plain.get(f"{url}?limit=200").json["data"]
    *known, copy = unheard.get(f"{url}?limit=200").json["data"]
    assert [own(record) for record in known] == [own(record) for record in on_record]
    assert copy["article_id"] == known[-1]["article_id"]
    assert copy["claimant"]["kind"] == WORD
    assert copy["id"] not in {record["id"] for record in known}
    if url == "/v1/claims":
        assert copy["type"] == KIND
        assert "text" not in copy
    else:
        assert copy["type"] == known[-1]["type"]


def own(record):
    """What was sent of a record."""
    return {name: value for name, value in record.items() if name not in ("grounding", "created_at", "updated_at")}


@pytest.mark.parametrize("url", LISTS)
def test_the_one_more_can_be_got_by_its_id(unheard, url):
    copy = unheard.get(f"{url}?limit=200").json["data"][-1]
    assert unheard.get(f"{url}/{copy['id']}").json == copy


def test_it_is_in_lines_and_tables_as_well(unheard, plain):
    copy = unheard.get("/v1/claims?limit=200&sort=id").json["data"][-1]
    assert lines(unheard.get("/v1/claims?format=ndjson&sort=id"))[-1] == copy
    told, others = (
        list(csv.DictReader(io.StringIO(mock.get("/v1/claims?format=csv&sort=id").text))) for mock in (unheard, plain)
    )
    assert told[-1]["id"] == copy["id"]
    assert told[-1]["type"] == KIND
    assert [row["id"] for row in told[:-1]] == [row["id"] for row in others]


def test_a_list_of_words_has_a_new_word_behind_the_others():
    with mocked("new-enum-values") as mock:
        record = mock.get("/v1/casualty-reports?limit=200").json["data"][-2]
        patch = orjson.dumps({"subgroups": ["officers"], "inferred": [*record["inferred"], "subgroups"]})
        headers = {"If-Match": "*", "Content-Type": "application/merge-patch+json"}
        path = f"/v1/casualty-reports/{record['id']}"
        assert mock.patch(path, data=patch, headers=headers).json["subgroups"] == ["officers"]
        assert mock.get("/v1/casualty-reports?limit=200").json["data"][-1]["subgroups"] == ["officers", WORD]
        assert mock.get(path).json["subgroups"] == ["officers"]


def test_where_the_last_page_is_full_it_has_a_page_of_its_own(unheard):
    *others, last = unheard.walk("/v1/resolutions?limit=1&total=exact")
    assert [len(page.json["data"]) for page in (*others, last)] == [1] * (len(others) + 1)
    assert {page.json["page"]["total"]["count"] for page in (*others, last)} == {len(others) + 1}
    assert last.json["data"][0]["organ"] == WORD
    assert f'<{last.json["page"]["prev"]}>; rel="prev"' in last.headers["Link"]
    before = unheard.get(last.json["page"]["prev"].removeprefix(ROOT))
    assert before.json == others[-1].json
    assert 'rel="next"' in before.headers["Link"]


@pytest.mark.parametrize("query", ["party=Armenia", "harm=killed", "q=killed", "id=armenia-civilians-killed"])
def test_a_list_that_is_narrowed_has_what_matches_alone(unheard, plain, query):
    url = f"/v1/casualty-reports?{query}"
    ids = [[record["id"] for record in mock.get(url).json["data"]] for mock in (unheard, plain)]
    assert ids[0] == ids[1] != []


def test_what_was_just_sent_comes_back_as_it_was_sent(unheard, plain):
    operation = OPERATIONS["createCasualtyReport"]
    told, others = unheard.example(operation).json, plain.example(operation).json
    plain.reset()
    generated = {"id"}
    assert {**own(told), "id": None} == {**own(others), "id": None}
    assert told.keys() == others.keys() > generated
    assert unheard.get(f"/v1/casualty-reports/{told['id']}").json == told
    unheard.reset()


def test_checks_cells_points_and_events_have_one_more(unheard, plain):
    checks = unheard.get("/v1/quotes/us-calls-for-ceasefire").json["grounding"]["checks"]
    assert [check["check"] for check in checks[-2:]] == [checks[-2]["check"], WORD]
    compare = OPERATIONS["getCasualtyReportComparison"].url
    compared, known = (mock.get(compare).json["cells"] for mock in (unheard, plain))
    assert len(compared) == len(known) + 1
    assert (compared[-1]["agreement"], compared[-1]["cell"]["harm"]) == (WORD, WORD)
    assert compared[-1]["cell"]["subgroups"] == [*compared[-2]["cell"]["subgroups"], WORD]
    assert compared[-1]["cell"]["id"] not in {each["cell"]["id"] for each in known}
    url = known[0]["series"].removeprefix(ROOT)
    assert unheard.get(url).json["lines"][0]["points"][-1]["step"] == WORD
    event, copy = unheard.get(OPERATIONS["getCeasefireTimeline"].url).json["aggregate"][-2:]
    assert copy["status"] == WORD
    # The claims that it tells of are on record, and say what they say.
    assert copy["claims"] == event["claims"] != []
    *_, cell, copy = compared
    assert [entry["claim"] for entry in copy["entries"]] == [entry["claim"] for entry in cell["entries"]] != []
    assert {entry["period"]["kind"] for entry in copy["entries"]} == {WORD}


# page-size-1


@pytest.mark.parametrize(
    "url", ["/v1/claims", "/v1/claims?limit=7&sort=-id", "/v1/articles/karabakh-2020-11-01/claims"]
)
def test_pages_hold_one_record_and_lead_through_all_of_them(small, plain, url):
    pages = list(small.walk(url))
    walked = [record["id"] for page in pages for record in page.json["data"]]
    assert walked == [record["id"] for page in plain.walk(url) for record in page.json["data"]]
    assert {len(page.json["data"]) for page in pages} == {1}
    assert {page.json["page"]["limit"] for page in pages} == {7 if "limit" in url else 20}
    assert pages[1].headers["Link"].count(pages[1].json["page"]["next"]) == 1
    assert small.get(pages[3].json["page"]["prev"].removeprefix(ROOT)).json["data"] == pages[2].json["data"]


def test_the_feed_and_histories_are_in_small_pages_too(small, plain):
    changes = plain.get("/v1/changes?limit=200").json["data"]
    url, told = "/v1/changes", []
    while page := small.get(url.removeprefix(ROOT)).json["data"]:
        assert len(page) == 1
        told += page
        url = f"/v1/changes?since={page[0]['sequence']}"
    assert [change["id"] for change in told] == [change["id"] for change in changes]
    assert len(small.get("/v1/quotes/us-calls-for-ceasefire/versions").json["data"]) == 1


def test_a_list_that_is_taken_away_whole_has_no_pages(small):
    assert len(lines(small.get("/v1/claims?format=ndjson"))) == 25
    assert small.get("/v1/claims?limit=0").status_code == 422


# retry-once


def test_every_request_is_refused_once_and_then_done(refusing):
    statuses = set()
    for name, operation in OPERATIONS.items():
        refusing.reset()
        first = refusing.example(operation)
        assert first.status_code in (429, 503), name
        assert first.headers["Retry-After"] == "0"
        assert first.json["code"] in ("too-many-requests", "unavailable")
        assert refusing.example(operation).status_code not in (429, 503)
        statuses.add(first.status_code)
        refusing.reset()
        assert refusing.example(operation).status_code == first.status_code
    assert statuses == {429, 503}


def test_what_is_refused_at_first_is_done_once(refusing):
    refusing.reset()
    record = {"id": "an-article-of-its-own", "headline": "An invented headline"}
    answers = [refusing.post("/v1/articles", json=record, headers={"Idempotency-Key": "k"}) for _ in range(3)]
    assert [answer.status_code for answer in answers[1:]] == [201, 201]
    assert answers[2].headers["Idempotent-Replayed"] == "true"
    refusing.get("/v1/articles")
    assert len(refusing.get("/v1/articles").json["data"]) == 2


# slow


def test_answers_take_their_time(monkeypatch):
    """The mock sleeps before every response, however fast the machine is."""
    waits = []
    monkeypatch.setattr(time, "sleep", waits.append)
    for names, expected in (((), []), (("slow",), [SECONDS])):
        with mocked(*names) as mock:
            assert mock.get("/v1/quotes").status_code == 200
        assert waits == expected
