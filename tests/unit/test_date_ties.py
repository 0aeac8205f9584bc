"""Dates count only for the fields that the text ties them to."""

from __future__ import annotations

import time

import pytest

from api.grounding.case import Source
from api.grounding.date_check import judge
from api.grounding.date_ties import ties
from tests.support.demo import grounded

SUPPORTED = (
    ("claimed_on", "2024-03-08", "On 8 March 2024 the ministry reported 12 deaths"),
    ("claimed_on", "2024-03-08", "In a report dated 8 March 2024, the mission counted 12 dead"),
    ("claimed_on", "2024-03-08", "He told a news conference in Geneva on 8 March 2024"),
    ("claimed_on", "2024-05-05", "In a televised address on 5 May 2024, Ada Merrow called for peace"),
    ("claimed_on", "2024-03-05", "Posted on March 5, 2024 … The army said 5 soldiers died"),
    ("claimed_on", "2024-06-03", "300 people have been killed since 9 May 2024, the UN said on 3 June 2024"),
    ("as_of", "2024-06-03", "300 people have been killed since 9 May 2024, the UN said on 3 June 2024"),
    ("as_of", "2014-10-06", "As of Oct. 6, 2014, 3,660 people had been killed"),
    ("as_of", "2024-03", "By the end of March 2024, 30,000 had been killed"),
    ("as_of", "2014-10-06", "during a six-month period ending Oct. 6, 2014"),
    ("as_of", "2021-05-03", "At least 40 people were killed in the attack of 3 May 2021"),
    ("as_of", "2023-01-15", "From 24 February 2022 to 15 January 2023, the mission recorded 18,358 casualties"),
    ("as_of", "2024-05-09", "From 3 to 9 May 2024, 14 people were killed"),
    ("since", "2024-05-03", "From 3 to 9 May 2024, 14 people were killed"),
    ("since", "2014-04-14", "Between April 14, 2014 and December 31, 2021, 14,000 people were killed"),
    ("since", "2014-04", "Since the conflict began in April 2014, more than 13,000 people have died"),
    ("since", "2024-05-09", "Some 300 have been killed since the truce of 9 May 2024"),
    ("agreed_on", "1994", "brought to a halt by a Norland-brokered cease-fire in 1994"),
    ("agreed_on", "2020-11-10", "the ceasefire agreement of 10 November 2020"),
    ("agreed_on", "2003", "have nearly torn down a 2003 mutual cease-fire truce"),
    ("agreed_on", "2024-03-08", "Norland announced a ceasefire on 8 March 2024"),
    ("agreed_on", "2015-02", "The ceasefire signed in Elling in February 2015 was violated again on Sunday"),
    ("agreed_on", "2025-01-15", "The two presidents met on 15 January 2025 and signed a truce"),
    ("effective_on", "2020-11-10", "the ceasefire of 10 November 2020"),
    ("effective_on", "2023-11-24", "A truce brokered by Norland came into effect at 7 a.m. on 24 November 2023"),
    ("effective_on", "2022-04-02", "The truce, in force since 2 April 2022, ended on 2 October 2022"),
    ("ended_on", "2022-10-02", "The truce, in force since 2 April 2022, ended on 2 October 2022"),
    ("ended_on", "2024-06-05", "The truce runs until 5 June 2024"),
    ("adopted_on", "2018-02-24", "Resolution 2401 (2018), adopted on 24 February, demanded a truce"),
    ("adopted_on", "2006", "The Security Council adopted resolution 1701 in 2006"),
    ("adopted_on", "1967", "a 1967 Security Council resolution"),
    ("adopted_on", "2018-02-24", "Security Council resolution 2401 (2018) of 24 February 2018"),
    ("adopted_on", "2031-02-01", "the vote of 1 February 2031 on the attack"),
    ("agreed_on", "2031-05-03", "They signed the accord on 3 May 2031 and agreed to a truce"),
    ("agreed_on", "2031-08-31", "31 August 2031: The front declares a truce … 4 September 2031"),
    (
        "agreed_on",
        "2024-03",
        "They signed a framework accord in February in Elling, agreed to a ceasefire in March 2024",
    ),
    ("ended_on", "2024-01-07", "The front declared a truce starting Dec. 23 to Jan. 7, 2024 on Sunday"),
    ("effective_on", "2024-05-03", "The front declared a truce from 3 May 2024 to 9 May"),
    ("adopted_on", "2024-03-25", "The Council's vote came on Monday, March 25, 2024"),
    ("effective_on", "2025-04-19", "A truce from 6 p.m. on 19 April 2025 to midnight on 20 April 2025"),
    ("ended_on", "2025-04-20", "A truce from 6 p.m. on 19 April 2025 to midnight on 20 April 2025"),
    ("ended_on", "2025-03-18", "Strikes on 18 March 2025 shattered the ceasefire"),
    ("adopted_on", "2031-04-10", "On 10 April 2031 the General Assembly called for a truce"),
)
# The text has the value's date, but ties it to something else.
UNSUPPORTED = (
    ("claimed_on", "1994-03-12", "Norland said the truce of 12 March 1994 was dead"),
    ("claimed_on", "2024-05-02", "The army said that shells hit the town on 2 May 2024"),
    ("claimed_on", "2024-05-02", "12 people were killed on 2 May 2024, the army said"),
    ("as_of", "2024-05-09", "300 people have been killed since 9 May 2024, the UN said on 3 June 2024"),
    ("since", "2022-01-07", "A report published on 7 January 2022 says 23 people were killed"),
    ("agreed_on", "2024-05-09", "The rebels, who declared a truce on 3 May 2024, attacked a base on 9 May 2024"),
    ("ended_on", "2023-12-01", "Fighting resumed on 1 December 2023 after the truce expired"),
    ("ended_on", "2024-05-03", "The talks ended on 3 May 2024 and a truce was agreed a day later"),
    ("agreed_on", "2014", "a group that signed a peace deal with Norland in 2014 … agreed to a truce on Friday"),
)
CONTRADICTED = (
    ("claimed_on", "2024-03-05", "The mission said on 4 March 2024 that the convoy had been fired on"),
    ("claimed_on", "2023-05-02", "Oran Dial said on 5 May 2023 the army shelled the market on 2 May 2023"),
    ("as_of", "2023-04-15", "As of 12 June 2024, 4,300 people had been killed since the war began on 15 April 2023"),
    ("as_of", "2025-02-05", "Sixteen people were injured on Tuesday"),
    ("since", "2023-06-09", "Since 1 May 2023, 62 people have been killed, the ministry said on 9 June 2023"),
    ("since", "2014-10-05", "331 deaths were recorded following the September 5th cease-fire"),
    ("since", "2022-09-14", "49 of its soldiers have been killed in the fighting … that erupted early Tuesday"),
    ("since", "2022-03-24", "14 people have been killed since the war began on 24 February"),
    ("agreed_on", "2024-03-24", "The truce was agreed on 24 February"),
    ("agreed_on", "2021-05-09", "The truce was signed on 19 May 2021, ten days after the war began on 9 May 2021"),
    ("agreed_on", "2018-08-08", "Talks opened on 8 August 2018 and a truce was signed on 30 August 2018"),
    ("agreed_on", "1996", "brought to a halt by a Norland-brokered cease-fire in 1994"),
    ("agreed_on", "2008-08-07", "had signed a truce today in the presence of … Norland advanced into it on August 7"),
    ("effective_on", "2025-01-15", "A truce agreed on 15 January 2025 took effect on 19 January 2025"),
    ("ended_on", "2022-04-02", "The truce, in force since 2 April 2022, ended on 2 October 2022"),
    ("ended_on", "2018-06-18", "The rebels ended their three-day ceasefire on Sunday"),
    ("adopted_on", "2023-12-18", "The Council, which met on 18 December 2023, adopted the text on 22 December 2023"),
    ("adopted_on", "2023-03-25", "The Security Council later adopted Resolution 2728 (2024)"),
    ("adopted_on", "2018-03-24", "Resolution 2401 (2018), adopted on 24 February, demanded a truce"),
    ("agreed_on", "2024-02", "They signed a framework accord in February in Elling, agreed to a ceasefire in March"),
    ("agreed_on", "2031-09-04", "31 August 2031: The front declares a truce … 4 September 2031"),
    ("agreed_on", "2024-05-09", "A truce was agreed, 3 May to 9 May 2024"),
    ("effective_on", "2024-05-09", "The front declared a truce from 3 May in 2024 to 9 May"),
    ("effective_on", "2024-01-07", "The front declared a truce starting Dec. 23 to Jan. 7, 2024"),
    ("adopted_on", "2031-02-01", "The Assembly passed a resolution that condemned the Feb. 1 military coup"),
    ("adopted_on", "2024-03-26", "Resolution 2728 (2024), adopted on 25 March 2024, demands a truce"),
)
# Dates that are tied to something else leave the field open.
OPEN = (
    ("claimed_on", "2031-05-09", "Norland said the truce of 12 March 1994 was dead"),
    (
        "agreed_on",
        "2014-05-09",
        "the two sides on Wednesday accused each other of violating a truce signed five days ago",
    ),
    ("agreed_on", "2014-01-23", "Rebels are accusing the army of violating the truce, he said on Saturday"),
    ("as_of", "2024-03-09", "Three were killed on Friday, bringing the toll to 40"),
    ("as_of", "2024-03-01", "The Oct. 7 attack killed 1,200 people; the offensive has killed 30,000"),
    ("since", "2023-10-07", "Three were killed on Friday, bringing the toll to 40 since the war began"),
    ("agreed_on", "2014", "The mission counted about 2000 ceasefire violations"),
)


@pytest.mark.parametrize(("field", "value", "text"), SUPPORTED)
def test_a_date_that_the_text_ties_to_a_field_supports_it(field, value, text):
    assert judge(field, value, ties(text)) == (None, [])


@pytest.mark.parametrize(("field", "value", "text"), UNSUPPORTED)
def test_a_date_that_the_text_ties_to_another_field_supports_nothing_else(field, value, text):
    assert judge(field, value, ties(text)).missing


@pytest.mark.parametrize(("field", "value", "text"), CONTRADICTED)
def test_a_date_that_the_text_ties_to_a_field_contradicts_another_value(field, value, text):
    assert judge(field, value, ties(text)).against is not None


@pytest.mark.parametrize(("field", "value", "text"), OPEN)
def test_a_date_that_the_text_ties_to_another_field_contradicts_nothing_else(field, value, text):
    verdict = judge(field, value, ties(text))
    assert verdict.against is None
    assert verdict.missing


def test_a_date_of_several_fields_does_not_contradict_if_it_is_another_date_of_the_claim():
    read = ties("the ceasefire of 9 April 2031")
    assert judge("effective_on", "2031-04-11", read).against is not None
    assert judge("effective_on", "2031-04-11", read, ["2031-04-09"]).against is None


@pytest.mark.parametrize("inferred", [[], ["claimed_on"]])
def test_the_day_of_a_truce_is_not_the_day_of_speaking(inferred):
    text = "Norland said the truce of 12 March 1994 was dead"
    sent = {
        "type": "ceasefire",
        "article_id": "news",
        "claimant": {"name": "Norland", "kind": "government"},
        "status": "collapsed",
        "evidence": [{"exact": text, "start": 0, "end": len(text)}],
        "inferred": inferred,
    }
    source = Source(text, len(text), "en")
    checks = {"date"} if not inferred else set()
    for claimed_on in ("2031-05-09", "1994-03-12"):
        failures = [one for one in grounded({**sent, "claimed_on": claimed_on}, source).failures if one.check == "date"]
        assert {failure.check for failure in failures} == checks
        assert all(failure.excusable for failure in failures)


def test_a_contradiction_does_not_advise_to_copy_the_date():
    text = "The truce was agreed on 24 February"
    sent = {
        "type": "ceasefire",
        "article_id": "news",
        "claimant": {"name": "the article", "kind": "article"},
        "status": "agreed",
        "agreed_on": "2024-03-24",
        "evidence": [{"exact": text, "start": 0, "end": len(text)}],
        "inferred": ["agreed_on"],
    }
    (failure,) = grounded(sent, Source(text, len(text), "en")).failures
    assert (failure.check, failure.excusable) == ("date", False)
    assert "states February 24, which 2024-03-24 is not" in failure.detail
    assert "Give the date" not in failure.detail


@pytest.mark.parametrize(
    ("field", "value", "text", "contradicted"),
    [
        ("claimed_on", "2022-09-14", "said Wednesday", False),
        ("claimed_on", "2021-09-15", "said Wednesday", True),
        ("agreed_on", "2022-09-15", "had signed a truce today", False),
        ("agreed_on", "2022-09-07", "had signed a truce today", True),
        ("agreed_on", "2022-09-10", "a truce signed five days ago", False),
        ("agreed_on", "2022-09-01", "a truce signed five days ago", True),
        ("agreed_on", "2022-09", "a truce signed five days ago", False),
        ("agreed_on", "2022-09-01", "a truce signed two weeks ago", False),
        ("agreed_on", "2022-09-01", "signed on 1 September 2022, he said today", False),
        ("claimed_on", "9999-12-31", "said today", True),
    ],
)
def test_weekdays_and_relative_days_count_from_publication(field, value, text, contradicted):
    assert (judge(field, value, ties(text), published="2022-09-15").against is not None) is contradicted


def test_a_publication_at_the_end_of_the_calendar_is_no_error():
    assert judge("claimed_on", "9999-12-31", ties("said tomorrow"), published="9999-12-31").against is None


@pytest.mark.parametrize(
    "repeated", ["on 3 May 2024 ", "3 May to ", "(2024) ", "since ", "the 2003 ", "signed in 1994, ", "x ", " "]
)
def test_ties_take_time_in_proportion_to_the_text(repeated):
    def seconds(length):
        text = (repeated * length)[:length]
        began = time.process_time()
        judge("agreed_on", "2024-05-04", ties(text), ["2024-03-01"])
        return time.process_time() - began

    seconds(1000)
    # A quadratic reading would take 64 times as long.
    assert seconds(80_000) < 0.5 + 24 * seconds(10_000)
