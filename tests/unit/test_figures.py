"""Figures: the counted noun, the harm that the clause ties to it, and its qualifier."""

from __future__ import annotations

import pytest

from api.grounding.cues import Words
from api.grounding.figures import Figures
from api.grounding.harm_ties import HarmTies
from api.grounding.number_check import may_list
from api.grounding.qualifiers import in_one_range, qualifiers
from api.kinds.casualty_cues import CASUALTY_CUES
from api.kinds.ceasefire_cues import CEASEFIRE_CUES
from api.kinds.resolution_cues import RESOLUTION_CUES


def figures(text, cues=CASUALTY_CUES):
    return Figures(Words(text), "en", cues.counted)


@pytest.mark.parametrize(
    ("text", "value", "excluded"),
    [
        ("they were shot at 13:00 in the square", 13, "a time of day"),
        ("the blast at 7 a.m. killed a man", 7, "a time of day"),
        ("shelling at 1300 GMT killed a man", 1300, "a time of day"),
        ("on 13 May people were killed", 13, "a date"),
        ("people were killed in 1994", 1994, "a date"),
        ("the resolution (2023) mourned the dead", 2023, "a year"),
        ("a 16-year-old was killed", 16, "an age"),
        ("killed a man 34 years old", 34, "an age"),
        ("a boy aged 13 was killed", 13, "a label"),
        ("13 percent of the dead are children", 13, "a measure"),
        ("13% of the dead are children", 13, "a measure"),
        ("they paid $13 for each of the dead", 13, "an amount of money"),
        ("13 dollars were paid for each of the dead", 13, "a measure"),
        ("killed 13 kilometres from the border", 13, "a measure"),
        ("in 13 days people were killed", 13, "a measure"),
        ("a 13-day siege killed people", 13, "a measure"),
        ("after ten hours of talks", 10, "a measure"),
        ("Flight 13 crashed, killing all aboard", 13, "a label"),
        ("Resolution 2728 mourned the dead", 2728, "a label"),
        ("on Highway 61 people were killed", 61, "a label"),
        ("School 13 was hit and people died", 13, "a label"),
        ("13 homes were destroyed and people were killed", 13, "a number of something else"),
        ("rebels seized 13 tanks", 13, "a number of something else"),
        ("a bomb hit 13 pubs, killing people", 13, "a number of something else"),
        ("13 aid organisations left the town", 13, "a number of something else"),
        ("13 buffaloes perished", 13, "a number of something else"),
        ("13 planes evacuated people", 13, "a number of something else"),
        ("of the 90 people on the ferry, three died", 90, "a total of which the text counts a part"),
        ("three of the 90 passengers died", 90, "a total of which the text counts a part"),
    ],
)
def test_a_number_that_counts_nobody_is_excluded(text, value, excluded):
    assert [figure.excluded for figure in figures(text).all if figure.value == value] == [excluded]


@pytest.mark.parametrize(
    "text",
    [
        "13 were killed",
        "13 hospital staff were killed",
        "13 truck drivers were killed",
        "at the school 13 died",
        "the death toll in 2031 rose to 13",
        "killed 13 of its soldiers",
        "a family of 13 was killed",
        "13-strong patrols of the army fell",
        "13 bar staff died",
        "13 workers of aid organisations died",
        "13 mourners died",
    ],
)
def test_a_number_that_may_count_people_counts(text):
    assert 13 in {figure.value for figure in figures(text).counting}


@pytest.mark.parametrize(
    ("text", "counting"),
    [
        ("three ceasefires in ten days", {3}),
        ("a ceasefire signed five days ago", {1}),
        ("two truces brokered by three envoys", {2}),
        ("two truces left 12 soldiers dead", {2}),
        ("a truce signed by 13 of the 14 armed groups", {1}),
        ("a truce watched by a 30-nation force", {1}),
        ("truces, two this year", {2}),
        ("two humanitarian pauses", {2}),
    ],
)
def test_a_kind_may_count_its_own_nouns(text, counting):
    assert {figure.value for figure in figures(text, CEASEFIRE_CUES).counting} == counting


@pytest.mark.parametrize(
    ("text", "counting"),
    [
        ("adopted three resolutions by 141 to 5 votes", {3}),
        ("adopted resolutions, three on Norland, two concerning Sundland", {2, 3}),
        ("adopted six this year", {6}),
        ("a vote of 141 in favour", set()),
        ("adopted it 141-5-35", set()),
        ("four resolutions (822, 853 and 874)", {4}),
        ("resolutions 822, 853 and 874", set()),
        ("the 15-member body", set()),
        ("its 13 peacekeeping missions", set()),
        ("two of three drafts", {2}),
    ],
)
def test_votes_members_and_numbers_of_resolutions_do_not_count_them(text, counting):
    assert {figure.value for figure in figures(text, RESOLUTION_CUES).counting} == counting


@pytest.mark.parametrize(
    ("text", "value", "harms"),
    [
        ("23 were killed and 45 injured", 23, {"killed"}),
        ("23 were killed and 45 injured", 45, {"injured"}),
        ("killed 23 and injured 45", 45, {"injured"}),
        ("the deaths of four civilians and injuries to 10 others", 10, {"injured"}),
        ("13 soldiers dead and eight others wounded", 8, {"injured"}),
        ("13 were killed or wounded", 13, {"casualties"}),
        ("500 wounded in fighting that killed 23", 23, {"killed"}),
        ("seven gunmen shot dead a judge", 7, set()),
        ("a court tried 150 people over the killing of a priest", 150, set()),
        ("eleven doctors operated on the wounded", 11, set()),
        ("the bus was carrying 46 people, six of whom were killed", 46, set()),
        ("the bus was hit with 46 people, all of whom were killed", 46, {"killed"}),
        ("13 people, including five children, were killed", 13, {"killed"}),
        ("between 55 and 70 people were treated for burns", 55, {"injured"}),
        ("four guards were abducted, shot and killed by rebels", 4, {"captured", "killed"}),
        ("four guards were captured and later executed", 4, {"captured", "killed"}),
        ("four guards were ambushed, captured and executed", 4, {"captured", "killed"}),
        ("rebels kidnapped 13 villagers and killed three", 13, {"captured"}),
        ("13 people, mostly women, have been injured whereas 150 cows perished", 13, {"injured"}),
        ("46 outlawed Sundland Party (SP) fighters were killed", 46, {"killed"}),
        ("around 70,000 displaced people have arrived", 70_000, {"displaced"}),
    ],
)
def test_a_clause_ties_a_figure_to_its_harm(text, value, harms):
    ties = HarmTies(figures(text), CASUALTY_CUES.stated["harm"])
    stated = [harm for harm, cue in CASUALTY_CUES.stated["harm"].values.items() if cue.anywhere.search(text)]
    assert {harm for harm in stated if ties.own_figures(value, harm)} == harms


@pytest.mark.parametrize(
    ("text", "expressed"),
    [
        ("13 were killed", {"exact"}),
        ("all 13 were killed", {"exact"}),
        ("at least 13 were killed", {"at_least"}),
        ("no fewer than 13 were killed", {"at_least"}),
        ("13 or more were killed", {"at_least"}),
        ("more than 13 were killed", {"more_than"}),
        ("the toll has surpassed 13", {"more_than"}),
        ("up to 13 were killed", {"up_to"}),
        ("as many as 13 were killed", {"up_to"}),
        ("no more than 13 were killed", {"up_to"}),
        ("fewer than 13 were killed", {"fewer_than"}),
        ("about 13 were killed", {"about"}),
        ("some 13 were killed", {"about"}),
        ("13 or so were killed", {"about"}),
        ("nearly 13 were killed", {"about", "fewer_than"}),
        ("another 13 are estimated to have been killed", {"about"}),
        ("13 to 20 were killed", {"range"}),
        ("between 13 and 20 were killed", {"range"}),
        ("fewer than the 13 people whom Norland had counted", {"exact"}),
        ("higher than its earlier 13", {"exact"}),
    ],
)
def test_the_words_around_a_figure_qualify_it(text, expressed):
    actual = figures(text)
    assert next(qualifiers(figure, actual) for figure in actual.all if figure.value == 13) == expressed


@pytest.mark.parametrize(
    ("text", "low", "high", "is_range"),
    [
        ("13 to 20 were killed", 13, 20, True),
        ("13-20 were killed", 13, 20, True),
        ("between 13 and 20 people were killed", 13, 20, True),
        ("at least 13 and as many as 20 were killed", 13, 20, True),
        ("13 to 20 were killed, and 40 were hurt", 13, 40, False),
        ("13 were killed, and 40 were hurt", 13, 40, False),
    ],
)
def test_a_range_is_one_expression(text, low, high, is_range):
    assert in_one_range(low, high, figures(text)) is is_range


@pytest.mark.parametrize(
    ("text", "count", "listed"),
    [
        ("a man, his wife and their two children were killed", 4, True),
        ("a man, his wife and their two children were killed", 5, False),
        ("a man, his wife and their children were killed", 4, True),
        ("a man, his wife and their children were killed", 3, False),
        ("two nurses, a guard and two visitors died", 5, True),
        ("two nurses, a guard and two visitors died", 3, False),
        ("a mother and her twin daughters died", 3, True),
        ("13 people were killed", 14, False),
        ("13 soldiers and two civilians were killed", 15, True),
    ],
)
def test_a_list_of_people_amounts_to_a_count(text, count, listed):
    actual = figures(text)
    assert may_list(actual, actual.words.text, count) is listed


@pytest.mark.parametrize(
    ("harm", "text", "unharmed"),
    [
        ("killed", "Norland deployed 13 soldiers", True),
        ("killed", "Norland has some 13 regular troops waging a war", True),
        ("killed", "13-20 fighters managed to come to this side", True),
        ("killed", "to allow 13 civilians to flee the town", True),
        ("missing", "13 people attended the meeting", True),
        ("killed", "13 soldiers did not see another morning", False),
        ("killed", "the army, which joined the war, said 13 did not see another morning", False),
        ("killed", "Norland deployed troops and 13 did not see another morning", False),
        ("killed", "13 managed to escape with their lives", False),
        ("displaced", "13 people arrived from the burning villages", False),
        ("displaced", "13 people attended the meeting", True),
    ],
)
def test_the_clause_of_a_figure_may_state_a_deed(harm, text, unharmed):
    actual = figures(text)
    ties = HarmTies(actual, CASUALTY_CUES.stated["harm"])
    assert {ties.is_unharmed(figure, harm) for figure in actual.all if figure.value == 13} == {unharmed}
