"""Whether a party is named: a distinctive word of its name stands in the words."""

from __future__ import annotations

import re
from collections.abc import Iterator

from api.grounding.normalize import HANGUL, MARKS, PREFIXES, UNSPACED, Letters, contains
from api.text import INITIALISM, fold, without_article

# Words that many parties share, so that they tell none from another.
_GENERIC = frozenset(
    re.findall(
        r"\w+",
        """
    a an and armed army association authorities authority chief city commander committee council court defence
    defense department eastern federal fighters for force forces foreign former general government group groups
    head house international kingdom leader local march media military minister ministry mission nation national
    news northern of office officer official officials organisation organisations organization organizations
    parliament party people president prime rebels regional republic residents secretary security senior side
    soldiers southern spokesman spokesperson spokeswoman state states the troops union united village western
    world
    """,
    )
)
# An initialism, or letters with their marks. The possessive's s is no part of a name.
_LETTER = rf"(?:[^\W\d_]|[{MARKS}])"
_WORD = re.compile(rf"{INITIALISM.pattern}|{_LETTER}+(?:'(?![sS]\b){_LETTER}+)*")
_ATTACHED = re.compile(rf"[{PREFIXES}]{{1,4}}(?=\w{{3}})")
_UNSPACED, _HANGUL = re.compile(f"[{UNSPACED}]"), re.compile(f"[{HANGUL}]")


def folded_words(text: str) -> Iterator[tuple[str, int, int]]:
    """Yield the words of a text, folded, and where each begins and ends.

    A word is also read without the parts that a language attaches to it: "Azerbaycan'ın", "l'Azerbaïdjan", "والحكومة".

    >>> [word for word, _, _ in folded_words("The U.N., Gu\u0308l, Bakı'nın")]
    ['the', 'un', 'gul', "baki'nin", 'baki', 'nin']
    """
    for word, start, end in _words(text):
        yield word, start, end
        if "'" in word:
            yield from ((part, start, end) for part in word.split("'") if len(part) > 2)
        elif attached := _ATTACHED.match(word):
            yield from ((word[length:], start, end) for length in range(1, attached.end() + 1))


def _words(text: str) -> Iterator[tuple[str, int, int]]:
    letters = Letters(text)
    for match in _WORD.finditer(letters.text):
        yield fold(match[0]), *letters.span(*match.span())


def distinctive(name: str) -> list[str]:
    """The words of a name that tell its bearer from others.

    >>> distinctive("Russia's foreign ministry"), distinctive("the US"), distinctive("international organisations")
    (['russia'], [], [])
    """
    words = [word.removeprefix("ال") for word, _, _ in _words(name)]
    # Two letters are a whole name in Chinese and Korean.
    return [word for word in words if word not in _GENERIC and len(word) > (1 if _starts_anywhere(word) else 2)]


def _starts_anywhere(word: str) -> bool:
    return bool(_UNSPACED.match(word) or _HANGUL.match(word))


def named(name: str, words: str) -> bool:
    """Whether words name a party.

    >>> named("Ilham Aliyev", "Aliyev, quoted by state news agency"), named("Azerbaijan", "Armenia said")
    (True, False)
    >>> named("the US", "Russia, France and the US have"), named("the US", "told us so")
    (True, False)
    """
    telling = distinctive(name)
    if telling:
        said = {word for word, _, _ in folded_words(words)}
        return any(word in said or _within(word, said) for word in telling)
    return contains(without_article(name), [words])


def _within(word: str, said: set[str]) -> bool:
    """Whether a word of a script without spaces, or of Korean, stands in a longer run of letters."""
    if _UNSPACED.match(word):
        return any(word in run for run in said)
    return bool(_HANGUL.match(word)) and any(run.startswith(word) for run in said)
