"""Resolutions as news prints them, and the organ that adopts them."""

from __future__ import annotations

import pytest

from api.grounding import symbols
from api.grounding.case import Source
from api.grounding.locate import SearchableText
from schemas.un_organs import organs_named
from tests.demo import grounded

COUNCIL, ASSEMBLY, RIGHTS = "un_security_council", "un_general_assembly", "un_human_rights_council"
STATED = (
    ("S/RES/2728 (2024)", "The Security Council later adopted Resolution 2728 (2024)"),
    ("S/RES/1701 (2006)", "The Security Council adopted resolution 1701 in 2006"),
    ("S/RES/242 (1967)", "Security Council Resolution 242 of 1967 called for a withdrawal"),
    ("S/RES/2417 (2018)", "The UN Security Council passed S/RES/2417 (2018)"),
    ("S/RES/1559 (2004)", "resolutions 1701 (2006) and 1559 (2004)"),
    ("A/RES/ES-10/22", "The General Assembly adopted resolution ES-10/22"),
    ("A/RES/ES-10/22", "text ES-10/22 passed by a wide margin"),
    ("A/RES/76/300", "The General Assembly adopted resolution 76/300"),
    ("A/RES/377 (V)", "The General Assembly adopted resolution 377 (V)"),
    ("A/RES/181 (II)", "General Assembly Resolution 181 of 1947"),
    ("A/RES/46/36 L", "The General Assembly adopted resolution 46/36L"),
    ("S/RES/2728 (2024)", "The Security Council adopted resolution 2728/2024"),
    ("E/RES/2005/30", "ECOSOC resolution 2005/30"),
    ("A/HRC/RES/55/28", "In its resolution 55/28, the Human Rights Council called for a halt"),
)
CONTRADICTED = (
    ("S/RES/2782 (2024)", "The Security Council later adopted Resolution 2728 (2024)"),
    ("S/RES/2728 (2023)", "The Security Council later adopted Resolution 2728 (2024)"),
    ("S/RES/2728 (2024)", "The Council adopted S/RES/2735 (2024)"),
    ("A/RES/ES-10/21", "The General Assembly adopted resolution ES-10/22 in December"),
    ("A/RES/77/300", "The General Assembly adopted resolution 76/300 last July"),
    ("A/RES/181 (II)", "General Assembly Resolution 181 of 1957"),
    ("A/RES/46/36 L", "The General Assembly adopted A/RES/46/36 M"),
)


def resolution(text, **fields):
    """Return what the checks make of a resolution with the whole text as its evidence."""
    sent = {
        "type": "resolution",
        "article_id": "news",
        "claimant": {"name": "the article", "kind": "article"},
        "evidence": [{"exact": text, "start": 0, "end": len(text)}],
        **fields,
    }
    return grounded(sent, Source(text, len(text), "en"))


@pytest.mark.parametrize(("symbol", "text"), STATED)
def test_a_number_with_its_year_or_session_states_a_symbol(symbol, text):
    assert symbols.judge(symbol, symbols.printed(text), [symbol]) == (True, False, [])


@pytest.mark.parametrize(("symbol", "text"), CONTRADICTED)
def test_another_number_or_year_contradicts_a_symbol(symbol, text):
    assert symbols.judge(symbol, symbols.printed(text), [symbol]).others


def test_the_number_of_another_symbol_of_the_claim_contradicts_nothing():
    claimed = ["S/RES/822 (1993)", "S/RES/853 (1993)"]
    assert symbols.judge(claimed[1], symbols.printed("resolution 822 (1993) and a later one"), claimed) == (
        False,
        False,
        [],
    )


@pytest.mark.parametrize("text", ["resolution 12 times", "the resolution of 14 members", "13 votes", "in 2024"])
def test_a_number_of_something_else_is_no_resolution(text):
    assert symbols.printed(text) == []


def test_another_number_is_rejected_even_if_symbols_are_inferred():
    text = "The Security Council later adopted Resolution 2728 (2024)"
    fields = {"organ": COUNCIL, "organ_name": "Security Council", "inferred": ["symbols"]}
    assert resolution(text, **fields, symbols=["S/RES/2728 (2024)"]).report["status"] == "verified"
    (failure,) = resolution(text, **fields, symbols=["S/RES/2782 (2024)"]).failures
    assert (failure.check, failure.pointer, failure.excusable) == ("symbol", "/symbols/0", False)
    assert failure.found == "2728 (2024)"


@pytest.mark.parametrize("printed", ["resolution 1701", "S/RES/1701"])
def test_a_number_without_its_year_leaves_the_symbol_undecided(printed):
    text = f"The Security Council adopted {printed}"
    grounding = resolution(text, organ=COUNCIL, organ_name="Security Council", symbols=["S/RES/1701 (2006)"])
    assert (grounding.failures, grounding.report["status"]) == ([], "partial")


@pytest.mark.parametrize(("year", "failures"), [(2006, 0), (2005, 1)])
def test_the_year_of_a_symbol_can_be_the_year_of_its_adoption(year, failures):
    text = "The Security Council adopted resolution 1701 on 11 August 2006"
    fields = {"organ": COUNCIL, "organ_name": "Security Council", "inferred": ["symbols"]}
    grounding = resolution(text, **fields, symbols=[f"S/RES/1701 ({year})"])
    assert len(grounding.failures) == failures
    assert grounding.report["status"] == "verified"


def test_a_symbol_is_found_in_the_text_as_news_prints_it():
    text = "The Council met. It adopted resolution 2728 (2024) on Monday."
    (place,) = SearchableText(text, "en").seek_symbol("S/RES/2728 (2024)").places
    assert place.exact == "resolution 2728 (2024)"


@pytest.mark.parametrize(
    ("organ", "text", "against", "named"),
    [
        (COUNCIL, "The Security Council adopted it, convening the General Assembly", None, True),
        (ASSEMBLY, "The Security Council adopted it, convening the General Assembly", COUNCIL, True),
        (COUNCIL, "Days after the Security Council failed to act, the General Assembly adopted it", ASSEMBLY, True),
        (COUNCIL, "The Security Council failed; the Assembly adopted resolution ES-11/1", ASSEMBLY, False),
        (ASSEMBLY, "Adopted by the General Assembly after the Security Council met", None, True),
        (COUNCIL, "Four Security Council resolutions and two from the General Assembly demand it", None, True),
        (ASSEMBLY, "Four Security Council resolutions and two from the General Assembly demand it", None, True),
        (ASSEMBLY, "The General Assembly and the Security Council adopted resolutions", None, True),
        (RIGHTS, "the council adopted resolution 2728 (2024)", COUNCIL, False),
        (COUNCIL, "the council adopted it", None, False),
        (ASSEMBLY, "Norland's Security Council adopted it", None, False),
        (COUNCIL, "The General Assembly, not the Security Council, adopted it", ASSEMBLY, False),
        (ASSEMBLY, "The General Assembly, not Security Council, adopted it", None, True),
    ],
)
def test_the_organ_that_acts_is_the_one_of_the_resolution(organ, text, against, named):
    assert symbols.organ_contradicting(organ, text) == (against, named)


@pytest.mark.parametrize(
    ("organ", "text", "acts"),
    [
        (COUNCIL, "The Security Council failed on Friday to back an appeal", False),
        (COUNCIL, "The Security Council (UNSC), whose texts bind, has not been able to agree on a resolution", False),
        (COUNCIL, "A text was vetoed by Norland and Sundland in the Security Council two weeks earlier", False),
        (COUNCIL, "The Security Council rejected the draft resolution", False),
        (COUNCIL, "The Security Council rejected a rival draft and adopted the resolution", True),
        (COUNCIL, "The Security Council, which had failed to act in May, adopted a resolution on Friday", True),
        (COUNCIL, "Norland vetoed one draft before the Security Council adopted the resolution", True),
        (COUNCIL, "The Security Council has not met since adopting the resolution", True),
        (COUNCIL, "The Security Council resolution has not been implemented", True),
        (ASSEMBLY, "It asked for a report to the General Assembly on the resolution", False),
        (COUNCIL, "The envoy briefed the Security Council on the resolution", False),
        (COUNCIL, "According to the Security Council, troops must leave", True),
        (COUNCIL, "The text was submitted to the Security Council, which adopted it", True),
    ],
)
def test_an_organ_that_fails_or_is_addressed_adopts_nothing(organ, text, acts):
    assert (symbols.organ_not_acting(organ, text) is None) is acts


@pytest.mark.parametrize(
    "text",
    [
        "After a veto in the Security Council, the General Assembly adopted a resolution",
        "The General Assembly adopted a text that the Security Council had failed to approve",
        "The General Assembly adopted a resolution. It mirrors a text vetoed by Norland in the Security Council",
    ],
)
def test_the_organ_that_adopts_contradicts_the_one_that_fails(text):
    assert symbols.organ_contradicting(COUNCIL, text) == (ASSEMBLY, True)
    assert symbols.organ_contradicting(ASSEMBLY, text) == (None, True)
    assert symbols.organ_not_acting(ASSEMBLY, text) is None


def test_another_organ_is_rejected_and_no_organ_is_undecided():
    text = "Weeks after the Security Council failed to act, the General Assembly adopted the text"
    (failure,) = resolution(text, organ=COUNCIL, organ_name="Security Council").failures
    assert (failure.check, failure.pointer, failure.field, failure.excusable) == ("symbol", "/organ", "organ", False)
    text = "The council adopted the text"
    assert resolution(text, organ=COUNCIL, organ_name="The council").report["status"] == "partial"
    inferred = resolution(text, organ=COUNCIL, organ_name="The council", inferred=["organ"])
    assert inferred.report["status"] == "verified"


@pytest.mark.parametrize(
    "text",
    [
        "Norland's Security Council",
        "the National Security Council",
        "the AU's Peace and Security Council",
        "security council",
    ],
)
def test_the_security_councils_of_others_are_no_organs_of_the_united_nations(text):
    assert organs_named(text) == []


@pytest.mark.parametrize(
    "text", ["U.N. Security Council", "the 15-member Security Council", "United Nations Security Council"]
)
def test_the_organs_of_the_united_nations_are_named_in_text(text):
    assert [named.organ for named in organs_named(text)] == [COUNCIL]
