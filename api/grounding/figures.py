"""The numbers of evidence as figures, with the counted noun or the reason why they count no people. English."""

from __future__ import annotations

import itertools
import re
from bisect import bisect_right
from dataclasses import dataclass
from functools import cached_property

from api.grounding import dates
from api.grounding.clauses import Sentence
from api.grounding.cues import Words
from api.grounding.nouns import ATTRIBUTE, LABEL, NAMED_LABEL, TOTAL, Noun, classify
from api.grounding.number_formats import StatedNumber
from api.grounding.numbers import stated_numbers
from api.grounding.regex import regex

_CURRENCY = regex(r"(?:[$€£¥₽₴₪₹₺₩]|\b(?:usd|eur|gbp|us\$)) ?$")
_CLOCK = regex(
    r"\d{1,2}[:h]\d{2}(?!\d)|\d{1,2}\.\d{2} ?(?:[ap]\.?m\b|gmt|utc|local time|hours)|"
    r"\d{3,4} ?(?:hours|hrs|gmt|utc|local time)\b|\d{1,2} ?(?:a\.?m|p\.?m)\b|\d{1,2} o'clock"
)
_MINUTES = regex(r"\d[:h]$")
_YEAR = regex(r"1[89]\d\d|20\d\d")
_BEFORE_YEAR = regex(
    r"\b(?:in|since|of|by|until|till|during|from|before|after|early|late|mid|summer|winter|spring|autumn|fall|"
    r"year|and|to)[ -]*$|[(\[] *$|\b(?:january|february|march|april|may|june|july|august|september|october|"
    r"november|december),? *$"
)
# "50, compared to 54 in 2022", "up from 13".
_COMPARED = regex(r"\b(?:compared (?:to|with)|up from|down from|(?:rose|fell|increased|decreased) from) (?:\w+ )?$")
_AGE = regex(r"-?(?:year|month|week|day)s?-olds?\b|(?: \w+)? years? (?:old|of age)")
_MEASURE = regex(r" ?%|-?per ?cent\b|-(?:hour|day|week|month|year|kilomet|mile|met|ton|minute)")
# The number of characters before and after a number that are searched, and the maximum length of a noun phrase.
_BEFORE, _AFTER, _PHRASE_MAX = 40, 60, 8
_WORDED_MAX = 100
# "137 in favour to 12 against", "a vote of 137".
_VOTES = regex(
    r" (?:votes? )?(?:in favou?r|against|for(?:,| and| to)|abstain|abstention|yes|to \d+ )|-\d+(?:-\d+)? vote|-\d+-\d+"
)
_VOTE_OF = regex(r"\b(?:votes? (?:of|was|were|stood at)|majority of|against|abstentions?:) $|\d-$")
# "Resolutions 822, 853 and 874", "four resolutions (822, 853 and 874)".
_LIST_REACH = 120
_NUMBERED = regex(
    r"(?:\(|\b(?:resolutions?|decisions?|nos?\.?|numbers?) )(?:\d{1,4}(?: \(\d{4}\))?(?:,? and |, ?|; ?| & ))*$"
)
_LISTED = regex(r"\d\)?(?:,? and |, ?|; ?| & )$")
_LISTING = regex(r"(?: \(\d{4}\))?(?:,? and |, ?|; ?| & )\d")
# "Adopted six this year".
_TIMES = frozenset({"this", "last", "each", "every", "so"})
# "The 15-member body".
_COMPOUND = regex(r"-[a-z]{3}")
# A noun phrase ends before a participle, except in "13 peacekeeping missions".
_PARTICIPLE = regex(
    r" (?:[a-z]*keeping|warring|neighbou?ring|fighting|remaining|participating|contributing|opposing|competing|sitting|"
    r"voting|negotiating|monitoring|bordering|ruling|leading|visiting) (?:[a-z-]+ )?[a-z]+s\b"
)
_PLURAL = regex(r"(?!its$|this$|his$|previous$|various$|numerous$|serious$|us$|as$|unanimous$)\w{3,}[^su]s")
# The maximum number of figures of evidence.
_FIGURES_MAX = 1000
_VAGUE = regex(
    r"\b(?:dozens|scores|hundreds|thousands|millions|several|tens|a few|a handful|(?<!how )many|countless)\b"
)


@dataclass(frozen=True)
class Figure:
    """A number of a text and the noun phrase after it, which is empty for a date.

    If it counts no people, `excluded` describes the number.
    """

    value: int
    start: int
    end: int
    excluded: str | None
    phrase: str


class Figures:
    """The figures of evidence. `counted` are the nouns that they count, if they do not count people."""

    def __init__(self, words: Words, language: str, counted: re.Pattern[str] | None):
        self.words = words
        self._language = language
        self._counted = counted

    @cached_property
    def all(self) -> list[Figure]:
        dated = [stated for stated in self.words.dates if not stated.loose]
        starts = [stated.start for stated in dated]
        figures = []
        for number in stated_numbers(self.words.text, self._language, _FIGURES_MAX)[:_FIGURES_MAX]:
            at = bisect_right(starts, number.start) - 1
            figures.append(self._figure(number, dated[at] if at >= 0 and number.start < dated[at].end else None))
        return figures

    @cached_property
    def counting(self) -> list[Figure]:
        return [figure for figure in self.all if figure.excluded is None]

    @property
    def vague(self) -> bool:
        """Whether vague words count people: "dozens of soldiers"."""
        return _VAGUE.search(self.words.text) is not None

    def worded(self, wording: str) -> list[Figure]:
        """Return the places of a vague wording as figures with noun phrases: "several civilians"."""
        places = itertools.islice(re.finditer(re.escape(wording), self.words.text), _WORDED_MAX)
        return [Figure(0, *place.span(), None, " ".join(self._phrase(*place.span()))) for place in places]

    def _phrase(self, start: int, end: int) -> list[str]:
        return _phrase(self.words.sentence(start), end)

    def _figure(self, number: StatedNumber, dated: dates.Stated | None) -> Figure:
        if dated is not None and (dated.month is not None or dated.day is not None):
            return Figure(number.value, number.start, number.end, "a date", "")
        phrase = self._phrase(number.start, number.end)
        # "The whereabouts of 1287 people" does not contain a year.
        is_date = dated is not None and not _is_of_people(phrase)
        excluded = "a date" if is_date else self._excluded(number, phrase)
        return Figure(number.value, number.start, number.end, excluded, " ".join(phrase))

    def _excluded(self, number: StatedNumber, phrase: list[str]) -> str | None:
        text, start = self.words.text, max(0, number.start - _BEFORE)
        before, after = text[start : number.start], text[number.end : number.end + _AFTER]
        digits, capitals = text[number.start : number.end], self.words.capitals[start : number.start]
        is_many = digits[0].isdigit() or number.value > 1
        tests = {
            "a time of day": _CLOCK.match(text, number.start) or _MINUTES.search(before),
            "an amount of money": _CURRENCY.search(before),
            "an age": _AGE.match(after),
            "a year": _YEAR.fullmatch(digits) and _BEFORE_YEAR.search(before) and not _is_of_people(phrase),
            "a total of which the text counts a part": number.value > 1 and TOTAL.search(before),
            "a figure of another time": number.value > 1 and _COMPARED.search(before),
            "a label": is_many and (LABEL.search(before) or NAMED_LABEL.search(capitals)),
            "a measure": _MEASURE.match(after),
        }
        reason = next((reason for reason, applies in tests.items() if applies), None)
        return reason or self._of_phrase(number, phrase)

    def _of_phrase(self, number: StatedNumber, phrase: list[str]) -> str | None:
        """Return the reason why a figure does not count the nouns of the kind, or None."""
        if self._counted is None:
            return _thing(phrase)
        phrase = list(itertools.takewhile(lambda word: word not in _TIMES, phrase))
        head = list(itertools.takewhile(lambda word: word != "of", phrase))
        # Of "five ceasefire violations" the head is "violations".
        if self._counted.search(" ".join(head[-1:] or phrase)):
            return None
        if any(classify(word) is not Noun.OTHER for word in phrase):
            return "a number of something else"
        return self._of_list_or_vote(number, phrase) if number.value > 1 else None

    def _of_list_or_vote(self, number: StatedNumber, phrase: list[str]) -> str | None:
        """Return the reason why a figure without a known noun does not count the nouns of the kind, or None."""
        before = self.words.text[max(0, number.start - _LIST_REACH) : number.start]
        after = self.words.text[number.end : number.end + _AFTER]
        if _VOTES.match(after) or _VOTE_OF.search(before):
            return "a number of votes"
        if _NUMBERED.search(before) and (_LISTED.search(before) or _LISTING.match(after)):
            return "a label"
        other = _COMPOUND.match(after) or _PARTICIPLE.match(after) or any(map(_PLURAL.fullmatch, phrase))
        return "a number of something else" if other else None


def _phrase(sentence: Sentence, offset: int) -> list[str]:
    """Return the noun phrase at an offset: "of its soldiers"."""
    at = sentence.index(offset)
    at += sentence.starts[at] < offset
    phrase: list[str] = []
    for place in range(at, min(at + 2 * _PHRASE_MAX, len(sentence.tokens))):
        word = sentence.tokens[place]
        if place in sentence.brackets:
            continue
        if len(phrase) == _PHRASE_MAX:
            break
        if classify(word) is Noun.END and not (place == at and _is_attribute(sentence, place)):
            break
        phrase.append(word)
    return phrase


def _is_attribute(sentence: Sentence, at: int) -> bool:
    """Return whether a word after a figure describes its people: "46 outlawed fighters", but not "46 attacked"."""
    following = itertools.takewhile(
        lambda word: classify(word) is not Noun.END, sentence.tokens[at + 1 : at + _PHRASE_MAX]
    )
    return bool(ATTRIBUTE.fullmatch(sentence.tokens[at])) and any(classify(word) is Noun.PEOPLE for word in following)


def _is_of_people(phrase: list[str]) -> bool:
    return any(classify(word) is Noun.PEOPLE for word in phrase)


def _thing(phrase: list[str]) -> str | None:
    """Return the reason why a noun phrase does not name people, or None.

    The first known noun decides, unless people follow ("bus drivers").
    """
    for position, word in enumerate(phrase):
        noun = classify(word)
        if noun is Noun.PEOPLE or word == "of":
            return None
        if noun is Noun.MEASURE:
            return "a measure"
        if noun is Noun.THING:
            return None if _is_of_people(phrase[position + 1 :]) else "a number of something else"
    return None
