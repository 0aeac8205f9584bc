"""Parties are named near the words that carry the claim, and in the claimed role."""

from __future__ import annotations

import pytest

from api.grounding.case import Source
from api.grounding.party_roles import REACH, Roles
from tests.support.demo import grounded

SILENCE = "it does not disclose its own losses"
TEXT = (
    "Norland opened a new port. Fog lay over the bay for weeks. Sundland says that it won the battle. "
    f"Its ministry publishes a bulletin, and {SILENCE}. Nobody was surprised. Norland sent no word."
)


def withheld(name, words, source=TEXT, **fields):
    """Return the results of the checks of a figure that a party does not disclose, named by these words of the text."""
    spans = [(TEXT.index(exact), exact) for exact in (words, SILENCE)]
    sent = {
        "type": "casualty_report",
        "article_id": "news",
        "claimant": {"name": name, "kind": "government"},
        "harm": "casualties",
        "population": "unspecified",
        "qualifier": "undisclosed",
        "evidence": [{"exact": exact, "start": start, "end": start + len(exact)} for start, exact in spans],
        **fields,
    }
    return grounded(sent, Source(source, len(TEXT), "en"))


def test_a_name_from_far_away_has_to_be_inferred():
    (failure,) = withheld("Norland", "Norland").failures
    assert (failure.check, failure.field, failure.excusable) == ("party", "claimant", True)
    assert withheld("Norland", "Norland", inferred=["claimant"]).failures == []


def test_a_name_in_a_sentence_next_to_the_claim_is_near():
    assert withheld("Sundland", "Sundland says").report["status"] == "verified"


@pytest.mark.parametrize(("distance", "failures"), [(REACH - 50, 0), (REACH + 50, 1)])
def test_without_the_text_a_name_is_near_up_to_a_number_of_characters(distance, failures):
    start = len("Norland") + distance
    evidence = [
        {"exact": "Norland", "start": 0, "end": 7},
        {"exact": SILENCE, "start": start, "end": start + len(SILENCE)},
    ]
    grounding = withheld("Norland", "Norland", None, evidence=evidence)
    assert [failure.check for failure in grounding.failures if failure.check != "span"] == ["party"] * failures


def test_the_places_nearest_to_the_spans_come_first():
    (failure,) = withheld("Norland", "Its ministry publishes a bulletin").failures
    assert [place.start for place in failure.places] == [TEXT.rindex("Norland"), 0]


ACCUSED = "Rebel forces in Sundland are accusing the government of violating the truce"
RIGHT = (
    ("claimant", "Rebel forces in Sundland", ACCUSED),
    ("accused", "the government of Sundland", ACCUSED),
    ("claimant", "Norland", "Norland blamed Sundland for the attack"),
    ("accused", "Sundland", "Norland blamed the violation on Sundland"),
    ("claimant", "Norland", "Sundland was accused by Norland of violating the truce"),
    ("accused", "Sundland", "Sundland was accused of violating the truce by Norland"),
    ("claimant", "Norland", "Norland and Sundland accused each other of violating the truce"),
    ("accused", "Norland", "Norland and Sundland accused each other of violating the truce"),
    ("claimant", "Sundland", "Norland accused Sundland of shelling. Sundland accused Norland of lying"),
    ("claimant", "Ada Merrow", "Ada Merrow, the secretary of Norland's council, said the truce had begun"),
    ("claimant", "Norland", "Further shelling was reported by Norland"),
    ("claimant", "Sundland", "Norland said two had died, but Sundland said ten had"),
    ("claimant", "Norland", "Norland lost 40 soldiers, its army said"),
    ("claimant", "Greta Ilves", "Six were killed, governor Greta Ilves told the Valley Monitor"),
)
# The text gives the party the opposite role, or lets another one speak.
WRONG = (
    ("accused", "Rebel forces", ACCUSED, True),
    ("claimant", "Sundland", "Norland blamed Sundland for the attack", True),
    ("claimant", "Sundland", "Norland blamed the violation on Sundland", True),
    ("claimant", "Sundland", "Sundland was accused by Norland of violating the truce", True),
    ("accused", "Norland", "Sundland was accused by Norland of violating the truce", True),
    ("claimant", "Sundland", "Norland said Sundland jets had broken the truce", False),
    ("claimant", "the Valley Monitor", "Six were killed, governor Greta Ilves told the Valley Monitor", False),
    ("claimant", "Norland", "Norland is holding 40 people, the UN said", False),
    ("claimant", "Norland", "Norland killed nine civilians, according to the Red Lantern Society", False),
    ("claimant", "Norland", "There was no immediate comment from Norland about a truce", False),
)


@pytest.mark.parametrize(("role", "name", "words"), RIGHT)
def test_a_party_in_its_role_is_accepted(role, name, words):
    assert Roles([words]).fault(role, name) is None


@pytest.mark.parametrize(("role", "name", "words", "contradicts"), WRONG)
def test_a_party_in_another_role_is_a_fault(role, name, words, contradicts):
    fault = Roles([words]).fault(role, name)
    assert fault is not None
    assert fault.contradicts is contradicts


@pytest.mark.parametrize("inferred", [[], ["accused", "claimant"]])
def test_swapped_accusers_are_rejected_inferred_or_not(inferred):
    sent = {
        "type": "ceasefire",
        "article_id": "news",
        "claimant": {"name": "the government of Sundland", "kind": "government"},
        "accused": [{"name": "Rebel forces", "kind": "armed_force"}],
        "status": "violated",
        "evidence": [{"exact": ACCUSED, "start": 0, "end": len(ACCUSED)}],
        "inferred": inferred,
    }
    (failure,) = grounded(sent, Source(ACCUSED, len(ACCUSED), "en")).failures
    assert (failure.check, failure.field, failure.excusable) == ("party", "accused", False)


AGREED = (
    ("the Norland army", "The Norland army signed a truce, but the Sundland rebels left without signing", 0),
    ("the Sundland rebels", "The Norland army signed a truce, but the Sundland rebels left without signing", 1),
    ("Sundland", "Norland agreed to a ceasefire while Sundland refused to sign", 1),
    ("Sundland", "Norland and Sundland agreed to a ceasefire, and Sundland did not sign the protocol on trade", 0),
    ("Sundland", "Norland and Sundland, after long talks, agreed to a ceasefire", 0),
    # rejections
    ("Ada Merrow", "Ada Merrow agreed to respect the armistice although she refused to sign it", 1),
    ("the Hill Front", "Norland accepted a truce. But the Hill Front said it had received no such proposal", 1),
    ("the Hill Front", "Norland agreed to a ceasefire but the Hill Front was not invited", 1),
    ("the Hill Front", "The Hill Front, which had never signed a truce before, agreed to a ceasefire", 0),
    ("the Hill Front", "The Hill Front agreed to a ceasefire, but it has not signed the peace accord", 0),
    ("Norland", "Norland has refused to sign a peace treaty, but agreed to a ceasefire", 0),
    ("Norland", "Norland agreed to a truce but the rebels would not sign it", 0),
    # brokers and hosts
    ("Norland", "The truce, brokered by Norland and Estmark, was signed by the rebels", 1),
    ("Estmark", "The truce, brokered by Norland and Estmark, was signed by the rebels", 1),
    ("Sundland", "In a deal brokered by Norland, Sundland agreed to a ceasefire", 0),
    ("Norland", "In a deal brokered by Norland, Sundland agreed to a ceasefire", 1),
    ("Norland", "Norland helped broker a ceasefire between Sundland and the rebels", 1),
    ("Sundland", "Norland helped broker a ceasefire between Sundland and the rebels", 0),
    ("Norland", "Norland, which mediated the talks, said Sundland had agreed to a truce", 1),
    ("Norland", "The Norland-brokered truce was agreed by Sundland", 1),
    ("Norland", "Witnessed by Norland, the truce was signed by both sides", 1),
    ("Sundland", "Sundland's government, hosted by Norland, signed a truce with rebels", 0),
    ("Norland", "A truce negotiated by Norland and Sundland in Elling", 0),
    # places and other events
    ("Norland", "Sundland and the Hill Front signed a ceasefire in Elling, Norland, on Friday", 1),
    ("Norland", "Norland's army agreed to a truce in Sundland's north", 0),
    ("the Sundland army", "The Sundland army declared a ceasefire in Norland", 0),
    ("Norland", "Norland sent troops to Elling in May. Sundland and the Hill Front signed a ceasefire", 1),
    ("Norland", "Norland and Sundland have been at war for years. Both sides agreed to a truce on Friday", 0),
    ("the Hill Front", "The Hill Front has fought the army for years. It agreed to a ceasefire on Friday", 0),
)


@pytest.mark.parametrize(("name", "text", "failures"), AGREED)
def test_a_party_that_refuses_or_only_helps_has_not_agreed(name, text, failures):
    sent = {
        "type": "ceasefire",
        "article_id": "news",
        "claimant": {"name": "the article", "kind": "article"},
        "status": "agreed",
        "parties": [{"name": name, "kind": "group"}],
        "evidence": [{"exact": text, "start": 0, "end": len(text)}],
    }
    source = Source(text, len(text), "en")
    assert [failure.field for failure in grounded(sent, source).failures] == ["parties"] * failures
    assert grounded({**sent, "inferred": ["parties"]}, source).failures == []


QUOTED = (
    ("Envoy Holm said the truce would hold", "the truce would hold", 1),
    ("Envoy Holm said on Monday that the truce would hold", "the truce would hold", 1),
    ('Envoy Holm said "the truce would hold"', "the truce would hold", 0),
    ('Envoy Holm wrote: "He said the truce would hold"', "the truce would hold", 0),
    ("Envoy Holm said the truce would hold. “The truce would hold,” he said", "the truce would hold", 0),
)


@pytest.mark.parametrize(("text", "quoted", "failures"), QUOTED)
def test_reported_speech_is_no_direct_quote(text, quoted, failures):
    sent = {
        "type": "quote",
        "article_id": "news",
        "claimant": {"name": "Envoy Holm", "kind": "person"},
        "mode": "direct",
        "text": quoted,
        "quoted": [quoted],
        "evidence": [{"exact": text, "start": 0, "end": len(text)}],
    }
    assert [failure.check for failure in grounded(sent, Source(text, len(text), "en")).failures] == [
        "quoted"
    ] * failures


FORMS = (
    ("bilateral", "Norland declared a unilateral ceasefire", 1),
    ("unilateral", "Norland declared a unilateral ceasefire", 0),
    ("bilateral", "The ceasefire was declared unilaterally by Norland", 1),
    ("unilateral", "Both sides agreed to a ceasefire", 1),
    ("unilateral", "The army announced a mutual truce", 1),
    ("bilateral", "Norland matched the unilateral truce of the rebels, and a mutual ceasefire was agreed", 0),
    ("bilateral", "They signed a truce after one of them unilaterally left the talks", 0),
    ("bilateral", "Norland and Sundland signed a ceasefire", 0),
    ("unspecified", "The army announced a mutual truce", 0),
)


@pytest.mark.parametrize(("form", "text", "failures"), FORMS)
def test_the_words_of_another_form_contradict_a_form(form, text, failures):
    sent = {
        "type": "ceasefire",
        "article_id": "news",
        "claimant": {"name": "the article", "kind": "article"},
        "status": "agreed",
        "form": form,
        "evidence": [{"exact": text, "start": 0, "end": len(text)}],
    }
    actual = grounded(sent, Source(text, len(text), "en")).failures
    assert [failure.field for failure in actual] == ["form"] * failures
