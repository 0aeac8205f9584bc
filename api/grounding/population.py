"""The population of the people of a figure: from its noun phrase first, then from the other words. English."""

from __future__ import annotations

import itertools
import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from functools import cached_property

from api.grounding.cue_patterns import PopulationField, matching, tokens_of
from api.grounding.cues import Verdict, Words, mentions
from api.grounding.figures import Figure
from api.grounding.nouns import Noun, classify
from api.grounding.regex import regex

# Words of a noun phrase that do not identify a population.
_GENERIC = tokens_of(
    "people persons person man men others other lives life dead deaths fatalities bodies victims casualties killed "
    "wounded injured individuals souls more additional further of the its their his her our a an last least members "
    "missing hostages prisoners captives detainees injuries wounds first new latest confirmed such these those them us "
    "human beings being lost corpses or about some total out now already also here there today alone"
)
_HARMING = (
    "kill|wound|injur|shot|shoot|captur|seiz|detain|arrest|abduct|kidnap|attack|shell|bomb|struck|strik|hit|fir|open|"
    "raid|ambush|massacr|execut|slaughter|left|displac|drove|gunn|murder|beat|storm|target|held|holding|rounded"
)
# "Soldiers killed 13": the agents are not the harmed people.
_IS_AGENT = regex(
    rf"\w*(?: (?!was|were|been|being|is|are|who|had|have|has|died|of\b|and\b)\w+){{0,2}}? (?:have |has |had |also "
    rf")*(?:{_HARMING})\w*\b(?! (?:in|at|on|by|during|when|while|near|and|or|"
    r"was|were|is|are|has|rose|stood|reached|since|across|alone|now|so|to)\b|[.,;:]|$)"
)
# "Killed by soldiers", "hiding among civilians", "fighting with the army".
_IS_ASIDE = regex(r"\b(?:by|from|amid|near|alongside|against|between|with|targeting|fighting|told) (?:\S+ ){0,2}$")
_DESCRIBED = regex(
    r" (?:\w+ )?(?:people|persons?|m[ae]n|wom[ae]n|others) (?!being|including|according|dying|missing|bringing|leaving)"
    r"(?:\w{3,}ing|who (?:had|were|was) \w+ing|at an?|on their way|from the (?:same|crowd|congregation)) "
)
# "Many of whom were civilians", "including civilians": not all of the people of the figure before.
_IS_PART = regex(
    r"\b(?:many|most|half|some|several|few|majority|thirds?|quarters?|mostly|mainly|largely|primarily|predominantly|chiefly|"
    r"including|included?|includes|dozens|scores|hundreds|thousands|part|(?:almost|nearly) all|per ?cent|%|bulk)"
    r"(?: of)?(?: (?:them|whom|which|these|those|the(?: (?:dead|victims|killed|wounded|injured|casualties))?))?"
    r"(?: (?:were|was|are|being|also|reportedly|believed to be))* ?(?:\w+ )?$"
)
# A figure without a noun has the noun of a figure before: "nine civilians died and 13 others were hurt".
_ELIDED = tokens_of(
    "other others more additional further another of the them dead deaths fatalities injuries casualties killed "
    "wounded injured missing victims such"
)
# "23 of them were children".
_IS_SUBJECT = regex(
    r" (?:of (?:them|whom|these|those|the \w+) )?(?:were|was|are|is|being) "
    r"(?:also |reportedly |identified as )?(?:\w+ )?"
)
# "Five soldiers and policemen" are not five soldiers.
_JOINED = regex(r" and ([a-z]+(?:men|s))\b")
_ARTICLES = tokens_of("a an another no")
_MEMBERS = regex(r"[A-Z][\w'-]+ members?\b|\bmembers? (?:of|from) (?:the |its )?[A-Z]")
_BEFORE, _AFTER, _PART_BEFORE = 40, 60, 60
_GROUPS_MAX = 1000


class People:
    """The figures of evidence and the groups of people that its words name."""

    def __init__(self, words: Words, counting: Sequence[Figure], speakers: Collection[str]):
        self.words = words
        self.speakers = speakers
        self._counting = counting[:_GROUPS_MAX]

    @cached_property
    def others(self) -> str:
        """The text without the names of the speakers."""
        return self.words.without(self.speakers)

    @cached_property
    def has_members(self) -> bool:
        """Whether the text has members of a group with a name."""
        return _MEMBERS.search(self.words.capitals) is not None

    def owner(self, offset: int) -> Figure | None:
        """Return the figure with a noun phrase at a place: of "two soldiers and a civilian", "a" has "civilian"."""
        at = bisect_right(self._counting, offset, key=lambda figure: figure.start) - 1
        if at < 0:
            return None
        figure = self._counting[at]
        head = figure.phrase.partition(" of ")[0].rpartition(" ")[2]
        is_article = self.words.text[figure.start : figure.end] in _ARTICLES
        if is_article and classify(head) is not Noun.PEOPLE:
            return None
        between = self.words.text[figure.end : min(offset, figure.end + _BEFORE)]
        of_figure = offset <= figure.end + len(figure.phrase) or _IS_SUBJECT.fullmatch(between)
        return figure if of_figure else None

    def sentence(self, figure: Figure) -> int:
        return self.words.sentence(figure.start).start


class Group:
    """The places that name people of a group, without places that name agents or bystanders."""

    def __init__(self, cues: Sequence[re.Pattern[str]], people: People):
        self._people = people
        self._owners: dict[int, Figure] = {}
        self._is_free = False
        parts: list[int] = []
        for start in itertools.islice(_places(cues, people.others), _GROUPS_MAX):
            owner = people.owner(start)
            if owner is not None:
                self._owners[owner.start] = owner
            elif _IS_PART.search(people.others[max(0, start - _PART_BEFORE) : start]):
                parts.append(start)
            else:
                self._is_free = True
        self._values = {owner.value for owner in self._owners.values()}
        self._first = min([*parts, *self._owners], default=None)
        self._sums: Counter[int] = Counter()
        for owner in self._owners.values():
            joined = _JOINED.match(people.others, owner.end + 1 + len(owner.phrase))
            if not joined or any(cue.search(joined[1]) for cue in cues):
                self._sums[people.sentence(owner)] += owner.value

    def includes(self, figure: Figure) -> bool:
        """Return whether words outside the noun phrase of a figure state that its people belong to this group.

        A part of the people is not enough: of "13 dead, including five soldiers", 13 are not soldiers.
        """
        if self._is_free or figure.value in self._values:
            return True
        if not figure.value and self._owners:
            return True
        if self._first is not None and self._first < figure.start and _ELIDED.issuperset(figure.phrase.split()):
            return True
        return figure.value > 1 and self._sums[self._people.sentence(figure)] == figure.value

    @property
    def figures(self) -> list[Figure]:
        """The figures that count people of this group."""
        return list(self._owners.values())


def _places(cues: Sequence[re.Pattern[str]], text: str) -> Iterator[int]:
    """Yield the places of cues that are neither agents of the harm nor bystanders."""
    for cue in cues:
        for match in cue.finditer(text):
            before = text[max(0, match.start() - _BEFORE) : match.start()]
            after = text[match.end() : match.end() + _AFTER]
            if not _IS_AGENT.match(after) and not _IS_ASIDE.search(before):
                yield match.start()


def judge_population(
    field: PopulationField, value: str, people: People, figures: Sequence[Figure], listed: Sequence[Figure] = ()
) -> Verdict:
    """Return the verdict of words on a population. A value without cues is always stated.

    `figures` are the candidates for the claim's count. If `figures` is empty, the count can be the sum of `listed`.
    """
    if value not in field.values:
        return Verdict.STATED
    group = Group((field.values[value], field.faint[value]), people)
    verdicts = {_of_figure(field, value, people, figure, group) for figure in figures}
    order = (Verdict.STATED, Verdict.OPEN, Verdict.OTHER, Verdict.SILENT)
    return next((verdict for verdict in order if verdict in verdicts), None) or _of_all(field, value, people, listed)


def is_of_subgroup(cue: re.Pattern[str], people: People, figures: Sequence[Figure]) -> bool:
    """Return whether the people of any figure are of a subgroup. Without figures, return whether the words name it.

    The name of a speaker does not count: "Save the Children said 12 women" counts no children.
    """
    if not figures:
        return mentions(cue, people.words, people.speakers)
    if any(cue.search(_noun_phrase(people.words, figure)) for figure in figures):
        return True
    group = Group((cue,), people)
    return any(map(group.includes, figures))


def _noun_phrase(words: Words, figure: Figure) -> str:
    return f"{words.text[figure.start : figure.end]} {figure.phrase}"


def _of_figure(field: PopulationField, value: str, people: People, figure: Figure, group: Group) -> Verdict:
    words = people.words
    # "Four children of a rebel commander" are children; "two members of the forces" are of the forces.
    phrase = _noun_phrase(words, figure)
    head = phrase.partition(" of ")[0]
    if names := matching(field.values, head) or matching(field.values, phrase):
        return Verdict.STATED if value in names else Verdict.OTHER
    if field.faint[value].search(phrase) or group.includes(figure):
        return Verdict.STATED
    # "Fifteen people queueing for bread" describes them in words outside the lists.
    if _DESCRIBED.match(words.text, figure.end):
        return Verdict.OPEN
    # Other words of the noun phrase can identify a population.
    written = words.capitals[figure.end + 1 : figure.end + 1 + len(figure.phrase)].split()
    unknown = [token for token in written if token.lower() not in _GENERIC and not token.endswith("ly")]
    if value in field.named:
        return Verdict.OPEN if unknown or people.has_members else Verdict.SILENT
    return Verdict.SILENT if all(token[0].isupper() for token in unknown) else Verdict.OPEN


def _of_all(field: PopulationField, value: str, people: People, listed: Sequence[Figure]) -> Verdict:
    for name, cue in field.values.items() if listed else ():
        # "A soldier and a civilian" are not two civilians.
        if name != value and any(figure in listed for figure in Group((cue,), people).figures):
            return Verdict.OTHER
    for text in (people.others, people.words.text):
        if names := matching(field.values, text):
            return Verdict.STATED if value in names else Verdict.OTHER
    return Verdict.STATED if field.faint[value].search(people.words.text) else Verdict.OPEN
