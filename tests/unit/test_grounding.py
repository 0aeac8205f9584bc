"""Grounding: each check alone, and all checks of true and of false claims."""

from __future__ import annotations

import random

import orjson
import pytest

from api.grounding import date_check, date_ties, dates
from api.grounding.case import Source
from api.grounding.checks import ground
from api.grounding.locate import SearchableText
from api.grounding.normalize import Spaced, contains, first_missing
from api.grounding.numbers import numbers, stated_numbers
from api.grounding.parties import named
from api.kinds.casualty_cues import CASUALTY_CUES
from api.kinds.collections import KIND_BY_NAME
from api.seed import files
from tests.support.call_counts import count_calls

LINES = [
    orjson.loads(line) for name, file in files() if name != "articles.ndjson" for line in file.read_bytes().splitlines()
]
UNHELD = Source(None, 3942, "en")


def grounded(sent, source=UNHELD):
    """Return the results of the checks of a claim."""
    kind = KIND_BY_NAME[sent["type"]]
    claim = kind.input_schema.load({name: value for name, value in sent.items() if name != "type"})
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
        ("1'166 soldiers", {1166}),
        ("1\u00a0166 soldiers", {1166}),
        ("1,166-strong", {1166}),
        ("27, 166 and 1,166,500", {27, 166, 1_166_500}),
        ("in 2031 5,000 people", {2031, 5000}),
        ("12,34,567 people", {1_234_567}),
        ("2.01 million", {2_010_000}),
        ("1.166 soldiers", set()),
        ("3 lakh", {300_000}),
        ("half a million", {500_000}),
        ("half a dozen", {6}),
        ("three hundred and twenty thousand and four", {320_004}),
        ("killed three and another", {3, 1}),
        ("without loss", {0}),
        ("both men", {2}),
        ("forty-five or fifty", {45, 50}),
        ("between twenty and thirty", {20, 30}),
        ("10–15 people", {10, 15}),
        ("9" * 5000, set()),
        ("2-3 million fled", {2_000_000, 3_000_000}),
        ("2–3 million", {2_000_000, 3_000_000}),
        ("2 to 3 million", {2_000_000, 3_000_000}),
        ("1.5 to 2 million", {1_500_000, 2_000_000}),
        ("2-3m people", {2_000_000, 3_000_000}),
        ("between 2 and 3 million", {2_000_000, 3_000_000}),
        ("two to three million", {2_000_000, 3_000_000}),
        ("ten to twelve thousand", {10_000, 12_000}),
        ("two or three hundred thousand", {200_000, 300_000}),
        ("between one hundred and two hundred thousand", {100_000, 200_000}),
        ("between two and three million", {2_000_000, 3_000_000}),
        ("two to three dozen", {24, 36}),
        ("from two to three million", {2, 3_000_000}),
        ("from 2 to 3 million", {2, 2_000_000, 3_000_000}),
        ("3 and 4 million", {3, 4_000_000}),
        ("900 to 2 million", {900, 2_000_000}),
        ("killed two and three thousand fled", {2, 3000}),
        ("two to three men", {2, 3}),
        ("one and a half million", {1_500_000}),
        ("two and a half thousand fled", {2500}),
        ("a million and a half fled", {1_500_000}),
        ("2 and a half million", {2_500_000}),
        ("a half million", {500_000}),
        ("No. 5 company", {5}),
    ],
)  # fmt: skip
def test_numbers_are_read_in_digits_and_in_words(text, stated):
    assert numbers(text) == stated


def test_a_number_is_reported_with_its_place():
    text = "Some 2.5 million fled; a hundred and forty‑five, no fewer, died. None of 1 166 returned: İzmir, 7."
    stated = [(number.value, text[number.start : number.end]) for number in stated_numbers(text)]
    assert stated == [
        (2_500_000, "2.5 million"),
        (145, "a hundred and forty‑five"),
        (0, "no"),
        (0, "None"),
        (1166, "1 166"),
        (7, "7"),
    ]


def test_a_date_is_reported_with_its_place():
    text = "İt was on  Sunday, May\u00a04,\u00a02031; two days after 2 May."
    stated = [(str(statement), text[statement.start : statement.end]) for statement in dates.stated(text)]
    assert stated == [("Sunday, May 4, 2031", "Sunday, May\u00a04,\u00a02031"), ("May 2", "2 May")]


@pytest.mark.parametrize(
    "language", ["de", "da", "nb", "el", "ro", "hr", "vi", "fi", "cs", "sr-Latn", "bg", "hu", "uz"]
)
def test_with_decimal_commas_full_stops_separate_thousands(language):
    assert numbers("1.166 Soldaten", language) == {1166}
    assert numbers("1,166 Soldaten", language) == set()
    assert 1166 not in numbers("1.166 soldiers", "en")


@pytest.mark.parametrize(
    ("words", "spans", "whether"),
    [
        ("no basis", ["had “no basis” to request"], True),
        ("the EU's", ["the EU’s"], True),
        ("state news agency Azertag", ["state news agency\u00a0Azertag"], True),
        ("ten", ["often"], False),
        ("ten", ["often ten"], True),
        ("not held", ["held"], False),
        ("one two", ["one", "two"], False),
        ("no basis", ["had «no\u202fbasis» to"], True),
        ("'no basis'", ["had ‹no basis› to"], False),
        ('"no basis"', ["had „no basis“ to"], True),
        ('"no basis"', ["had 「no basis」 to"], True),
        ("'no basis'", ["had ‘no basis’ to"], True),
        ("no 'sound' basis", ["had “no ‘sound’ basis” to"], True),
        ("no basis", ["had “no basis to ask, he said"], True),
        ("no  basis", ["had no\nbasis"], True),
        ("no-man's land", ["the no–man’s land"], True),
        ("basis", ["on a day-to-day basis"], True),
        ("base", ["a database"], False),
    ],
)
def test_words_are_compared_fairly_and_whole(words, spans, whether):
    assert contains(words, map(Spaced, spans)) is whether


def test_parts_occur_in_their_order():
    assert first_missing(["its units", "under shelling"], ["its units were", "under shelling"]) is None
    assert first_missing(["under shelling", "its units"], ["its units were", "under shelling"]) == "its units"


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
def test_a_party_is_named_by_a_distinctive_word(name, words, whether):
    assert named(name, words) is whether


@pytest.mark.parametrize(
    ("field", "value", "text", "contradicted", "missing"),
    [
        ("since", "2020-09-27", "since September 27", False, ["year"]),
        ("since", "2020-09-27", "since 27 September 2020", False, []),
        ("since", "2020-09-27", "since Sunday the 27th of September, 2020", False, []),
        ("since", "2020-09-28", "since September 27", True, ["year", "day"]),
        ("since", "2020-08-27", "since September 27", True, ["year", "month", "day"]),
        ("since", "2021-09-27", "since 27 September 2020", True, ["year", "month", "day"]),
        ("since", "2020-09-27", "said on Saturday, 3 October 2020, since September 27", False, []),
        ("since", "2020-10-03", "said on Saturday, 3 October 2020, since September 27", True, ["month", "day"]),
        ("as_of", "2020-10-03", "as of Saturday, 3 October 2020, since September 27", False, []),
        ("as_of", "2020-09-27", "as of Saturday, 3 October 2020, since September 27", True, ["month", "day"]),
        ("since", "2020-09-27", "said on Saturday that many were killed", False, ["year", "month", "day"]),
        ("claimed_on", "2020-10-31?", "on Saturday", False, ["year", "month", "day"]),
        ("claimed_on", "2020-10-30", "on Saturday", True, ["year", "month", "day"]),
        ("claimed_on", "2020-10-31", "on Friday, October 31", True, ["year"]),
        ("claimed_on", "2020-10-31", "said on Saturday that the war that began on September 27", False, None),
        ("agreed_on", "1994", "agreed to in 1994", False, []),
        ("agreed_on", "1995", "agreed to in 1994", True, ["year"]),
        ("agreed_on", "1995", "agreed by 1994 soldiers in 1995", False, []),
        ("agreed_on", "2020-09-27/2020-11-01", "began on September 27", False, ["year", "month", "day"]),
        ("agreed_on", "2020-09-27/2020-11-01", "agreed on October 5", False, ["year", "month", "day"]),
        ("agreed_on", "2020-09-27/2020-11-01", "agreed on August 5", True, ["year", "month", "day"]),
        ("agreed_on", "2031-04-09", "signed on 9 April 2031, in force since Friday, 11 April 2031", False, []),
        ("effective_on", "2031-04-11", "signed on 9 April 2031, in force since Friday, 11 April 2031", False, []),
        ("as_of", "2020-11", "said nothing of a day", False, ["year", "month"]),
        ("as_of", "2020-05-01", "it may be so", False, ["year", "month", "day"]),
        ("as_of", "2020-05", "the 3 may flee to march with 2020 others", False, ["month"]),
        ("as_of", "2020-05", "in May 2020", False, []),
        ("as_of", "2020-05", "by March of that year", True, ["year", "month"]),
        ("as_of", "2020-05-03/2020-05-05", "between May 3 and 5, 2020", False, []),
        ("as_of", "2020-05-03/2020-05-05", "on 3–5 May 2020", False, []),
        ("as_of", "2020-05-03", "on 03/05/2020", False, []),
        ("as_of", "2020-09-03", "by Sept. 3, 2020", False, []),
        ("as_of", "2020-05-14", "on 3 May 2020 and 14 April", True, ["day"]),
        ("as_of", "2020-05-14", "that May, on the 14th", False, ["year"]),
        ("as_of", "2020-05-03", "2020-05-03", False, []),
        ("as_of", "2020-05-03", "on 05/03/2020", False, []),
        ("as_of", "2020-05-03", "on 04/03/2020", False, ["month", "day"]),
        ("as_of", "2020-05-03", "on the 14th", False, ["year", "month", "day"]),
        ("as_of", "2020-05-03", "March on the capital with 2000 men", False, ["year", "month", "day"]),
    ],
)
def test_a_date_is_stated_left_open_or_contradicted(field, value, text, contradicted, missing):
    verdict = date_check.judge(field, value, date_ties.ties(text))
    assert (verdict.against is not None) is contradicted
    if missing is not None:
        assert verdict.missing == missing


@pytest.mark.parametrize("sent", LINES, ids=lambda sent: sent["id"])
def test_every_claim_of_the_seed_is_supported_by_its_evidence(sent):
    grounding = grounded(sent)
    assert grounding.failures == []
    reported = {check["check"]: check["outcome"] for check in grounding.report["checks"]}
    assert list(reported) == ["span", "quoted", "wording", "number", "cue", "date", "party", "symbol"]
    assert reported["span"] == "not_run"
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
    "another organ": (seed("four-security-council", organ_name="National Security Council"), "wording", "/organ_name"),
    "another demand": (seed("four-security-council", demand="immediate ceasefire"), "wording", "/demand"),
    "a symbol that is not there": (
        seed("two-general-assembly", symbols=["A/RES/62/243"]),
        "symbol",
        "/symbols/0",
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_claim_that_its_evidence_does_not_support_is_rejected(name):
    sent, check, pointer = WRONG[name]
    failures = grounded(sent).failures
    assert [(failure.check, failure.pointer) for failure in failures] == [(check, pointer)]
    assert len(failures[0].detail) > 40


def test_a_contradicted_date_is_reported_in_words():
    (day,) = grounded(seed("armenia-soldiers-killed", since="2020-09-28")).failures
    assert "states September 27, which 2020-09-28 is not" in day.detail
    (weekday,) = grounded(seed("russia-all-assistance", claimed_on="2020-10-30")).failures
    assert "states Saturday" in weekday.detail


def test_all_failures_are_reported_together():
    sent = seed("azerbaijan-civilians-killed", count=90, harm="missing", claimant=OTHER)
    assert {failure.check for failure in grounded(sent).failures} == {"number", "cue", "party"}


def test_inferred_fields_are_excused_and_listed():
    report = grounded(seed("russia-all-assistance")).report["checks"]
    assert [(check["check"], check["reason"]) for check in report if check["outcome"] == "excused"] == [
        ("date", "inferred: claimed_on"),
        ("party", "inferred: addressee"),
    ]


def test_a_default_and_derived_bounds_are_not_checked_and_a_sent_number_is():
    sent = seed("ceasefire-1994")
    del sent["count"]
    reported = {check["check"]: check["outcome"] for check in grounded(sent).report["checks"]}
    assert reported["number"] == "not_run"
    assert grounded(seed("toll-surpassed-1000")).failures == []


def test_words_of_an_unknown_language_are_not_checked():
    report = grounded(seed("azerbaijan-civilians-killed", harm="injured"), Source(None, 3942, "hy"))
    reported = {check["check"]: check for check in report.report["checks"]}
    assert (reported["cue"]["outcome"], "hy" in reported["cue"]["reason"]) == ("not_run", True)
    assert report.failures == []


def test_a_different_number_is_rejected_if_the_evidence_states_one():
    chance = random.Random(7)
    counted = [line for line in LINES if line.get("count") is not None]
    for _ in range(200):
        sent = chance.choice(counted)
        stated = numbers(" ".join(span["exact"] for span in sent["evidence"]))
        wrong = max(1, sent["count"] + chance.choice((-100, -2, -1, 1, 2, 9, 1000)))
        if wrong not in stated and not (sent["type"] == "resolution" and wrong < len(sent.get("symbols", ()))):
            failures = grounded({**sent, "count": wrong}).failures
            assert ("number", "/count") in [(failure.check, failure.pointer) for failure in failures]


@pytest.mark.parametrize(
    ("count", "words", "outcome"),
    [
        (1166, "1.166 Soldaten", "passed"),
        (12, "zwölf Soldaten", "passed"),
        (13, "zwölf Soldaten", None),
        (10, "ein paar Soldaten", "not_run"),
        (1167, "1.166 Soldaten", None),
        (46, "45 Soldaten", None),
    ],
)
def test_unknown_number_words_are_not_checked(count, words, outcome):
    evidence = [{"exact": words, "start": 0, "end": len(words)}]
    sent = seed("azerbaijan-civilians-killed", count=count, population="combatant", evidence=evidence)
    reported = grounded(
        {**sent, "claimant": {"name": "Soldaten", "kind": "group"}, "affected": []}, Source(None, 99, "de")
    )
    assert [failure.check for failure in reported.failures] == ([] if outcome else ["number"])
    if outcome:
        (number,) = [check for check in reported.report["checks"] if check["check"] == "number"]
        assert number["outcome"] == outcome


TEXT = (
    "Invented news. The mayor’s office said on Saturday, 3 May 2031 that 1,166 people had fled since April 27, and "
    "that it saw “no\u00a0basis” for “‘immediate’ talks”. The ministry of Norland counted forty-five dead soldiers. "
    "The ministry does not disclose its losses; S/RES/9001(2031) asks for them. The mayor’s office said no more."
)


def position_of(words, nth=0):
    """Return the position of words in the text, as an error reports it."""
    start = -1
    for _ in range(nth + 1):
        start = TEXT.index(words, start + 1)
    return {"start": start, "end": start + len(words), "exact": words}


MAYOR = {"name": "the mayor's office", "kind": "organisation"}
FLED = {
    "type": "casualty_report",
    "article_id": "news",
    "claimant": MAYOR,
    "evidence": [
        position_of("The mayor’s office said on Saturday, 3 May 2031 that 1,166 people had fled since April 27")
    ],
    "harm": "displaced",
    "population": "unspecified",
    "count": 1166,
    "qualifier": "exact",
}
SAID = {
    "type": "quote",
    "article_id": "news",
    "claimant": MAYOR,
    "evidence": [position_of("The mayor’s office said"), position_of("it saw “no\u00a0basis” for “‘immediate’ talks”")],
    "mode": "mixed",
    "text": 'it saw "no basis" for "\'immediate\' talks"',
    "quoted": ["no basis", "'immediate' talks"],
    "cue": "said",
}
ASKED = {
    "type": "resolution",
    "article_id": "news",
    "claimant": {"name": "the article", "kind": "article"},
    "evidence": [position_of("S/RES/9001(2031) asks for them")],
    "organ": "un_security_council",
    "organ_name": "S",
    "symbols": ["S/RES/9001 (2031)"],
}


def failure_of(sent):
    """Return the one failure of a claim against the text, as clients receive it."""
    (failure,) = grounded(sent, Source(TEXT, len(TEXT), "en")).failures
    return failure.to_dict()


@pytest.mark.parametrize("sent", [FLED, SAID, ASKED], ids=lambda sent: sent["type"])
def test_evidence_in_the_text_is_accepted_with_and_without_offsets(sent):
    bare = {**sent, "evidence": [{"exact": span["exact"]} for span in sent["evidence"][-1:]], "claimant": MAYOR}
    bare |= {"evidence": [*bare["evidence"], {"exact": "The mayor’s office said", "suffix": " on"}]}
    for claim in (sent, bare):
        grounding = grounded(claim, Source(TEXT, len(TEXT), "en"))
        assert grounding.failures == []
        assert grounding.report["status"] == "verified"
        for span in grounding.evidence:
            assert TEXT[span["start"] : span["end"]] == span["exact"]
        assert grounding.evidence == sorted(grounding.evidence, key=lambda span: span["start"])


REPAIRS = {
    "offsets of the second, shifted": (
        {**SAID, "evidence": [SAID["evidence"][0], {**SAID["evidence"][1], "start": 130, "end": 171}]},
        {
            "check": "span",
            "pointer": "/evidence/1/exact",
            "field": "evidence",
            "excusable": False,
            "span": 1,
            "looked_for": SAID["evidence"][1]["exact"],
            "found": TEXT[130:171],
            "places": [SAID["evidence"][1]],
        },
    ),
    "plain marks where the text has others": (
        {**SAID, "evidence": [SAID["evidence"][0], {"exact": 'it saw "no basis" for "\'immediate\' talks"'}]},
        {
            "check": "span",
            "pointer": "/evidence/1/start",
            "field": "evidence",
            "excusable": False,
            "span": 1,
            "looked_for": 'it saw "no basis" for "\'immediate\' talks"',
            "places": [SAID["evidence"][1]],
        },
    ),
    "words that stand there twice": (
        {**SAID, "evidence": [{"exact": "The mayor’s office said"}, SAID["evidence"][1]]},
        {
            "check": "span",
            "pointer": "/evidence/0/start",
            "field": "evidence",
            "excusable": False,
            "span": 0,
            "looked_for": "The mayor’s office said",
            "places": [position_of("The mayor’s office said"), position_of("The mayor’s office said", 1)],
        },
    ),
    "a number one off": (
        {**FLED, "count": 1167},
        {
            "check": "number",
            "pointer": "/count",
            "field": "count",
            "excusable": False,
            "span": 0,
            "looked_for": "1,167",
            "found": "1,166",
            "places": [position_of("1,166")],
        },
    ),
    "a number from elsewhere": (
        {**FLED, "count": 45},
        {
            "check": "number",
            "pointer": "/count",
            "field": "count",
            "excusable": False,
            "span": 0,
            "looked_for": "45",
            "found": "1,166",
            "places": [position_of("forty-five")],
        },
    ),
    "another harm": (
        {**FLED, "harm": "killed"},
        {
            "check": "cue",
            "pointer": "/harm",
            "field": "harm",
            "excusable": True,
            "span": 0,
            "looked_for": "killed",
            "found": FLED["evidence"][0]["exact"],
            "places": [position_of("dead")],
        },
    ),
    "a figure that is told": (
        {**FLED, "qualifier": "undisclosed", "count": None},
        {
            "check": "cue",
            "pointer": "/qualifier",
            "field": "qualifier",
            "excusable": True,
            "span": 0,
            "looked_for": "undisclosed",
            "found": FLED["evidence"][0]["exact"],
            "places": [position_of("not disclose")],
        },
    ),
    "another day": (
        {**FLED, "since": "2031-04-28"},
        {
            "check": "date",
            "pointer": "/since",
            "field": "since",
            "excusable": False,
            "span": 0,
            "looked_for": "2031-04-28",
            "found": "Saturday, May 3, 2031; April 27",
            "places": [],
        },
    ),
    "a year that stands elsewhere": (
        {**FLED, "evidence": [position_of("mayor’s office"), position_of("1,166 people had fled")], "as_of": "2031-05"},
        {
            "check": "date",
            "pointer": "/as_of",
            "field": "as_of",
            "excusable": True,
            "looked_for": "2031-05",
            "places": [position_of("Saturday, 3 May 2031")],
        },
    ),
    "another party": (
        {**FLED, "affected": [MAYOR, {"name": "Norland", "kind": "government"}]},
        {
            "check": "party",
            "pointer": "/affected/1/name",
            "field": "affected",
            "excusable": True,
            "span": 0,
            "looked_for": "Norland",
            "found": FLED["evidence"][0]["exact"],
            "places": [position_of("Norland")],
        },
    ),
    "words that were not quoted": (
        {**SAID, "quoted": ["no basis", "'prompt' talks"]},
        {
            "check": "quoted",
            "pointer": "/quoted/1",
            "field": "quoted",
            "excusable": False,
            "looked_for": "'prompt' talks",
            "found": " … ".join(span["exact"] for span in SAID["evidence"]),
            "places": [],
        },
    ),
    "a dropped word": (
        {**SAID, "mode": "indirect", "quoted": [], "text": "it saw no basis […] for talks"},
        {
            "check": "wording",
            "pointer": "/text",
            "field": "text",
            "excusable": False,
            "looked_for": "it saw no basis",
            "found": " … ".join(span["exact"] for span in SAID["evidence"]),
            "places": [position_of("it saw “no\u00a0basis")],
        },
    ),
    "a cue from elsewhere": (
        {**SAID, "cue": "counted"},
        {
            "check": "wording",
            "pointer": "/cue",
            "field": "cue",
            "excusable": False,
            "looked_for": "counted",
            "found": " … ".join(span["exact"] for span in SAID["evidence"]),
            "places": [position_of("counted")],
        },
    ),
    "a symbol that stands elsewhere": (
        {**ASKED, "evidence": [position_of("asks for them")], "organ_name": "them"},
        {
            "check": "symbol",
            "pointer": "/symbols/0",
            "field": "symbols",
            "excusable": True,
            "span": 0,
            "looked_for": "S/RES/9001 (2031)",
            "found": "asks for them",
            "places": [position_of("S/RES/9001(2031)")],
        },
    ),
}


@pytest.mark.parametrize("name", REPAIRS)
def test_a_failure_has_the_expected_text_the_actual_text_and_the_place(name):
    sent, right = REPAIRS[name]
    reported = failure_of(sent)
    detail = reported.pop("detail")
    assert reported == right
    # The detail has the machine-readable values, too.
    assert repr(right["looked_for"])[1:-1] in detail or right["pointer"] == "/qualifier"
    assert all(str(actual["start"]) in detail for actual in right["places"])
    assert right["places"] or "The text does not contain it." in detail
    if right["excusable"]:
        assert detail.endswith(f'To send it as inferred, add "{right["field"]}" to `inferred`.')
    elif right["check"] != "span":
        assert detail.endswith("`inferred` does not excuse this.")
    nearest = right["places"] and name in (
        "plain marks where the text has others",
        "a number one off",
        "a dropped word",
    )
    assert ("The most similar words in the text are" in detail) is bool(nearest)


def test_failures_name_their_check():
    assert {reported["check"] for _, reported in REPAIRS.values()} == {
        *("span", "quoted", "wording", "number", "cue", "date", "party", "symbol"),
    }


@pytest.mark.parametrize("shift", [-9, -3, -1, 1, 2, 7, 100])
def test_wrong_offsets_are_reported_with_the_right_ones(shift):
    for sent in (FLED, SAID, ASKED):
        for index, span in enumerate(sent["evidence"]):
            start = max(0, span["start"] + shift)
            wrong = {**span, "start": start, "end": start + len(span["exact"])}
            evidence = [wrong if number == index else right for number, right in enumerate(sent["evidence"])]
            if wrong != span:
                reported = failure_of({**sent, "evidence": evidence})
                assert reported["places"][0] == span


def test_the_place_nearest_to_the_offsets_comes_first_and_ten_are_shown():
    text = "no peace, " * 40
    sent = {**SAID, "evidence": [{"exact": "no", "start": 203, "end": 205}, {"exact": "no"}]}
    near, any_ = [
        failure for failure in grounded(sent, Source(text, len(text), "en")).failures if failure.check == "span"
    ]
    assert [len(near.places), near.places[0].start, near.places[1].start] == [10, 200, 210]
    assert [actual.start for actual in any_.places] == list(range(0, 100, 10))
    assert "and 30 more places" in near.detail
    assert "and 30 more places" in any_.detail


def test_a_rejected_span_has_the_pointer_of_the_request():
    text = "One was killed, the mayor said. Two were killed."
    late, wrong = {"exact": "Two were killed"}, {"exact": "One was hurt!!", "start": 0, "end": 14}
    sent = {**FLED, "evidence": [late, wrong], "harm": "killed", "inferred": ["population", "claimant"], "count": 2}
    (failure,) = grounded(sent, Source(text, len(text), "en")).failures
    assert (failure.pointer, failure.span, failure.found) == ("/evidence/1/exact", 1, "One was killed")


def test_words_run_on_over_spans_that_touch_and_over_no_gap():
    sent = {**SAID, "mode": "indirect", "quoted": [], "cue": None, "evidence": [position_of("The mayor’s office said")]}
    touching = {**sent, "evidence": [*sent["evidence"], position_of("on Saturday")], "text": "said on Saturday"}
    overlapping = {**touching, "evidence": [*sent["evidence"], position_of("office said on Saturday")]}
    overlapping["text"] = "The mayor's office said on Saturday"
    for claim in (touching, overlapping):
        assert grounded(claim, Source(TEXT, len(TEXT), "en")).failures == []
    apart = {**sent, "evidence": [*sent["evidence"], position_of("that 1,166 people")]}
    assert failure_of({**apart, "text": "said that 1,166 people"})["check"] == "wording"
    assert grounded({**apart, "text": "said […] that 1,166 people"}, Source(TEXT, len(TEXT), "en")).failures == []


def test_evidence_unlike_the_text_has_no_suggested_place():
    reported = failure_of({**SAID, "cue": "prophesied"})
    assert reported["places"] == []
    assert "The text does not contain it." in reported["detail"]


def test_without_the_text_there_are_no_places():
    for sent, right in REPAIRS.values():
        if right["check"] != "span":
            (failure,) = grounded(sent, Source(None, len(TEXT), "en")).failures
            assert failure.places == ()
            assert "The text" not in failure.detail
            assert "most similar words" not in failure.detail


@pytest.mark.long
@pytest.mark.parametrize("repeated", ["said ", "a", "lost-", "1-", "not to be ever ", None])
def test_the_work_of_searching_a_text_grows_linearly_with_it(repeated):
    chance = random.Random(5)
    words = ["".join(chance.choices("abcdefgh", k=chance.randrange(1, 8))) for _ in range(80_000)]
    sample = " ".join(chance.sample(words, 60))

    def search(length):
        searched = SearchableText((repeated * length if repeated else " ".join(words))[:length], "en")
        for number in (5, 70_605, 991_000):
            searched.find(sample)
            searched.find("saidd")
            searched.find_number(number)
            searched.find_date("2031-05-04", dates.PARTS)
            searched.find_party("Norland")
            searched.find_cue(CASUALTY_CUES.stated["harm"].values["killed"])

    search(1000)
    assert count_calls(search, 2**18) < 4.5 * count_calls(search, 2**16)


@pytest.mark.long
@pytest.mark.parametrize(
    ("repeated", "exact"),
    [
        ("a ", "a " * 999 + "b"),
        ("a ", "a " * 999 + "a"),
        ("aa ", "aa " * 600 + "a"),
        ("a", "a" * 2000),
        ("a\n ", "a " * 999 + "b"),
        (" " * 3000 + "a", "a " * 999 + "b"),
        ("abc ", "abc " * 499 + "ab"),
        ("ab" * 300 + " ", "ba" * 900),
    ],
)
def test_the_work_of_the_worst_claim_grows_linearly_with_the_text(repeated, exact):
    quoted = exact.strip()[:400]
    fixed = {"exact": exact, "start": 1, "end": 1 + len(exact)}
    sent = {**SAID, "mode": "mixed", "quoted": [quoted] * 20, "text": exact[:2000]}

    def check(length):
        text = (repeated * length)[:length]
        claim = {**sent, "evidence": [{"exact": exact}, fixed] * 25}
        assert grounded(claim, Source(text, len(text), "en")).failures

    check(10_000)
    assert count_calls(check, 2**20) < 4.5 * count_calls(check, 2**18)


def test_the_number_of_suggestions_is_limited():
    sent = {**SAID, "evidence": [{"exact": f"{number} were lost"} for number in range(50)]}
    spans = [failure for failure in grounded(sent, Source(TEXT, len(TEXT), "en")).failures if failure.check == "span"]
    assert len(spans) == 50
    assert "was not searched" not in spans[0].detail
    assert "was not searched" in spans[-1].detail
    assert spans[-1].places == ()


@pytest.mark.parametrize(
    ("around", "pointer", "found"),
    [
        ({"prefix": "One was"}, None, None),
        ({"prefix": "One  was ", "suffix": "; the"}, "/evidence/0/suffix", ", the"),
        ({"suffix": ", the"}, None, None),
        ({"prefix": "Two were "}, "/evidence/0/prefix", "One was "),
        ({"suffix": "."}, "/evidence/0/suffix", ","),
    ],
)
def test_a_prefix_or_suffix_that_does_not_surround_the_offsets_is_rejected(around, pointer, found):
    text = "One was killed, the mayor said. Two were killed."
    span = {"exact": "killed", "start": 8, "end": 14, **around}
    failures = grounded({**SAID, "evidence": [span]}, Source(text, len(text), "en")).failures
    reported = [(failure.pointer, failure.found) for failure in failures if failure.check == "span"]
    assert reported == ([(pointer, found)] if pointer else [])
