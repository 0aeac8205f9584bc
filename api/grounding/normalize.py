"""Texts compared fairly: typographic marks and spaces as their plain forms, each letter where it was."""

from __future__ import annotations

import heapq
import re
from bisect import bisect_left
from collections.abc import Iterator

# One character for one, so that an offset in the plain text is an offset in the text.
_PLAIN = str.maketrans(
    {
        **dict.fromkeys("‘’‚‛′ʼ´`", "'"),
        **dict.fromkeys("“”„‟″«»「」『』‹›", '"'),
        **dict.fromkeys("‐‑‒–—―−", "-"),
        **dict.fromkeys(map(chr, (*range(0x2000, 0x200B), 0xA0, 0x1680, 0x202F, 0x205F, 0x3000)), " "),
        **dict.fromkeys("\n\r\t", " "),
    }
)
# Nothing so long is a word; and patterns of words would go over it again and again.
_NO_WORD = re.compile(r"\S{60,}")
_BLANKS, _WIDE = re.compile(r"\s+"), re.compile(r"\s{2,}")
# A search stops somewhere: so many letters are compared, and so many more are worth a try.
_LETTERS, _LETTERS_A_TRY = 2_000_000, 50
# A run of blanks is tried once, not from each of its blanks.
_GAP = re.compile(r"(?:(?<!\s)\s+)?\[(?:…|\.\.\.)\]\s*")


def plain(text: str) -> str:
    """A text in plain marks, of the same length.

    >>> plain("“no basis” – indeed")
    '"no basis" - indeed'
    """
    return text.translate(_PLAIN)


def lower(text: str) -> str:
    """A text in plain marks and small letters, of the same length.

    >>> lower("“İzmir”"), len("İ".lower())
    ('"izmir"', 2)
    """
    return plain(text).replace("İ", "I").lower()


def readable(text: str) -> str:
    """A text in plain marks and small letters, blank where there are no words, of the same length."""
    return _NO_WORD.sub(lambda match: " " * len(match[0]), lower(text))


def pieces(text: str) -> list[str]:
    """The pieces of a quote between what was left out.

    >>> pieces("its army units […] had come under shelling")
    ['its army units', 'had come under shelling']
    """
    return [piece for piece in _GAP.split(text) if piece]


def contains(words: str, runs: list[str]) -> bool:
    """Whether words stand, whole and in their order, in one run of a text."""
    return any(Spaced(run).first(words) is not None for run in runs)


def first_missing(parts: list[str], runs: list[str]) -> str | None:
    """The first of several parts that does not stand in the runs of a text after those before it, or None.

    >>> first_missing(["its units", "under shelling"], ["its units were", "under shelling"])
    >>> first_missing(["under shelling", "its units"], ["its units were", "under shelling"])
    'its units'
    """
    # What stands between two runs is not known, so nothing runs on from one into the next.
    text, start = Spaced(" … ".join(runs)), 0
    for part in parts:
        found = text.first(part, start)
        if found is None:
            return part
        start = found + len(spaced(part))
    return None


def spaced(words: str) -> str:
    """Words in plain marks with one space between them."""
    return " ".join(plain(words).split())


class Spaced:
    """A text in plain marks with one space for each stretch of blanks, and where its letters stand in the text.

    Words are sought as they are, not by a pattern: what that takes grows with the text and not with the words.
    """

    def __init__(self, text: str):
        marked = plain(text)
        self.words = _BLANKS.sub(" ", marked)
        self._gaps: list[int] = []
        self._left_out = [0]
        for match in _WIDE.finditer(marked):
            self._gaps.append(match.start() - self._left_out[-1])
            self._left_out.append(self._left_out[-1] + len(match[0]) - 1)

    def offset(self, at: int) -> int:
        """Where in the text itself a letter stands.

        >>> Spaced("to  the   end").offset(7)
        10
        """
        return at + self._left_out[bisect_left(self._gaps, at)]

    def first(self, words: str, start: int = 0) -> int | None:
        """The first place of words from a place on."""
        return next(self.all(words, start), None)

    def all(self, words: str, start: int = 0) -> Iterator[int]:
        """Where words stand at the borders of words, with a capital or without at their beginning.

        >>> text = Spaced("Ten of them, often  ten")
        >>> list(text.all("ten")), list(text.all("TEN"))
        ([0, 19], [])
        """
        wanted = spaced(words)
        # "ß" has no capital of one letter.
        initials = {initial for initial in (wanted[:1].lower(), wanted[:1].upper()) if len(initial) == 1}
        forms = {initial + wanted[1:] for initial in initials} or {wanted}
        return heapq.merge(*(self._standing(form, start) for form in forms))

    def _standing(self, form: str, start: int) -> Iterator[int]:
        for _ in range(_LETTERS // (len(form) + _LETTERS_A_TRY)):
            start = self.words.find(form, start)
            if start < 0:
                return
            if not (_joined(self.words, start) or _joined(self.words, start + len(form))):
                yield start
            start += 1


def _joined(text: str, at: int) -> bool:
    """Whether the characters on both sides of a place belong to one word."""
    return 0 < at < len(text) and _of_a_word(text[at - 1]) and _of_a_word(text[at])


def _of_a_word(character: str) -> bool:
    return character.isalnum() or character == "_"
