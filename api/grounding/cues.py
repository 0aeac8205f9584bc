"""The English words that bear out what a claim says of harm, population, status and silence."""

from __future__ import annotations

import re

from api.grounding.plain import plain


def _words(stems: str) -> re.Pattern[str]:
    """Words by their beginnings, separated by commas; one that ends in "." is whole."""
    whole = [stem.strip() for stem in stems.split(",")]
    return re.compile("|".join(rf"\b{stem[:-1]}\b" if stem.endswith(".") else rf"\b{stem}" for stem in whole))


CUES: dict[str, dict[str, re.Pattern[str]]] = {
    "harm": {
        "killed": _words(
            "kill, die., dies., died., dying., dead., death, deadl, toll, fatal, slain, perish, fell., lost their li, "
            "lives., claimed the li, massacr, execut, murder, bodies."
        ),
        "injured": _words("injur, wound, hurt., maim, hospitali, burn"),
        "missing": _words("missing, unaccounted, disappear, vanish, whereabouts"),
        "captured": _words("captur, prisoner, detain, detention, hostage, captiv, seized., abduct, arrest, taken."),
        "displaced": _words(
            "displac, fled., flee, refugee, evacuat, homeless, uproot, left their, forced from, driven from"
        ),
        "casualties": _words("casualt, losses., loss., killed and wounded, killed or wounded"),
    },
    "population": {
        "civilian": _words(
            "civilian, resident, villager, inhabitant, non-combatant, child, women., woman., people., person., famil, "
            "man., men., boy, girl, journalist, passenger, bystander, worker, student, elderly"
        ),
        "combatant": _words(
            "soldier, troop, militar, servicem, servicew, service member, fighter, combatant, militant, officer, "
            "conscript, forces., army, armed, rebel, gunm, insurgent, personnel, volunteer, recruit"
        ),
    },
    "status": {
        "agreed": _words("agree, accept, sign, reach, declar, announc, struck, brokered, negotiat, concluded"),
        "in_effect": _words("in effect, in force, into effect, into force, took effect, take effect, began, start"),
        "held": _words("held., holds., holding., hold., respect, observ, quiet, calm"),
        "extended": _words("exten, prolong, renew"),
        "violated": _words("violat, breach, broke, broken, break, infring, accus"),
        "collapsed": _words(
            "fail, collaps, broke down, broken down, unravel, fell apart, fallen apart, shattered, not hold, not held"
        ),
        "ended": _words("end., ends., ended., ending., expir, over., laps, terminat"),
    },
}
_NOT_HELD = _words("fail, not hold, not held, never held, did not, didn't, collaps")
SILENCE = re.compile(
    r"\b(?:(?:not|n't|never|without|no|yet to)\b[^.]{0,40}\b(?:disclos|reveal|releas|publish|report|provid|giv|say|"
    r"said|comment|confirm|detail|figure|number|count|toll)|undisclosed|withh[eo]ld|refus|declin|conceal|secre|"
    r"unknown|silent|silence)"
)


def supported(field: str, value: str, words: str) -> bool:
    """Whether words say what a field's value says; values that no word has to say are always supported.

    >>> supported("harm", "injured", "45 civilians were killed")
    False
    >>> supported("status", "held", "the truce failed to hold"), supported("status", "collapsed", "failed to hold")
    (False, True)
    """
    cue = CUES.get(field, {}).get(value)
    if cue is None:
        return True
    text = plain(words).lower()
    if (field, value) == ("status", "held") and _NOT_HELD.search(text):
        return False
    return cue.search(text) is not None


def silent(words: str) -> bool:
    """Whether words say that a figure is not told.

    >>> silent("which does not disclose its military casualties"), silent("said 1,166 have been killed")
    (True, False)
    """
    return SILENCE.search(plain(words).lower()) is not None
