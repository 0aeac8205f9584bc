"""Ties between figures and harms in a clause: of "23 killed and 45 injured", 23 are not injured. English."""

from __future__ import annotations

import itertools
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterator, Mapping
from functools import cached_property

from api.grounding.clauses import Sentence
from api.grounding.cue_patterns import CueField, tokens_of
from api.grounding.figures import Figure, Figures
from api.grounding.nouns import Noun, classify
from api.grounding.regex import regex

# "The killing of a priest": the priest was killed, and not a person named before.
_OF_SOMEBODY = regex(r" of (?!\d)")
_DEED = regex(
    r"(?:killing|death|murder|massacre|execution|abduction|kidnapping|capture|arrest|detention|slaughter|"
    r"assassination|shooting)s?$"
)
_ACTIVE = regex(
    r"kill(?:ed|s)\b|wounded|injured|captured|seized|abducted|kidnapped|detained|arrested|shot|massacred|"
    r"displaced|evacuated|executed|murdered|beheaded|drove|expelled|uprooted|gunned|slaughtered|assassinated|"
    r"lynched|hurt|maimed|rounded|bombed"
)
_OBJECT = regex(
    r" (?:\d|(?:an?|his|her|their|its|some|several|many|dozens|hundreds|scores|two|three|four|five|six|seven|"
    r"eight|nine|ten|people|civilians|villagers|soldiers|residents|children|women|men|troops)\b|the (?!day|night|"
    r"week|month|year|same|previous|morning|evening|past|last))"
)
_PASSIVE = regex(r"\b(?:was|were|been|being|be|are|is|got|get|reported|reportedly|confirmed|found|left)\b")
_DETERMINER = regex(r"\b(?:the|an?|his|her|their|its) (?:\w+ )?$")
# Verbs that are neither speech nor harm, in the past tense.
_ACTION_TOKEN = regex(
    "(?!(?:wounded|injured|killed|armed|unarmed|united|hundred|so-called|estimated|reported|confirmed|announced|"
    "recorded|counted|listed|added|claimed|believed|presumed|feared|combined|uniformed|masked|need|red|bed|feed|seed|"
    "speed|left|acknowledged|noted|stated|declared|admitted|alleged|registered|documented|tallied|numbered|reached|"
    "totall?ed|verified|surpassed|exceeded|topped|passed|climbed|increased|jumped|doubled|tripled|mounted|identified|"
    "named|suffered|sustained|needed|received|required|trapped|buried|stranded|included|unconfirmed|displaced|missing|"
    r"captured|detained|arrested|abducted|died|married|related|aged|retired|elected|hooded|wanted)$)(?:\w{3,}ed|took|"
    "saw|sent|met|ran|gave|got|brought|built|flew|drove|carrying|sheltering|aboard|"
    "fought|began|stood guard|sat|ate|slept|bought|sold|sang|rode|swam|hid)"
)
_ACTION = regex(rf"\b{_ACTION_TOKEN.pattern}\b".replace("$)", r"\b)"))
# "…, all of whom died", "…, killing them all": the following words refer to the figure before.
_INCLUSIVE = regex(r"all|none|killing|wounding|injuring|leaving|most|who|whom|every|everyone|each|nobody")
_CLAUSE_MAX, _ADJACENT = 200, 12
_AFTER = 60
# A figure after one of these is a part of the one before it.
_BACKWARD = tokens_of("including among of all most some half many at them")
_PASSIVE_TOKENS = tokens_of("was were been are is have has had")
_SPEECH = regex(r"\b(?:said|says|saying|told \w+|reported|added|announced|claimed|stated|that)\b")
_COMMAS = tokens_of(", - ( )")
# Words before an additional verb with the same subject.
_CONTINUING = tokens_of(
    ", and then later also finally eventually subsequently immediately reportedly allegedly before being were was"
)
_PARTICIPLE = regex(r"\w{2,}ed|shot|beaten|burnt|slain|hung|taken|held|put|thrown|found|left|hurt|driven|died")
_SEGMENTS_MAX = 6
# The maximum numbers of figures and cues that are compared. Usual evidence has fewer.
_FIGURES_MAX, _CUES_MAX = 100, 100


class HarmTies:
    """The figures of evidence and the cues of harm in their segments."""

    def __init__(self, figures: Figures, harms: CueField | None):
        self._figures = figures
        self._words = figures.words
        self._harms = harms
        self._own_figures: dict[tuple[int, str | None], list[Figure]] = {}

    def own_figures(self, value: int, harm: str | None) -> list[Figure]:
        """Return the figures of a value that no clause ties to another harm. Without a harm, return all of them."""
        if (value, harm) not in self._own_figures:
            of_value = [figure for figure in self._figures.counting if figure.value == value][:_FIGURES_MAX]
            self._own_figures[value, harm] = [
                figure for figure in of_value if harm is None or not self._is_tied_elsewhere(figure, harm)
            ]
        return self._own_figures[value, harm]

    def is_of_harm(self, figure: Figure) -> bool:
        """Return whether a figure counts people of a harm: "no deaths", "a soldier was killed", not "a number"."""
        first = figure.phrase.partition(" ")[0]
        is_article = self._words.text[figure.start : figure.end] in ("a", "an", "no")
        of_people = not is_article or not first or classify(first) is Noun.PEOPLE or first == "one"
        return of_people and bool(self._cues_of(figure))

    def is_unharmed(self, figure: Figure, harm: str) -> bool:
        """Return whether the clause of a figure states another harm, even as a wish, or an act: "13 were deployed"."""
        cues = self._cues_of(figure)
        if cues or self._harms is None or harm not in self._harms.unharmed:
            return bool(cues) and all(name != harm for name, _, _ in cues)
        sentence = self._words.sentence(figure.start)
        number = sentence.segment(figure.end - 1)
        first, last = bisect_left(sentence.segments, number), bisect_right(sentence.segments, number)
        clause = self._words.text[max(sentence.starts[first], figure.start - _CLAUSE_MAX) : figure.start]
        # The act of a speaker is not the harm of the people.
        clause = (
            _SPEECH.split(clause)[-1]
            + self._words.text[figure.start : min(sentence.ends[last - 1], figure.end + _CLAUSE_MAX)]
        )
        return self._harms.unharmed[harm].search(clause) is not None

    def _cues_of(self, figure: Figure) -> list[tuple[str, int, int]]:
        """Return the cues of a figure's segments: "two hundred and five" has two."""
        segments = dict.fromkeys((self._segment(figure.start), self._segment(figure.end - 1)))
        return [cue for segment in segments for cue in self._cues.get(segment, [])[:_CUES_MAX]]

    def _is_tied_elsewhere(self, figure: Figure, harm: str) -> bool:
        cues = self._cues_of(figure)
        if not cues:
            following = self._following_cues(figure)
            elsewhere = bool(following) and all(name != harm for name, _, _ in following)
            other = elsewhere or (bool(self._cues) and self._has_other_predicate(figure))
            return other and not self._is_continued(figure, harm)
        if not any(name == harm and self._may_be_predicate(figure, start, end) for name, start, end in cues):
            return not self._is_continued(figure, harm)
        if self._counts[self._segment(figure.end - 1)] < 2 or len({name for name, _, _ in cues}) < 2:
            return False
        distances = [(max(start - figure.end, figure.start - end, 0), name) for name, start, end in cues]
        nearest, _ = min(distances)
        return all(name != harm for distance, name in distances if distance == nearest)

    def _following_cues(self, figure: Figure) -> list[tuple[str, int, int]]:
        """Return the cues of the predicate that follows a figure: "and 201 men and 12 women, among them two, hurt".

        A predicate with another figure, or after "including", does not belong to the figure.
        """
        sentence = self._words.sentence(figure.start)
        number = sentence.segment(figure.end - 1)
        if predicate := self._after_apposition(sentence, number):
            return predicate
        first = sentence.tokens[bisect_left(sentence.segments, number)]
        second = sentence.tokens[min(bisect_left(sentence.segments, number) + 1, len(sentence.tokens) - 1)]
        if not number or first not in ("and", ",") or second in _BACKWARD:
            return []
        for later, start in _later_segments(sentence, number):
            if cues := self._cues.get((sentence.start, later)):
                passive = _PASSIVE_TOKENS.isdisjoint(sentence.tokens[start : start + 3])
                return [] if passive or self._counts[sentence.start, later] else cues
        return []

    def _after_apposition(self, sentence: Sentence, number: int) -> list[tuple[str, int, int]]:
        """Return the cues of the predicate after an apposition: "13 people, mostly civilians, were injured"."""
        for later, start in _later_segments(sentence, number):
            if sentence.tokens[start] not in _COMMAS:
                return []
            if later > number + 1 and sentence.tokens[min(start + 1, len(sentence.tokens) - 1)] in _PASSIVE_TOKENS:
                return self._cues.get((sentence.start, later), [])
        return []

    def _is_continued(self, figure: Figure, harm: str) -> bool:
        """Return whether an additional verb with the same subject states a harm: "were abducted, shot and killed"."""
        sentence = self._words.sentence(figure.start)
        number = sentence.segment(figure.end - 1)
        for later, first_token in _later_segments(sentence, number):
            at, last = first_token, len(sentence.tokens) - 1
            while sentence.segments[at] == later and sentence.tokens[at] in _CONTINUING and at < last:
                at += 1
            if sentence.segments[at] != later or not _PARTICIPLE.fullmatch(sentence.tokens[at]):
                return False
            if self._counts[sentence.start, later]:
                return False
            start, end = sentence.starts[at], sentence.ends[at]
            if _OBJECT.match(self._words.text, end):
                return False
            cues = self._cues.get((sentence.start, later), [])
            if any(name == harm and start <= first < end for name, first, _ in cues):
                return True
        return False

    def _may_be_predicate(self, figure: Figure, start: int, end: int) -> bool:
        """Return whether a cue can be the predicate of a figure before it. A figure after a cue is its object."""
        text = self._words.text
        between = text[figure.end : start]
        # "13 displaced people": the cue describes them.
        if figure.start >= start or len(between) > _CLAUSE_MAX or not between.strip():
            return True
        end += sum(1 for _ in itertools.takewhile(str.isalpha, text[end : end + _AFTER]))
        after = text[end : end + _AFTER]
        if len(between) > _ADJACENT and _DEED.match(text[start:end]) and _OF_SOMEBODY.match(after):
            return False
        if _ACTIVE.match(text, start) and _OBJECT.match(after) and not _PASSIVE.search(between):
            return False
        return not (_DETERMINER.search(between) and _ACTION.search(between))

    def _has_other_predicate(self, figure: Figure) -> bool:
        """Return whether the segment of a figure has another verb. Then the harm of the next segment does not apply."""
        sentence = self._words.sentence(figure.start)
        number = sentence.segment(figure.start)
        first, last = bisect_left(sentence.segments, number), bisect_right(sentence.segments, number)
        if any(map(_INCLUSIVE.fullmatch, sentence.tokens[last : last + 2])):
            return False
        described = sentence.index(figure.end - 1) + 1 if figure.phrase else -1
        places = range(first, min(last, first + _CLAUSE_MAX))
        return any(_ACTION_TOKEN.fullmatch(sentence.tokens[at]) for at in places if at != described)

    def _segment(self, offset: int) -> tuple[int, int]:
        sentence = self._words.sentence(offset)
        return sentence.start, sentence.segment(offset)

    @cached_property
    def _counts(self) -> Counter[tuple[int, int]]:
        """The number of figures by segment."""
        return Counter(self._segment(figure.end - 1) for figure in self._figures.counting)

    @cached_property
    def _cues(self) -> Mapping[tuple[int, int], list[tuple[str, int, int]]]:
        """The cues of harm by the segments of both ends, without the cues that are parts of longer ones."""
        spans = []
        for name, cue in self._harms.values.items() if self._harms else ():
            spans += [(match.start(), match.end(), name) for match in self._words.matches(cue.anywhere)]
        spans.sort(key=lambda span: (span[0], -span[1]))
        cues: dict[tuple[int, int], list[tuple[str, int, int]]] = {}
        last = (-1, -1)
        for start, end, name in spans:
            if end <= last[1] and (start, end) != last:
                continue
            last = max(last, (start, end), key=lambda span: span[1])
            for segment in {self._segment(start), self._segment(max(start, end - 1))}:
                cues.setdefault(segment, []).append((name, start, end))
        return cues


def _later_segments(sentence: Sentence, number: int) -> Iterator[tuple[int, int]]:
    """Yield the numbers of the segments after one, each with the number of its first token."""
    for later in range(number + 1, min(number + _SEGMENTS_MAX, sentence.segments[-1]) + 1):
        yield later, bisect_left(sentence.segments, later)
