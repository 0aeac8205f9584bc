"""The demo: an invented conflict, labelled as invented, whose articles support every claim."""

from __future__ import annotations

import calendar
import re
from datetime import date

import orjson
import pytest

from api.grounding.numbers import stated_numbers
from api.kinds.article import INPUT_SCHEMA
from api.seed import files
from api.store.imports import import_lines
from schemas.casualty_report import Harm, Population, Qualifier
from schemas.ceasefire import CeasefireStatus
from schemas.quote import QuoteMode
from tests.support.demo import ARTICLES, CLAIMS, FOLDER, grounded, source

BY_ID = {claim["id"]: claim for claim in CLAIMS}


def text_of(claim):
    return ARTICLES[claim["article_id"]]["text"]


def values(type_, field):
    return {claim[field] for claim in CLAIMS if claim["type"] == type_}


@pytest.mark.parametrize("claim", CLAIMS, ids=lambda claim: claim["id"])
def test_every_claim_is_supported_by_its_article(claim):
    grounding = grounded(claim, source(ARTICLES[claim["article_id"]]))
    assert grounding.failures == []
    assert grounding.report["status"] == "verified"
    assert grounding.evidence[0]["start"] == min(span["start"] for span in claim["evidence"])
    for span in claim["evidence"]:
        assert text_of(claim)[span["start"] : span["end"]] == span["exact"]


@pytest.mark.parametrize("claim", CLAIMS, ids=lambda claim: claim["id"])
def test_offsets_are_optional_if_the_text_occurs_once(claim):
    bare = [
        {"exact": span["exact"]} if text_of(claim).count(span["exact"]) == 1 else span for span in claim["evidence"]
    ]
    assert bare != claim["evidence"]
    grounding = grounded({**claim, "evidence": bare}, source(ARTICLES[claim["article_id"]]))
    assert grounding.failures == []
    assert [{key: span[key] for key in ("exact", "start", "end")} for span in grounding.evidence] == claim["evidence"]


@pytest.mark.parametrize("claim", [claim for claim in CLAIMS if claim.get("inferred")], ids=lambda claim: claim["id"])
def test_inferred_fields_have_values(claim):
    assert all(claim.get(field) for field in claim["inferred"])


@pytest.mark.parametrize("article", ARTICLES.values(), ids=lambda article: article["id"])
def test_every_article_is_labelled_as_invented(article):
    label = {"en": "invented", "de": "erfunden"}[article["language"]]
    for words in (article["headline"], article["standfirst"], article["publisher"], article["text"][:20]):
        assert label in words.lower()
    assert article["text"].startswith(f"{article['headline']}\n\n{article['standfirst']}\n\n")
    assert article["conflict"] == "quillon-valley"
    assert 80 <= len(article["text"].split()) <= 250
    assert (
        INPUT_SCHEMA.load({name: value for name, value in article.items() if name != "type"})["text"] == article["text"]
    )
    assert "do not exist" in (FOLDER / "README.md").read_text()


def test_weekdays_are_those_of_the_calendar():
    day, month = r"(?P<day>[0-9]{1,2})", f"(?P<month>{'|'.join(calendar.month_name[1:])})"
    actual = [
        match
        for article in ARTICLES.values()
        for form in (f"{day} {month} 2031", f"{month} {day}, 2031")
        for match in re.finditer(rf"(?P<weekday>[A-Z]\w+day), {form}", article["text"])
    ]
    assert len(actual) > 10
    for match in actual:
        named = date(2031, list(calendar.month_name).index(match["month"]), int(match["day"]))
        assert calendar.day_name[named.weekday()] == match["weekday"]


def test_ids_are_the_demos_own_and_no_country_is_a_real_one():
    seeded = {orjson.loads(line)["id"] for _, file in files() for line in file.read_bytes().splitlines()}
    assert len(BY_ID) == len(CLAIMS)
    assert not seeded & {*BY_ID, *ARTICLES}
    for record in (*CLAIMS, *ARTICLES.values()):
        assert record["id"].startswith("demo-")
        assert re.findall(r"'country': ([^,}]*)", str(record)) == ["None"] * str(record).count("'country'")


def test_every_vocabulary_value_occurs():
    assert 45 <= len(CLAIMS) <= 60
    assert values("casualty_report", "harm") == set(Harm)
    assert values("casualty_report", "qualifier") == set(Qualifier)
    assert values("casualty_report", "population") == set(Population)
    assert values("ceasefire", "status") == set(CeasefireStatus)
    assert values("quote", "mode") == set(QuoteMode)
    assert values("resolution", "organ") >= {"un_security_council", "un_general_assembly", "other"}


def test_two_count_the_same_and_cannot_both_be_right_and_one_agrees_with_either():
    kestria, morvane, monitor = (
        BY_ID[f"demo-morvane-soldiers-killed-{claimant}"] for claimant in ("kestria", "morvane", "monitor")
    )
    for report in (kestria, morvane, monitor):
        assert (report["harm"], report["population"], report["since"]) == ("killed", "combatant", "2031-03-03")
        assert [party["name"] for party in report["affected"]] == ["Morvane"]
    assert (kestria["count"], morvane["count"]) == (310, 84)
    assert {kestria["qualifier"], morvane["qualifier"]} == {"exact"}
    assert (monitor["qualifier"], monitor["count"]) == ("at_least", 80)
    assert len({report["claimant"]["name"] for report in (kestria, morvane, monitor)}) == 3


def test_an_undisclosed_figure_is_disclosed_later_by_the_same_side_and_restated():
    withheld, reported, again = (
        BY_ID[f"demo-morvane-soldiers-{id_}"] for id_ in ("withheld", "killed-morvane", "killed-again")
    )
    assert (withheld["qualifier"], reported["qualifier"], reported["count"]) == ("undisclosed", "exact", 84)
    assert withheld["claimant"] == reported["claimant"] == again["claimant"]
    assert all(withheld[field] == reported[field] for field in ("harm", "population", "affected", "since"))
    days = [ARTICLES[report["article_id"]]["published_on"] for report in (withheld, reported, again)]
    assert days == sorted(days)
    assert (again["restates"], again["count"]) == (reported["id"], reported["count"])


def test_a_toll_grows_from_article_to_article():
    toll = [BY_ID[f"demo-kestria-civilians-killed-{number}"] for number in (1, 2, 3, 4)]
    assert len({report["article_id"] for report in toll}) == 4
    assert len({report["claimant"]["name"] for report in toll}) == 1
    assert [(report["as_of"], report["count"]) for report in toll] == [
        ("2031-03-07", 23),
        ("2031-03-14", 41),
        ("2031-03-28", 67),
        ("2031-04-18", 91),
    ]


def test_ceasefires_are_joined_over_articles_and_some_are_only_counted():
    reported = {}
    for claim in CLAIMS:
        if claim["type"] == "ceasefire" and claim.get("ceasefire"):
            reported.setdefault(claim["ceasefire"], []).append(claim)
    assert [claim["status"] for claim in reported["lantern-truce"]] == [
        "agreed",
        "extended",
        "violated",
        "violated",
        "collapsed",
    ]
    accused = [
        (claim["claimant"]["name"], claim["accused"][0]["name"])
        for claim in reported["lantern-truce"]
        if claim["status"] == "violated"
    ]
    assert accused == [("Morvane", "Kestria"), ("Kestria", "Morvane")]
    assert {claim["status"] for claim in reported["bridge-accord"]} == {"in_effect", "held"}
    assert all(
        len({claim["article_id"] for claim in reported[slug]}) >= 2 for slug in ("lantern-truce", "bridge-accord")
    )
    assert BY_ID["demo-three-ceasefires"]["count"] == 3


def test_planted_cases_match_the_readme():
    named = set(re.findall(r"`(demo-[a-z0-9-]+)`", (FOLDER / "README.md").read_text()))
    assert len(named) > 5
    assert named <= {*BY_ID, *ARTICLES}


def test_the_demo_can_be_imported(store):
    files_ = sorted(file.name for file in FOLDER.iterdir() if file.name.endswith(".ndjson"))
    result = import_lines(store, [(name, (FOLDER / name).read_bytes().splitlines()) for name in files_])
    assert result.rejected_lines == []
    assert result.counts == {"created": len(CLAIMS) + len(ARTICLES)}


def test_symbols_occur_in_the_texts():
    symbols = [(claim, symbol) for claim in CLAIMS for symbol in claim.get("symbols", ())]
    assert len(symbols) == 3
    assert all(symbol in text_of(claim) for claim, symbol in symbols)


def test_a_party_goes_by_several_names():
    names = {}
    for claim in CLAIMS:
        party = claim["claimant"]
        names.setdefault(party.get("same_as"), set()).add(party["name"])
    assert names["https://parties.example/kestria"] == {"Kestria", "the Republic of Kestria", "Kestrien"}


@pytest.mark.parametrize("marks", ["“”", "‘’", "«»", "„“", "»«", "“‘", "\u00a0", "–", "’"], ids=ascii)
def test_texts_have_marks_of_every_usual_style(marks):
    assert any(all(mark in article["text"] for mark in marks) for article in ARTICLES.values())


@pytest.mark.parametrize(
    ("words", "number"),
    [
        ("forty-five", 45),
        ("a dozen", 12),
        ("No", 0),
        ("Nobody", 0),
        ("One", 1),
        ("a", 1),
        ("Three", 3),
        ("1\u00a0166", 1166),
        ("1.166", 1166),
    ],
)
def test_numbers_of_claims_occur_in_every_form(words, number):
    assert any(
        (stated.value, span["exact"][stated.start : stated.end]) == (number, words)
        for claim in CLAIMS
        if claim.get("count") == number
        for span in claim["evidence"]
        for stated in stated_numbers(span["exact"], ARTICLES[claim["article_id"]]["language"])
    )
