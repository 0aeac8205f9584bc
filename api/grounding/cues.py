"""Verdicts of evidence on the harm, population, subgroups or status of a claim. English."""

from __future__ import annotations

import enum
import re
from bisect import bisect_left, bisect_right
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import accumulate, pairwise

from api.grounding import dates
from api.grounding.clauses import Sentence, sentences, with_names
from api.grounding.cue_patterns import Cue, CueField, tokens_of
from api.grounding.modality import mentions_unreality, unreal
from api.grounding.normalize import lower, plain, readable
from api.grounding.regex import regex

# A word after one of these is a noun: "the collapse", "an extension".
_BEFORE_NOUNS = tokens_of(
    "a an the its their his her our any no full total further another of for on about into this that new "
    "immediate lasting permanent possible"
)
_NOUNS = regex(
    r"deaths?|violations?|breach(es)?|extension|renewal|collapse|casualt\w+|injur(y|ies)|loss(es)?|agreements?|deals?|"
    r"compliance|observance|cease-?fires?|truces?|killings?|expiry|pacts?|accords?|approval|fatalit(y|ies)|toll"
)
# "A ceasefire proposal" is not a ceasefire.
_TENTATIVE = regex(
    r"proposals?|talks|plans?|bids?|offers?|hopes|negotiations?|push|efforts?|ideas?|calls?|initiatives?|"
    r"prospects?|drafts?|appeals?|demands?|deadlines?|terms|conditions|diplomacy|mediation"
)
# These make even people unreal: "is preparing for 50,000 refugees".
_EXPECTING = regex(r"prepar\w+|expect\w*|anticipat\w+|await\w*|brac\w+|if|may|could|might|potential")
_EXPECTING_REACH = 5
_NONE = tokens_of("none nobody neither")
# "Displaced people have returned": a contrary predicate after the noun of a cue.
_TO_PREDICATE = regex(r"\w*(?: \w+){0,2} ")
_PREDICATE_MAX = 30
_AUXILIARIES = ("have", "has ", "had ", "were", "was ")
# A contrary cue follows a cue if only the end of a word and a blank are between them.
_FOLLOWS = 3
# Words for people with a harm. A wish or a threat does not make them unreal.
_PEOPLE = regex(
    r"hostages?|prisoners?|detainees?|captives?|refugees?|evacuees?|idps?|victims?|corpses?|bodies|inmates?|internees?|"
    r"pows?|missing|coffins?|whereabouts"
)


class Verdict(enum.Enum):
    """How evidence relates to a value."""

    STATED = "stated"
    UNREAL = "unreal"
    OTHER = "other"
    # The evidence names people, but not their population.
    SILENT = "silent"
    OPEN = "open"


class Words:
    """The words of evidence in plain lower-case letters, split into sentences. `capitals` has the original case."""

    def __init__(self, text: str):
        self.text = readable(text)
        self.capitals = plain(text)
        self._matches: dict[re.Pattern[str], list[re.Match[str]]] = {}

    def matches(self, pattern: re.Pattern[str]) -> list[re.Match[str]]:
        """Return the matches of a pattern in the text. Several checks search for the same cues."""
        if pattern not in self._matches:
            self._matches[pattern] = list(pattern.finditer(self.text))
        return self._matches[pattern]

    @cached_property
    def sentences(self) -> list[Sentence]:
        return [with_names(sentence, self.capitals) for sentence in sentences(self.text)]

    @cached_property
    def _sentence_starts(self) -> list[int]:
        return [sentence.start for sentence in self.sentences]

    @cached_property
    def dates(self) -> list[dates.Stated]:
        return dates.stated(self.capitals)

    @cached_property
    def segments(self) -> list[str]:
        """The segments of the sentences, in the original case."""
        starts = [
            sentence.starts[at]
            for sentence in self.sentences
            for at, number in enumerate(sentence.segments)
            if at == 0 or number != sentence.segments[at - 1]
        ]
        return [self.capitals[start:end] for start, end in pairwise([*starts, len(self.capitals)])]

    def sentence(self, offset: int) -> Sentence:
        """Return the sentence at an offset, or the last one that begins before it."""
        return self.sentences[max(0, bisect_right(self._sentence_starts, offset) - 1)]

    def without(self, names: Collection[str]) -> str:
        """Return the text with blanks for the names of speakers, because these are not the people of a figure."""
        text = self.text
        for name in names:
            text = text.replace(lower(name), " " * len(name))
        return text


@dataclass(frozen=True)
class CueMatch:
    """A cue in a text, and whether the sentence asserts it."""

    start: int
    end: int
    real: bool


def judge(field: CueField, value: str, words: Words, *, presupposed: bool = False) -> Verdict:
    """Return the verdict of words on one value of a field. They can state only one value.

    `presupposed` means that a cue counts even if it is desired or denied: "would not say how many were killed".
    A value without cues is always stated.
    """
    if value not in field.values:
        return Verdict.STATED
    named = {one.start for one in words.sentences if field.subject.search(words.text, one.start, one.end)}
    matches = {name: list(_matches(cue, named, words)) for name, cue in field.values.items()}
    contrary = [match.span() for match in words.matches(field.contrary)]
    matches = {name: _asserted(cues, contrary, words.text) for name, cues in matches.items()}
    others = [match for name, cues in matches.items() if name != value for match in cues]
    own = _whole(matches[value], others)
    if any(match.real or presupposed for match in own):
        return Verdict.STATED
    if own:
        return Verdict.UNREAL
    if contrary or any(match.real or presupposed for match in others):
        return Verdict.OTHER
    without_ground = any(matches[name] for name in field.presupposing.get(value, ()))
    return Verdict.UNREAL if without_ground or _is_unreal_subject(field.subject, words) else Verdict.OPEN


def _matches(cue: Cue, named: Collection[int], words: Words) -> Iterator[CueMatch]:
    """Yield the matches of a cue. `named` are the starts of the sentences that name its subject."""
    for match in words.matches(cue.anywhere):
        yield _match(match, words)
    for match in words.matches(cue.near):
        sentence = words.sentence(match.start())
        candidate = _match(match, words)
        # Without its subject, a cue can be about something else. Its denial or expectation still counts.
        if sentence.start in named or not candidate.real:
            yield candidate
    for match in words.matches(cue.weak):
        sentence = words.sentence(match.start())
        yield CueMatch(*match.span(), real=not mentions_unreality(sentence, sentence.index(match.start())))
    for sentence in words.sentences if cue.together else ():
        parts = [pattern.search(words.text, sentence.start, sentence.end) for pattern in cue.together]
        if parts[0] and all(parts):
            yield _match(parts[0], words)


def _match(match: re.Match[str], words: Words) -> CueMatch:
    sentence = words.sentence(match.start())
    first = sentence.index(match.start())
    token = sentence.tokens[first]
    if _PEOPLE.fullmatch(token):
        before = sentence.tokens[max(0, first - _EXPECTING_REACH) : first]
        denied = before[-1:] in (("no",), ("without",)) or not _NONE.isdisjoint(before)
        real = not denied and not any(map(_EXPECTING.fullmatch, before))
    else:
        noun = bool(_NOUNS.fullmatch(token)) or (first > 0 and sentence.tokens[first - 1] in _BEFORE_NOUNS)
        real = not unreal(sentence, first, noun=noun)
    return CueMatch(*match.span(), real=real)


def _asserted(matches: list[CueMatch], contrary: list[tuple[int, int]], text: str) -> list[CueMatch]:
    """Return the matches. A contrary cue makes a match unreal: "sentenced to death", "refugees returned"."""
    if not contrary:
        return matches
    starts = [start for start, _ in contrary]
    asserted = []
    for match in matches:
        at = bisect_right(starts, match.end + _FOLLOWS) - 1
        following = bisect_right(starts, match.end)
        if following < len(starts) and starts[following] - match.end <= _PREDICATE_MAX:
            predicate = text[match.end : starts[following]], text[starts[following] : starts[following] + 4]
            if _TO_PREDICATE.fullmatch(predicate[0]) and predicate[1] in _AUXILIARIES:
                asserted.append(replace(match, real=False))
                continue
        start, end = contrary[at] if at >= 0 else (0, 0)
        outside = end <= match.start or (
            match.start <= start and end <= match.end + _FOLLOWS and end - start < match.end - match.start
        )
        asserted.append(replace(match, real=match.real and outside))
    return asserted


def _whole(own: list[CueMatch], others: Iterable[CueMatch]) -> list[CueMatch]:
    """Return the matches that are not only a part of a match of another value: "killed" in "killed or wounded"."""
    rivals = sorted((match.start, match.end) for match in others)
    # The furthest end of all matches that begin no later.
    ends = list(accumulate((end for _, end in rivals), max))
    whole = []
    for match in own:
        before, at = bisect_left(rivals, (match.start, 0)), bisect_left(rivals, (match.start + 1, 0))
        inside = (before and ends[before - 1] >= match.end) or (at and ends[at - 1] > match.end)
        if not inside:
            whole.append(match)
    return whole


def _is_unreal_subject(subject: re.Pattern[str], words: Words) -> bool:
    """Return whether the subject is desired, planned or denied: "demanded a ceasefire", "a ceasefire plan"."""
    for match in words.matches(subject):
        sentence = words.sentence(match.start())
        first = sentence.index(match.start())
        after = sentence.tokens[first + 1 : first + 2]
        if any(map(_TENTATIVE.fullmatch, after)) or unreal(sentence, first, noun=True):
            return True
    return False


def mentions(cue: re.Pattern[str], words: Words, speakers: Collection[str]) -> bool:
    """Return whether a cue matches outside the names of speakers: "Save the Children said" counts no children."""
    of_a_name = bytearray(len(words.text))
    for name in speakers:
        for match in re.finditer(re.escape(lower(name)), words.text):
            of_a_name[match.start() : match.end()] = b"\1" * len(match[0])
    return any(0 in of_a_name[match.start() : match.end()] for match in cue.finditer(words.text))
