"""Searches of a text for words: exact, normalized, or the most similar wording."""

from __future__ import annotations

import difflib
import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import chain, islice

from api.grounding import dates, symbols
from api.grounding.clauses import Sentence, sentences
from api.grounding.cue_patterns import Cue
from api.grounding.normalize import Spaced, lower, plain, readable, spaced
from api.grounding.numbers import stated_numbers
from api.grounding.parties import distinctive, places_of, written_forms
from api.grounding.regex import regex
from api.text import IGNORABLE
from schemas.un_organs import organs_named

# A text of 1 MiB can have half a million places of one letter, so searches are limited.
_PLACES_MAX, _SHOWN_MAX = 1000, 10
# The maximum number of copied characters of a search, and of searches for one claim.
_COPIED_MAX, _SEARCHES_MAX = 100_000, 10
_ANCHORS_MAX, _WINDOWS_MAX, _CLOSE_WORDS_MAX = 3, 15, 300
# The maximum length of the words that are compared with the text to find the most similar wording.
_COMPARED_MAX, _COMPARED_LETTERS_MAX = 60, 400
_SIMILARITY_MIN = 0.7
# Numbers and dates are searched in this part of a text, because that takes longest. It has over 20,000 words.
_READ_MAX, _NUMBERS_MAX = 2**17, 10_000
_INVISIBLE = regex(rf"^(?:\s|{IGNORABLE.pattern})+")
_WORD, _WORD_END = regex(r"\w+"), regex(r"(?:(?<=\w)\w+)?")


@dataclass(frozen=True)
class Place:
    """A place in a text: offsets in code points, `end` exclusive, and the words at this place."""

    start: int
    end: int
    exact: str


@dataclass(frozen=True)
class SearchResult:
    """The places that a search returned.

    - `similar` means that the places only resemble the searched words.
    - `skipped` means that the search did not run.
    - `term` and `scope` describe the searched words and the searched part of the text in the message.
    """

    places: Sequence[Place]
    similar: bool = False
    skipped: bool = False
    term: str = "it"
    scope: str = "text"

    @property
    def shown(self) -> tuple[Place, ...]:
        return tuple(self.places[:_SHOWN_MAX])

    @property
    def starts(self) -> str:
        """The starts of the shown places, and the number of other places.

        >>> SearchResult([Place(start, start + 2, "no") for start in range(0, 120, 10)]).starts
        '0, 10, 20, 30, 40, 50, 60, 70, 80, 90 and 2 more places'
        """
        starts, more = ", ".join(str(place.start) for place in self.shown), len(self.places) - _SHOWN_MAX
        limit = _limit(self.places[0].end - self.places[0].start) if self.places else 0
        at_least = "at least " if len(self.places) >= limit else ""
        return f"{starts} and {at_least}{more} more places" if more > 0 else starts

    @property
    def message(self) -> str:
        """The result in a sentence.

        >>> SearchResult([Place(5, 8, "ten")]).message, SearchResult([Place(5, 8, "ten")], similar=True).message
        ('The text has it at 5.', "The most similar words in the text are 'ten', at 5.")
        """
        if self.skipped:
            return "The text was not searched for it, because the claim has too many errors."
        if not self.places:
            return f"The {self.scope} does not contain {self.term}."
        if self.similar:
            return f"The most similar words in the text are {self.places[0].exact!r}, at {self.starts}."
        return f"The text has {self.term} at {self.starts}."

    def nearest_to(self, *starts: int) -> SearchResult:
        """Return the same places in order of their distance to the nearest of these offsets."""
        if not starts:
            return self
        return replace(self, places=sorted(self.places, key=lambda place: min(abs(place.start - s) for s in starts)))


NOT_SEARCHED = SearchResult((), skipped=True)


def _limit(length: int) -> int:
    """Return the maximum number of places of words of this length."""
    return max(2 * _SHOWN_MAX, min(_PLACES_MAX, _COPIED_MAX // length))


class SearchableText:
    """A text for repeated searches. Each index is built once, when a search needs it."""

    def __init__(self, text: str, language: str):
        self.text = text
        self.language = language
        self._searches = 0
        self._exact_places: dict[tuple[str, str, str], list[Place]] = {}

    def may_search(self) -> bool:
        """Count a search, and return whether the claim has not reached its limit of searches."""
        self._searches += 1
        return self._searches <= _SEARCHES_MAX

    @cached_property
    def _spaced(self) -> Spaced:
        return Spaced(self.text)

    @cached_property
    def _readable(self) -> str:
        return readable(self.text)

    @cached_property
    def _sentences(self) -> tuple[Sentence, ...]:
        return sentences(self._readable[:_READ_MAX])

    @cached_property
    def _words(self) -> list[tuple[str, int, int]]:
        return [(match[0], *match.span()) for match in _WORD.finditer(lower(self.text))]

    @cached_property
    def _numbers_of_words(self) -> dict[str, list[int]]:
        """The numbers of each word in the sequence of words."""
        numbers: dict[str, list[int]] = {}
        for number, (word, _, _) in enumerate(self._words):
            numbers.setdefault(word, []).append(number)
        return numbers

    @cached_property
    def _numbers(self) -> dict[str, list[tuple[int, int]]]:
        """The places of each number that the text states."""
        places: dict[str, list[tuple[int, int]]] = {}
        for number in stated_numbers(self.text[:_READ_MAX], self.language, _NUMBERS_MAX):
            places.setdefault(str(number.value), []).append((number.start, number.end))
        return places

    @cached_property
    def _dates(self) -> list[dates.Stated]:
        return dates.stated(self.text[:_READ_MAX])

    @cached_property
    def _resolutions(self) -> list[symbols.Printed]:
        return symbols.printed(self.text)

    @cached_property
    def _written_forms(self) -> dict[str, set[str]]:
        """The words that a name can have, by their folded forms."""
        return written_forms(self._spaced.letters)

    def _place(self, start: int, end: int) -> Place:
        return Place(start, end, self.text[start:end])

    def find_exact(self, exact: str, prefix: str = "", suffix: str = "") -> list[Place]:
        """Return the places of exact words, with this prefix and suffix around them.

        >>> SearchableText("no ceasefire, no peace", "en").find_exact("no", suffix=" peace")
        [Place(start=14, end=16, exact='no')]
        """
        key = (prefix, exact, suffix)
        if key not in self._exact_places:
            around = prefix.strip() or suffix.strip()
            starts = self._starts_between(*key) if around else self._starts(exact)
            places = (self._place(start, start + len(exact)) for start in starts)
            self._exact_places[key] = list(islice(places, _limit(len(exact))))
        return self._exact_places[key]

    def _starts(self, words: str) -> Iterator[int]:
        start = self.text.find(words)
        while start >= 0:
            yield start
            start = self.text.find(words, start + 1)

    def _starts_between(self, prefix: str, exact: str, suffix: str) -> Iterator[int]:
        """Yield the starts of exact words between a prefix and a suffix. Marks and blanks around them can differ."""
        before, words, after = spaced(prefix), spaced(exact), spaced(suffix)
        blanks = len(exact) - len(_INVISIBLE.sub("", exact))
        openings = {before + gap for gap in ("", " ")} if before else {""}
        closings = {gap + after for gap in ("", " ")} if after else {""}
        starts = set()
        for opening in openings:
            for closing in closings:
                for at in self._spaced.occurrences(opening + words + closing):
                    first = at + len(opening)
                    start = self._spaced.span(first, first + 1)[0] - blanks
                    if self.text.startswith(exact, start):
                        starts.add(start)
        return iter(sorted(starts))

    def find_normalized(self, words: str) -> list[Place]:
        """Return the places of whole words. Typographic marks and spaces can differ.

        >>> SearchableText("I have “no  basis” for it", "en").find_normalized('"no basis"')
        [Place(start=7, end=18, exact='“no  basis”')]
        """
        text, length = self._spaced, len(spaced(words))
        # Blanks and invisible characters alone occur nowhere.
        if not length:
            return []
        starts = islice(text.all(words), _limit(length))
        return [self._place(*text.span(start, start + length)) for start in starts]

    def find(self, words: str, places: list[Place] | None = None) -> SearchResult:
        """Return the exact places of words, or their normalized places, or the most similar wording.

        Without `places`, normalized places count as exact.
        """
        if places:
            return SearchResult(places)
        if normalized := self.find_normalized(words):
            return SearchResult(normalized, similar=places is not None)
        nearest = self._nearest(words)
        return SearchResult([nearest] if nearest else [], similar=True)

    def find_number(self, value: int) -> SearchResult:
        """Return the places of a number, or of the most similar number."""
        similar = str(value) not in self._numbers
        numbers = difflib.get_close_matches(str(value), self._numbers, 1, _SIMILARITY_MIN) if similar else [str(value)]
        places = [self._place(*place) for number in numbers for place in self._numbers[number][:_PLACES_MAX]]
        return SearchResult(places, similar, scope=self._scope)

    def find_date(self, value: str, parts: Collection[str]) -> SearchResult:
        """Return the places of the most precise statements of these parts of a date."""
        statements = dates.stating(value, self._dates, parts)[:_PLACES_MAX]
        return SearchResult(
            [self._place(statement.start, statement.end) for statement in statements], scope=self._scope
        )

    @property
    def _scope(self) -> str:
        return "text" if len(self.text) <= _READ_MAX else "beginning of the text"

    def find_party(self, name: str) -> SearchResult:
        """Return the places of a distinctive word of a name, or of the whole name, or of the most similar wording."""
        words = distinctive(name)
        written = {word for form in words for word in self._written_forms.get(form, ())}
        if not written:
            return self.find(name)
        places = islice(places_of(written, self._spaced.letters), _PLACES_MAX)
        return SearchResult([self._place(*place) for place in places], term="a word of it")

    def find_cue(self, cue: Cue, subject: re.Pattern[str] | None = None) -> SearchResult:
        """Return the places of a cue's words, to the end of the last word.

        Its `near` words count only in sentences that name the subject, at the beginning of a long text.
        """
        matches: Iterator[re.Match[str]] = islice(cue.anywhere.finditer(self._readable), _PLACES_MAX)
        if subject is not None and cue.near.search(self._readable, 0, _READ_MAX):
            matches = chain(matches, islice(self._near(cue, subject), _PLACES_MAX))
        ends = {match.start(): _WORD_END.match(self.text, match.end()) for match in matches}
        places = [self._place(start, end.end()) for start, end in sorted(ends.items()) if end]
        return SearchResult(places, term="such a word")

    def _near(self, cue: Cue, subject: re.Pattern[str]) -> Iterator[re.Match[str]]:
        for sentence in self._sentences:
            if subject.search(self._readable, sentence.start, sentence.end):
                yield from cue.near.finditer(self._readable, sentence.start, sentence.end)

    def find_organ(self, organ: str) -> SearchResult:
        """Return the places of the names of an organ of the United Nations."""
        named = islice((one for one in organs_named(plain(self.text)) if one.organ == organ), _PLACES_MAX)
        return SearchResult([self._place(one.start, one.end) for one in named])

    def find_symbol(self, symbol: str) -> SearchResult:
        """Return the places of a UN document symbol, or of the number and year in news style."""
        named = islice(symbols.naming(symbol, self._resolutions), _PLACES_MAX)
        return SearchResult([self._place(one.start, one.end) for one in named])

    def _nearest(self, words: str) -> Place | None:
        """Return the most similar wording of the text, or None if no wording is similar.

        >>> SearchableText("Both wanted to end the war at once.", "en")._nearest("wanted not to end war")
        Place(start=5, end=26, exact='wanted to end the war')
        """
        target = [match[0] for match in _WORD.finditer(lower(words[:_COMPARED_LETTERS_MAX]))][:_COMPARED_MAX]
        windows = {self._window(target, position, number) for position, number in self._anchors(target)}
        scored = [(difflib.SequenceMatcher(None, target, self._words_of(window)).ratio(), window) for window in windows]
        if not scored:
            return None
        _, (first, last) = max(scored, key=lambda pair: (pair[0], -pair[1][0]))
        here = " ".join(self._words_of((first, last)))[:_COMPARED_LETTERS_MAX]
        if difflib.SequenceMatcher(None, " ".join(target), here, autojunk=False).ratio() < _SIMILARITY_MIN:
            return None
        return self._place(self._words[first][1], self._words[last - 1][2])

    def _words_of(self, window: tuple[int, int]) -> list[str]:
        return [word for word, _, _ in self._words[slice(*window)]]

    def _anchors(self, target: list[str]) -> Iterator[tuple[int, int]]:
        """Yield the positions of the rarest target words, among the target words and among the words of the text."""
        present = {word: word for word in target if word in self._numbers_of_words}
        if not present:
            longest = sorted(set(target), key=lambda word: (-len(word), word))[:_ANCHORS_MAX]
            present = {word: close for word in longest for close in self._close(word)}
        rarest = sorted(present, key=lambda word: (len(self._numbers_of_words[present[word]]), word))[:_ANCHORS_MAX]
        for word in rarest:
            for number in self._numbers_of_words[present[word]][:_WINDOWS_MAX]:
                yield target.index(word), number

    def _close(self, word: str) -> list[str]:
        """Return the word of the text that is most similar to a mistyped word, in a list."""
        candidates = (
            other
            for other in self._numbers_of_words
            if other[0] == word[0] and abs(len(other) - len(word)) <= 2 and len(other) <= _COMPARED_MAX
        )
        return difflib.get_close_matches(word, islice(candidates, _CLOSE_WORDS_MAX), 1, _SIMILARITY_MIN)

    def _window(self, target: list[str], position: int, number: int) -> tuple[int, int]:
        """Return the range of the text's words around an anchor that corresponds to the target words."""
        slack = 2 + len(target) // 4
        first = max(0, number - position - slack)
        last = min(len(self._words), number - position + len(target) + slack)
        here = self._words_of((first, last))
        blocks = difflib.SequenceMatcher(None, target, here, autojunk=False).get_matching_blocks()[:-1]
        if not blocks:
            return max(0, number - position), min(len(self._words), number - position + len(target))
        # The differing words before the first and after the last common word have the same number in the text.
        start = first + blocks[0].b - blocks[0].a
        end = first + blocks[-1].b + len(target) - blocks[-1].a
        return max(0, start), min(len(self._words), end)
