"""Counts that a text states by a list of people: "a man, his wife and their two children". English."""

from __future__ import annotations

import re

from api.grounding.figures import Figure, Figures

_ONE = (
    r"man|woman|boy|girl|child|baby|infant|toddler|teenager|wife|husband|father|mother|son|daughter|brother|"
    r"sister|grandmother|grandfather|grandson|granddaughter|uncle|aunt|nephew|niece|cousin|neighbou?r|driver|"
    r"soldier|officer|journalist|reporter|cameraman|doctor|nurse|medic|paramedic|teacher|farmer|shepherd|priest|"
    r"imam|guard|pilot|worker|passenger|policeman|policewoman|student|pupil|civilian|villager|resident|translator|"
    r"interpreter|fixer|colleague|commander|captain|sergeant|lieutenant|conscript|bodyguard|aide|friend|"
    r"fianc[ée]e?|partner|couple|pensioner|photographer|producer|volunteer|rescuer|firefighter|engineer|mechanic|"
    r"cook|sailor|fisherman|mayor|judge|lawyer|bride|groom|widow|orphan|newborn|stepson|stepdaughter|godson|"
    r"grandchild|assistant|gunner|medic|sniper|loader"
)
_PERSON = re.compile(rf"(?:[\w-]+ ){{0,2}}?(?:{_ONE})\b")
_POSSESSIVE = re.compile(rf"\b(?:his|her|their|its) (?:\w+ )?(?:{_ONE})\b(?! of)")
_UNNUMBERED = re.compile(
    r"\b(?:his|her|their|its|the|some) (?:own |young |small )?(children|sons|daughters|parents|brothers|sisters|"
    r"twins|wives|babies|grandchildren|grandparents|colleagues|relatives|guards|bodyguards|triplets)\b"
)
# Groups of a fixed size.
_SIZES = {"parents": 2, "twins": 2, "couple": 2, "grandparents": 2, "triplets": 3}


def may_list(figures: Figures, text: str, count: int) -> bool:
    """Return whether a list of people in a text can add up to a count.

    A list has at least two members. Members without a number ("their children") count as at least two.
    """
    sizes = [figure.value for figure in figures.counting if figure.value > 1 or _is_one(figure)]
    sizes += [_SIZES.get(match[0].rsplit(" ", 1)[-1], 1) for match in _POSSESSIVE.finditer(text)]
    groups = [match[1] for match in _UNNUMBERED.finditer(text)]
    total = sum(sizes) + sum(_SIZES.get(group, 2) for group in groups)
    open_ended = any(group not in _SIZES for group in groups)
    return len(sizes) + len(groups) > 1 and (count >= total if open_ended else count == total)


def _is_one(figure: Figure) -> bool:
    """Return whether a figure is "a man", and not "a blast"."""
    return figure.value == 1 and _PERSON.match(figure.phrase) is not None
