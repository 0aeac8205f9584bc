"""Names compared as people mean them: case, diacritics and spacing folded."""

from __future__ import annotations

import unicodedata
from functools import lru_cache

# One Arabic ligature unfolds into eighteen letters, and an index has only so much room.
_LONGEST = 300

# Letters that Unicode does not take apart into a base letter and a mark.
_LETTERS = str.maketrans(
    {"ə": "a", "ı": "i", "ł": "l", "ø": "o", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "’": "'", "ʼ": "'"}
)


# The same few names and words come again and again.
@lru_cache(maxsize=8192)
def fold(text: str) -> str:
    """The form by which two names are one; of a very long one, its beginning.

    >>> fold("Gədəbəy") == fold("GADABAY"), fold("Mevlüt  Çavuşoğlu")
    (True, 'mevlut cavusoglu')
    """
    # What is all marks, such as a lone "¨", is only itself.
    return (" ".join(strip_diacritics(text).split()) or text)[:_LONGEST]


def strip_diacritics(text: str) -> str:
    """A text without case and diacritics, its spacing as it is.

    >>> strip_diacritics("Gədəbəy, STRAẞE")
    'gadabay, strasse'
    """
    if text.isascii():
        return text.lower()
    apart = unicodedata.normalize("NFKD", text.casefold())
    # Signs such as "℡" come apart into capitals.
    letters = "".join(letter for letter in apart.casefold() if not unicodedata.combining(letter))
    return letters.translate(_LETTERS)
