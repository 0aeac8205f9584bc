"""Imports of files: all lines are checked first, then all or none are stored. A repeated import changes nothing."""

from __future__ import annotations

import hashlib
import json
from itertools import pairwise

import orjson
import pytest

from api.kinds import record_input as records_of_kinds
from api.store import prepare
from api.store.changes import since
from api.store.imports import import_lines
from tests.support.generated_records import article, casualty_report, casualty_reports


def put(store, *records, source="given", **how):
    """Import records, given as dicts or as raw lines."""
    lines = [record if isinstance(record, bytes) else orjson.dumps(record) for record in records]
    return import_lines(store, [(source, lines)], **how)


def everything(client):
    return client.get("/v1/changes?limit=200").json["data"]


def test_articles_and_claims_come_in_any_order(store, client):
    result = put(
        store,
        casualty_report("again", "the-article", restates="before"),
        casualty_report("before", "the-article"),
        article("the-article"),
    )
    assert result.rejected_lines == []
    assert result.counts == {"created": 3}
    assert [change["id"] for change in everything(client)] == ["the-article", "before", "again"]


def test_importing_twice_changes_nothing_and_adds_nothing_to_the_feed(store, client):
    records = casualty_reports(20)
    put(store, *records)
    before = client.get("/v1/changes?limit=200")
    result = put(store, *reversed(records))
    assert result.counts == {"unchanged": 27}
    assert client.get("/v1/changes?limit=200").data == before.data


def test_a_changed_record_is_a_new_version(store, client):
    put(store, article("the-article"), casualty_report("the-claim", "the-article"))
    first = client.get("/v1/claims/the-claim")
    result = put(
        store,
        casualty_report(
            "the-claim",
            "the-article",
            count=4,
            qualifier="at_least",
            evidence=[{"exact": "four", "start": 0, "end": 4}],
            claimant={"name": "X Y", "kind": "group"},
        ),
    )
    assert result.counts == {"replaced": 1}
    second = client.get("/v1/claims/the-claim")
    assert (second.json["version"], second.json["count"], second.json["low"], second.json["high"]) == (2, 4, 4, None)
    assert second.json["created_at"] == first.json["created_at"]
    assert second.headers["ETag"] != first.headers["ETag"]
    assert client.get("/v1/claims?claimant=x y&total=exact").json["page"]["total"]["count"] == 1
    assert client.get("/v1/claims?claimant=Norland&total=exact").json["page"]["total"]["count"] == 0


def test_a_claim_whose_words_move_its_place_moves_in_the_reading_order(store, client):
    evidence = [{"exact": "three", "start": 50, "end": 55}]
    put(
        store,
        article("the-article"),
        casualty_report("aaa", "the-article", evidence=evidence),
        casualty_report("bbb", "the-article"),
    )
    order = [claim["id"] for claim in client.get("/v1/articles/the-article/claims").json["data"]]
    assert order == ["bbb", "aaa"]


def test_a_changed_day_of_publication_moves_the_claims_of_the_article(store, client):
    put(
        store,
        article("the-article", published_on="2031-05-01", conflict="hill-war"),
        casualty_report("by-article", "the-article"),
        casualty_report("by-itself", "the-article", as_of="2031-04-01"),
    )
    put(store, article("the-article", published_on="2031-06", conflict="lake-war"))
    moved, stayed = client.get("/v1/claims/by-article").json, client.get("/v1/claims/by-itself").json
    assert moved["on_record"] == {"earliest": "2031-06-01", "latest": "2031-06-30", "basis": "published_on"}
    assert (moved["version"], stayed["version"]) == (2, 1)
    assert [change["id"] for change in everything(client)][3:] == ["the-article", "by-article"]
    actual = client.get("/v1/claims?published_on=2031-06&conflict=lake-war&total=exact").json["page"]["total"]["count"]
    assert actual == 2


@pytest.mark.parametrize(
    ("line", "pointer", "message"),
    [
        (b"{", "", "Not JSON"),
        (b"[1]", "", "one JSON object"),
        (b'"text"', "", "one JSON object"),
        (b"\xff", "", "Not UTF-8 at byte 0"),
        (b'{"type": "article", "type": "quote"}', "", "The name 'type' occurs twice in one object."),
        (b'{"count": NaN}', "", "NaN is not a JSON number."),
        (b"[" * 100_000 + b"]" * 100_000, "", "Nested more than 32 levels deep."),
        (b"{}", "/type", "Must be one of article, quote"),
        (b'{"type": "casualty"}', "/type", "Did you mean casualty_report?"),
        (b'{"type": "article"}', "/headline", "Missing data"),
        (b'{"type": "article", "headline": "x"}', "/id", "Required"),
        (casualty_report("the-claim", "the-article", harm="kiled"), "/harm", "Did you mean killed?"),
        (casualty_report("the-claim", "no-article"), "/article_id", "The article 'no-article' does not exist"),
        (casualty_report("the-claim", "the-article", restates="no-claim"), "/restates", "'no-claim' does not exist"),
        (casualty_report("the-claim", "the-article", restates="the-claim"), "/restates", "in a circle"),
        (casualty_report("taken", "the-article"), "/id", "is a quote. Choose another id."),
        (
            casualty_report("the-claim", "the-article", evidence=[{"exact": "three"}]),
            "/evidence/0/start",
            "text is not stored, so `start` and `end` cannot be computed. Send both.",
        ),
        (
            casualty_report("the-claim", "the-article", evidence=[{"exact": "three", "start": 99, "end": 104}]),
            "/evidence/0/end",
            "The text ends at 100.",
        ),
    ],
)  # fmt: skip
def test_one_invalid_line_is_reported_with_its_number_and_nothing_is_stored(store, client, line, pointer, message):
    taken = {
        **casualty_report("taken", "the-article"),
        "type": "quote",
        "mode": "indirect",
        "text": "three",
        "inferred": ["claimant"],
    }
    for field in ("harm", "population", "count", "qualifier"):
        del taken[field]
    assert put(store, article("the-article", text_sha256="0" * 64, text_length=100), taken).rejected_lines == []
    before = everything(client)
    result = put(store, article("another"), line)
    (rejection,) = result.rejected_lines
    assert (rejection.source, rejection.line, rejection.part["pointer"]) == ("given", 2, pointer)
    assert message in rejection.part["detail"]
    assert everything(client) == before


def test_the_same_record_twice_in_one_import_is_rejected(store):
    reported = put(store, article("the-article"), article("the-article", publisher="Other"))
    assert [(rejection.line, rejection.part["pointer"]) for rejection in reported.rejected_lines] == [(2, "/id")]
    assert "given, line 1 already" in reported.rejected_lines[0].part["detail"]


def test_a_cycle_of_restatements_is_rejected(store):
    circle = (
        casualty_report("one", "the-article", restates="two"),
        casualty_report("two", "the-article", restates="one"),
        casualty_report("three", "the-article", restates="one"),
    )
    reported = put(store, article("the-article"), *circle)
    assert [rejection.id for rejection in reported.rejected_lines] == ["one", "two", "three"]
    assert {rejection.part["pointer"] for rejection in reported.rejected_lines} == {"/restates"}
    assert "one → two → one" in reported.rejected_lines[0].part["detail"]
    put(store, article("the-article"), casualty_report("one", "the-article"), circle[1])
    (rejection,) = put(store, circle[0]).rejected_lines
    assert "one → two → one" in rejection.part["detail"]


TEXT = "The ministry said three people died. The mayor said three people died, too. Ré: three 😀."


def test_with_a_stored_text_evidence_is_located_and_checked(store, client):
    claims = [
        casualty_report("by-prefix", "the-article", evidence=[{"exact": "three", "prefix": "mayor said "}]),
        casualty_report("by-words", "the-article", evidence=[{"exact": "The ministry said three"}]),
        casualty_report("after-an-accent", "the-article", evidence=[{"exact": "three 😀"}]),
    ]
    assert put(store, article("the-article", text=TEXT), *claims).rejected_lines == []
    for name in ("by-prefix", "by-words", "after-an-accent"):
        claim = client.get(f"/v1/claims/{name}").json
        (span,) = claim["evidence"]
        assert TEXT[span["start"] : span["end"]] == span["exact"]
        assert claim["grounding"]["status"] == "verified"
    assert client.get("/v1/articles/the-article").json["text_held"] is True
    assert "ministry" not in client.get("/v1/articles/the-article").text


@pytest.mark.parametrize(
    ("span", "message"),
    [
        ({"exact": "three"}, "occurs at 18, 52, 80"),
        ({"exact": "four"}, "does not contain 'four'. Copy `exact` from the text."),
        (
            {"exact": "three", "start": 17, "end": 22},
            "text at these offsets is ' thre', not 'three'. The text has it at 18, 52, 80",
        ),
        ({"exact": "seven", "start": 18, "end": 23}, "The text does not contain it."),
    ],
)
def test_with_a_stored_text_missing_evidence_is_rejected(store, span, message):
    result = put(store, article("the-article", text=TEXT), casualty_report("the-claim", "the-article", evidence=[span]))
    assert message in result.rejected_lines[0].part["detail"]


def test_a_text_that_comes_later_is_checked_against_the_claims_there_are(store, client):
    text_fields = {"text_sha256": hashlib.sha256(TEXT.encode()).hexdigest(), "text_length": len(TEXT)}
    good = casualty_report("good", "the-article", evidence=[{"exact": "three", "start": 18, "end": 23}])
    put(store, article("the-article", **text_fields), good)
    assert client.get("/v1/claims/good").json["grounding"]["status"] == "unverified"
    put(store, article("the-article", text=TEXT))
    assert client.get("/v1/claims/good").json["grounding"]["status"] == "verified"
    assert put(store, article("the-article", text=TEXT + "!")).rejected_lines[0].part["pointer"] == "/text_sha256"


def test_a_text_that_does_not_support_claims_is_rejected_with_each_of_them(store, client):
    text_fields = {"text_sha256": hashlib.sha256(TEXT.encode()).hexdigest(), "text_length": len(TEXT)}
    wrong = [casualty_report(name, "the-article") for name in ("wrong", "wrong-too")]
    put(store, article("the-article", **text_fields), *wrong)
    rejections = put(store, article("the-article", text=TEXT)).rejected_lines
    assert {rejection.id for rejection in rejections} == {"the-article"}
    assert [(rejection.part["claim"], rejection.part["check"]) for rejection in rejections] == [
        ("wrong", "span"),
        ("wrong-too", "span"),
    ]
    assert client.get("/v1/articles/the-article").json["text_held"] is False


def test_an_article_that_comes_again_without_its_text_keeps_it(store, client):
    claim = casualty_report("the-claim", "the-article", evidence=[{"exact": "three", "start": 18, "end": 23}])
    put(store, article("the-article", text=TEXT), claim)
    assert put(store, article("the-article", publisher="Other")).counts == {"replaced": 1}
    record = client.get("/v1/articles/the-article").json
    assert (record["publisher"], record["text_held"], record["text_length"]) == ("Other", True, len(TEXT))
    assert client.get("/v1/claims/the-claim").json["version"] == 1


def test_an_article_without_claims_may_take_another_text_and_then_holds_no_other(store, client):
    put(store, article("the-article", text=TEXT))
    put(store, article("the-article", text_sha256="0" * 64, text_length=7))
    record = client.get("/v1/articles/the-article").json
    assert (record["text_held"], record["text_sha256"], record["text_length"]) == (False, "0" * 64, 7)
    claim = casualty_report("the-claim", "the-article", evidence=[{"exact": "three"}])
    assert "text is not stored" in put(store, claim).rejected_lines[0].part["detail"]


def test_long_names_of_any_letters_are_stored_on_every_database(store, client):
    party = {"name": "\ufdfa" * 300, "kind": "group", "same_as": "https://parties.example/" + "a" * 1900}
    assert (
        put(store, article("the-article"), casualty_report("the-claim", "the-article", claimant=party)).rejected_lines
        == []
    )
    assert len(client.get("/v1/claims", query_string={"claimant": party["name"]}).json["data"]) == 1


def test_names_of_any_script_are_kept_and_found(store, client):
    party = {"name": "Խաղաղություն 平和 🕊", "kind": "group"}
    put(store, article("the-article"), casualty_report("the-claim", "the-article", claimant=party))
    actual = client.get("/v1/claims", query_string={"claimant": "խաղաղություն  平和 🕊"}).json["data"]
    assert [claim["claimant"]["name"] for claim in actual] == [party["name"]]


def test_a_replay_of_the_feed_returns_the_stored_records(store, client):
    put(store, *casualty_reports(30))
    put(store, *casualty_reports(30, seed=2))
    replayed, url = {}, "/v1/changes?limit=7"
    sequences = []
    while url:
        response = client.get(url.removeprefix("http://127.0.0.1:8000")).json
        for change in response["data"]:
            sequences.append(change["sequence"])
            replayed[change["type"], change["id"]] = change["document"]
        url = response["page"]["next"]
    assert sequences == sorted(set(sequences))
    for (type_, id_), document in replayed.items():
        path = "articles" if type_ == "article" else "claims"
        assert client.get(f"/v1/{path}/{id_}").json == document


def test_the_feed_continues_with_its_token(store, client):
    put(store, article("first"))
    page = client.get("/v1/changes").json["page"]
    again = f"/v1/changes?since={page['since']}"
    tag = client.get(again).headers["ETag"]
    assert client.get(again, headers={"If-None-Match": tag}).status_code == 304
    put(store, article("second"), casualty_report("claim", "second"))
    assert [change["id"] for change in client.get(again).json["data"]] == ["second", "claim"]
    assert [change["id"] for change in client.get(f"{again}&type=casualty_report").json["data"]] == ["claim"]


def test_a_token_of_another_database_is_rejected(client):
    response = client.get("/v1/changes?since=500")
    assert response.status_code == 422
    assert "The feed ends at 0" in response.json["detail"]


def test_a_change_has_the_record_of_its_time(store):
    put(store, article("the-article", publisher="One"))
    put(store, article("the-article", publisher="Two"))
    with store.reading() as connection:
        changes, more = since(connection, 0, 10)
    assert [json.loads(change.document)["publisher"] for change in changes] == ["One", "Two"]
    assert [(change.action, change.version) for change in changes] == [("created", 1), ("updated", 2)]
    assert more is False


def claim_at(id_, place, **more):
    """Return a claim that is equal to all others with this place."""
    return casualty_report(id_, "the-article", place=place, **more)


@pytest.mark.parametrize("batch", [1, 200])
@pytest.mark.parametrize("order", [1, -1])
def test_a_replaced_record_is_not_a_duplicate_for_any_batch_size(store, client, monkeypatch, batch, order):
    monkeypatch.setattr("api.store.imports._BATCH", batch)
    put(store, article("the-article"), claim_at("one", "here"))
    result = put(store, *[claim_at("one", "there"), claim_at("two", "here")][::order])
    assert (result.stored, result.counts) == (True, {"created": 1, "replaced": 1})
    assert [client.get(f"/v1/claims/{name}").json["place"] for name in ("one", "two")] == ["there", "here"]


def test_claims_may_swap_their_content(store, client):
    put(store, article("the-article"), claim_at("one", "here"), claim_at("two", "there"))
    assert put(store, claim_at("one", "there"), claim_at("two", "here")).counts == {"replaced": 2}
    assert [client.get(f"/v1/claims/{name}").json["place"] for name in ("one", "two")] == ["there", "here"]


@pytest.mark.parametrize("batch", [1, 200])
def test_the_later_line_of_two_equal_claims_is_rejected(store, monkeypatch, batch):
    monkeypatch.setattr("api.store.imports._BATCH", batch)
    put(store, article("the-article"), claim_at("one", "here"), claim_at("two", "there"))
    result = put(store, claim_at("two", "elsewhere"), claim_at("one", "elsewhere"))
    assert [(rejection.line, rejection.id) for rejection in result.rejected_lines] == [(2, "one")]
    assert "'two' has the same content" in result.rejected_lines[0].part["detail"]
    (rejection,) = put(store, claim_at("three", "here"), claim_at("one", "here")).rejected_lines
    assert (rejection.line, rejection.id) == (1, "three")
    (rejection,) = put(store, claim_at("three", "here")).rejected_lines
    assert "'one' has the same content" in rejection.part["detail"]


def test_of_thousands_of_rejected_lines_the_first_thousand_are_reported(store):
    long = {"type": "article", "id": "wrong-in-many-ways", **{f"no-field-{number}": 1 for number in range(50)}}
    result = put(store, *[long] * 20, *[claim_at(f"wrong-{number}", "x", harm="?") for number in range(1200)])
    assert len({rejection.line for rejection in result.rejected_lines}) == 1000
    first = [rejection for rejection in result.rejected_lines if rejection.line == 1]
    assert (len(first), first[-1].part["detail"]) == (10, "The record has 42 more problems.")
    assert {rejection.id for rejection in result.rejected_lines if rejection.line > 20} >= {"wrong-0", "wrong-979"}
    assert (result.counts["refused"], result.omitted, result.unfinished) == (1220, 220, "")
    assert result.message == (
        "1,220 records were rejected, so nothing was stored. The first 1,000 are reported, 220 are omitted."
    )


@pytest.mark.parametrize("atomic", [True, False])
def test_after_ten_thousand_rejected_lines_the_rest_is_not_read(store, client, atomic):
    read = []

    def endless():
        yield orjson.dumps(article("good"))
        while True:
            read.append(1)
            yield b"{}"

    result = import_lines(store, [("given", endless())], atomic=atomic)
    assert (result.stored, result.counts["refused"], len(read)) == (False, 10_000, 10_000)
    assert "stopped after 10,000" in result.message
    assert everything(client) == []


def test_after_ten_thousand_rejected_claims_the_rest_is_not_checked(store, monkeypatch):
    monkeypatch.setattr("api.store.import_report.REJECTED_LINES_MAX", 30)
    result = put(store, *[casualty_report(f"claim-{number}", "no-article") for number in range(50)], atomic=False)
    assert (result.stored, result.counts["refused"]) == (False, 30)
    assert "stopped" in result.unfinished


def test_a_partial_import_stores_the_first_copy_of_a_record(store, client):
    result = put(store, *[article("the-article")] * 5, article("other"), atomic=False)
    assert (result.stored, result.counts) == (True, {"created": 2, "refused": 4})
    assert [rejection.line for rejection in result.rejected_lines] == [2, 3, 4, 5]


def test_claims_that_restate_one_another_over_too_many_steps_come_in_several_imports(store):
    steps = [claim_at(f"step-{number:03}", f"place {number}") for number in range(120)]
    for step, before in zip(steps[1:], steps, strict=False):
        step["restates"] = before["id"]
    reported = put(store, article("the-article"), *steps)
    assert [rejection.id for rejection in reported.rejected_lines] == [step["id"] for step in steps[101:]]
    assert "several imports" in reported.rejected_lines[0].part["detail"]
    assert put(store, article("the-article"), *steps[:101]).stored
    assert put(store, *steps[101:]).stored


def test_a_duplicate_and_its_dependent_records_are_omitted(store, client):
    put(store, article("the-article"), claim_at("one", "here"), claim_at("two", "there"))
    result = put(
        store,
        claim_at("before", "here"),
        claim_at("behind", "nowhere", restates="before"),
        claim_at("two", "anywhere", harm="?"),
        claim_at("three", "there"),
        claim_at("four", "elsewhere"),
        atomic=False,
    )
    assert [(rejection.line, rejection.id) for rejection in result.rejected_lines][:2] == [(1, "before"), (2, "behind")]
    assert {rejection.line for rejection in result.rejected_lines} == {1, 2, 3, 4}
    assert result.counts == {"created": 1, "refused": 4}
    assert sorted(claim["id"] for claim in client.get("/v1/claims").json["data"]) == ["four", "one", "two"]


def test_a_stored_claim_whose_line_is_rejected_counts_for_duplicates(store, client):
    put(store, article("the-article"), claim_at("one", "here"))
    reported = put(store, claim_at("one", "there", restates="no-claim"), claim_at("two", "here"), atomic=False)
    assert [rejection.id for rejection in reported.rejected_lines] == ["one", "two"]
    assert [claim["id"] for claim in client.get("/v1/claims").json["data"]] == ["one"]


def test_repeated_rejections_store_nothing(store, client):
    names = [f"claim-{number:02}" for number in range(20)]
    put(store, article("the-article"), *[claim_at(name, name) for name in names])
    before = everything(client)
    moved = [claim_at(name, following) for name, following in pairwise(names)]
    wrong = claim_at(names[-1], "nowhere", evidence=[{"exact": "three", "start": 0, "end": 9}])
    result = put(store, *moved, wrong, atomic=False)
    assert ("again and again" in result.unfinished, result.stored) == (True, False)
    assert everything(client) == before


def test_a_text_and_the_claims_mended_for_it_come_in_one_import(store, client):
    text_fields = {"text_sha256": hashlib.sha256(TEXT.encode()).hexdigest(), "text_length": len(TEXT)}
    put(store, article("the-article", **text_fields), casualty_report("the-claim", "the-article"))
    mended = casualty_report("the-claim", "the-article", evidence=[{"exact": "three", "start": 18, "end": 23}])
    reported = put(store, article("the-article", text=TEXT), mended)
    assert reported.rejected_lines == []
    claim = client.get("/v1/claims/the-claim").json
    assert (claim["version"], claim["grounding"]["status"]) == (2, "verified")


def test_a_text_is_checked_against_the_stored_claim_whose_line_is_rejected(store, client):
    text_fields = {"text_sha256": hashlib.sha256(TEXT.encode()).hexdigest(), "text_length": len(TEXT)}
    put(store, article("the-article", **text_fields), casualty_report("the-claim", "the-article"))
    wrong = casualty_report("the-claim", "the-article", evidence=[{"exact": "three", "start": 1, "end": 6}])
    reported = put(store, article("the-article", text=TEXT), wrong, atomic=False)
    assert [rejection.id for rejection in reported.rejected_lines] == ["the-article", "the-claim"]
    assert client.get("/v1/articles/the-article").json["text_held"] is False


def test_a_repeated_claim_is_found_by_the_changed_article(store, client):
    records = [casualty_report("the-claim", "the-article", as_of="2031-04-01")]
    put(store, article("the-article", conflict="hill-war"), *records)
    result = put(store, article("the-article", conflict="lake-war"), *records)
    assert result.counts == {"replaced": 1, "unchanged": 1}
    assert [claim["version"] for claim in client.get("/v1/claims?conflict=lake-war").json["data"]] == [1]
    assert len(client.get("/v1/claims?claimant=Norland").json["data"]) == 1


@pytest.mark.parametrize("atomic", [True, False])
def test_an_unexpected_failure_rejects_only_its_line(store, client, monkeypatch, capsys, atomic):
    ground = prepare.ground

    def fail_for_one_claim(claim, *rest):
        if claim["id"] == "bad":
            raise OverflowError("past any number")
        return ground(claim, *rest)

    monkeypatch.setattr(prepare, "ground", fail_for_one_claim)
    records = [article("the-article"), casualty_report("bad", "the-article"), casualty_report("good", "the-article")]
    result = put(store, *records, atomic=atomic)
    (rejection,) = result.rejected_lines
    assert (rejection.line, rejection.id) == (2, "bad")
    assert "failed to check this record" in rejection.part["detail"]
    assert (result.stored, result.counts["created"]) == (not atomic, 0 if atomic else 2)
    assert [change["id"] for change in everything(client)] == ([] if atomic else ["the-article", "good"])
    assert "OverflowError: past any number" in capsys.readouterr().err


def test_a_record_that_the_schema_fails_on_rejects_only_its_line(store, monkeypatch, capsys):
    read = records_of_kinds.parse_record

    def fail_for_one_record(type_, fields):
        if fields["id"] == "bad":
            raise ZeroDivisionError("by nothing")
        return read(type_, fields)

    monkeypatch.setattr(records_of_kinds, "parse_record", fail_for_one_record)
    result = put(store, article("bad"), article("good"), atomic=False)
    assert ([rejection.id for rejection in result.rejected_lines], result.counts["created"]) == (["bad"], 1)
    assert "ZeroDivisionError: by nothing" in capsys.readouterr().err


def test_number_words_past_any_number_do_not_fail_the_checks_of_other_claims(store):
    text = "One to two " + "billion " * 600 + "people: three died."
    evidence = [{"exact": "three died", "start": len(text) - 11, "end": len(text) - 1}]
    good, wrong = (casualty_report(f"claim-{count}", "the-article", count=count, evidence=evidence) for count in (3, 4))
    result = put(store, article("the-article", text=text), good, wrong, atomic=False)
    assert result.counts == {"created": 2, "refused": 1}
    assert result.rejected_lines[0].part["check"] == "number"
