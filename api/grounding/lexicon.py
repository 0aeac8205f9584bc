"""The harms, people and things that the words next to a number state, for languages with a word list."""

from __future__ import annotations

import itertools
from bisect import bisect_right
from collections.abc import Collection
from functools import cached_property

from api.grounding.cue_patterns import Lexicon, matching
from api.grounding.number_formats import StatedNumber
from api.grounding.numbers import stated_numbers

_FIGURES_MAX, _VALUES_MAX, _CLAUSE_MAX = 1000, 100, 200
# The maximum distance of a noun from its number, in words, or in characters for scripts without spaces.
_WORDS_MAX, _CHARACTERS_MAX = 3, 40


class ListedWords:
    """The numbers of a text with the words of a lexicon near them."""

    def __init__(self, text: str, language: str, lexicon: Lexicon):
        self.text = text
        self._language = language
        self._lexicon = lexicon

    @cached_property
    def _numbers(self) -> list[StatedNumber]:
        return stated_numbers(self.text, self._language)[:_FIGURES_MAX]

    @cached_property
    def _borders(self) -> list[int]:
        return [0, *(match.start() for match in self._lexicon.borders.finditer(self.text)), len(self.text)]

    def of_value(self, value: int) -> list[StatedNumber]:
        return [number for number in self._numbers if number.value == value][:_VALUES_MAX]

    def is_of_other_harm(self, number: StatedNumber, harm: str) -> bool:
        """Return whether the clause of a number states only other harms: "13 tués et 20 blessés"."""
        if harm not in self._lexicon.harms:
            return False
        stated = matching(self._lexicon.harms, self._clause(number))
        return bool(stated) and harm not in stated

    def counts_things(self, number: StatedNumber) -> bool:
        """Return whether the noun after a number is a thing: "200 casas"."""
        return self._lexicon.things.search(self._noun_phrase(number)) is not None and not self._people(number)

    def is_of_other_people(self, number: StatedNumber, population: str) -> bool:
        """Return whether the noun after a number names only other populations."""
        people = self._people(number)
        return bool(people) and population in self._lexicon.populations and population not in people

    def _people(self, number: StatedNumber) -> Collection[str]:
        return matching(self._lexicon.populations, self._noun_phrase(number))

    def _clause(self, number: StatedNumber) -> str:
        at = bisect_right(self._borders, number.start)
        start, end = self._borders[at - 1], self._borders[min(at, len(self._borders) - 1)]
        return self.text[max(start, number.start - _CLAUSE_MAX) : min(end, number.end + _CLAUSE_MAX)]

    def _noun_phrase(self, number: StatedNumber) -> str:
        end = self._borders[min(bisect_right(self._borders, number.end), len(self._borders) - 1)]
        following = self.text[number.end : min(end, number.end + _CHARACTERS_MAX)]
        ends = [cue.search(following) for cue in (*self._lexicon.harms.values(), self._lexicon.ends)]
        following = following[: min((match.start() for match in ends if match), default=len(following))]
        return " ".join(itertools.islice(following.split(), _WORDS_MAX))
