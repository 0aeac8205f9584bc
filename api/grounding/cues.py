"""Whether words say what a claim says of harm, population, subgroups, status and silence. English."""

from __future__ import annotations

import re
from collections.abc import Collection

from api.grounding.cue_patterns import CUES, FAINT, NEGATIONS, NONDISCLOSURE
from api.grounding.normalize import lower, readable

# A status that is denied is none: "has not been extended", "failed to hold".
_DENIED = re.compile(
    rf"(?:\b(?:{NEGATIONS}|(?:fail|refus|declin|reject)\w* +(?:to|a|an|any|the))|n't) +(?:\w+ +){{0,3}}$"
)
_BEFORE = 60


def supported(field: str, value: str, words: str, speakers: Collection[str] = ()) -> bool:
    """Whether words say what a field's value says; values that no word has to say are always supported.

    `speakers` are the names of who says it, which do not say of whom: an army reports dead villagers.

    >>> supported("harm", "injured", "45 civilians were killed")
    False
    >>> supported("status", "held", "the truce failed to hold"), supported("status", "collapsed", "failed to hold")
    (False, True)
    >>> said = "Norland's army said 12 villagers had died"
    >>> [supported("population", who, said, ["Norland's army"]) for who in ("civilian", "combatant")]
    [True, False]
    """
    cue, text = CUES.get(field, {}).get(value), readable(words)
    if cue is None:
        return True
    if field == "population":
        return _of_population(value, text, speakers)
    if field == "subgroups":
        return _outside_names(cue, text, speakers)
    if field == "status":
        before = (text[max(0, match.start() - _BEFORE) : match.start()] for match in cue.finditer(text))
        return not all(_DENIED.search(words) for words in before)
    return cue.search(text) is not None


def _of_population(value: str, text: str, speakers: Collection[str]) -> bool:
    unspoken = text
    for name in speakers:
        unspoken = unspoken.replace(lower(name), "…")
    cue, others = CUES["population"][value], [cue for name, cue in CUES["population"].items() if name != value]
    for words in (unspoken, text):
        if cue.search(words):
            return True
        if any(other.search(words) for other in others):
            return False
    return FAINT[value].search(text) is not None


def _outside_names(cue: re.Pattern[str], text: str, speakers: Collection[str]) -> bool:
    """Return whether a cue matches more than a speaker's name: "Save the Children said 12 women" counts no children."""
    of_a_name = bytearray(len(text))
    for name in speakers:
        for match in re.finditer(re.escape(lower(name)), text):
            of_a_name[match.start() : match.end()] = b"\1" * len(match[0])
    return any(0 in of_a_name[match.start() : match.end()] for match in cue.finditer(text))


def silent(words: str) -> bool:
    """Whether words say that a figure is not told.

    >>> silent("which does not disclose its military casualties"), silent("said 1,166 have been killed")
    (True, False)
    """
    return NONDISCLOSURE.search(readable(words)) is not None
