"""Cue patterns: words that support a value, and similar words that do not."""

from __future__ import annotations

import pytest

from api.grounding.cues import Verdict, Words, judge, mentions
from api.grounding.figures import Figures
from api.grounding.population import People, judge_population
from api.kinds.casualty_cues import CASUALTY_CUES
from api.kinds.ceasefire_cues import CEASEFIRE_CUES

# By field and value, sentences and parts of them that say so.
STATING = {
    ("harm", "killed"): """
        At least 12 people were killed in the strike
        The death toll stood at 45
        Four died when the roof came down
        45 soldiers dead, ministry says
        A suicide attack left three dead
        The clashes claimed 30 lives
        Two children lost their lives
        The army lost 140 men in a week
        Six fatalities were recorded
        The bombing took the lives of nine
        Nine people have perished
        Militants gunned down two officers
        Eighty enemy troops were eliminated, the ministry said
        The bodies of 12 men were found in a well
        Rescuers pulled 12 bodies from the ruins
        19 martyrs were laid to rest
        Shelling kills 5 in border town
        The deadliest day: 40 dead
        A blast that left no survivors among its 14 passengers
        He put the toll at 5,000
        The number who have died since March is 84
        The strike cost 40 lives
        Twenty civilians were massacred
        The lives of 40 soldiers were lost
        He was shot and killed
        Two servicemen have fallen
        33 of its soldiers had fallen in action
        Some 40 soldiers were slain
        Two were beheaded
        A journalist was fatally shot
        Two people succumbed to wounds
    """,
    ("harm", "injured"): """
        12 were wounded
        dozens more were hurt
        18 people suffered injuries
        12 soldiers are in hospital
        Five were taken to hospital with burns
        12 people are being treated for shrapnel wounds
        11 others sustained wounds
        A woman lost a leg
        Two are in critical condition
        Doctors treated 12 for smoke inhalation
        hospitals admitted 40 casualties
        The blast left 17 injured
    """,
    ("harm", "missing"): """
        17 are missing
        30 people remain unaccounted for
        3 soldiers went missing
        The fate of 12 others is unknown
        Nothing has been heard of 12 others
        contact was lost with 12 men
        nine are feared trapped under the rubble
        The whereabouts of 8 monitors are not known
        4 people disappeared
        no trace of 12 sailors
    """,
    ("harm", "captured"): """
        20 soldiers were captured
        50 were taken prisoner
        it holds 31 prisoners of war
        Twelve men were seized at a checkpoint
        200 fighters laid down their arms
        Eleven were arrested
        rebels abducted 9 girls
        The militia is holding 12 hostages
        40 soldiers surrendered
        12 men are in custody
        Two pilots fell into enemy hands
        12 were detained
        200 soldiers gave themselves up
    """,
    ("harm", "displaced"): """
        9,000 people have been displaced
        40,000 have fled
        Some 12,000 left their homes
        90,000 people were forced to flee
        Half the town's 30,000 residents have been evacuated
        100,000 refugees have crossed the border
        20,000 were driven from their homes
        1,200 families are homeless
        500 villagers were uprooted
        90,000 sought refuge in churches
        12,000 were expelled
        30,000 people abandoned their homes
        2,000 took shelter in schools
        Thousands are on the move
        45,000 people have left the region
        12,000 arrived in the camps
    """,
    ("harm", "casualties"): """
        its military casualties
        heavy losses of 600
        more than 600 killed and wounded
        lost about 600 men
        600 dead or wounded
        600 casualties
        The army has lost 600 soldiers
        600 killed or injured
    """,
    ("population", "civilian"): """
        91 civilians
        Two women and a child
        three villagers
        12 residents of the town
        a 70-year-old pensioner
        14 passengers of a bus
        two teachers and five soldiers
        two nurses and five soldiers
        a journalist
        a family of six
        12 aid workers
        four medics
        three farmers
        5 worshippers
        two paramedics and a driver
        a schoolboy
        the mayor and his wife
        the civilian death toll
        non-combatants
        10 locals
        two boys
        a baby
        ordinary people
        peaceful inhabitants
        6 Kestrian nationals
        20 noncombatants
    """,
    ("population", "combatant"): """
        1,166 of its soldiers
        12 troops
        5 servicemen
        two army officers
        17 fighters
        12 militants
        its military losses
        40 of its men
        three policemen and 5 soldiers
        12 recruits
        members of the armed forces
        Kestrian forces lost 40
        12 rebels
        a pilot
        prisoners of war
        two commanders
        12 paramilitaries
        the 3rd Brigade lost 40
        12 insurgents
        its army lost 40
        12 army personnel
        killed in action
        a general
        50 gunmen
        8 members of the security forces
        the garrison of 40
        12 jihadists
        enemy dead: 40
        4 border guards
        12 servicewomen
    """,
    ("subgroups", "children"): """
        Of the dead, 244 were children
        13 kids were killed
        three minors
        a 12-year-old
        two girls and a boy
        a baby
        five teenagers
        seven pupils of the village school
        aged under 18
        a four-year-old was among the dead
        40 schoolchildren
        an eight-month-old was killed
    """,
    ("subgroups", "infants"): """
        two infants
        a baby
        three newborns
        a six-week-old was killed
        18 babies
        under the age of one
    """,
    ("subgroups", "women"): """
        women and children
        One woman was killed there
        a mother of three
        four of them female
        two pregnant villagers
        his wife
    """,
    ("subgroups", "men"): """
        12 men
        an 80-year-old man
        a father and his son
        nine males
        her husband
    """,
    ("subgroups", "girls"): """
        rebels abducted 9 girls
        a girl of four
        six schoolgirls
    """,
    ("subgroups", "boys"): """
        a boy is missing
        two boys
        a schoolboy
    """,
    ("subgroups", "older_people"): """
        12 elderly residents
        a 74-year-old villager
        three pensioners
        older people
        an old man
        two residents of a nursing home
        nine people over 65
        9 elders
    """,
    ("subgroups", "people_with_disabilities"): """
        14 people with disabilities
        two disabled men
        a wheelchair user
        a blind man
        three people with visual impairments
    """,
    ("subgroups", "journalists"): """
        killed journalist Nora Kell
        five reporters
        a cameraman
        12 media workers
        two photographers
        a news crew of three
        members of the press
    """,
    ("subgroups", "health_workers"): """
        two doctors and a nurse
        four medics
        40 health workers
        members of the medical staff
        three paramedics
        healthcare workers
        an ambulance crew
        hospital staff
    """,
    ("subgroups", "aid_workers"): """
        12 aid workers
        six humanitarian staff
        three Red Crescent volunteers
        relief workers
        10-15 injured among its aid workers
        two employees of a small aid agency
    """,
    ("subgroups", "first_responders"): """
        three rescuers
        14 firefighters
        two members of the civil defence team
        emergency workers
        a fireman
        five rescue workers
        civil defense personnel
    """,
    ("subgroups", "peacekeepers"): """
        two peacekeepers
        a UN peacekeeper
        three blue helmets
        four UN soldiers
    """,
    ("subgroups", "un_staff"): """
        152 UNRWA staff
        four UN employees
        United Nations personnel
        11 of the U.N. local staff
        two staff of the United Nations
        UNRWA said 12 of its staff had been killed
        UN aid workers
    """,
    ("subgroups", "teachers"): """
        three teachers
        a university lecturer
        12 members of the school staff
        a schoolteacher
    """,
    ("subgroups", "students"): """
        40 students
        seven pupils
        a schoolgirl
    """,
    ("subgroups", "detainees"): """
        12 detainees died
        three prisoners of war
        died in custody
        died in detention
        two hostages
        nine inmates
    """,
    ("subgroups", "officers"): """
        two army officers
        12 police officers
        a colonel
        a general
        three senior commanders
        two policemen
    """,
    ("status", "agreed"): """
        Both sides announced a truce for the end-of-year season
        Norland agreed that no ceasefire violations had occurred
        The ceasefire agreement was one of the main achievements of the talks
        The truce was agreed although earlier talks had collapsed
        A ceasefire was agreed to in 1994
        The two sides signed a truce
        Both sides reached a ceasefire
        A truce brokered by Sundria
        The parties accepted a pause
        Kestria declared a unilateral ceasefire
        announced a 72-hour truce
        struck a ceasefire deal
        agreed to stop fighting
        A ceasefire agreement
        a humanitarian pause was announced
        a ceasefire mediated by Sundria
        An armistice was concluded
        the warring sides committed to a truce
        consented to a truce
        negotiated a halt to the fighting
        a truce was proclaimed
        Three ceasefires agreed
        the sides shook hands on a truce
        ordered a ceasefire
    """,
    ("status", "in_effect"): """
        The ceasefire took effect at midnight
        came into force
        has been in effect since
        The truce is in force
        entered into force
        The truce began on Friday
        The pause started at noon
        A truce that began on Friday
        went into effect
        has been in place since Friday
        became effective on Friday
    """,
    ("status", "held"): """
        The truce was holding
        The ceasefire held
        The ceasefire largely held overnight
        Both sides respected the truce
        the ceasefire has been observed
        The truce remained in place
        No violations were reported
        guns were silent
        The ceasefire appears to be holding
        the truce is being respected
        calm prevailed under the ceasefire
        the ceasefire survived
        Both sides are complying with the truce
    """,
    ("status", "extended"): """
        Norland extended the truce if only by a day
        The truce was extended
        prolonged by a week
        The pause was renewed
        an extension of the truce
        agreed to extend the ceasefire
        rolled over the truce
        the truce will run for another week
    """,
    ("status", "violated"): """
        The violations of the truce were the main issue at the summit
        accused of violating the truce
        broke the ceasefire
        The truce was broken within hours
        breached the ceasefire
        accused each other of breaches
        violations of the ceasefire
        Shelling went on despite the truce
        ignored the truce
        fired on troops in breach of
        infringed the ceasefire
        blamed each other for breaking the truce
        the ceasefire has been violated 40 times
    """,
    ("status", "collapsed"): """
        The truce collapsed after the talks had failed
        The truce held until May, when the rebels attacked a base
        The ceasefire lasted until 4 May, when the army broke it
        failed to hold
        The ceasefire collapsed
        The truce broke down
        The truce unravelled
        fell apart
        the truce did not hold
        the ceasefire is dead
        The truce lasted less than a day
        never took hold
        did not last
        crumbled
        the truce was in tatters
        The ceasefires failed
        quickly collapsed
    """,
    ("status", "ended"): """
        The truce expired
        The ceasefire ended on Friday
        declared the truce over
        The truce ran out
        terminated the ceasefire
        called off the ceasefire
        the truce lapsed
        withdrew from the ceasefire
        The pause came to an end
        the ceasefire is over
        ended its ceasefire
        no longer bound by the truce
        scrapped the truce
        suspended the ceasefire
    """,
}

WITHHELD = """
    does not disclose its military casualties
    has not disclosed its losses
    has never published a toll
    declined to say how many were killed
    refused to give a figure
    gave no figures
    has not released casualty figures
    did not say how many
    would not comment on losses
    has yet to publish
    without giving a number
    kept its losses secret
    withheld the figure
    The number is classified
    did not provide a number
    is silent on its losses
    has been silent about its dead
    without saying how many
    declined to comment
    no official figures
    has not reported its losses
    its losses are a state secret
    does not publish casualty numbers
    did not specify how many
    keeps its casualty numbers to itself
    the number of dead was undisclosed
    an undisclosed number of soldiers
    an unspecified number of soldiers
    does not release
    has not given any figure
    did not immediately give a toll
    gave no details
    said nothing about its own losses
    does not make its losses public
    has not made public its losses
    refuses to reveal its losses
    remained silent on its dead
    has not acknowledged its losses
    won't say how many
    hasn't said how many died
    has stopped publishing its losses
    has provided no casualty figures
    has not confirmed how many
"""

DISCLOSED = """
    said 1,166 of its soldiers have been killed
    No one was hurt, the mayor said
    No deaths were reported
    at least 45 were killed, the ministry said
    says 91 civilians have been killed
    Nobody was reported killed on Saturday
    no fewer than 45 died
    refused to leave the town, where 45 died
    45 were killed, not 50, the ministry said
    the secret police detained 45
    45 were killed in an unknown village
    The number of dead rose to 45
    for reasons that are not clear, 45 fled
    45 people died without water
    The ministry said that without help 45 had died
    did not hold, and 45 were killed
    45 have died; the ministry had not expected so many
    officials confirmed that no soldiers were killed
"""

# Phrases that only resemble a statement.
NOT_STATING = {
    ("harm", "killed"): """
        45 were wounded
        the dial of the clock
        A shell fell on the village
        Two pilots fell into enemy hands
        contact was lost with 12 men
        the remains of the old bridge
        a lifelong resident
    """,
    ("harm", "injured"): """
        45 were killed
        they wound up the talks
        a hospital was hit and 12 died
        a treaty for the valley
        houses burned
    """,
    ("harm", "missing"): """
        the fate of the bridge
        45 were killed
        the town was lost
    """,
    ("harm", "captured"): """
        decisions were taken elsewhere
        12 were taken to hospital
        45 were killed
    """,
    ("harm", "displaced"): """
        under the shelter of night
        tanks crossed the border
        the fleet left port
        a driven man
        45 were killed
    """,
    ("harm", "casualties"): """
        45 were killed
        a lost cause
        the death toll was 45
    """,
    ("population", "civilian"): """
        12 people
        a man
        1,166 of its soldiers
        12 soldiers at a children's hospital
        12 fighters, with familiar arguments
        12 troops in the fatherland's name
        a passenger train with 12 soldiers
        8 people and 12 soldiers
        45 were killed
    """,
    ("population", "combatant"): """
        91 civilians
        non-combatants
        two women
        45 were killed
        12 villagers, by the commander's count
        the General Assembly said 12 villagers
    """,
    ("subgroups", "children"): """
        45 were killed
        12 soldiers at a children's hospital
        two women and five men
        a six-year-old conflict
        a 42-year-old
    """,
    ("subgroups", "infants"): """
        the infantry lost 12
        12 children
        a six-month-old truce
    """,
    ("subgroups", "women"): """
        12 men
        a women's hospital was hit and 45 died
        12 girls
    """,
    ("subgroups", "men"): """
        12 women
        the management
        two boys
    """,
    ("subgroups", "girls"): """
        12 children
        two women
    """,
    ("subgroups", "boys"): """
        after a boycott of the polls
        12 children
        two men
    """,
    ("subgroups", "older_people"): """
        over the remains of the old bridge
        where the old order still holds
        over 60 people were killed
        a 12-year-old
    """,
    ("subgroups", "people_with_disabilities"): """
        disabled two tanks
        a blind alley
        45 were killed
    """,
    ("subgroups", "journalists"): """
        told reporters that 12 soldiers had died
        reported 12 dead
        the ministry spoke to reporters of 12 dead
        Reporters Without Borders said 12 had died
    """,
    ("subgroups", "health_workers"): """
        the health ministry said 12 had died
        12 soldiers at a hospital
        Doctors Without Borders counted 12
    """,
    ("subgroups", "aid_workers"): """
        12 waited for aid
        an aid convoy was hit
        12 workers of a mill
    """,
    ("subgroups", "first_responders"): """
        12 under the rubble
        under fire, 12 died
        a ceasefire
    """,
    ("subgroups", "peacekeepers"): """
        12 soldiers
        to keep the peace
        the UN said 12 soldiers had died
    """,
    ("subgroups", "un_staff"): """
        the UN said 12 staff of the hospital had died
        12 staff
        under the staff of the mill
        a unit of 12
    """,
    ("subgroups", "teachers"): """
        in the schoolhouse by the lake
        12 pupils
    """,
    ("subgroups", "students"): """
        12 children
        two teachers
    """,
    ("subgroups", "detainees"): """
        45 were killed
        two prison guards
    """,
    ("subgroups", "officers"): """
        1,166 of its soldiers
        with the army general staff in the room
        the secretary-general said 12 had died
        the General Assembly
        a general election
    """,
    ("status", "agreed"): """
        Norland declared there would be no truce
        Norland announced that there will be no ceasefire over the holidays
        The army announced that it would not observe a ceasefire
        reached by telephone, the mayor said the truce had collapsed before long
        a sign of harder times
        The ceasefire collapsed
        according to the mayor the truce expired
        refused to sign a truce
        the sides have not agreed
        failed to reach a ceasefire
        weeks after a grain contract was signed
    """,
    ("status", "in_effect"): """
        since the fresh fighting began
        the truce never took effect
        The ceasefire collapsed
    """,
    ("status", "held"): """
        The truce failed to hold
        The truce did not hold
        talks were held
        a night of calm
        The ceasefire was never respected
        The truce has not been observed
        The truce lasted less than a day
    """,
    ("status", "extended"): """
        The truce can be cancelled, or extended if both agree
        The talks were extended until Friday and the ceasefire began
        to an extent
        extensive fighting
        The truce was not extended
        They refused to extend the truce
        The ceasefire collapsed
    """,
    ("status", "violated"): """
        despite the rain
        as the storm broke
        the truce broke down
        fighting broke out
        No side violated the ceasefire
        The ceasefire held
    """,
    ("status", "collapsed"): """
        The rebels declared a ceasefire after talks had collapsed
        The army declared a truce after the breakdown of negotiations
        The ceasefire held
        The truce has not collapsed
        The truce was extended
    """,
    ("status", "ended"): """
        The rebels declared a year-end ceasefire
        shelling over the valley
        in the end they met
        The ceasefire has not ended
        The ceasefire held
        rolled over the truce
    """,
}


def each(table):
    return [
        (field, value, line.strip())
        for (field, value), lines in table.items()
        for line in lines.split("\n")
        if line.strip()
    ]


FIELDS = {**CASUALTY_CUES.stated, **CEASEFIRE_CUES.stated}


def verdict(field, value, text, speakers=()):
    """Return the verdict of a text on one value, from all figures of the text."""
    words = Words(text)
    if field == "subgroups":
        return Verdict.STATED if mentions(CASUALTY_CUES.subgroups[value], words, speakers) else Verdict.SILENT
    if field == "population":
        figures = Figures(words, "en", None).counting
        return judge_population(CASUALTY_CUES.population, value, People(words, figures, speakers), figures)
    return judge(FIELDS[field], value, words)


def withholds(text):
    return CASUALTY_CUES.nondisclosure.search(Words(text).text) is not None


@pytest.mark.parametrize(("field", "value", "text"), each(STATING))
def test_usual_phrases_state_a_value(field, value, text):
    assert verdict(field, value, text) is Verdict.STATED
    assert not withholds(text)


@pytest.mark.parametrize(("field", "value", "text"), each(NOT_STATING))
def test_other_phrases_do_not_state_it(field, value, text):
    assert verdict(field, value, text) is not Verdict.STATED


@pytest.mark.parametrize(
    ("withheld", "text"),
    [(True, line) for line in WITHHELD.strip().split("\n")] + [(False, line) for line in DISCLOSED.strip().split("\n")],
)
def test_a_figure_is_withheld_or_stated(withheld, text):
    assert withholds(text) is withheld


def test_every_value_with_cues_has_texts_that_state_it_and_that_do_not():
    stated = {(field, value) for field, cues in FIELDS.items() for value in cues.values}
    people = {("population", value) for value in CASUALTY_CUES.population.values}
    subgroups = {("subgroups", value) for value in CASUALTY_CUES.subgroups}
    assert set(STATING) == set(NOT_STATING) == stated | people | subgroups


@pytest.mark.parametrize(
    ("speaker", "text", "civilian", "combatant"),
    [
        ("Norland's army", "Norland's army said 12 villagers had died", True, False),
        ("Norland's army", "Norland’s army said 12 of its men had died", False, True),
        ("Norland's army", "Norland's army said 12 people had died", False, False),
        ("Doctors of the Plain", "Doctors of the Plain said 12 soldiers had died", False, True),
        ("the mayor", "two nurses and five soldiers, the mayor said", True, True),
        ("the mayor", "12 people, the mayor said", False, False),
    ],
)
def test_a_speaker_does_not_say_who_was_harmed(speaker, text, civilian, combatant):
    assert (verdict("population", "civilian", text, [speaker]) is Verdict.STATED) is civilian
    assert (verdict("population", "combatant", text, [speaker]) is Verdict.STATED) is combatant


@pytest.mark.parametrize(
    ("speaker", "subgroup", "text", "supported"),
    [
        ("Save the Children", "children", "Save the Children said 12 women had been killed", False),
        ("Save the Children", "children", "Save the Children said 12 children had been killed", True),
        ("Doctors of the Plain", "health_workers", "Doctors of the Plain counted 12 dead", False),
        ("Doctors of the Plain", "health_workers", "Doctors of the Plain counted 12 dead nurses", True),
        ("UNRWA", "un_staff", "UNRWA said 12 of its staff had been killed", True),
        ("the UN Staff Union", "un_staff", "the UN Staff Union said 12 people had been killed", False),
    ],
)
def test_the_name_of_a_speaker_supports_no_subgroup(speaker, subgroup, text, supported):
    assert (verdict("subgroups", subgroup, text, [speaker]) is Verdict.STATED) is supported


@pytest.mark.parametrize("population", ["civilian", "combatant"])
def test_the_words_of_a_subgroup_still_support_a_population(population):
    people = {"civilian": "13 children", "combatant": "13 officers"}[population]
    other = {"civilian": "combatant", "combatant": "civilian"}[population]
    assert verdict("population", population, f"{people} were killed") is Verdict.STATED
    assert verdict("population", other, f"{people} were killed") is not Verdict.STATED
