"""Writes over HTTP: create, change and delete, with preconditions."""

from __future__ import annotations

import hashlib

import orjson
import pytest
from sqlalchemy import text

from api.kinds import KINDS
from tests.conftest import key_of
from tests.http.test_every_kind import request_bodies
from tests.support.factories import ANY, MERGE, SENTENCE, TEXT, changed, feed, report, sent
from tests.support.generated_records import article

every_kind = pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)


def another(kind):
    """Return a fixture of a kind as a request body, with one more value than the stored one."""
    first = request_bodies(kind)[0]
    return sent(first, claimed_on="2020", inferred=["claimed_on", *first.get("inferred", [])])


@every_kind
def test_a_posted_record_is_returned_stored_and_in_the_feed(writer, kind):
    record = {
        **sent(request_bodies(kind)[0]),
        "claimed_on": "2020",
        "inferred": ["claimed_on", *request_bodies(kind)[0].get("inferred", [])],
    }
    response = writer.post(f"/v1/{kind.path}", json=record)
    assert response.status_code == 201
    assert response.headers["Location"] == f"http://127.0.0.1:8000/v1/{kind.path}/{response.json['id']}"
    stored = writer.get(f"/v1/{kind.path}/{response.json['id']}")
    assert (stored.json, stored.headers["ETag"]) == (response.json, response.headers["ETag"])
    assert response.json["id"].startswith(f"{kind.name.replace('_', '-')}-")
    last = feed(writer)[-1]
    assert (last["action"], last["type"], last["document"]) == ("created", kind.name, response.json)


@every_kind
def test_a_record_goes_through_its_whole_life(writer, kind):
    id_, path = "of-my-own", f"/v1/{kind.path}/of-my-own"
    record = {
        **sent(request_bodies(kind)[0]),
        "claimed_on": "2020",
        "inferred": ["claimed_on", *request_bodies(kind)[0].get("inferred", [])],
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


def test_a_history_is_walked_in_both_directions(client_with_article):
    for number in range(7):
        changed(client_with_article, "/v1/articles/the-article", {"byline": f"Number {number}"})
    whole = [change["version"] for change in client_with_article.get("/v1/articles/the-article/versions").json["data"]]
    assert whole == list(range(8, 0, -1))
    url, forward, last = "/v1/articles/the-article/versions?limit=3", [], None
    while url:
        page = client_with_article.get(url).json
        forward += [change["version"] for change in page["data"]]
        last, url = page["page"]["prev"], page["page"]["next"] and page["page"]["next"].partition(":8000")[2]
    assert forward == whole
    back = client_with_article.get(last.partition(":8000")[2]).json
    assert [change["version"] for change in back["data"]] == [5, 4, 3]
    first = client_with_article.get(back["page"]["prev"].partition(":8000")[2]).json
    assert ([change["version"] for change in first["data"]], first["page"]["prev"]) == ([8, 7, 6], None)


def test_a_cursor_of_another_history_is_rejected(client_with_article):
    changed(client_with_article, "/v1/articles/the-article", {"byline": "A byline"})
    client_with_article.put("/v1/articles/another", json=sent(article("x")))
    next_ = client_with_article.get("/v1/articles/the-article/versions?limit=1").json["page"]["next"]
    assert client_with_article.get(next_.partition(":8000")[2].replace("the-article", "another")).status_code == 422


def test_ids_made_by_the_server_sort_by_time(client_with_article):
    made = [client_with_article.post("/v1/articles", json=sent(article("x"))).json["id"] for _ in range(3)]
    assert len(set(made)) == 3
    assert [id_[:18] for id_ in made] == sorted(id_[:18] for id_ in made)
    assert client_with_article.get(f"/v1/articles/{made[0]}").status_code == 200


CONDITIONS = {
    "nothing there, nothing said": (None, {}, 201),
    "nothing there, and nothing may be": (None, {"If-None-Match": "*"}, 201),
    "nothing there, and something is to be": (None, {"If-Match": "*"}, 412),
    "nothing there, and a version is to be": (None, {"If-Match": '"v1.20200101000000000.r1"'}, 412),
    "there, nothing said": ("there", {}, 428),
    "there, and a header without an end": ("there", {"If-Match": '"a", ' * 1000}, 412),
    "there, and another header without an end": ("there", {"If-Match": "*", "If-None-Match": '"a", ' * 1000}, 412),
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
def test_put_requires_the_current_etag(editor, name):
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
    response = editor.put(path, json=sent(article("x"), byline="Another"), headers=headers)
    assert response.status_code == status, response.text
    assert (feed(editor) == before) == (status >= 400)


@pytest.mark.parametrize("method", ["PATCH", "DELETE"])
@pytest.mark.parametrize(("headers", "status"), [({}, 428), ({"If-Match": '"v9.1.r1"'}, 412)], ids=["unseen", "stale"])
def test_changes_and_deletions_require_the_current_etag(client_with_article, method, headers, status):
    response = client_with_article.open(
        "/v1/articles/the-article", method=method, data=b"{}", headers={**MERGE, **headers}
    )
    assert response.status_code == status
    assert response.json["code"] in ("precondition-required", "precondition-failed")


def test_a_failed_precondition_returns_the_current_etag(client_with_article):
    response = changed(client_with_article, "/v1/articles/the-article", {}, '"v9.1.r1"')
    assert "version 1" in response.json["detail"]
    assert response.headers["ETag"] == client_with_article.get("/v1/articles/the-article").headers["ETag"]


def test_an_identical_put_changes_nothing(client_with_article):
    before = feed(client_with_article)
    response = client_with_article.put("/v1/articles/the-article", json=sent(article("x")), headers=ANY)
    assert (response.status_code, response.json["version"]) == (200, 1)
    assert feed(client_with_article) == before


def test_an_unsupported_claim_is_rejected_with_its_fix(client_with_article):
    response = client_with_article.post(
        "/v1/casualty-reports", json=report(count=4, claimant={"name": "Suland", "kind": "government"}, inferred=[])
    )
    assert (response.status_code, response.json["code"]) == (422, "not-grounded")
    by_check = {error["check"]: error for error in response.json["errors"]}
    assert by_check["number"]["pointer"] == "/count"
    assert (by_check["number"]["looked_for"], by_check["number"]["found"]) == ("4", "3")
    assert by_check["party"]["looked_for"] == "Suland"
    assert client_with_article.get("/v1/claims?total=exact").json["page"]["total"]["count"] == 0


def test_the_fix_in_an_error_makes_the_claim_valid(client_with_article):
    wrong = report(
        evidence=[{"exact": "three people died", "start": 30, "end": 47}], inferred=["claimant", "population"]
    )
    rejection = client_with_article.post("/v1/casualty-reports", json=wrong)
    (error,) = [error for error in rejection.json["errors"] if error["check"] == "span"]
    place = error["places"][0]
    assert TEXT[place["start"] : place["end"]] == place["exact"] == "three people died"
    mended = client_with_article.post("/v1/casualty-reports", json={**wrong, "evidence": [place]})
    assert (mended.status_code, mended.json["grounding"]["status"]) == (201, "verified")


def test_evidence_at_several_places_is_rejected_with_each_place(client_with_article):
    response = client_with_article.post("/v1/casualty-reports", json=report(evidence=[{"exact": "three people died"}]))
    (error,) = [error for error in response.json["errors"] if error["check"] == "span"]
    assert [TEXT[place["start"] : place["end"]] for place in error["places"]] == ["three people died"] * 2


def test_offsets_that_only_one_place_can_have_are_filled_in(client_with_article):
    (span,) = client_with_article.post("/v1/casualty-reports", json=report()).json["evidence"]
    assert (TEXT[span["start"] : span["end"]], span["exact"]) == (SENTENCE, SENTENCE)


def test_a_patch_that_makes_a_claim_unsupported_is_rejected(client_with_article):
    path = f"/v1/casualty-reports/{client_with_article.post('/v1/casualty-reports', json=report()).json['id']}"
    response = changed(client_with_article, path, {"count": 5})
    assert (response.status_code, response.json["code"]) == (422, "not-grounded")
    assert client_with_article.get(path).json["version"] == 1


def test_a_patch_merges_objects_and_updates_derived_fields(client_with_article):
    path = f"/v1/casualty-reports/{client_with_article.post('/v1/casualty-reports', json=report()).json['id']}"
    patched = changed(client_with_article, path, {"qualifier": "at_least", "claimant": {"title": "the ministry"}}).json
    assert (patched["low"], patched["high"]) == (3, None)
    assert patched["claimant"]["name"] == "Norland"
    assert patched["claimant"]["title"] == "the ministry"


def test_a_patch_deletes_a_field_by_null_and_replaces_a_whole_list(client_with_article):
    urls = [f"https://things.example/{number}" for number in range(3)]
    claim = report(place="a village", same_as=urls[:2], inferred=[*report()["inferred"], "place"])
    path = f"/v1/casualty-reports/{client_with_article.post('/v1/casualty-reports', json=claim).json['id']}"
    assert changed(client_with_article, path, {"place": None, "same_as": urls[2:]}).status_code == 200
    stored = client_with_article.get(path).json
    assert (stored["place"], stored["same_as"]) == (None, urls[2:])


def test_a_range_that_becomes_a_figure_drops_its_bounds(editor):
    editor.put(
        "/v1/articles/the-article",
        json=sent(article("x"), text="Norland said two to three villagers died, or at least two."),
    )
    evidence = [{"exact": "Norland said two to three villagers died, or at least two"}]
    ranged = report(count=None, qualifier="range", low=2, high=3, evidence=evidence)
    path = f"/v1/casualty-reports/{editor.post('/v1/casualty-reports', json=ranged).json['id']}"
    patched = changed(editor, path, {"qualifier": "at_least", "count": 2})
    assert (patched.status_code, patched.json["low"], patched.json["high"]) == (200, 2, None)


def test_repeated_spans_are_stored_once(client_with_article):
    twice = report(evidence=[{"exact": SENTENCE}, {"exact": SENTENCE, "start": 0, "end": len(SENTENCE)}])
    assert len(client_with_article.post("/v1/casualty-reports", json=twice).json["evidence"]) == 1
    assert client_with_article.post("/v1/casualty-reports", json=report()).json["code"] == "duplicate"


def test_a_duplicate_is_rejected_with_the_url_of_the_stored_record(client_with_article):
    first = client_with_article.post("/v1/casualty-reports", json=report())
    again = client_with_article.post(
        "/v1/casualty-reports",
        json=report(same_as=["https://things.example/1"], inferred=[*report()["inferred"], "place"]),
    )
    assert (again.status_code, again.json["code"]) == (409, "duplicate")
    assert again.json["errors"][0]["address"] == first.headers["Location"]
    assert client_with_article.post("/v1/casualty-reports", json=report(place="elsewhere")).status_code == 201
    other = client_with_article.post("/v1/casualty-reports", json=report(place="a third place")).json["id"]
    assert (
        changed(client_with_article, f"/v1/casualty-reports/{other}", {"place": "elsewhere"}).json["code"]
        == "duplicate"
    )
    # The content of a deleted claim can be stored again.
    client_with_article.delete(first.headers["Location"].partition(":8000")[2], headers=ANY)
    assert client_with_article.post("/v1/casualty-reports", json=report()).status_code == 201


def test_a_claim_id_is_unique_across_kinds_even_after_deletion(writer):
    quote = sent(request_bodies(KINDS[0])[0])
    response = writer.put("/v1/quotes/three-ceasefires-since-september", json=quote)
    assert (response.status_code, response.json["code"]) == (409, "id-taken")
    assert response.json["errors"][0]["address"].endswith("/v1/ceasefires/three-ceasefires-since-september")
    writer.delete("/v1/ceasefires/three-ceasefires-since-september", headers=ANY)
    assert "was a ceasefire" in writer.put("/v1/quotes/three-ceasefires-since-september", json=quote).json["detail"]


def test_a_new_record_does_not_take_the_place_of_another(client_with_article):
    response = client_with_article.post("/v1/articles", json={**sent(article("x")), "id": "the-article"})
    assert (response.status_code, response.json["code"]) == (409, "id-taken")


def test_an_article_with_claims_and_a_claim_that_is_restated_stay(client_with_article):
    first = client_with_article.post("/v1/casualty-reports", json=report()).headers["Location"].partition(":8000")[2]
    second = client_with_article.post("/v1/casualty-reports", json=report(place="x", restates=first.rpartition("/")[2]))
    for path in ("/v1/articles/the-article", first):
        response = client_with_article.delete(path, headers=ANY)
        assert (response.status_code, response.json["code"]) == (409, "in-use")
        assert second.headers["Location"] in [error["address"] for error in response.json["errors"]]
    for path in (second.headers["Location"].partition(":8000")[2], first, "/v1/articles/the-article"):
        assert client_with_article.delete(path, headers=ANY).status_code == 204
    assert client_with_article.get("/v1/articles/the-article/claims").status_code == 410


def test_a_changed_date_of_an_article_moves_its_claims_and_the_feed(client_with_article):
    path = f"/v1/casualty-reports/{client_with_article.post('/v1/casualty-reports', json=report()).json['id']}"
    before = len(feed(client_with_article))
    changed(client_with_article, "/v1/articles/the-article", {"published_on": "2031-05-02"})
    moved = client_with_article.get(path).json
    assert moved["on_record"] == {"earliest": "2031-05-02", "latest": "2031-05-02", "basis": "published_on"}
    assert moved["version"] == 2
    assert [change["type"] for change in feed(client_with_article)[before:]] == ["article", "casualty_report"]
    assert [claim["id"] for claim in client_with_article.get("/v1/claims?on_record=2031-05-02").json["data"]] == [
        moved["id"]
    ]


def test_fields_that_claims_do_not_depend_on_change_no_claim(client_with_article):
    path = f"/v1/casualty-reports/{client_with_article.post('/v1/casualty-reports', json=report()).json['id']}"
    changed(client_with_article, "/v1/articles/the-article", {"headline": "Another headline"})
    assert client_with_article.get(path).json["version"] == 1
    changed(client_with_article, "/v1/articles/the-article", {"conflict": "hill-war"})
    assert client_with_article.get("/v1/claims?conflict=hill-war").json["data"][0]["version"] == 1


def test_the_hash_of_a_text_that_claims_were_taken_from_does_not_change(client_with_article):
    text_fields = {"text_sha256": hashlib.sha256(b"x").hexdigest(), "text_length": 1}
    assert changed(client_with_article, "/v1/articles/the-article", text_fields).status_code == 200
    client_with_article.put("/v1/articles/the-article", json=sent(article("x"), text=TEXT), headers=ANY)
    client_with_article.post("/v1/casualty-reports", json=report())
    response = changed(client_with_article, "/v1/articles/the-article", text_fields)
    assert (response.status_code, response.json["code"]) == (409, "in-use")


@pytest.mark.parametrize("id_", [None, "another"])
def test_a_patch_does_not_change_the_id(client_with_article, id_):
    response = changed(client_with_article, "/v1/articles/the-article", {"id": id_})
    assert (response.status_code, response.json["errors"][0]["pointer"]) == (422, "/id")
    assert changed(client_with_article, "/v1/articles/the-article", {"id": "the-article"}).status_code == 200


@pytest.mark.parametrize("field", ["text", "text_sha256", "text_length"])
def test_the_hash_of_a_text_cannot_be_removed_by_a_patch(client_with_article, field):
    response = changed(client_with_article, "/v1/articles/the-article", {field: None})
    assert (response.status_code, response.json["errors"][0]["pointer"]) == (422, f"/{field}")


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_a_dry_run_returns_the_result_and_stores_nothing(client_with_article, method):
    client_with_article.put("/v1/casualty-reports/mine", json=report())
    before = feed(client_with_article)
    path = "/v1/casualty-reports" if method == "POST" else "/v1/casualty-reports/mine"
    headers = {**(MERGE if method == "PATCH" else {"Content-Type": "application/json"}), **ANY}
    body = {"POST": report(place="x"), "PUT": report(place="x"), "PATCH": {"place": "x"}}.get(method)
    response = client_with_article.open(
        f"{path}?dry_run=true", method=method, data=body and orjson.dumps(body), headers=headers
    )
    told_as = {"POST": "created", "DELETE": "deleted"}.get(method, "updated")
    assert (response.status_code, response.headers["Dry-Run"]) == (204 if method == "DELETE" else 200, told_as)
    if method != "DELETE":
        assert (response.json["place"], "ETag" in response.headers) == ("x", False)
    assert feed(client_with_article) == before
    wrong = client_with_article.post("/v1/casualty-reports?dry_run=true", json=report(count=4))
    assert wrong.json["code"] == "not-grounded"


def test_the_same_request_with_the_same_idempotency_key_is_carried_out_once(client_with_article):
    headers = {"Idempotency-Key": "of-the-morning"}
    first = client_with_article.post("/v1/casualty-reports", json=report(), headers=headers)
    again = client_with_article.post(
        "/v1/casualty-reports",
        data=orjson.dumps(report(), option=orjson.OPT_SORT_KEYS),
        headers={**headers, "Content-Type": "application/json"},
    )
    assert (again.status_code, again.data, again.headers["Location"]) == (201, first.data, first.headers["Location"])
    assert again.headers["Idempotent-Replayed"] == "true"
    assert "Idempotent-Replayed" not in first.headers
    assert client_with_article.get("/v1/claims?total=exact").json["page"]["total"]["count"] == 1


def test_an_idempotency_key_identifies_one_request_of_one_key_for_a_day(client_with_article):
    headers = {"Idempotency-Key": "of-the-morning"}
    client_with_article.post("/v1/casualty-reports", json=report(), headers=headers)
    response = client_with_article.post("/v1/casualty-reports", json=report(place="x"), headers=headers)
    assert (response.status_code, response.json["code"]) == (422, "idempotency-key-reused")
    other = {**headers, "Authorization": f"Bearer {key_of(client_with_article.application, 'claims:write')}"}
    assert client_with_article.post("/v1/casualty-reports", json=report(place="x"), headers=other).status_code == 201
    with client_with_article.application.extensions["onrecord"].writing() as connection:
        connection.execute(text("UPDATE idempotency SET at = '2020-01-01T00:00:00.000Z'"))
    assert client_with_article.post("/v1/casualty-reports", json=report(place="y"), headers=headers).status_code == 201


def test_a_rejected_request_does_not_use_its_idempotency_key(client_with_article):
    headers = {"Idempotency-Key": "of-the-morning"}
    assert client_with_article.post("/v1/casualty-reports", json=report(count=4), headers=headers).status_code == 422
    assert client_with_article.post("/v1/casualty-reports", json=report(), headers=headers).status_code == 201


@pytest.mark.parametrize("key", ["", "with space", "x" * 256, "ümlaut"])
def test_an_invalid_idempotency_key_is_rejected(client_with_article, key):
    response = client_with_article.post(
        "/v1/articles", json=sent(article("x")), headers={"Idempotency-Key": key.encode().decode("latin-1")}
    )
    assert (response.status_code, response.json["errors"][0]["parameter"]) == (422, "Idempotency-Key")
