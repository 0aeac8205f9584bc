"""Writing over HTTP: what is put, changed and taken off the record, and what guards it."""

from __future__ import annotations

import hashlib
import time
from contextlib import closing
from http.client import HTTPConnection

import orjson
import pytest
from sqlalchemy import text

from api.kinds import KINDS
from tests.conftest import key_of
from tests.generated import article, casualty_report
from tests.test_promises import given
from tests.writers import served

MERGE = {"Content-Type": "application/merge-patch+json"}
ANY = {"If-Match": "*"}
TEXT = "The ministry of Norland said three people died. The mayor said three people died, too. Ré: three 😀."
SENTENCE = "The ministry of Norland said three people died"

every_kind = pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)


def sent(record, **changes):
    """A made-up record as it is sent: without its type and id."""
    return {name: value for name, value in {**record, **changes}.items() if name not in ("type", "id")}


def report(**changes):
    """A casualty report of the article, as it is sent."""
    return sent(casualty_report("a-report", "the-article", evidence=[{"exact": SENTENCE}]), **changes)


def another(kind):
    """A fixture of a kind that says a little more than the one on record, as it is sent."""
    first = given(kind)[0]
    return sent(first, claimed_on="2020", inferred=["claimed_on", *first.get("inferred", [])])


@pytest.fixture
def told(editor):
    """A client that may do everything, with one article and its text on record."""
    assert editor.put("/v1/articles/the-article", json=sent(article("x"), text=TEXT)).status_code == 201
    return editor


def feed(client):
    return client.get("/v1/changes?limit=200").json["data"]


def changed(client, path, patch, tag="*"):
    return client.patch(path, data=orjson.dumps(patch), headers={**MERGE, "If-Match": tag})


@every_kind
def test_a_record_that_is_posted_is_answered_stored_and_told(writer, kind):
    record = {
        **sent(given(kind)[0]),
        "claimed_on": "2020",
        "inferred": ["claimed_on", *given(kind)[0].get("inferred", [])],
    }
    answer = writer.post(f"/v1/{kind.path}", json=record)
    assert answer.status_code == 201
    assert answer.headers["Location"] == f"http://127.0.0.1:8000/v1/{kind.path}/{answer.json['id']}"
    stored = writer.get(f"/v1/{kind.path}/{answer.json['id']}")
    assert (stored.json, stored.headers["ETag"]) == (answer.json, answer.headers["ETag"])
    assert answer.json["id"].startswith(f"{kind.name.replace('_', '-')}-")
    last = feed(writer)[-1]
    assert (last["action"], last["type"], last["document"]) == ("created", kind.name, answer.json)


@every_kind
def test_a_record_goes_through_its_whole_life(writer, kind):
    id_, path = "of-my-own", f"/v1/{kind.path}/of-my-own"
    record = {
        **sent(given(kind)[0]),
        "claimed_on": "2020",
        "inferred": ["claimed_on", *given(kind)[0].get("inferred", [])],
    }
    assert writer.put(path, json=record).status_code == 201
    assert writer.put(path, json=record, headers=ANY).json["version"] == 1
    patched = changed(writer, path, {"same_as": ["https://things.example/1"]})
    assert (patched.status_code, patched.json["version"], patched.json["same_as"]) == (
        200,
        2,
        ["https://things.example/1"],
    )
    taken_back = changed(writer, path, {"same_as": None}, patched.headers["ETag"])
    assert (taken_back.json["version"], taken_back.json["same_as"]) == (3, [])
    assert writer.delete(path, headers={"If-Match": taken_back.headers["ETag"]}).status_code == 204
    for gone in (path, f"/v1/claims/{id_}"):
        assert writer.get(gone).status_code == 410
    assert writer.delete(path, headers=ANY).status_code == 410
    assert changed(writer, path, {"same_as": None}).status_code == 410
    revived = writer.put(path, json=record)
    assert (revived.status_code, revived.json["version"]) == (201, 5)
    history = writer.get(f"{path}/versions").json["data"]
    actions = ["created", "deleted", "updated", "updated", "created"]
    assert [(change["version"], change["action"]) for change in history] == list(
        zip([5, 4, 3, 2, 1], actions, strict=True)
    )
    assert [change["document"] is None for change in history] == [False, True, False, False, False]
    assert writer.get(f"/v1/claims/{id_}/versions").json["data"] == history


def test_a_history_is_walked_in_both_directions(told):
    for number in range(7):
        changed(told, "/v1/articles/the-article", {"byline": f"Number {number}"})
    whole = [change["version"] for change in told.get("/v1/articles/the-article/versions").json["data"]]
    assert whole == list(range(8, 0, -1))
    url, forward, last = "/v1/articles/the-article/versions?limit=3", [], None
    while url:
        page = told.get(url).json
        forward += [change["version"] for change in page["data"]]
        last, url = page["page"]["prev"], page["page"]["next"] and page["page"]["next"].partition(":8000")[2]
    assert forward == whole
    back = told.get(last.partition(":8000")[2]).json
    assert [change["version"] for change in back["data"]] == [5, 4, 3]
    first = told.get(back["page"]["prev"].partition(":8000")[2]).json
    assert ([change["version"] for change in first["data"]], first["page"]["prev"]) == ([8, 7, 6], None)


def test_a_cursor_of_another_history_is_refused(told):
    changed(told, "/v1/articles/the-article", {"byline": "A byline"})
    told.put("/v1/articles/another", json=sent(article("x")))
    next_ = told.get("/v1/articles/the-article/versions?limit=1").json["page"]["next"]
    assert told.get(next_.partition(":8000")[2].replace("the-article", "another")).status_code == 422


def test_ids_made_by_the_server_sort_by_time(told):
    made = [told.post("/v1/articles", json=sent(article("x"))).json["id"] for _ in range(3)]
    assert len(set(made)) == 3
    assert [id_[:18] for id_ in made] == sorted(id_[:18] for id_ in made)
    assert told.get(f"/v1/articles/{made[0]}").status_code == 200


CONDITIONS = {
    "nothing there, nothing said": (None, {}, 201),
    "nothing there, and nothing may be": (None, {"If-None-Match": "*"}, 201),
    "nothing there, and something is to be": (None, {"If-Match": "*"}, 412),
    "nothing there, and a version is to be": (None, {"If-Match": '"v1.20200101000000000.r1"'}, 412),
    "there, nothing said": ("there", {}, 428),
    "there, and nothing may be": ("there", {"If-None-Match": "*"}, 412),
    "there, and not this one may be": ("there", {"If-None-Match": "{tag}"}, 412),
    "there, and not this one may be, seen weakly": ("there", {"If-None-Match": "W/{tag}"}, 412),
    "there, and another one may not be": ("there", {"If-None-Match": '"v9.1.r1"', "If-Match": "*"}, 200),
    "there, whatever it is": ("there", {"If-Match": "*"}, 200),
    "there, as seen": ("there", {"If-Match": "{tag}"}, 200),
    "there, one of several seen": ("there", {"If-Match": '"v9.1.r1", {tag}'}, 200),
    "there, seen compressed": ("there", {"If-Match": "{tag:gzip}"}, 200),
    "there, seen by another renderer": ("there", {"If-Match": "{renderer}"}, 200),
    "there, seen before": ("there", {"If-Match": "{old}"}, 412),
    "there, seen weakly": ("there", {"If-Match": "W/{tag}"}, 412),
    "there, a tag that is none": ("there", {"If-Match": "v1"}, 412),
    "there, a version that begins alike": ("there", {"If-Match": "{longer}"}, 412),
}


@pytest.mark.parametrize("name", CONDITIONS)
def test_a_record_is_put_by_those_who_know_what_is_there(editor, name):
    there, headers, status = CONDITIONS[name]
    path = "/v1/articles/the-article"
    tags = {}
    if there:
        old = editor.put(path, json=sent(article("x"))).headers["ETag"]
        tag = changed(editor, path, {"byline": "A byline"}).headers["ETag"]
        own = tag.strip('"').rpartition(".")[0]
        tags = {
            "{old}": old,
            "{tag:gzip}": f'"{own}.r1:gzip"',
            "{renderer}": f'"{own}.r99"',
            "{longer}": tag.replace("v2", "v22"),
            "{tag}": tag,
        }
    for word, tag in tags.items():
        headers = {header: value.replace(word, tag) for header, value in headers.items()}
    before = feed(editor)
    answer = editor.put(path, json=sent(article("x"), byline="Another"), headers=headers)
    assert answer.status_code == status, answer.text
    assert (feed(editor) == before) == (status >= 400)


@pytest.mark.parametrize("method", ["PATCH", "DELETE"])
@pytest.mark.parametrize(("headers", "status"), [({}, 428), ({"If-Match": '"v9.1.r1"'}, 412)], ids=["unseen", "stale"])
def test_what_was_not_seen_is_neither_changed_nor_deleted(told, method, headers, status):
    answer = told.open("/v1/articles/the-article", method=method, data=b"{}", headers={**MERGE, **headers})
    assert answer.status_code == status
    assert answer.json["code"] in ("precondition-required", "precondition-failed")


def test_a_refusal_to_overwrite_says_what_is_there_now(told):
    answer = changed(told, "/v1/articles/the-article", {}, '"v9.1.r1"')
    assert "version 1" in answer.json["detail"]
    assert answer.headers["ETag"] == told.get("/v1/articles/the-article").headers["ETag"]


def test_a_put_that_says_the_same_changes_nothing(told):
    before = feed(told)
    answer = told.put("/v1/articles/the-article", json=sent(article("x")), headers=ANY)
    assert (answer.status_code, answer.json["version"]) == (200, 1)
    assert feed(told) == before


def test_a_claim_that_is_not_borne_out_is_refused_with_all_it_takes_to_mend_it(told):
    answer = told.post(
        "/v1/casualty-reports", json=report(count=4, claimant={"name": "Suland", "kind": "government"}, inferred=[])
    )
    assert (answer.status_code, answer.json["code"]) == (422, "not-grounded")
    by_check = {error["check"]: error for error in answer.json["errors"]}
    assert by_check["number"]["pointer"] == "/count"
    assert (by_check["number"]["looked_for"], by_check["number"]["found"]) == ("4", "3")
    assert by_check["party"]["looked_for"] == "Suland"
    assert told.get("/v1/claims?total=exact").json["page"]["total"]["count"] == 0


def test_a_claim_is_mended_by_what_its_refusal_says(told):
    wrong = report(
        evidence=[{"exact": "three people died", "start": 30, "end": 47}], inferred=["claimant", "population"]
    )
    refusal = told.post("/v1/casualty-reports", json=wrong)
    (error,) = [error for error in refusal.json["errors"] if error["check"] == "span"]
    place = error["places"][0]
    assert TEXT[place["start"] : place["end"]] == place["exact"] == "three people died"
    mended = told.post("/v1/casualty-reports", json={**wrong, "evidence": [place]})
    assert (mended.status_code, mended.json["grounding"]["status"]) == (201, "verified")


def test_words_that_stand_at_several_places_are_refused_with_each(told):
    answer = told.post("/v1/casualty-reports", json=report(evidence=[{"exact": "three people died"}]))
    (error,) = [error for error in answer.json["errors"] if error["check"] == "span"]
    assert [TEXT[place["start"] : place["end"]] for place in error["places"]] == ["three people died"] * 2


def test_offsets_that_only_one_place_can_have_are_filled_in(told):
    (span,) = told.post("/v1/casualty-reports", json=report()).json["evidence"]
    assert (TEXT[span["start"] : span["end"]], span["exact"]) == (SENTENCE, SENTENCE)


def test_a_claim_that_a_patch_makes_untrue_is_refused_and_stays(told):
    path = f"/v1/casualty-reports/{told.post('/v1/casualty-reports', json=report()).json['id']}"
    answer = changed(told, path, {"count": 5})
    assert (answer.status_code, answer.json["code"]) == (422, "not-grounded")
    assert told.get(path).json["version"] == 1


def test_a_patch_goes_into_objects_and_works_out_anew_what_follows(told):
    path = f"/v1/casualty-reports/{told.post('/v1/casualty-reports', json=report()).json['id']}"
    patched = changed(told, path, {"qualifier": "at_least", "claimant": {"title": "the ministry"}}).json
    assert (patched["low"], patched["high"]) == (3, None)
    assert patched["claimant"]["name"] == "Norland"
    assert patched["claimant"]["title"] == "the ministry"


def test_a_range_that_becomes_a_figure_leaves_its_bounds_behind(editor):
    editor.put("/v1/articles/the-article", json=sent(article("x"), text="Norland said two to three people died."))
    evidence = [{"exact": "Norland said two to three people died"}]
    ranged = report(count=None, qualifier="range", low=2, high=3, evidence=evidence)
    path = f"/v1/casualty-reports/{editor.post('/v1/casualty-reports', json=ranged).json['id']}"
    patched = changed(editor, path, {"qualifier": "at_least", "count": 2})
    assert (patched.status_code, patched.json["low"], patched.json["high"]) == (200, 2, None)


def test_the_same_words_given_twice_are_given_once(told):
    twice = report(evidence=[{"exact": SENTENCE}, {"exact": SENTENCE, "start": 0, "end": len(SENTENCE)}])
    assert len(told.post("/v1/casualty-reports", json=twice).json["evidence"]) == 1
    assert told.post("/v1/casualty-reports", json=report()).json["code"] == "duplicate"


def test_what_is_said_already_is_refused_with_its_address(told):
    first = told.post("/v1/casualty-reports", json=report())
    again = told.post(
        "/v1/casualty-reports",
        json=report(same_as=["https://things.example/1"], inferred=[*report()["inferred"], "place"]),
    )
    assert (again.status_code, again.json["code"]) == (409, "duplicate")
    assert again.json["errors"][0]["address"] == first.headers["Location"]
    assert told.post("/v1/casualty-reports", json=report(place="elsewhere")).status_code == 201
    other = told.post("/v1/casualty-reports", json=report(place="a third place")).json["id"]
    assert changed(told, f"/v1/casualty-reports/{other}", {"place": "elsewhere"}).json["code"] == "duplicate"
    # What was said and is said no more can be said again.
    told.delete(first.headers["Location"].partition(":8000")[2], headers=ANY)
    assert told.post("/v1/casualty-reports", json=report()).status_code == 201


def test_an_id_is_one_of_all_kinds_for_ever(writer):
    quote = sent(given(KINDS[0])[0])
    answer = writer.put("/v1/quotes/three-ceasefires-since-september", json=quote)
    assert (answer.status_code, answer.json["code"]) == (409, "id-taken")
    assert answer.json["errors"][0]["address"].endswith("/v1/ceasefires/three-ceasefires-since-september")
    writer.delete("/v1/ceasefires/three-ceasefires-since-september", headers=ANY)
    assert "was a ceasefire" in writer.put("/v1/quotes/three-ceasefires-since-september", json=quote).json["detail"]


def test_a_new_record_does_not_take_the_place_of_another(told):
    answer = told.post("/v1/articles", json={**sent(article("x")), "id": "the-article"})
    assert (answer.status_code, answer.json["code"]) == (409, "id-taken")


def test_an_article_with_claims_and_a_claim_that_is_restated_stay(told):
    first = told.post("/v1/casualty-reports", json=report()).headers["Location"].partition(":8000")[2]
    second = told.post("/v1/casualty-reports", json=report(place="x", restates=first.rpartition("/")[2]))
    for path in ("/v1/articles/the-article", first):
        answer = told.delete(path, headers=ANY)
        assert (answer.status_code, answer.json["code"]) == (409, "in-use")
        assert second.headers["Location"] in [error["address"] for error in answer.json["errors"]]
    for path in (second.headers["Location"].partition(":8000")[2], first, "/v1/articles/the-article"):
        assert told.delete(path, headers=ANY).status_code == 204
    assert told.get("/v1/articles/the-article/claims").status_code == 410


def test_a_changed_date_of_an_article_moves_its_claims_and_the_feed(told):
    path = f"/v1/casualty-reports/{told.post('/v1/casualty-reports', json=report()).json['id']}"
    before = len(feed(told))
    changed(told, "/v1/articles/the-article", {"published_on": "2031-05-02"})
    moved = told.get(path).json
    assert moved["on_record"] == {"earliest": "2031-05-02", "latest": "2031-05-02", "basis": "published_on"}
    assert moved["version"] == 2
    assert [change["type"] for change in feed(told)[before:]] == ["article", "casualty_report"]
    assert [claim["id"] for claim in told.get("/v1/claims?on_record=2031-05-02").json["data"]] == [moved["id"]]


def test_what_no_claim_depends_on_moves_none(told):
    path = f"/v1/casualty-reports/{told.post('/v1/casualty-reports', json=report()).json['id']}"
    changed(told, "/v1/articles/the-article", {"headline": "Another headline"})
    assert told.get(path).json["version"] == 1
    changed(told, "/v1/articles/the-article", {"conflict": "hill-war"})
    assert told.get("/v1/claims?conflict=hill-war").json["data"][0]["version"] == 1


def test_the_hash_of_a_text_that_claims_were_taken_from_does_not_change(told):
    known = {"text_sha256": hashlib.sha256(b"x").hexdigest(), "text_length": 1}
    assert changed(told, "/v1/articles/the-article", known).status_code == 200
    told.put("/v1/articles/the-article", json=sent(article("x"), text=TEXT), headers=ANY)
    told.post("/v1/casualty-reports", json=report())
    answer = changed(told, "/v1/articles/the-article", known)
    assert (answer.status_code, answer.json["code"]) == (409, "in-use")


@pytest.mark.parametrize("id_", [None, "another"])
def test_a_patch_does_not_change_the_id(told, id_):
    answer = changed(told, "/v1/articles/the-article", {"id": id_})
    assert (answer.status_code, answer.json["errors"][0]["pointer"]) == (422, "/id")
    assert changed(told, "/v1/articles/the-article", {"id": "the-article"}).status_code == 200


@pytest.mark.parametrize("field", ["text", "text_sha256", "text_length"])
def test_what_is_known_of_a_text_is_not_patched_away(told, field):
    answer = changed(told, "/v1/articles/the-article", {field: None})
    assert (answer.status_code, answer.json["errors"][0]["pointer"]) == (422, f"/{field}")


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_a_dry_run_answers_what_would_be_and_stores_nothing(told, method):
    told.put("/v1/casualty-reports/mine", json=report())
    before = feed(told)
    path = "/v1/casualty-reports" if method == "POST" else "/v1/casualty-reports/mine"
    headers = {**(MERGE if method == "PATCH" else {"Content-Type": "application/json"}), **ANY}
    body = {"POST": report(place="x"), "PUT": report(place="x"), "PATCH": {"place": "x"}}.get(method)
    answer = told.open(f"{path}?dry_run=true", method=method, data=body and orjson.dumps(body), headers=headers)
    told_as = {"POST": "created", "DELETE": "deleted"}.get(method, "updated")
    assert (answer.status_code, answer.headers["Dry-Run"]) == (204 if method == "DELETE" else 200, told_as)
    if method != "DELETE":
        assert (answer.json["place"], "ETag" in answer.headers) == ("x", False)
    assert feed(told) == before
    wrong = told.post("/v1/casualty-reports?dry_run=true", json=report(count=4))
    assert wrong.json["code"] == "not-grounded"


def test_the_same_request_with_the_same_idempotency_key_is_carried_out_once(told):
    headers = {"Idempotency-Key": "of-the-morning"}
    first = told.post("/v1/casualty-reports", json=report(), headers=headers)
    again = told.post(
        "/v1/casualty-reports",
        data=orjson.dumps(report(), option=orjson.OPT_SORT_KEYS),
        headers={**headers, "Content-Type": "application/json"},
    )
    assert (again.status_code, again.data, again.headers["Location"]) == (201, first.data, first.headers["Location"])
    assert again.headers["Idempotent-Replayed"] == "true"
    assert "Idempotent-Replayed" not in first.headers
    assert told.get("/v1/claims?total=exact").json["page"]["total"]["count"] == 1


def test_an_idempotency_key_stands_for_one_request_of_one_sender_for_a_day(told):
    headers = {"Idempotency-Key": "of-the-morning"}
    told.post("/v1/casualty-reports", json=report(), headers=headers)
    answer = told.post("/v1/casualty-reports", json=report(place="x"), headers=headers)
    assert (answer.status_code, answer.json["code"]) == (422, "idempotency-key-reused")
    other = {**headers, "Authorization": f"Bearer {key_of(told.application, 'claims:write')}"}
    assert told.post("/v1/casualty-reports", json=report(place="x"), headers=other).status_code == 201
    with told.application.extensions["onrecord"].writing() as connection:
        connection.execute(text("UPDATE idempotency SET at = '2020-01-01T00:00:00.000Z'"))
    assert told.post("/v1/casualty-reports", json=report(place="y"), headers=headers).status_code == 201


def test_a_refused_request_leaves_its_idempotency_key_free(told):
    headers = {"Idempotency-Key": "of-the-morning"}
    assert told.post("/v1/casualty-reports", json=report(count=4), headers=headers).status_code == 422
    assert told.post("/v1/casualty-reports", json=report(), headers=headers).status_code == 201


@pytest.mark.parametrize("key", ["", "with space", "x" * 256, "ümlaut"])
def test_an_idempotency_key_that_is_none_is_refused(told, key):
    answer = told.post(
        "/v1/articles", json=sent(article("x")), headers={"Idempotency-Key": key.encode().decode("latin-1")}
    )
    assert (answer.status_code, answer.json["errors"][0]["parameter"]) == (422, "Idempotency-Key")


DEEP = b'{"a":' * 40 + b"1" + b"}" * 40
BAD = {
    "not JSON": (b"{", 400, "malformed-body"),
    "nothing": (b"", 400, "malformed-body"),
    "too deep": (DEEP, 400, "malformed-body"),
    "a name twice": (b'{"headline": "a", "headline": "b"}', 400, "malformed-body"),
    "NaN": (b'{"headline": NaN}', 400, "malformed-body"),
    "not UTF-8": (b'{"headline": "\xff"}', 400, "malformed-body"),
    "no object": (b"[]", 422, "invalid-record"),
    "an unknown field": (b'{"headline": "a", "headlin": "b"}', 422, "invalid-record"),
    "a read-only field": (b'{"headline": "a", "version": 3}', 422, "invalid-record"),
    "a reserved id": (b'{"headline": "a", "id": "compare"}', 422, "invalid-record"),
    "a malformed id": (b'{"headline": "a", "id": "A b"}', 422, "invalid-record"),
    "half a surrogate pair": (b'{"headline": "\\ud800"}', 400, "malformed-body"),
    "a name that is half a surrogate pair": (b'{"headline": "a", "\\ud800": 1}', 400, "malformed-body"),
    "half a surrogate pair far inside": (
        b'{"headline": "a", "info_sources": [{"name": "a\\udfff"}]}',
        400,
        "malformed-body",
    ),
    "a number of a thousand digits": (b'{"text_length": 1' + b"0" * 1000 + b"}", 400, "malformed-body"),
    "a thousand wrong fields": (
        b"{" + b",".join(b'"x%d": 1' % number for number in range(1000)) + b"}",
        422,
        "invalid-record",
    ),
    "NUL": (b'{"headline": "a\\u0000"}', 422, "invalid-record"),
    "a number past any database": (b'{"headline": "a", "text_length": 99999999999999999999}', 422, "invalid-record"),
    "a text that is not of its hash": (
        orjson.dumps({"headline": "a", "text": "b", "text_sha256": "0" * 64}),
        422,
        "invalid-record",
    ),
    "a text past a mebibyte": (orjson.dumps({"headline": "a", "text": "é" * 600_000}), 422, "invalid-record"),
    "more than is taken": (b" " * 9_000_000, 413, "content-too-large"),
}


@pytest.mark.parametrize("name", BAD)
@pytest.mark.parametrize("method", ["POST", "PUT"])
def test_bad_input_gets_its_problem_and_changes_nothing(editor, name, method):
    body, status, code = BAD[name]
    path = "/v1/articles" if method == "POST" else "/v1/articles/of-my-own"
    answer = editor.open(path, method=method, data=body, headers={"Content-Type": "application/json"})
    assert (answer.status_code, answer.json["code"]) == (status, code), answer.text
    assert 10 < len(answer.data) < 20_000
    assert feed(editor) == []


def test_a_name_that_stands_twice_is_found_at_once_however_many_there_are(editor):
    names = b",".join(b'"n%d": 1' % number for number in range(200_000))
    started = time.process_time()
    answer = editor.post(
        "/v1/articles", data=b'{%s, "n199999": 1}' % names, headers={"Content-Type": "application/json"}
    )
    assert (answer.status_code, "'n199999' stands twice" in answer.json["detail"]) == (400, True)
    assert time.process_time() - started < 5


@pytest.mark.parametrize("method", ["GET", "PUT", "PATCH", "DELETE"])
@pytest.mark.parametrize("path", ["/v1/articles/a%00b", "/v1/quotes/a%00b", "/v1/articles/a%00b/text"])
def test_an_id_that_no_database_can_look_for_is_none(editor, method, path):
    if (method, path) == ("PATCH", "/v1/articles/a%00b/text"):
        return
    types = {"PATCH": MERGE["Content-Type"], "PUT": "text/plain" if path.endswith("text") else "application/json"}
    headers = {"Content-Type": types.get(method), **ANY}
    answer = editor.open(path, method=method, data=b'{"headline": "a"}', headers=headers)
    assert answer.status_code in (404, 422)


def test_an_idempotency_key_comes_with_whatever_is_sent(editor):
    for body in (b'{"headline": "a", "text_length": 99999999999999999999}', b'{"headline": 1e999}'):
        headers = {"Content-Type": "application/json", "Idempotency-Key": "x"}
        assert editor.post("/v1/articles", data=body, headers=headers).status_code == 422


@pytest.mark.parametrize(
    "content_type", [None, "text/plain", "application/x-www-form-urlencoded", "application/merge-patch+json"]
)
def test_another_media_type_is_refused(editor, content_type):
    answer = editor.post("/v1/articles", data=b'{"headline": "a"}', headers={"Content-Type": content_type})
    assert (answer.status_code, answer.json["code"]) == (415, "unsupported-media-type")
    assert "application/json" in answer.json["detail"]


def test_an_encoding_that_is_not_taken_is_refused(editor):
    headers = {"Content-Type": "application/json", "Content-Encoding": "gzip"}
    assert editor.post("/v1/articles", data=b"", headers=headers).status_code == 415


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [({"article_id": "there-is-none"}, "/article_id"), ({"restates": "there-is-none"}, "/restates")],
)
def test_what_names_nothing_that_is_there_is_refused(told, changes, pointer):
    answer = told.post("/v1/casualty-reports", json=report(**changes))
    assert (answer.status_code, answer.json["errors"][0]["pointer"]) == (422, pointer)


def test_a_claim_never_comes_to_restate_itself(told):
    for name, restated in (("one", None), ("two", "one"), ("three", "two")):
        told.put(f"/v1/casualty-reports/{name}", json=report(place=name, restates=restated))
    answer = changed(told, "/v1/casualty-reports/one", {"restates": "three"})
    assert "one → three → two → one" in answer.json["detail"]
    assert told.put("/v1/casualty-reports/four", json=report(place="four", restates="four")).status_code == 422


@pytest.mark.parametrize("id_", ["A-B", "ab", "compare", "x" * 81, "a_b"])
def test_an_id_that_can_be_none_is_refused(editor, id_):
    answer = editor.put(f"/v1/articles/{id_}", json=sent(article("x")))
    assert (answer.status_code, answer.json["errors"][0]["pointer"]) == (422, "/id")


def test_the_id_of_the_path_and_of_the_record_are_one(editor):
    answer = editor.put("/v1/articles/one", json={**sent(article("x")), "id": "another"})
    assert answer.json["errors"][0]["pointer"] == "/id"


TEXT_PATH = "/v1/articles/the-article/text"
PLAIN = {"Content-Type": "text/plain; charset=utf-8", "If-Match": "*"}


@pytest.fixture
def hashed(editor):
    """A client that may do everything, with an article whose text is known by its hash, and a claim of it."""
    known = {"text_sha256": hashlib.sha256(TEXT.encode()).hexdigest(), "text_length": len(TEXT)}
    editor.put("/v1/articles/the-article", json=sent(article("x"), **known))
    return editor


def test_a_text_comes_later_and_goes_again(hashed):
    good = report(evidence=[{"exact": SENTENCE, "start": 0, "end": len(SENTENCE)}])
    path = f"/v1/casualty-reports/{hashed.post('/v1/casualty-reports', json=good).json['id']}"
    assert hashed.get(path).json["grounding"]["status"] == "unverified"
    assert hashed.get(TEXT_PATH).status_code == 404
    put = hashed.put(TEXT_PATH, data=TEXT.encode(), headers=PLAIN)
    assert (put.status_code, put.json["text_held"], put.json["version"]) == (200, True, 2)
    got = hashed.get(TEXT_PATH)
    assert (got.text, got.mimetype, got.headers["ETag"]) == (TEXT, "text/plain", put.headers["ETag"])
    assert hashed.get(TEXT_PATH, headers={"If-None-Match": got.headers["ETag"]}).status_code == 304
    assert (hashed.get(path).json["grounding"]["status"], hashed.get(path).json["version"]) == ("verified", 2)
    assert [change["type"] for change in feed(hashed)[-2:]] == ["article", "casualty_report"]
    assert hashed.delete(TEXT_PATH, headers={"If-Match": put.headers["ETag"]}).status_code == 204
    left = hashed.get("/v1/articles/the-article").json
    assert (left["text_held"], left["text_length"]) == (False, len(TEXT))
    assert hashed.get(path).json["grounding"]["status"] == "unverified"
    assert hashed.delete(TEXT_PATH, headers=ANY).status_code == 404


def test_a_text_that_does_not_bear_out_claims_is_refused_with_all_of_them(hashed):
    good = report(evidence=[{"exact": SENTENCE, "start": 0, "end": len(SENTENCE)}])
    wrong = [
        report(place=place, evidence=[{"exact": SENTENCE, "start": 1, "end": len(SENTENCE) + 1}]) for place in "ab"
    ]
    ids = [hashed.post("/v1/casualty-reports", json=claim).json["id"] for claim in (good, *wrong)]
    before = feed(hashed)
    answer = hashed.put(TEXT_PATH, data=TEXT.encode(), headers=PLAIN)
    assert (answer.status_code, answer.json["code"]) == (422, "not-grounded")
    assert {error["claim"] for error in answer.json["errors"]} == set(ids[1:])
    assert feed(hashed) == before
    assert hashed.get("/v1/articles/the-article").json["text_held"] is False


@pytest.mark.parametrize(
    ("body", "headers", "status", "code"),
    [
        (TEXT.encode() + b"!", {}, 422, "invalid-record"),
        (b"\xff", {}, 400, "malformed-body"),
        (b"", {}, 422, "invalid-record"),
        (b"a\x00", {}, 422, "invalid-record"),
        (b"a" * 1_048_577, {}, 413, "content-too-large"),
        (TEXT.encode(), {"Content-Type": "application/json"}, 415, "unsupported-media-type"),
        (TEXT.encode(), {"Content-Type": "text/plain; charset=latin-1"}, 415, "unsupported-media-type"),
        (TEXT.encode(), {"If-Match": None}, 428, "precondition-required"),
        (TEXT.encode(), {"If-Match": '"v9.1.r1"'}, 412, "precondition-failed"),
    ],
    ids=["of another hash", "not UTF-8", "empty", "NUL", "too long", "media type", "charset", "unseen", "stale"],
)
def test_a_bad_text_gets_its_problem_and_changes_nothing(hashed, body, headers, status, code):
    before = feed(hashed)
    answer = hashed.put(TEXT_PATH, data=body, headers={**PLAIN, **headers})
    assert (answer.status_code, answer.json["code"]) == (status, code), answer.text
    assert feed(hashed) == before


def test_a_body_that_does_not_say_its_length_is_not_cut_off_and_taken(app, tmp_path):
    key = key_of(app, "claims:write")
    with served(app.config["ONRECORD"].database_url, tmp_path, workers=1) as root:
        for path, length, media_type, expected in (
            ("/v1/articles/the-article", 100, "application/json", 201),
            (TEXT_PATH, 1_048_576, "text/plain", 200),
            (TEXT_PATH, 1_048_577, "text/plain", 413),
            ("/v1/articles/another", 8 * 1_048_577, "application/json", 413),
        ):
            body = b'{"headline": "a"}'.ljust(length) if media_type == "application/json" else b"a" * length
            headers = {"Authorization": f"Bearer {key}", "Content-Type": media_type}
            headers |= ANY if path == TEXT_PATH else {}
            with closing(HTTPConnection(root.removeprefix("http://"), timeout=30)) as connection:
                connection.request("PUT", path, iter([body]), headers, encode_chunked=True)
                assert connection.getresponse().status == expected, (path, length)


def test_a_text_may_have_a_mebibyte(editor):
    editor.put("/v1/articles/the-article", json=sent(article("x")))
    long = "é" * 524_288
    assert editor.put(TEXT_PATH, data=long.encode(), headers=PLAIN).status_code == 200
    assert editor.get(TEXT_PATH).text == long


def test_the_text_of_no_article_is_not_found(editor):
    assert editor.get("/v1/articles/there-is-none/text").status_code == 404
    assert editor.put("/v1/articles/there-is-none/text", data=b"a", headers=PLAIN).status_code == 404
