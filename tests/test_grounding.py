"""Does the article say so: each check by itself, and what all of them make of right and of wrong claims."""

from __future__ import annotations

import random

import orjson
import pytest

from api.contract.fixtures import files
from api.grounding import cues, dates
from api.grounding.checks import Source, ground
from api.grounding.names import named
from api.grounding.numbers import numbers
from api.grounding.plain import stand_in_order, stands_in
from api.kinds.collections import KIND_BY_NAME

LINES = [
    orjson.loads(line) for name, file in files() if name != "articles.ndjson" for line in file.read_bytes().splitlines()
]
UNHELD = Source(None, 3942, "en")


def grounded(sent, source=UNHELD):
    """What the checks make of a claim as it is sent."""
    kind = KIND_BY_NAME[sent["type"]]
    claim = kind.shape.load({name: value for name, value in sent.items() if name != "type"})
    return ground(claim, frozenset(sent), kind.checked, source)


@pytest.mark.parametrize(
    ("text", "stated"),
    [
        ("1,166 of its soldiers", {1166}),
        ("1 166 soldiers", {1166}),
        ("1\u202f166 soldiers", {1166}),
        ("2.5 million", {2_500_000}),
        ("forty-five", {45}),
        ("forty five", {45}),
        ("one hundred and forty-five", {145}),
        ("two thousand three hundred and five", {2305}),
        ("five hundred thousand", {500_000}),
        ("a dozen", {12}),
        ("three dozen", {36}),
        ("a hundred people", {100}),
        ("no one was hurt", {0}),
        ("no deaths", {0}),
        ("a man and an officer", {1}),
        ("Four UN Security Council resolutions", {4}),
        ("one, two and three", {1, 2, 3}),
        ("as many as 5,000.", {5000}),
        ("2k people", {2000}),
        ("often, tenth", set()),
        ("COVID19", set()),
    ],
)  # fmt: skip
def test_numbers_are_read_in_digits_and_in_words(text, stated):
    assert numbers(text) == stated


def test_where_commas_part_decimals_full_stops_part_thousands():
    assert numbers("1.166 Soldaten", "de") == {1166}
    assert 1166 not in numbers("1.166 soldiers", "en")


@pytest.mark.parametrize(
    ("words", "spans", "whether"),
    [
        ("no basis", ["had “no basis” to request"], True),
        ("the EU's", ["the EU’s"], True),
        ("state news agency Azertag", ["state news agency\u00a0Azertag"], True),
        ("ten", ["often"], False),
        ("not held", ["held"], False),
        ("one two", ["one", "two"], True),
    ],
)
def test_words_are_compared_fairly_and_whole(words, spans, whether):
    assert stands_in(words, spans) is whether


def test_pieces_stand_in_their_order():
    assert stand_in_order(["its units", "under shelling"], ["its units were", "under shelling"])
    assert not stand_in_order(["under shelling", "its units"], ["its units were", "under shelling"])


@pytest.mark.parametrize(
    ("name", "words", "whether"),
    [
        ("Ilham Aliyev", "Aliyev said", True),
        ("Mevlüt Çavuşoğlu", "Cavusoglu said", True),
        ("Russia's foreign ministry", "Russia has", True),
        ("Russia's foreign ministry", "the foreign ministry", False),
        ("the US", "France and the US", True),
        ("the US", "with us", False),
        ("Armenia", "Azerbaijan said", False),
        ("international organisations", "as well as international organisations", True),
    ],
)
def test_a_party_is_named_by_a_word_that_tells_it_from_others(name, words, whether):
    assert named(name, words) is whether


@pytest.mark.parametrize(
    ("value", "text", "contradicted", "missing"),
    [
        ("2020-09-27", "since September 27", False, ["year"]),
        ("2020-09-27", "since 27 September 2020", False, []),
        ("2020-09-28", "since September 27", True, None),
        ("2020-08-27", "since September 27", True, None),
        ("2020-10-31?", "on Saturday", False, ["year", "month", "day"]),
        ("2020-10-30", "on Saturday", True, None),
        ("1994", "agreed to in 1994", False, []),
        ("1995", "agreed to in 1994", True, None),
        ("2020-09-27/2020-11-01", "began on September 27", False, ["year", "month", "day"]),
        ("2020-11", "said nothing of a day", False, ["year", "month"]),
        ("2020-05-01", "it may be so", False, ["year", "month", "day"]),
    ],
)
def test_a_date_is_stated_left_open_or_contradicted(value, text, contradicted, missing):
    assert (dates.contradicted(value, text) is not None) is contradicted
    if missing is not None:
        assert dates.unstated(value, text) == missing


@pytest.mark.parametrize(
    ("field", "value", "text", "whether"),
    [
        ("harm", "killed", "the death toll was 45", True),
        ("harm", "injured", "91 civilians have been killed", False),
        ("harm", "casualties", "its military casualties", True),
        ("population", "combatant", "1,166 of its soldiers", True),
        ("population", "civilian", "1,166 of its soldiers", False),
        ("population", "unspecified", "5,000 deaths", True),
        ("status", "collapsed", "failed to hold", True),
        ("status", "held", "failed to hold", False),
        ("status", "held", "the truce was holding", True),
        ("status", "agreed", "agreed to in 1994", True),
    ],
)
def test_the_words_bear_a_value_out_or_do_not(field, value, text, whether):
    assert cues.supported(field, value, text) is whether


@pytest.mark.parametrize("sent", LINES, ids=lambda sent: sent["id"])
def test_every_claim_of_the_seed_is_borne_out_by_its_own_evidence(sent):
    grounding = grounded(sent)
    assert grounding.failures == []
    told = {check["check"]: check["outcome"] for check in grounding.report["checks"]}
    assert list(told) == ["span", "quoted", "wording", "number", "cue", "date", "party", "symbol"]
    assert told["span"] == "not_run"
    assert grounding.report["status"] == "unverified"


def seed(id_, **changed):
    (sent,) = [line for line in LINES if line["id"] == id_]
    return {**sent, **changed}


OTHER = {"name": "Georgia", "kind": "government", "country": "GEO"}
WRONG = {
    "a count ten times": (seed("armenia-soldiers-killed", count=11660), "number", "/count"),
    "a count one off": (seed("azerbaijan-civilians-killed", count=92), "number", "/count"),
    "more ceasefires": (seed("three-ceasefires-since-september", count=4), "number", "/count"),
    "fewer resolutions": (seed("two-general-assembly", count=1), "number", "/count"),
    "injured for killed": (seed("azerbaijan-civilians-killed", harm="injured"), "cue", "/harm"),
    "soldiers for civilians": (seed("azerbaijan-civilians-killed", population="combatant"), "cue", "/population"),
    "a held ceasefire": (seed("three-ceasefires-since-september", status="held"), "cue", "/status"),
    "nothing withheld": (
        seed("azerbaijan-civilians-killed", qualifier="undisclosed", count=None),
        "cue",
        "/qualifier",
    ),
    "another claimant": (seed("armenia-soldiers-killed", claimant=OTHER), "party", "/claimant/name"),
    "another agency": (seed("aliyev-negotiations", via=[OTHER]), "party", "/via/0/name"),
    "another day, though inferred": (seed("armenia-soldiers-killed", since="2020-09-28"), "date", "/since"),
    "a weekday that it is not": (seed("russia-all-assistance", claimed_on="2020-10-30"), "date", "/claimed_on"),
    "a year that is not there": (seed("ceasefire-1994", agreed_on="1995"), "date", "/agreed_on"),
    "a date that is not there": (seed("azerbaijan-civilians-killed", as_of="2020-11"), "date", "/as_of"),
    "an inserted not": (
        seed("aliyev-negotiations", text="he wanted not to resolve the conflict through negotiations"),
        "wording",
        "/text",
    ),
    "a dropped word": (seed("aliyev-negotiations", text="he wanted to resolve conflict through"), "wording", "/text"),
    "nothing but a gap": (seed("aliyev-negotiations", text="[…]"), "wording", "/text"),
    "another cue": (seed("aliyev-negotiations", cue="denied"), "wording", "/cue"),
    "words that were not quoted": (seed("aliyev-no-basis", quoted=["no reason"]), "quoted", "/quoted/0"),
    "another organ": (seed("four-security-council", organ_name="Human Rights Council"), "wording", "/organ_name"),
    "another demand": (seed("four-security-council", demand="immediate ceasefire"), "wording", "/demand"),
    "a symbol that is not there": (
        seed("two-general-assembly", symbols=["A/RES/62/243"]),
        "symbol",
        "/symbols/0",
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_claim_that_its_evidence_does_not_bear_out_is_refused(name):
    sent, check, pointer = WRONG[name]
    failures = grounded(sent).failures
    assert [(failure.check, failure.pointer) for failure in failures] == [(check, pointer)]
    assert len(failures[0].detail) > 40


def test_a_date_that_is_contradicted_is_told_as_a_person_says_it():
    (day,) = grounded(seed("armenia-soldiers-killed", since="2020-09-28")).failures
    assert "states September 27, which 2020-09-28 is not" in day.detail
    (weekday,) = grounded(seed("russia-all-assistance", claimed_on="2020-10-30")).failures
    assert "states Saturday" in weekday.detail


def test_all_that_is_wrong_is_told_at_once():
    sent = seed("azerbaijan-civilians-killed", count=90, harm="missing", claimant=OTHER)
    assert {failure.check for failure in grounded(sent).failures} == {"number", "cue", "party"}


def test_what_is_inferred_is_excused_and_said_to_be():
    report = grounded(seed("russia-all-assistance")).report["checks"]
    assert [(check["check"], check["reason"]) for check in report if check["outcome"] == "excused"] == [
        ("date", "inferred: claimed_on"),
        ("party", "inferred: addressee"),
    ]


def test_a_default_and_derived_bounds_are_not_checked_and_a_sent_number_is():
    sent = seed("ceasefire-1994")
    del sent["count"]
    told = {check["check"]: check["outcome"] for check in grounded(sent).report["checks"]}
    assert told["number"] == "not_run"
    assert grounded(seed("toll-surpassed-1000")).failures == []


def test_words_of_a_language_that_is_not_known_are_not_judged():
    report = grounded(seed("azerbaijan-civilians-killed", harm="injured"), Source(None, 3942, "hy"))
    told = {check["check"]: check for check in report.report["checks"]}
    assert (told["cue"]["outcome"], "hy" in told["cue"]["reason"]) == ("not_run", True)
    assert report.failures == []


def test_numbers_off_by_anything_are_refused_wherever_the_evidence_states_a_number():
    chance = random.Random(7)
    counted = [line for line in LINES if line.get("count") is not None]
    for _ in range(200):
        sent = chance.choice(counted)
        stated = numbers(" ".join(span["exact"] for span in sent["evidence"]))
        wrong = max(1, sent["count"] + chance.choice((-100, -2, -1, 1, 2, 9, 1000)))
        if wrong not in stated and not (sent["type"] == "resolution" and wrong < len(sent.get("symbols", ()))):
            failures = grounded({**sent, "count": wrong}).failures
            assert ("number", "/count") in [(failure.check, failure.pointer) for failure in failures]
