"""The error rates of grounding: goals, the page that shows them, and the files of phrases."""

from __future__ import annotations

import pytest

from api.kinds import KINDS
from api.kinds.collections import KIND_BY_NAME
from tests.support.grounding_scores import DOCUMENT, GOALS, GROUPS, Result, checked_fields, phrases, rendered, results

PAGE = DOCUMENT.read_text()
ALL_PHRASES = list(phrases())


@pytest.fixture(scope="module")
def found():
    """Return the results of all claims and phrases."""
    return results()


@pytest.mark.slow
@pytest.mark.parametrize("goal", GOALS, ids=lambda goal: goal.group)
def test_goals_are_met(found, goal):
    assert not goal.missed(found), f"{goal.share(found):.1%} of {goal.group} have the wrong verdict"


@pytest.mark.slow
def test_the_page_shows_the_measured_values(found):
    assert rendered(PAGE, found) == PAGE, "Run: make grounding-scores SCORES=--write"


@pytest.mark.slow
def test_every_group_has_claims(found):
    assert {result.group for result in found} == set(GROUPS)


def test_the_page_has_each_checked_field_once():
    checked = {"evidence", "quoted", "qualifier", "symbols", "organ", "population", "subgroups"}
    for kind in KINDS:
        fields = kind.checked
        checked |= set(fields.cues.stated)
        checked |= {*fields.verbatim, *fields.numbers, *fields.dates, *fields.parties}
    assert sorted(checked_fields(PAGE)) == sorted(checked)


def test_a_goal_is_missed_above_its_maximum():
    goal = GOALS[0]
    right, error = (
        Result(goal.group, "seed", frozenset(), None, rejected, frozenset(), frozenset()) for rejected in (False, True)
    )
    assert not goal.missed([right] * 99 + [error])
    assert goal.missed([right] * 98 + [error] * 2)
    # A wrong claim is an error if it is accepted; one that is held out counts, too.
    accepted = Result("wrong phrases, held out", "date/wrong", frozenset(), "since", False, frozenset(), frozenset())
    assert GOALS[-1].share([accepted]) == 1


@pytest.mark.parametrize("phrase", ALL_PHRASES, ids=lambda phrase: phrase.kind)
def test_a_phrase_is_a_valid_claim_whose_evidence_is_in_its_text(phrase):
    for span in phrase.claim["evidence"]:
        assert phrase.source.text.count(span["exact"]) == 1
    sent = {name: value for name, value in phrase.claim.items() if name != "type"}
    errors = KIND_BY_NAME[phrase.claim["type"]].input_schema.validate(sent)
    assert not (phrase.accepted and errors), errors


def test_no_phrase_is_there_twice():
    keys = [(phrase.source.text, str(phrase.claim)) for phrase in ALL_PHRASES]
    assert len(set(keys)) == len(keys)
