"""Names compared as people mean them: case, diacritics and spacing folded."""

from __future__ import annotations

import unicodedata
from functools import lru_cache

# One Arabic ligature unfolds into eighteen letters, and an index has only so much room.
_LONGEST = 300
# The maximum length of a text whose folded form is cached.
_CACHED_MAX = 300

# Letters that Unicode does not take apart into a base letter and a mark.
_LETTERS = str.maketrans(
    {"ə": "a", "ı": "i", "ł": "l", "ø": "o", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "’": "'", "ʼ": "'"}
)


def fold(text: str) -> str:
    """The form by which two names are one; of a very long one, its beginning.

    >>> fold("Gədəbəy") == fold("GADABAY"), fold("Mevlüt  Çavuşoğlu")
    (True, 'mevlut cavusoglu')
    """
    return _cached_fold(text) if len(text) <= _CACHED_MAX else _fold(text)


def _fold(text: str) -> str:
    # What is all marks, such as a lone "¨", is only itself.
    return (" ".join(strip_diacritics(text).split()) or text)[:_LONGEST]


# The same few names and words come again and again. A word of a text can have 1 MiB, so long ones are not kept.
_cached_fold = lru_cache(maxsize=8192)(_fold)


def strip_diacritics(text: str) -> str:
    """A text without case and diacritics, its spacing as it is.

    >>> strip_diacritics("Gədəbəy, STRAẞE")
    'gadabay, strasse'
    """
    if text.isascii():
        return text.lower()
    # Normalization sorts each run of combining marks, in quadratic time, so they are removed before as well as after.
    apart = unicodedata.normalize("NFKD", _without_marks(text.casefold()))
    # Signs such as "℡" come apart into capitals.
    return _without_marks(apart.casefold()).translate(_LETTERS)


def _without_marks(text: str) -> str:
    return "".join(letter for letter in text if not unicodedata.combining(letter))
