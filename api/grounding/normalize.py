"""Normalized texts for comparisons: plain typographic marks and spaces, with a map of the offsets."""

from __future__ import annotations

import heapq
import unicodedata
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import pairwise

from api.grounding.regex import regex
from api.text import IGNORABLE, INITIALISM, cache_short_texts

# Each character is replaced by one character, so that offsets stay the same.
_PLAIN = str.maketrans(
    {
        **dict.fromkeys("‘’‚‛′ʼ´`", "'"),
        **dict.fromkeys("“”„‟″«»「」『』‹›", '"'),
        **dict.fromkeys("‐‑‒–—―−", "-"),
        **dict.fromkeys(map(chr, (*range(0x2000, 0x200B), 0xA0, 0x1680, 0x202F, 0x205F, 0x3000)), " "),
        **dict.fromkeys("\n\r\t", " "),
    }
)
# The marks of an ASCII text.
_PLAIN_ASCII = [(chr(mark), new) for mark, new in _PLAIN.items() if mark < 128]
# A longer run is not a word. Patterns of words would scan it repeatedly.
_NO_WORD = regex(r"\S{60,}")
# Accents, vowel signs and other marks of the Basic Multilingual Plane.
MARKS = "".join(mark for mark in map(chr, range(0x300, 0x10000)) if unicodedata.category(mark)[0] == "M")
_SPACING = regex(rf"\s{{2,}}|[^\S ]|{INITIALISM.pattern}")
# A letter composes with the marks and the Hangul vowels and finals after it, never with an ASCII character.
_NOT_ASCII = regex(r"[\x00-\x7f]?[^\x00-\x7f]+")
# Normalization sorts a run of marks in quadratic time. No language has more than 30 marks on a letter: that is also the
# limit of Unicode's Stream-Safe Text Format. The rest of a run is normalized separately.
_MARKS_MAX = 30
_IGNORABLE_END = regex(rf"{IGNORABLE.pattern}$")
_CLUSTER = regex(rf"(?s:.)(?:[{MARKS}\u1160-\u11ff]|{IGNORABLE.pattern.removesuffix('+')}){{0,{_MARKS_MAX}}}")
# Han, Kana, Bopomofo, Thai, Lao, Tibetan, Myanmar and Khmer, without their digits.
UNSPACED = (
    "\u0e01-\u0e4f\u0e81-\u0ecf\u0edc-\u0eff\u0f00-\u0f1f\u0f34-\u0fff\u1000-\u103f\u104a-\u108f\u109a-\u109f\u1780-\u17df"
    "\u2e80-\u2fdf\u3005-\u3007\u3021-\u3029\u3041-\u30ff\u3100-\u312f\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff"
    "\uf900-\ufaff\uff66-\uff9f\U00020000-\U0003ffff"
)
HANGUL = "\u1100-\u11ff\u3130-\u318f\uac00-\ud7a3"
# "And", "by", "to", "as", "so" and the article, in Arabic and in Hebrew.
PREFIXES = "وفبلكا" + "והבלכמש"
_PREFIXES_MAX = 4
HAN_NUMERALS = "〇零一二两兩三四五六七八九十百千万萬亿億"
_UNSPACED, _HANGUL = regex(f"[{UNSPACED}]"), regex(f"[{HANGUL}]")
_ATTACHED = regex(r"[\u0590-\u06ff]")
_PREFIXES = regex(rf"(?<!\w)[{PREFIXES}]{{1,{_PREFIXES_MAX}}}$")
# A search is limited: the number of compared letters, with a fixed cost for each place.
_COMPARED_MAX, _PLACE_COST = 2_000_000, 50
# A run of blanks is matched once, and not from each of its blanks.
_GAP = regex(r"(?:(?<!\s)\s+)?\[(?:…|\.\.\.)\]\s*")


def plain(text: str) -> str:
    """Replace typographic marks by plain ones. The length stays the same.

    >>> plain("“no basis” – indeed")
    '"no basis" - indeed'
    """
    if not text.isascii():
        return text.translate(_PLAIN)
    # This is faster for the few marks that an ASCII text can have.
    for mark, new in _PLAIN_ASCII:
        text = text.replace(mark, new)
    return text


def lower(text: str) -> str:
    """Convert a text to plain marks and lower case. The length stays the same.

    >>> lower("“İzmir”"), len("İ".lower())
    ('"izmir"', 2)
    """
    return plain(text).replace("İ", "I").lower()


def readable(text: str) -> str:
    """Convert a text to plain marks and lower case, with blanks for runs that are too long for a word."""
    return _NO_WORD.sub(lambda match: " " * len(match[0]), lower(text))


def pieces(text: str) -> list[str]:
    """Return the pieces of a quote between its gaps.

    >>> pieces("its army units […] had come under shelling")
    ['its army units', 'had come under shelling']
    """
    return [piece for piece in _GAP.split(text) if piece]


def contains(words: str, runs: Iterable[Spaced]) -> bool:
    """Return whether whole words occur in their order in one run of a text."""
    return any(run.first(words) is not None for run in runs)


def first_missing(parts: list[str], runs: list[str]) -> str | None:
    """Return the first part that does not occur in the runs of a text after the parts before it, or None."""
    places = list(_in_order(parts, spaced_text(" … ".join(runs))))
    return parts[len(places)] if len(places) < len(parts) else None


def skipped(parts: list[str], runs: list[str]) -> list[str]:
    """Return the gaps of a text between parts that occur in it in their order.

    >>> skipped(["will be", "truce"], ["there will be no truce"])
    [' no ']
    """
    text = spaced_text(" … ".join(runs))
    return [text.words[end:start] for (_, end), (start, _) in pairwise(_in_order(parts, text))]


def _in_order(parts: list[str], text: Spaced) -> Iterator[tuple[int, int]]:
    """Yield the places of parts in a text, each after the one before it, until a part does not occur."""
    # The words between two runs are unknown, so a part cannot extend from one run into the next.
    end = 0
    for part in parts:
        start = text.first(part, end)
        if start is None:
            return
        end = start + len(spaced(part))
        yield start, end


@cache_short_texts(1024)
def spaced(words: str) -> str:
    """Return words in plain letters with one space between them."""
    return Spaced(words).words.strip()


class Letters:
    """A text in plain marks and composed letters, with the offset of each letter in the original text.

    Ligatures and full-width forms become plain letters. Soft hyphens and zero-width characters are removed.
    """

    def __init__(self, text: str):
        marked = plain(text)
        self.text, self._changes = _replace(marked, _clusters(marked))

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Return the range of some letters in the original text.

        >>> letters = Letters("an of\u00ad\ufb01ce")
        >>> letters.text, letters.span(3, 9)
        ('an office', (3, 9))
        """
        return self._changes.start(start), self._changes.end(end)


class Spaced:
    """A text in plain letters with one space for each run of blanks, and the offsets in the original text.

    Initialisms have no full stops. Words are searched as strings and not as patterns, so the work depends only on the
    length of the text.
    """

    def __init__(self, text: str):
        self.letters = Letters(text)
        self.words, self._changes = _replace(self.letters.text, _spacing(self.letters.text))

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Return the range of some words in the original text.

        >>> Spaced("to  the   end").span(7, 10)
        (10, 13)
        """
        return self.letters.span(self._changes.start(start), self._changes.end(end))

    def first(self, words: str, start: int = 0) -> int | None:
        """Return the first place of words at or after `start`, or None."""
        return next(self.all(words, start), None)

    def all(self, words: str, start: int = 0) -> Iterator[int]:
        """Yield the places of whole words. The case of the first letter is ignored.

        >>> text = Spaced("Ten of them, often  ten")
        >>> list(text.all("ten")), list(text.all("TEN"))
        ([0, 19], [])
        """
        target = spaced(words)
        # "ß" has no capital of one letter.
        initials = {initial for initial in (target[:1].lower(), target[:1].upper()) if len(initial) == 1}
        forms = {initial + target[1:] for initial in initials}
        return heapq.merge(*(self._whole_words(form, start) for form in forms))

    def _whole_words(self, form: str, start: int) -> Iterator[int]:
        for at in self.occurrences(form, start):
            if _begins_word(self.words, at) and _ends_word(self.words, at + len(form)):
                yield at

    def occurrences(self, form: str, start: int = 0) -> Iterator[int]:
        """Yield the places of a form, also within words, up to the limit. An empty form has no places."""
        if not form:
            return
        for _ in range(_COMPARED_MAX // (len(form) + _PLACE_COST)):
            start = self.words.find(form, start)
            if start < 0:
                return
            yield start
            start += 1


@cache_short_texts(64)
def spaced_text(text: str) -> Spaced:
    """Return a text as `Spaced`, which several checks search."""
    return Spaced(text)


class _Changes:
    """The replaced segments of a text, which map places in the new text to places in the old text."""

    def __init__(self) -> None:
        # For each segment: its starts in the new and the old text, and its end in the old text if it was replaced.
        self._new, self._old, self._ends = [0], [0], [-1]

    def add(self, new: int, old: int, end: int, length: int) -> None:
        """Add a replaced segment of the old text, with its start and length in the new text."""
        self._new += [new, new + length]
        self._old += [old, end]
        self._ends += [end, -1]

    def start(self, at: int) -> int:
        """Return the start, in the old text, of a character of the new text."""
        segment = bisect_right(self._new, at) - 1
        return self._old[segment] + (at - self._new[segment] if self._ends[segment] < 0 else 0)

    def end(self, at: int) -> int:
        """Return the end, in the old text, of the character before a place of the new text."""
        segment = bisect_right(self._new, at - 1) - 1
        end = self._ends[segment]
        return self._old[segment] + at - self._new[segment] if end < 0 else end


def _replace(text: str, changes: Iterable[tuple[int, int, str]]) -> tuple[str, _Changes]:
    """Replace segments of a text, each given as start, end and new text. Return the text and its changes."""
    pieces, changes_made, last, length = [], _Changes(), 0, 0
    for start, end, new in changes:
        length += start - last
        pieces += [text[last:start], new]
        changes_made.add(length, start, end, len(new))
        length, last = length + len(new), end
    return ("".join([*pieces, text[last:]]) if pieces else text), changes_made


def _clusters(text: str) -> Iterator[tuple[int, int, str]]:
    """Yield the characters that differ from their plain letters, as start, end and plain letters."""
    if text.isascii() or (unicodedata.is_normalized("NFKC", text) and not IGNORABLE.search(text)):
        return
    for run in _NOT_ASCII.finditer(text):
        if unicodedata.is_normalized("NFKC", run[0]) and not IGNORABLE.search(run[0]):
            continue
        for cluster in _CLUSTER.finditer(text, run.start(), run.end()):
            letters = cluster[0]
            new = _composed(letters)
            if new == letters:
                continue
            start, end = cluster.span()
            if len(letters) > 1:
                # Ignorable characters at the end do not belong to a letter.
                end -= len(letters) - len(_IGNORABLE_END.sub("", letters))
            if new != text[start:end]:
                yield start, end, new
            if end < cluster.end():
                yield end, cluster.end(), ""


# Texts repeat the same few letters.
@lru_cache(maxsize=1024)
def _composed(cluster: str) -> str:
    """Return a letter and its marks in plain, composed letters, without ignorable characters."""
    letters = IGNORABLE.sub("", cluster)
    # "³" is not a 3, and "½" is not the numbers 1 and 2.
    if any(unicodedata.category(letter) == "No" for letter in letters):
        return unicodedata.normalize("NFC", letters)
    return plain(unicodedata.normalize("NFKC", letters))


def _spacing(text: str) -> Iterator[tuple[int, int, str]]:
    """Yield the runs of blanks and the initialisms of a text, as start, end and plain form."""
    for match in _SPACING.finditer(text):
        yield *match.span(), " " if match[0].isspace() else match[0].replace(".", "")


def _begins_word(text: str, at: int) -> bool:
    """Return whether a word can begin at a place.

    In scripts without spaces it can begin anywhere. Arabic and Hebrew attach short words to the front.
    """
    if not _is_inside_word(text, at):
        return True
    before, here = text[at - 1], text[at]
    if _is_inseparable(before, here):
        return False
    if _UNSPACED.match(before) or _UNSPACED.match(here) or bool(_HANGUL.match(before)) != bool(_HANGUL.match(here)):
        return True
    return bool(_ATTACHED.match(here) and _PREFIXES.search(text[max(0, at - _PREFIXES_MAX - 1) : at]))


def _ends_word(text: str, at: int) -> bool:
    """Return whether a word can end at a place.

    In scripts without spaces it can end anywhere. Korean attaches particles to the end.
    """
    if not _is_inside_word(text, at):
        return True
    before, here = text[at - 1], text[at]
    if _is_inseparable(before, here):
        return False
    return any(_UNSPACED.match(side) or _HANGUL.match(side) for side in (before, here))


def _is_inseparable(before: str, here: str) -> bool:
    """Return whether two characters are inseparable in every script: a letter and its mark, or two numerals."""
    return _is_mark(here) or (before in HAN_NUMERALS and here in HAN_NUMERALS)


def _is_inside_word(text: str, at: int) -> bool:
    """Return whether the characters on both sides of a place belong to one word."""
    return 0 < at < len(text) and _is_word_character(text[at - 1]) and _is_word_character(text[at])


def _is_word_character(character: str) -> bool:
    return character.isalnum() or character == "_" or _is_mark(character)


def _is_mark(character: str) -> bool:
    return not character.isascii() and unicodedata.category(character)[0] == "M"
