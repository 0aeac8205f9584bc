"""Folding of names: case, diacritics, spacing, stops of initialisms and a leading article are ignored."""

from __future__ import annotations

import re
import typing
import unicodedata
from collections.abc import Callable
from functools import lru_cache, wraps

# The maximum length of a folded text, because an index entry is limited and one ligature can become 18 letters.
_FOLDED_MAX = 300
# The maximum length of a text whose folded form is cached.
_CACHED_MAX = 300
# The maximum length of a text whose other results are cached. Most evidence is shorter.
_SHORT_MAX = 1000

Result = typing.TypeVar("Result")

# Letters that Unicode does not decompose into a base letter and a mark.
_LETTERS = str.maketrans(
    {"ə": "a", "ı": "i", "ł": "l", "ø": "o", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "’": "'", "ʼ": "'"}
)

# Characters that only guide layout: soft hyphens, zero-width characters, marks of direction, the Arabic tatweel.
IGNORABLE = re.compile(
    r"[\u00ad\u034f\u061c\u0640\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069"
    r"\ufe00-\ufe0f\ufeff\U000e0000-\U000e01ef]+"
)
# Matches "U.N." and "U.S.A", but no part of "www.a.b.org" and no single initial.
INITIALISM = re.compile(r"(?<![\w.])[^\W\d_](?:\.[^\W\d_])+(?:\.(?!\w)|(?![\w.]))")
# The article alone does not match.
_ARTICLE = re.compile(r"\s*(?:the|an?)\s+(?=\S)", re.IGNORECASE)


def cache_short_texts(maxsize: int) -> Callable[[Callable[[str], Result]], Callable[[str], Result]]:
    """Cache the results of a function of a text for the last `maxsize` short texts. They must not be changed.

    The checks of a claim, and the claims of an article, read the same names and sentences.
    """

    def decorate(function: Callable[[str], Result]) -> Callable[[str], Result]:
        cached = lru_cache(maxsize)(function)

        @wraps(function)
        def call(text: str) -> Result:
            return cached(text) if len(text) <= _SHORT_MAX else function(text)

        return call

    return decorate


def fold(text: str) -> str:
    """Return the form of a name for comparisons. The form of a long name is truncated.

    >>> fold("Gədəbəy") == fold("GADABAY"), fold("Mevlüt  Çavuşoğlu")
    (True, 'mevlut cavusoglu')
    >>> fold("the U.N."), fold("UN"), fold("The")
    ('un', 'un', 'the')
    """
    return _cached_fold(text) if len(text) <= _CACHED_MAX else _fold(text)


def _fold(text: str) -> str:
    spaced = " ".join(strip_diacritics(IGNORABLE.sub("", text)).split())
    name = without_article(join_initialisms(spaced))
    # A name of marks alone, such as "¨", stays as it is.
    return (name or text)[:_FOLDED_MAX]


def join_initialisms(text: str) -> str:
    """Return a text with its initialisms written without stops.

    >>> join_initialisms("The U.N. and J. Smith")
    'The UN and J. Smith'
    """
    return INITIALISM.sub(lambda match: match[0].replace(".", ""), text) if "." in text else text


def without_article(name: str) -> str:
    """Return a name without a leading English article.

    >>> without_article("The Hague"), without_article("Theodore")
    ('Hague', 'Theodore')
    """
    article = _ARTICLE.match(name)
    return name[article.end() :] if article else name


# Names and words repeat often. A word of a text can have 1 MiB, so long ones are not cached.
_cached_fold = lru_cache(maxsize=8192)(_fold)


def strip_diacritics(text: str) -> str:
    """Return a text without case and diacritics, with its spacing unchanged.

    >>> strip_diacritics("Gədəbəy, STRAẞE")
    'gadabay, strasse'
    """
    if text.isascii():
        return text.lower()
    # Normalization sorts each run of combining marks, in quadratic time, so they are removed before as well as after.
    decomposed = unicodedata.normalize("NFKD", _without_marks(text.casefold()))
    # Signs such as "℡" decompose into capitals.
    return _without_marks(decomposed.casefold()).translate(_LETTERS)


def _without_marks(text: str) -> str:
    return "".join(letter for letter in text if not unicodedata.combining(letter))
