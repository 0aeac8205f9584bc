"""Who the people of one figure are, if a text counts several groups. English."""

from __future__ import annotations

import pytest

from api.grounding.cues import Verdict, Words
from api.grounding.figures import Figures
from api.grounding.population import People, is_of_subgroup, judge_population
from api.kinds.casualty_cues import CASUALTY_CUES


def people_of(text):
    words = Words(text)
    return People(words, Figures(words, "en", None).counting, ())


def verdict(text, value, count):
    people = people_of(text)
    counting = Figures(people.words, "en", None).counting
    own = [figure for figure in counting if figure.value == count]
    return judge_population(CASUALTY_CUES.population, value, people, own, () if own else counting)


@pytest.mark.parametrize(
    ("population", "count", "text"),
    [
        ("civilian", 13, "13 people, all of them civilians, were killed"),
        ("civilian", 13, "the death toll among civilians rose to 13"),
        ("civilian", 13, "shelling killed nine villagers and wounded 13"),
        ("civilian", 13, "nine villagers died and 13 others were wounded"),
        ("civilian", 13, "40 civilian casualties, including 13 deaths"),
        ("civilian", 13, "a missile hit a civilian bus, killing 13 people"),
        ("civilian", 4, "13 people were killed, nine guards of the army and four civilians"),
        ("civilian", 585, "the number of civilians killed was 585"),
        ("civilian", 585, "civilians killed since May: 585"),
        ("combatant", 9, "nine people, five soldiers and four rebels, were killed"),
        ("combatant", 2, "dozens of soldiers were killed, three were injured and two remain missing"),
        ("combatant", 46, "46 outlawed fighters were killed"),
        ("combatant", 46, "46 outlawed Sundland Workers' Party (SWP) militants were killed"),
    ],
)
def test_words_near_a_figure_say_who_its_people_are(population, count, text):
    assert verdict(text, population, count) is Verdict.STATED


@pytest.mark.parametrize(
    ("population", "count", "text"),
    [
        ("civilian", 7, "seven people died - four rebels, two soldiers and a civilian"),
        ("civilian", 11, "the toll rose to eleven, including seven civilians and four soldiers"),
        ("civilian", 13, "13 people were killed, many of whom were civilians"),
        ("civilian", 13, "13 people were killed, mostly civilians"),
        ("civilian", 13, "13 people, half of them civilians, were killed"),
        ("civilian", 13, "13 people were killed, including a civilian"),
        ("civilian", 2, "a soldier and a civilian were killed"),
        ("combatant", 13, "13 dead, including five soldiers"),
        ("combatant", 9, "nine people, five soldiers and four villagers, were killed"),
        ("combatant", 10, "ten people, five soldiers and policemen and five rebels, were killed"),
        ("civilian", 2, "two members of Sundfront were shot dead"),
        ("civilian", 13, "13 Norlanders were killed"),
        ("civilian", 1600, "133 civilians died, far fewer than the 1,600 people Norland initially counted"),
    ],
)
def test_words_for_a_part_do_not_say_who_all_are(population, count, text):
    assert verdict(text, population, count) in (Verdict.OTHER, Verdict.SILENT)


@pytest.mark.parametrize(
    ("population", "text"),
    [
        ("combatant", "13 Talvari were killed"),
        ("combatant", "two members of Sundfront were shot dead"),
        ("civilian", "13 Norland falconers were killed"),
    ],
)
def test_an_unknown_noun_or_the_name_of_a_group_leaves_it_open(population, text):
    count = 13 if "13" in text else 2
    assert verdict(text, population, count) is Verdict.OPEN


def test_members_of_a_named_group_leave_combatants_open():
    text = "Two SLF members died and 12 were killed with five others wounded"
    assert verdict(text, "combatant", 12) is Verdict.OPEN
    assert verdict(text, "civilian", 12) is Verdict.SILENT


@pytest.mark.parametrize(
    ("subgroup", "count", "text", "counted"),
    [
        ("children", 23, "gave a toll of 46, adding that 23 of them were children", True),
        ("children", 46, "gave a toll of 46, adding that 23 of them were children", False),
        ("children", 46, "46 people, half of them children, were killed", False),
        ("children", 13, "13 people dead, including three children", False),
        ("children", 3, "13 people dead, including three children", True),
        ("girls", 3, "three guards and two young girls were killed", False),
        ("women", 52, "the 65 dead were 52 men, seven women and six guards", False),
        ("women", 7, "the 65 dead were 52 men, seven women and six guards", True),
        ("women", 40, "40 women and children were killed", True),
        ("children", 40, "40 women and children were killed", True),
        ("women", 40, "40 civilians, including women and children, were killed", False),
        ("girls", 636, "3 schoolgirls were killed and 636 displaced", True),
        ("un_staff", 18, "UN staff killed now 35. A further 18 have been injured", True),
    ],
)
def test_a_figure_counts_a_subgroup_or_has_it_as_a_part(subgroup, count, text, counted):
    people = people_of(text)
    own = [figure for figure in Figures(people.words, "en", None).counting if figure.value == count]
    assert is_of_subgroup(CASUALTY_CUES.subgroups[subgroup], people, own) is counted
