"""Names of parties in evidence. A distinctive word of a name must occur."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from functools import cached_property

from api.grounding.cue_patterns import tokens_of
from api.grounding.normalize import HANGUL, MARKS, PREFIXES, UNSPACED, Letters, spaced_text
from api.grounding.regex import regex
from api.text import INITIALISM, cache_short_texts, fold, without_article

# Words that many parties share. They do not identify a party.
_GENERIC = tokens_of(
    "a an and armed army association authorities authority chief city commander committee council court defence "
    "defense department eastern federal fighters for force forces foreign former general government group groups "
    "head house international kingdom leader local march media military minister ministry mission nation national "
    "news northern of office officer official officials organisation organisations organization organizations "
    "parliament party people president prime rebels regional republic residents secretary security senior side "
    "soldiers southern spokesman spokesperson spokeswoman state states the troops union united village western world"
)
# An initialism, or letters with their marks. The s of a possessive is not a part of a name.
_LETTERS = rf"(?:[^\W\d_]++|[{MARKS}]++)++"
_WORD = regex(rf"{INITIALISM.pattern}|{_LETTERS}(?:'(?![sS]\b){_LETTERS})*")
_ATTACHED = regex(rf"[{PREFIXES}]{{1,4}}(?=\w{{3}})")
_UNSPACED, _HANGUL = regex(f"[{UNSPACED}]"), regex(f"[{HANGUL}]")


def written_forms(letters: Letters) -> dict[str, set[str]]:
    """Return the words of a text by their folded forms.

    Other forms omit the parts that a language attaches to a word: "Azerbaycan'ın", "l'Azerbaïdjan", "والحكومة".

    >>> sorted(written_forms(Letters("The U.N., Gu\u0308l, Bakı'nın")))
    ['baki', "baki'nin", 'gul', 'nin', 'the', 'un']
    """
    written: dict[str, set[str]] = {}
    # Each distinct word is folded once.
    for word in set(_WORD.findall(letters.text)):
        for form in _forms(word):
            written.setdefault(form, set()).add(word)
    return written


def places_of(words: Collection[str], letters: Letters) -> Iterator[tuple[int, int]]:
    """Yield the places of words in a text. The words are values of `written_forms`."""
    return (letters.span(*match.span()) for match in _WORD.finditer(letters.text) if match[0] in words)


def _forms(word: str) -> list[str]:
    """Return the folded forms of a word: whole, and without the parts that a language attaches to it."""
    whole = fold(word)
    if "'" in whole:
        return [whole, *(part for part in whole.split("'") if len(part) > 2)]
    attached = None if whole.isascii() else _ATTACHED.match(whole)
    return [whole, *(whole[length:] for length in range(1, attached.end() + 1))] if attached else [whole]


@cache_short_texts(4096)
def distinctive(name: str) -> tuple[str, ...]:
    """Return the words of a name that identify its bearer.

    >>> distinctive("Russia's foreign ministry"), distinctive("the US"), distinctive("international organisations")
    (('russia',), (), ())
    """
    words = [fold(word).removeprefix("ال") for word in _WORD.findall(Letters(name).text)]
    # Two letters are a whole name in Chinese and Korean.
    return tuple(
        word
        for word in words
        if word not in _GENERIC and len(word) > (1 if _UNSPACED.match(word) or _HANGUL.match(word) else 2)
    )


def named(name: str, words: str) -> bool:
    """Return whether words name a party.

    >>> named("Ilham Aliyev", "Aliyev, quoted by state news agency"), named("Azerbaijan", "Armenia said")
    (True, False)
    >>> named("the US", "Russia, France and the US have"), named("the US", "told us so")
    (True, False)
    """
    return names_in(words).names(name)


class Naming:
    """Words that can name parties. They are folded once for all names. `names_in` returns them."""

    def __init__(self, words: str):
        self._spaced = spaced_text(words)
        self._folded = set(written_forms(self._spaced.letters))

    def names(self, name: str) -> bool:
        """Return whether a distinctive word of a name occurs. A name without such a word must occur as a whole."""
        distinctive_words = distinctive(name)
        if distinctive_words:
            return any(word in self._folded or _within(word, self._folded) for word in distinctive_words)
        return self._spaced.first(without_article(name)) is not None

    def names_people_of(self, name: str) -> bool:
        """Return whether an adjective of a country occurs: "the Israeli-Hamas truce" for Israel."""
        return any(
            word.startswith(name_word[:-1]) and _ADJECTIVE.fullmatch(word, len(name_word) - 1)
            for name_word in distinctive(name)
            if len(name_word) >= _COUNTRY_MIN
            for word in self._folded
        )

    def hints_at(self, name: str) -> bool:
        """Return whether any word of a name occurs, also a word that many names share. The plural counts."""
        return not names_in(name).stems.isdisjoint(self.stems)

    @cached_property
    def stems(self) -> set[str]:
        """The folded words without the s of a plural. Function words are omitted."""
        return {_stem(word) for word in self._folded} - _FUNCTION_WORDS


@cache_short_texts(256)
def names_in(words: str) -> Naming:
    """Return words as names of parties."""
    return Naming(words)


# "Israeli", "Armenian", "Ukrainian", "Sudanese", "Turkish".
_ADJECTIVE = regex(r"\w?(?:i|n|an|ian|ese|ish|is|ns|ans|ians)")
_COUNTRY_MIN = 5
_FUNCTION_WORDS = tokens_of("the of in a an and s for on at to by from with its their")


def _stem(word: str) -> str:
    return word.removesuffix("s") if len(word) > 3 else word


def _within(word: str, folded: set[str]) -> bool:
    """Return whether a word of a script without spaces, or of Korean, occurs in a longer run of letters."""
    if _UNSPACED.match(word):
        return any(word in run for run in folded)
    return bool(_HANGUL.match(word)) and any(run.startswith(word) for run in folded)
