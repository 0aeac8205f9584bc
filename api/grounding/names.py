"""Whether a party is named: a distinctive word of its name stands in the words."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from api.grounding.folding import fold
from api.grounding.plain import plain, stands_in

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
# The possessive's s is no part of a name.
_WORD = re.compile(r"[^\W\d_]+(?:'(?![sS]\b)[^\W\d_]+)*")


def folded_words(text: str) -> Iterator[tuple[str, int, int]]:
    """The words of a text, folded, and where each begins and ends."""
    for match in _WORD.finditer(plain(text)):
        yield fold(match[0]), *match.span()


def distinctive(name: str) -> list[str]:
    """The words of a name that tell its bearer from others.

    >>> distinctive("Russia's foreign ministry"), distinctive("the US"), distinctive("international organisations")
    (['russia'], [], [])
    """
    return [word for word, _, _ in folded_words(name) if word not in _GENERIC and len(word) > 2]


def named(name: str, words: str) -> bool:
    """Whether words name a party.

    >>> named("Ilham Aliyev", "Aliyev, quoted by state news agency"), named("Azerbaijan", "Armenia said")
    (True, False)
    >>> named("the US", "Russia, France and the US have"), named("the US", "told us so")
    (True, False)
    """
    telling = distinctive(name)
    if telling:
        said = _words_of(words)
        return any(word in said for word in telling)
    return stands_in(name, [words])


# A claim can have 200 parties, and each is looked for in the same evidence.
@lru_cache(maxsize=4)
def _words_of(text: str) -> frozenset[str]:
    """Return the words of a text, folded."""
    return frozenset(word for word, _, _ in folded_words(text))
