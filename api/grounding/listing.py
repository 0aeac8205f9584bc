"""Counts that a text tells by listing people: "a man, his wife and their two children". English."""

from __future__ import annotations

import re
from bisect import bisect_right

from api.grounding.cues import Words
from api.grounding.numbers import stated_numbers

_ONE = (
    r"man|woman|boy|girl|child|baby|infant|toddler|teenager|wife|husband|father|mother|son|daughter|brother|sister|"
    r"grandmother|grandfather|grandson|granddaughter|uncle|aunt|nephew|niece|cousin|neighbou?r|driver|soldier|officer|"
    r"journalist|reporter|cameraman|doctor|nurse|medic|paramedic|teacher|farmer|shepherd|priest|imam|guard|pilot|worker|"
    r"passenger|policeman|policewoman|student|pupil|civilian|villager|resident|translator|interpreter|fixer|colleague|"
    r"commander|captain|sergeant|lieutenant|conscript|bodyguard|aide|friend|fianc[ée]e?|partner|couple|twin|pensioner|"
    r"photographer|producer|volunteer|rescuer|firefighter|engineer|mechanic|cook|sailor|fisherman|mayor|judge|lawyer|"
    r"bride|groom|widow|orphan|newborn|stepson|stepdaughter|godson|grandchild|assistant|gunner|medic|sniper|loader"
)
_MANY = (
    r"men|women|boys|girls|children|babies|infants|wives|fathers|mothers|parents|sons|daughters|brothers|sisters|"
    r"grandparents|grandchildren|cousins|neighbou?rs|drivers|soldiers|officers|journalists|doctors|nurses|medics|"
    r"teachers|farmers|guards|pilots|workers|passengers|students|pupils|civilians|villagers|residents|colleagues|twins|"
    r"friends|relatives|triplets|policemen|fighters|people|pensioners|volunteers|rescuers|firefighters|nieces|nephews"
)
_SINGLE = re.compile(rf"\b(?:an?|his|her|their|its|the|one|another) (?:[\w-]+ ){{0,2}}?(?:{_ONE})\b(?! of)")
_PLURAL = re.compile(rf"\b(?:{_MANY})\b")
# A group of a fixed size.
_SIZES = {"parents": 2, "twins": 2, "couple": 2, "grandparents": 2, "triplets": 3}
_NUMBER_REACH = 30


def may_list(words: Words, count: int) -> bool:
    """Return whether a list of people in the words can amount to a count.

    A list has at least two members. Members without a number ("their children") count as at least two.

    >>> listed = Words("a man, his wife and their two children were killed")
    >>> may_list(listed, 4), may_list(listed, 5), may_list(Words("13 people were killed"), 14)
    (True, False, False)
    """
    numbers = [number for number in stated_numbers(words.text) if number.value > 1]
    ends = [number.end for number in numbers]
    total, members, open_ended = 0, 0, False
    for match in _SINGLE.finditer(words.text):
        total, members = total + _SIZES.get(match[0].rsplit(" ", 1)[-1], 1), members + 1
    for match in _PLURAL.finditer(words.text):
        at = bisect_right(ends, match.start()) - 1
        near = at >= 0 and match.start() - ends[at] <= _NUMBER_REACH
        size = numbers[at].value if near else _SIZES.get(match[0])
        members += 1
        total += size or 2
        open_ended = open_ended or size is None
    return members > 1 and (count >= total if open_ended else count == total)
