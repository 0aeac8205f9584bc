"""Where words stand in a text: as they are, in other marks or, failing both, as the text words them most nearly."""

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
from api.text import IGNORABLE
from schemas.un_organs import organs_named

# A search stops somewhere: a text of 1 MiB can have half a million places of one letter.
_COUNTED, _SHOWN = 1000, 10
# So many letters of places are copied, so many things are sought for one claim.
_COPIED, _SEEKS = 100_000, 10
_ANCHORS, _WINDOWS, _CLOSE_WORDS = 3, 15, 300
# How many words of what was looked for are held against the text to find the nearest wording.
_COMPARED, _COMPARED_LETTERS = 60, 400
_SIMILAR = 0.7
# How much of a text is read for numbers and dates, which takes the longest: more than 20,000 words.
_READ, _NUMBERS = 2**17, 10_000
_INVISIBLE = re.compile(rf"^(?:\s|{IGNORABLE.pattern})+")
_WORD, _WORD_END = re.compile(r"\w+"), re.compile(r"(?:(?<=\w)\w+)?")


@dataclass(frozen=True)
class Place:
    """Where words stand in a text: offsets in code points, `end` exclusive, and the words as the text has them."""

    start: int
    end: int
    exact: str


@dataclass(frozen=True)
class Sought:
    """What a search came to: all places; or, where `alike`, such as only come near to what was sought.

    `stopped` says that nothing was sought.
    """

    places: Sequence[Place]
    alike: bool = False
    stopped: bool = False
    what: str = "it"
    where: str = "text"

    @property
    def shown(self) -> tuple[Place, ...]:
        return tuple(self.places[:_SHOWN])

    @property
    def starts(self) -> str:
        """Where the places begin, as far as they are shown, and how many more there are.

        >>> Sought([Place(start, start + 2, "no") for start in range(0, 120, 10)]).starts
        '0, 10, 20, 30, 40, 50, 60, 70, 80, 90 and 2 more places'
        """
        starts, more = ", ".join(str(place.start) for place in self.shown), len(self.places) - _SHOWN
        counted = _counted(self.places[0].end - self.places[0].start) if self.places else 0
        at_least = "at least " if len(self.places) >= counted else ""
        return f"{starts} and {at_least}{more} more places" if more > 0 else starts

    @property
    def told(self) -> str:
        """What it came to, in a sentence.

        >>> Sought([Place(5, 8, "ten")]).told, Sought([Place(5, 8, "ten")], alike=True).told
        ('The text has it at 5.', "What comes nearest to it in the text is 'ten', at 5.")
        """
        if self.stopped:
            return "So much is wrong that this was not sought in the text."
        if not self.places:
            return f"The {self.where} has {self.what} nowhere."
        if self.alike:
            return f"What comes nearest to it in the text is {self.places[0].exact!r}, at {self.starts}."
        return f"The text has {self.what} at {self.starts}."

    def nearest_to(self, *starts: int) -> Sought:
        """Return the same places in order of their distance to the nearest of these offsets."""
        if not starts:
            return self
        return replace(self, places=sorted(self.places, key=lambda place: min(abs(place.start - s) for s in starts)))


UNSOUGHT = Sought((), stopped=True)


def _counted(length: int) -> int:
    """How many places of words so long are counted."""
    return max(2 * _SHOWN, min(_COUNTED, _COPIED // length))


class SearchableText:
    """A text that is searched again and again: what that takes is worked out once, and only when it is needed."""

    def __init__(self, text: str, language: str):
        self.text = text
        self.language = language
        self._seeks = 0
        self._verbatim: dict[tuple[str, str, str], list[Place]] = {}

    def worthwhile(self) -> bool:
        """Whether one more thing is to be sought: who gets everything wrong need not be told all that is right."""
        self._seeks += 1
        return self._seeks <= _SEEKS

    @cached_property
    def _spaced(self) -> Spaced:
        return Spaced(self.text)

    @cached_property
    def _lower(self) -> str:
        return lower(self.text)

    @cached_property
    def _readable(self) -> str:
        return readable(self.text)

    @cached_property
    def _sentences(self) -> list[Sentence]:
        return sentences(self._readable[:_READ])

    @cached_property
    def _words(self) -> list[tuple[str, int, int]]:
        return [(match[0], *match.span()) for match in _WORD.finditer(self._lower)]

    @cached_property
    def _where(self) -> dict[str, list[int]]:
        """Each word's places among the words."""
        where: dict[str, list[int]] = {}
        for number, (word, _, _) in enumerate(self._words):
            where.setdefault(word, []).append(number)
        return where

    @cached_property
    def _numbers(self) -> dict[str, list[tuple[int, int]]]:
        """The places of each number that the text states."""
        where: dict[str, list[tuple[int, int]]] = {}
        for number in stated_numbers(self.text[:_READ], self.language, _NUMBERS):
            where.setdefault(str(number.value), []).append((number.start, number.end))
        return where

    @cached_property
    def _dates(self) -> list[dates.Stated]:
        return dates.stated(self.text[:_READ])

    @cached_property
    def _resolutions(self) -> list[symbols.Printed]:
        return symbols.printed(self.text)

    @cached_property
    def _written(self) -> dict[str, set[str]]:
        """The words that a name can have, by their folded forms."""
        return written_forms(self._spaced.letters)

    def _place(self, start: int, end: int) -> Place:
        return Place(start, end, self.text[start:end])

    def verbatim(self, exact: str, prefix: str = "", suffix: str = "") -> list[Place]:
        """Where words stand just as they are, with these before and after them.

        >>> SearchableText("no ceasefire, no peace", "en").verbatim("no", suffix=" peace")
        [Place(start=14, end=16, exact='no')]
        """
        key = (prefix, exact, suffix)
        if key not in self._verbatim:
            around = prefix.strip() or suffix.strip()
            starts = self._starts_amid(*key) if around else self._starts(exact)
            found = islice(starts, _counted(len(exact)))
            self._verbatim[key] = [self._place(start, start + len(exact)) for start in found]
        return self._verbatim[key]

    def _starts(self, words: str) -> Iterator[int]:
        start = self.text.find(words)
        while start >= 0:
            yield start
            start = self.text.find(words, start + 1)

    def _starts_amid(self, prefix: str, exact: str, suffix: str) -> Iterator[int]:
        """Yield where words stand with these before and after them, whatever their marks and the blanks between."""
        before, words, after = spaced(prefix), spaced(exact), spaced(suffix)
        blanks = len(exact) - len(_INVISIBLE.sub("", exact))
        openings = {before + gap for gap in ("", " ")} if before else {""}
        afters = {gap + after for gap in ("", " ")} if after else {""}
        found = set()
        for opening in openings:
            for closing in afters:
                for at in self._spaced.occurrences(opening + words + closing):
                    first = at + len(opening)
                    start = self._spaced.span(first, first + 1)[0] - blanks
                    if self.text.startswith(exact, start):
                        found.add(start)
        return iter(sorted(found))

    def fairly(self, words: str) -> list[Place]:
        """Where words stand whole, whatever marks and spaces either side uses.

        >>> SearchableText("I have “no  basis” for it", "en").fairly('"no basis"')
        [Place(start=7, end=18, exact='“no  basis”')]
        """
        text, length = self._spaced, len(spaced(words))
        # Blanks and invisible characters alone occur nowhere.
        if not length:
            return []
        starts = islice(text.all(words), _counted(length))
        return [self._place(*text.span(start, start + length)) for start in starts]

    def seek(self, words: str, places: list[Place] | None = None) -> Sought:
        """These places of words; else where they stand in other marks, or what comes nearest to them.

        Without places, other marks are as good as the words' own.
        """
        if places:
            return Sought(places)
        if found := self.fairly(words):
            return Sought(found, alike=places is not None)
        nearest = self._nearest(words)
        return Sought([nearest] if nearest else [], alike=True)

    def seek_number(self, value: int) -> Sought:
        """Where a number is stated, else one that differs from it in a digit or so."""
        alike = str(value) not in self._numbers
        wanted = difflib.get_close_matches(str(value), self._numbers, 1, _SIMILAR) if alike else [str(value)]
        found = [self._place(*place) for number in wanted for place in self._numbers[number][:_COUNTED]]
        return Sought(found, alike, where=self._part_read)

    def seek_date(self, value: str, parts: Collection[str]) -> Sought:
        """Where these parts of a date are stated, and of the rest as much as the text states anywhere."""
        found = dates.stating(value, self._dates, parts)[:_COUNTED]
        return Sought([self._place(statement.start, statement.end) for statement in found], where=self._part_read)

    @property
    def _part_read(self) -> str:
        return "text" if len(self.text) <= _READ else "beginning of the text"

    def seek_party(self, name: str) -> Sought:
        """Where a distinctive word of a name stands, of one that has none the whole name, else what is most like it."""
        telling = distinctive(name)
        written = {word for form in telling for word in self._written.get(form, ())}
        if not written:
            return self.seek(name)
        places = islice(places_of(written, self._spaced.letters), _COUNTED)
        return Sought([self._place(*place) for place in places], what="a word of it")

    def seek_cue(self, cue: Cue, subject: re.Pattern[str] | None = None) -> Sought:
        """Return the places of a cue's words, to the end of the last word.

        Its `near` words count only in sentences that name the subject, at the beginning of a long text.
        """
        matches: Iterator[re.Match[str]] = islice(cue.anywhere.finditer(self._readable), _COUNTED)
        if subject is not None and cue.near.search(self._readable, 0, _READ):
            matches = chain(matches, islice(self._near(cue, subject), _COUNTED))
        ends = {match.start(): _WORD_END.match(self.text, match.end()) for match in matches}
        places = [self._place(start, end.end()) for start, end in sorted(ends.items()) if end]
        return Sought(places, what="such a word")

    def _near(self, cue: Cue, subject: re.Pattern[str]) -> Iterator[re.Match[str]]:
        for sentence in self._sentences:
            if subject.search(self._readable, sentence.start, sentence.end):
                yield from cue.near.finditer(self._readable, sentence.start, sentence.end)

    def seek_organ(self, organ: str) -> Sought:
        """Return the places of the names of an organ of the United Nations."""
        named = islice((one for one in organs_named(plain(self.text)) if one.organ == organ), _COUNTED)
        return Sought([self._place(one.start, one.end) for one in named])

    def seek_symbol(self, symbol: str) -> Sought:
        """Find a UN document symbol, or the number and year that news print for it."""
        named = islice(symbols.naming(symbol, self._resolutions), _COUNTED)
        return Sought([self._place(one.start, one.end) for one in named])

    def _nearest(self, words: str) -> Place | None:
        """The text's wording that is most like these words, or None where none is like them.

        >>> SearchableText("Both wanted to end the war at once.", "en")._nearest("wanted not to end war")
        Place(start=5, end=26, exact='wanted to end the war')
        """
        wanted = [match[0] for match in _WORD.finditer(lower(words[:_COMPARED_LETTERS]))][:_COMPARED]
        windows = {self._window(wanted, position, number) for position, number in self._anchors(wanted)}
        scored = [(difflib.SequenceMatcher(None, wanted, self._said(window)).ratio(), window) for window in windows]
        if not scored:
            return None
        _, (first, last) = max(scored, key=lambda pair: (pair[0], -pair[1][0]))
        here = " ".join(self._said((first, last)))[:_COMPARED_LETTERS]
        if difflib.SequenceMatcher(None, " ".join(wanted), here, autojunk=False).ratio() < _SIMILAR:
            return None
        return self._place(self._words[first][1], self._words[last - 1][2])

    def _said(self, window: tuple[int, int]) -> list[str]:
        return [word for word, _, _ in self._words[slice(*window)]]

    def _anchors(self, wanted: list[str]) -> Iterator[tuple[int, int]]:
        """Where the rarest of the wanted words stand: their position among the wanted and among the text's words."""
        standing = {word: word for word in wanted if word in self._where}
        if not standing:
            longest = sorted(set(wanted), key=lambda word: (-len(word), word))[:_ANCHORS]
            standing = {word: close for word in longest for close in self._close(word)}
        rarest = sorted(standing, key=lambda word: (len(self._where[standing[word]]), word))[:_ANCHORS]
        for word in rarest:
            for number in self._where[standing[word]][:_WINDOWS]:
                yield wanted.index(word), number

    def _close(self, word: str) -> list[str]:
        """The text's word that a mistyped one most likely is."""
        like = (
            known
            for known in self._where
            if known[0] == word[0] and abs(len(known) - len(word)) <= 2 and len(known) <= _COMPARED
        )
        return difflib.get_close_matches(word, islice(like, _CLOSE_WORDS), 1, _SIMILAR)

    def _window(self, wanted: list[str], position: int, number: int) -> tuple[int, int]:
        """The text's words around an anchor that the wanted words stand for, as first and last, exclusive."""
        slack = 2 + len(wanted) // 4
        first = max(0, number - position - slack)
        last = min(len(self._words), number - position + len(wanted) + slack)
        here = self._said((first, last))
        blocks = difflib.SequenceMatcher(None, wanted, here, autojunk=False).get_matching_blocks()[:-1]
        if not blocks:
            return max(0, number - position), min(len(self._words), number - position + len(wanted))
        # What differs before the first word and after the last that agree takes as much room here as there.
        start = first + blocks[0].b - blocks[0].a
        end = first + blocks[-1].b + len(wanted) - blocks[-1].a
        return max(0, start), min(len(self._words), end)
