"""The claimant is the speaker of the words that carry the claim."""

from __future__ import annotations

import pytest

from api.grounding.case import Source
from api.grounding.party_roles import Roles
from tests.demo import grounded

TWO = "Norland's army said 40 soldiers died, but Sundland's ministry said only 12 had"
TOLLS = "12 people were killed, hospital sources said, while the army put the toll at 3"
DENIED = "The rebels claimed to have killed 12 soldiers, but the army denied it, saying that only 3 had died"
LUND = "Ivo Lund, a spokesman for President Ada Berg, said 12 people were killed"
LANTERN = "The Red Lantern Society said roads were shut"
MET = "Ada Berg met envoy Ivo Lund, who said 12 people had died"
CITING = "12 had died, state television said, citing the police"
BERG = ("Ivo Lund thanked the medics. “12 captives are free,” Ada Berg said. “And more will follow.”",)
# The name and kind of a claimant, the spans, and the words that carry the claim.
RIGHT = (
    ("Sundland", "government", (TWO,), "12"),
    ("Norland", "government", (TWO,), "40"),
    ("the army", "armed_force", (TOLLS,), "3"),
    ("hospital sources", "organisation", (TOLLS,), "12"),
    ("the army", "armed_force", (DENIED,), "3"),
    ("Norland", "government", ("According to the UN, 12 were killed; according to Norland, 40 died",), "40"),
    (
        "Norland",
        "government",
        ("Norland lost 40 soldiers in May", "Defence Minister Ada Berg said 12 were killed"),
        "12",
    ),
    ("the army", "armed_force", ("12 were killed, said Colonel Ivo Lund, a spokesman for the army",), "12"),
    ("Ivo Lund", "person", (LUND,), "12"),
    ("Ivo Lund", "person", (MET,), "12"),
    ("Ivo Lund", "person", ("Ivo Lund, the ministry's spokesman,", "said 12 people had died"), "12"),
    ("Red Lantern Society", "organisation", (LANTERN, "12 people were killed, RLS added"), "12"),
    ("Red Lantern Society", "organisation", (LANTERN, "12 were killed, the charity said"), "12"),
    ("Red Lantern Society", "organisation", (LANTERN, "12 were killed, the group's head, Ada Berg, said"), "12"),
    ("Ada Berg", "person", ("Mayor Ada Berg was quoted by Interfax as saying 12 had died",), "12"),
    ("Ada Berg", "person", ("Interfax quoted Mayor Ada Berg as saying 12 had died",), "12"),
    ("Ada Berg", "person", ("Ada Berg spoke in Brook", "“We lost 12,” the mayor told Reuters"), "We lost 12"),
    ("Ada Berg", "person", BERG, "And more"),
    ("the police", "government", (CITING,), "12"),
    ("state television", "media", (CITING,), "12"),
    ("Ivo Lund", "person", ("“We lost 12,” Ada Berg said, according to Ivo Lund",), "We lost 12"),
    ("the government", "government", ("The government denies the allegations. It says 12 died in a fire.",), "12"),
    ("UN", "organisation", ("The U.N. says 40 fled.", "“We saw 12 bodies,” said UN envoy Ada Berg"), "We saw"),
)
WRONG = (
    ("Norland", "government", (TWO,), "12"),
    ("Sundland", "government", (TWO,), "40"),
    ("the army", "armed_force", (TOLLS,), "12"),
    ("hospital sources", "organisation", (TOLLS,), "3"),
    ("the army", "armed_force", (DENIED,), "12"),
    ("Norland", "government", ("Norland said 40 soldiers died", "Sundland said 12 were killed"), "12"),
    ("the UN", "organisation", ("According to the UN, 12 were killed; according to Norland, 40 died",), "40"),
    ("Sundland", "government", ("6 died, according to Norland, and 12 fled, according to Sundland",), "6"),
    ("Ada Berg", "person", (LUND,), "12"),
    ("Ada Berg", "person", ("President Ada Berg's spokesman Ivo Lund said 12 people were killed",), "12"),
    ("Ada Berg", "person", (MET,), "12"),
    ("Ada Berg", "person", ("After meeting Ada Berg, Ivo Lund said that 12 captives were alive",), "12"),
    ("Ada Berg", "person", ("Mayor Ada Berg welcomed the guests", "“We lost 12,” said Ivo Lund"), "We lost 12"),
    ("Ada Berg", "person", ("Ada Berg answered a reporter, in which Ivo Lund", "claimed that 12 fled"), "12"),
    ("Ivo Lund", "person", ("Ivo Lund thanked all.", "“12 are free,” Ada Berg said. “More will follow.”"), "More"),
    ("Ivo Lund", "person", ("Colonel Ivo Lund told Reuters", "The police also confirmed the deaths of 12 men"), "12"),
    ("Ivo Lund", "person", ("“12 captives are free,” Ada Berg told Ivo Lund",), "12"),
    (
        "Lantern Mission",
        "organisation",
        ("The Lantern Mission said so", "Ivo Lund, a farmer", "“We fled,” he said"),
        "We",
    ),
    ("the UN food office", "organisation", ("The UN food office said so.", "12 fled, the UN health agency said"), "12"),
    ("the rebels", "group", ("The rebels said they took Brook", "“We won,” the president said"), "We won"),
    ("the hill rebels", "group", ("As the government called for the hill rebels to free 12 captives",), "12"),
    ("the Norland army", "armed_force", ("The Norland army said so", "The Sundland army said 12 died"), "12"),
    ("Sundland", "government", ("12 were killed in the raid, Norland said. Sundland rejected the figure.",), "12"),
    ("the U.N.", "organisation", ("12 were killed, Norland said. The U.N. mission rejected the figure.",), "12"),
    ("the U.N.", "organisation", ("Its guards killed 12 men", "There was no comment from the U.N. mission"), "12"),
    ("Sundland", "government", ("Rebels say they killed 12 soldiers, a claim that Sundland denied",), "12"),
    ("Ada Berg", "person", ("Other reports said 12 people had died", "Ada Berg denied the reports"), "12"),
    ("Sundland", "government", ("It put the toll at 12", "Sundland dismissed the statement as a lie"), "12"),
    ("Sundland", "government", ("Its troops killed 12 men", "Sundland has not yet commented on the raid"), "12"),
    ("Sundland", "government", ("Its troops killed 12 men", "Sundland did not immediately respond"), "12"),
    (
        "Norland",
        "government",
        ("We regret that Norland has broken the truce", "Ivo Lund, the rebels' head, said"),
        "We",
    ),
)


def fault(name, kind, spans, words):
    places = [(run, span.index(words)) for run, span in enumerate(spans) if words in span]
    return Roles(spans, places).fault("claimant", name, kind)


@pytest.mark.parametrize(("name", "kind", "spans", "words"), RIGHT)
def test_the_speaker_of_the_words_is_the_claimant(name, kind, spans, words):
    assert fault(name, kind, spans, words) is None


@pytest.mark.parametrize(("name", "kind", "spans", "words"), WRONG)
def test_a_party_that_does_not_say_the_words_is_not_the_claimant(name, kind, spans, words):
    assert fault(name, kind, spans, words) is not None


def casualty(name, text):
    return {
        "type": "casualty_report",
        "article_id": "news",
        "claimant": {"name": name, "kind": "government"},
        "harm": "killed",
        "population": "combatant",
        "count": 12,
        "qualifier": "exact",
        "evidence": [{"exact": text, "start": 0, "end": len(text)}],
    }


def test_another_speaker_of_a_figure_has_to_be_inferred():
    text = "Norland said 40 soldiers were killed. Sundland said 12 soldiers were killed."
    source = Source(text, len(text), "en")
    (failure,) = grounded(casualty("Norland", text), source).failures
    assert (failure.check, failure.field, failure.excusable) == ("party", "claimant", True)
    assert grounded(casualty("Sundland", text), source).failures == []
