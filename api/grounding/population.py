"""Whether evidence says who the people of a figure are: its noun phrase first, then the rest of the words. English."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Sequence
from functools import cache

from api.grounding.cue_patterns import PopulationField, tokens_of
from api.grounding.cues import Verdict, Words
from api.grounding.figures import Figure

# Words of a noun phrase that do not say who people are.
_GENERIC = tokens_of(
    "people persons person man men others other lives life dead deaths fatalities bodies victims casualties "
    "killed wounded injured individuals souls more additional further of the its their his her our a an last "
    "least members missing hostages prisoners captives detainees injuries wounds first new latest confirmed such "
    "these those them us human beings being lost corpses or about some total out"
)
_HARMING = (
    "kill|wound|injur|shot|shoot|captur|seiz|detain|arrest|abduct|kidnap|attack|shell|bomb|struck|strik|hit|fir|"
    "open|raid|ambush|massacr|execut|slaughter|left|displac|drove|gunn|murder|beat|storm|target|held|holding|"
    "rounded"
)
# "Soldiers killed 13": who harms is not who is harmed.
_IS_AGENT = re.compile(
    rf"\w*(?: (?!was|were|been|being|is|are|who|had|have|has|died|of\b|and\b)\w+){{0,2}}? (?:have |has |had |also "
    rf")*(?:{_HARMING})\w*\b(?! (?:in|at|on|by|during|when|while|near|and|or)\b|[.,;:]|$)"
)
# "Killed by soldiers", "hiding among civilians", "fighting with the army".
_IS_ASIDE = re.compile(r"\b(?:by|from|amid|near|alongside|against|between|with|targeting|fighting|told) (?:\S+ ){0,2}$")
_DESCRIBED = re.compile(
    r" (?:\w+ )?(?:people|persons?|m[ae]n|wom[ae]n|others) (?!being|including|according|dying|missing|bringing|leaving)"
    r"(?:\w{3,}ing|who (?:had|were|was) \w+ing|at an?|on their way|from the (?:same|crowd|congregation)) "
)
_BEFORE, _AFTER = 40, 60


def judge_population(
    field: PopulationField, value: str, words: Words, figures: Sequence[Figure], speakers: Collection[str]
) -> Verdict:
    """Return how words relate to a population; a value without cues is always stated.

    `figures` are those that the claim's count may be, `speakers` the names of who says it.
    """
    if value not in field.values:
        return Verdict.STATED
    # The words around the figures are read at most once.
    says_elsewhere = cache(lambda: _harmed(field, value, words.without(speakers)))
    verdicts = {_of_figure(field, value, words, figure, says_elsewhere) for figure in figures}
    order = (Verdict.STATED, Verdict.OPEN, Verdict.OTHER, Verdict.SILENT)
    return next((verdict for verdict in order if verdict in verdicts), None) or _of_all(field, value, words, speakers)


def _of_figure(
    field: PopulationField, value: str, words: Words, figure: Figure, says_elsewhere: Callable[[], bool]
) -> Verdict:
    number = words.text[figure.start : figure.end]
    # "Four children of a rebel commander" are children; "two members of the forces" are of the forces.
    head = f"{number} {figure.phrase.partition(' of ')[0]}"
    phrase = head if any(cue.search(head) for cue in field.values.values()) else f"{number} {figure.phrase}"
    if field.values[value].search(phrase):
        return Verdict.STATED
    if any(cue.search(phrase) for name, cue in field.values.items() if name != value):
        return Verdict.OTHER
    if field.faint[value].search(phrase) or says_elsewhere():
        return Verdict.STATED
    # "Fifteen people queueing for bread" says who they are in words that no list has.
    described = _DESCRIBED.match(words.text, figure.end)
    unknown = described or [token for token in figure.phrase.split() if token not in _GENERIC]
    return Verdict.OPEN if unknown else Verdict.SILENT


def _of_all(field: PopulationField, value: str, words: Words, speakers: Collection[str]) -> Verdict:
    for text in (words.without(speakers), words.text):
        if field.values[value].search(text):
            return Verdict.STATED
        if any(cue.search(text) for name, cue in field.values.items() if name != value):
            return Verdict.OTHER
    return Verdict.STATED if field.faint[value].search(words.text) else Verdict.OPEN


def _harmed(field: PopulationField, value: str, text: str) -> bool:
    """Return whether a cue of a population occurs that is neither who harms nor an aside."""
    for cue in (field.values[value], field.faint[value]):
        for match in cue.finditer(text):
            before, after = (
                text[max(0, match.start() - _BEFORE) : match.start()],
                text[match.end() : match.end() + _AFTER],
            )
            if not _IS_AGENT.match(after) and not _IS_ASIDE.search(before):
                return True
    return False
