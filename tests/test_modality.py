"""Modality: events that a sentence asserts, and such that it only wishes, plans, fears or denies."""

from __future__ import annotations

import pytest

from api.grounding.cues import Verdict, Words, judge
from api.kinds.casualty_cues import CASUALTY_CUES
from api.kinds.ceasefire_cues import CEASEFIRE_CUES

FIELDS = {**CASUALTY_CUES.stated, **CEASEFIRE_CUES.stated}


@pytest.mark.parametrize(
    ("field", "value", "text"),
    [
        # future
        ("status", "in_effect", "the truce will take effect on Friday"),
        ("status", "in_effect", "the truce, which is due to take effect on Friday"),
        ("status", "ended", "the truce is to end on Sunday"),
        ("status", "ended", "the ceasefire expires in nine days"),
        ("status", "agreed", "the accord is expected to be signed by Norland"),
        # wish, demand, proposal
        ("status", "held", "the envoy urged both sides to respect the truce"),
        ("status", "held", "called on all parties to respect and uphold the ceasefire"),
        ("status", "extended", "the envoy called for an extension of the truce"),
        ("status", "agreed", "they hope to broker a truce"),
        ("status", "agreed", "the envoy put a ceasefire proposal on the table"),
        ("status", "agreed", "talks to reach a ceasefire go on"),
        ("status", "agreed", "demanding an immediate ceasefire"),
        ("status", "agreed", "Norland is in favour of signing a truce"),
        ("status", "agreed", "a truce is among the topics of the talks"),
        ("status", "agreed", "the ceasefire remains a key demand of the rebels"),
        ("status", "in_effect", "the envoy called upon all parties to the conflict to observe a humanitarian pause"),
        # threat, fear, condition, near miss, question
        ("harm", "killed", "they threatened to kill 13 hostages"),
        ("harm", "killed", "as many as 13 are feared dead"),
        ("status", "collapsed", "she feared that the truce would collapse"),
        ("status", "collapsed", "the truce is close to collapse"),
        ("status", "held", "if the truce holds, aid will follow"),
        ("status", "violated", "any breach of the truce will be met with force"),
        ("status", "held", "is the truce holding?"),
        ("harm", "killed", "13 narrowly escaped death"),
        ("harm", "killed", "13 could be killed"),
        ("harm", "killed", "the envoy suggested that they kill 13 hostages"),
        ("harm", "killed", "Rebels Threaten To Kill 13 Hostages"),
        # denial
        ("harm", "killed", "Norland denied that 13 soldiers were killed"),
        ("harm", "killed", "reports that 13 were killed are false"),
        ("status", "violated", "no violation of the truce was reported"),
        ("status", "in_effect", "the truce has yet to take effect"),
        ("status", "agreed", "talks ended without a ceasefire agreement"),
        ("status", "agreed", "he rejected the ceasefire deal"),
        ("status", "ended", "the ceasefire is far from over"),
    ],
)
def test_an_unreal_event_is_no_statement(field, value, text):
    # "No violation" is a cue of another value as well.
    assert judge(FIELDS[field], value, Words(text)) in (Verdict.UNREAL, Verdict.OTHER)


@pytest.mark.parametrize(
    ("field", "value", "text"),
    [
        ("harm", "killed", "Norland denied responsibility for the strike that killed 13"),
        ("harm", "killed", "he vowed to avenge the killing of 13 soldiers"),
        ("harm", "killed", "not only 13 were killed"),
        ("harm", "killed", "nearly 13 were killed"),
        ("harm", "killed", "close to 13 people were killed"),
        ("harm", "displaced", "13,000 were forced to flee"),
        ("harm", "displaced", "13,000 sought refuge"),
        ("harm", "captured", "he demanded the release of 13 hostages"),
        ("harm", "missing", "13 could not be found"),
        ("status", "held", "the truce appears to be holding"),
        ("status", "extended", "the parties agreed to prolong the ceasefire"),
        ("status", "extended", "the truce, which was due to end on Sunday, has been extended"),
        ("status", "ended", "the rebels refused to extend the truce"),
        ("status", "held", "no violations were reported"),
        ("status", "agreed", "on 3 May 2031 the two sides signed a truce"),
        ("status", "agreed", "in May the two sides signed a truce"),
        ("harm", "killed", "since May 3 the army has killed 13"),
        ("harm", "killed", "13 are estimated to have lost their lives"),
        ("harm", "killed", "estimates suggest that up to 13 died"),
        ("harm", "killed", "satellite images suggest 13 people were killed"),
        ("harm", "killed", "Healers Without Borders said 13 were killed"),
        ("harm", "killed", "the leader Desire Holm gave a death toll of 13"),
    ],
)
def test_a_marker_of_something_else_changes_nothing(field, value, text):
    assert judge(FIELDS[field], value, Words(text)) is Verdict.STATED


@pytest.mark.parametrize(
    ("field", "value", "text", "verdict"),
    [
        ("status", "held", "the truce collapsed", Verdict.OTHER),
        ("harm", "injured", "13 were killed", Verdict.OTHER),
        ("harm", "killed", "13 were killed or wounded", Verdict.OTHER),
        ("harm", "killed", "13 were killed, injured, or kidnapped", Verdict.OTHER),
        ("harm", "killed", "13 were killed or taken prisoner", Verdict.OTHER),
        ("harm", "killed", "13 are dead or missing", Verdict.OTHER),
        ("harm", "captured", "13 were captured or surrendered", Verdict.STATED),
        ("harm", "killed", "13 were abducted and killed", Verdict.STATED),
        ("harm", "killed", "13 were hit by bullets", Verdict.OTHER),
        ("harm", "missing", "they found 13 guards alive", Verdict.OTHER),
        ("harm", "killed", "eight miners survived", Verdict.OTHER),
        ("harm", "killed", "six men were sentenced to death", Verdict.UNREAL),
        ("status", "collapsed", "the truce existed in the minds of diplomats", Verdict.OPEN),
        ("harm", "killed", "13 went to their maker", Verdict.OPEN),
    ],
)
def test_another_value_contradicts_and_no_value_leaves_it_open(field, value, text, verdict):
    assert judge(FIELDS[field], value, Words(text)) is verdict
