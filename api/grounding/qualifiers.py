"""Qualifiers in the words around a figure: "at least 13", "13 or more", "13 to 20". English."""

from __future__ import annotations

import itertools
from bisect import bisect_left

from api.grounding.cue_patterns import matching
from api.grounding.figures import Figure, Figures
from api.grounding.regex import regex

# The words of each qualifier, directly before a figure and directly after it.
_QUALIFIERS_BEFORE = {
    "at_least": (
        r"at (?:the )?(?:very )?least|no fewer than|no less than|not fewer than|not less than|(?:a )?minimum(?: "
        r"of)?|upwards? of|as few as"
    ),
    "more_than": (
        r"(?:well |far |slightly |just |much )?(?:(?<!no )(?<!not )more than|over|above|beyond)|in excess of|"
        r"exceed(?:s|ed|ing)?|surpass(?:es|ed|ing)?|topp(?:ed|ing)|tops|passed|passing|greater than|higher than|"
        r"upwards? of|climbed past|past"
    ),
    "up_to": (
        r"up to|as many as|as much as|at (?:the )?most|no more than|not more than|(?:a )?maximum(?: of)?|no "
        r"higher than|as high as|at the outside|not exceeding"
    ),
    "fewer_than": (
        r"(?:slightly |just |far |well )?(?:(?<!no )(?<!not )(?:fewer|less) than|under|below|short of|lower than)|"
        r"nearly|almost|not quite|close to|nearing|approaching"
    ),
    "about": (
        r"about|around|roughly|approximately|approx\.?|circa|c\.|ca\.|some|nearly|almost|close to|near|nearing|an "
        r"estimated|estimated(?: at)?|estimates?(?: of)?|in the region of|in the order of|on the order of|"
        r"something like|perhaps|more or less|an approximate|approaching|just (?:over|under)|slightly (?:over|"
        r"under|more than|fewer than)|not quite|in the neighbou?rhood of|or so|give or take|a rough|virtually|"
        r"well-nigh|a little (?:over|under|more than)|just about"
    ),
}
_QUALIFIERS_AFTER = {
    "at_least": (
        r"or more|and counting|or above|at (?:the )?(?:very )?least|\+|plus\b|and rising|or over|minimum|as a minimum"
    ),
    "more_than": (r"-plus\b|and more\b|plus\b|\+"),
    "up_to": (r"at (?:the )?most|or fewer|or less|at the outside|maximum|tops\b|or under|as a maximum"),
    "about": (
        r"or so|-?odd\b|or thereabouts|approximately|more or less|give or take|or around that|, an estimate|, "
        r"roughly|(?:is|are|was|were|has been|have been) estimated"
    ),
}
_BETWEEN_WORDS = r"(?: ?(?:the|a|an|another|its|their|his|deaths of|of|to|at|in) ?){0,2}"
_BEFORE_PATTERNS = {name: regex(rf"\b(?:{pattern}){_BETWEEN_WORDS} *$") for name, pattern in _QUALIFIERS_BEFORE.items()}
_NUMERAL = r"(?:\d[\d,.]*|\w+teen|\w*ty(?:-\w+)?|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve)"
_BEGINS_RANGE = regex(rf" ?(?:-|to) ?{_NUMERAL}\b(?! (?:votes?|nil))")
_ENDS_RANGE = regex(rf"{_NUMERAL}(?: ?- ?| to )$|\bbetween {_NUMERAL} (?:\w+ )?and $|\bbetween $")
_AFTER_PATTERNS = {name: regex(rf",? ?(?:\w+ ){{0,3}}?(?:{pattern})") for name, pattern in _QUALIFIERS_AFTER.items()}
# The words between the two numbers of one range.
_RANGE = regex(
    r" ?(?:\w+ ){0,2}?(?:-|to|and|or|up to|,? ?(?:and |or |but |to )?(?:perhaps |possibly |maybe )?(?:as many as|"
    r"up to|as high as|at most|no more than|not more than|fewer than|even)|,? (?:and |or )?(?:perhaps|possibly|"
    r"maybe)) ?(?:some |about |around )?"
)
_COMPARES = regex(
    r"\b(?:(?:more|less|fewer|lower|higher|greater|larger|smaller) than|(?:well|far|just) (?:below|above|under|over)) "
    r"(?:the|its|their|an? (?:earlier|previous|official|initial)) (?:\w+ )?$"
)
_JOINED = regex(r"(?:\band|,|…) (?:another |a further )?$")
_BEFORE, _AFTER = 40, 60


def qualifiers(figure: Figure, figures: Figures) -> set[str]:
    """Return the qualifiers that the words around a figure express, or `exact`.

    "At least 13 soldiers and four civilians" can qualify both figures: the second also has the qualifier of the first.

    >>> from api.grounding.cues import Words
    >>> [qualifiers(figures.all[0], figures) for figures in (Figures(Words("at least 13 died"), "en", None),)]
    [{'at_least'}]
    """
    expressed = _expressed(figure, figures)
    if not expressed and (previous := _coordinated(figure, figures)):
        expressed = _expressed(previous, figures) | {"exact"}
    return expressed or {"exact"}


def _coordinated(figure: Figure, figures: Figures) -> Figure | None:
    """Return the figure before one in the same sentence if "and" or a comma joins the two."""
    if not _JOINED.search(figures.words.text[max(0, figure.start - _BEFORE) : figure.start]):
        return None
    at = bisect_left(figures.counting, figure.start, key=lambda other: other.start) - 1
    first = figures.words.sentence(figure.start).start
    return figures.counting[at] if at >= 0 and figures.counting[at].start >= first else None


def _expressed(figure: Figure, figures: Figures) -> set[str]:
    text = figures.words.text
    before, after = text[max(0, figure.start - _BEFORE) : figure.start], text[figure.end : figure.end + _AFTER]
    expressed = matching(_BEFORE_PATTERNS, before)
    expressed |= {name for name, pattern in _AFTER_PATTERNS.items() if pattern.match(after)}
    # "Lower than the 13 reported before" compares another figure with this one.
    if _COMPARES.search(before):
        expressed -= {"more_than", "fewer_than"}
    if _BEGINS_RANGE.match(after) or _ENDS_RANGE.search(before):
        expressed.add("range")
    return expressed


def in_one_range(low: int, high: int, figures: Figures) -> bool:
    """Return whether one expression states both ends of a range: "13 to 20", "at least 13 and up to 20"."""
    for first, second in itertools.pairwise(figures.counting):
        between = figures.words.text[first.end : second.start]
        if (first.value, second.value) == (low, high) and len(between) < _AFTER and _RANGE.fullmatch(between):
            return True
    return False
