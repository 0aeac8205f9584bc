"""Searching: the words of a text, and what a query asks of them. The same words on every database."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from api.text import strip_diacritics

# What a claim is found by and how often, and how long a word is: PostgreSQL has room for so much beside one record.
_MOST_WORDS = 4000
_MOST_TIMES = 255
_LONGEST = 40

# Stands between fields, and where a word has no place: no query can ask for it.
GAP = "_"

# More words than this are no question but a text.
TERMS_MAX = 32
# Fewer letters than this begin half of all words.
_LEAST_OF_PREFIX = 2

_WORD = re.compile(r"[^\W_]+")
_TERM = re.compile(r'(-*)(?:"([^"]*)(?:"|$)|([^\s"]+))')
_QUOTES = str.maketrans(dict.fromkeys("“”„‟«»", '"'))


class EmptySearch(ValueError):
    """A query that cannot be searched for; the message says the way out."""


@dataclass(frozen=True, order=True)
class Term:
    """One thing to look for: words side by side, the last of them perhaps only begun; or `without` them."""

    words: tuple[str, ...]
    begun: bool = False
    without: bool = False


def tokenize(text: str) -> list[str]:
    """The words of a text: letters and digits without case and diacritics; of a very long one, its beginning.

    >>> tokenize("S/RES/822, Gədəbəy's")
    ['s', 'res', '822', 'gadabay', 's']
    """
    return [word[:_LONGEST] for word in _WORD.findall(strip_diacritics(text))]


def indexed(texts: Iterable[str]) -> str:
    """The words of a record's texts as they are stored, a gap between each two texts so that no phrase spans them.

    >>> indexed(["No ceasefire", "Baku"])
    ' no ceasefire _ baku '
    """
    found: list[str] = []
    for text in texts:
        found += [*tokenize(text), GAP]
        if len(found) > _MOST_WORDS:
            break
    found = found[:_MOST_WORDS]
    while found and found[-1] == GAP:
        found.pop()
    if len(found) > _MOST_TIMES:
        times: Counter[str] = Counter()
        for place, word in enumerate(found):
            times[word] += 1
            if times[word] > _MOST_TIMES:
                found[place] = GAP
    return f" {' '.join(found)} "


def parse(query: str) -> tuple[Term, ...]:
    """What a query asks: words, "phrases", -without, begun*; all of them are to hold. Other signs only part words.

    A quotation mark that is not closed quotes to the end. Raises NothingAsked.

    >>> parse('peace* "no basis" -Baku')
    (Term(words=('no', 'basis'), begun=False, without=False), Term(words=('peace',), begun=True, without=False), \
Term(words=('baku',), begun=False, without=True))
    """
    asked: set[Term] = set()
    for minus, phrase, word in _TERM.findall(query.translate(_QUOTES)):
        if found := tokenize(phrase or word):
            begun = word.endswith("*")
            if begun and len(found[-1]) < _LEAST_OF_PREFIX:
                raise EmptySearch(f"{word!r} begins too many words. Give at least {_LEAST_OF_PREFIX} letters before *.")
            asked.add(Term(tuple(found), begun, bool(minus)))
    if not asked:
        raise EmptySearch('Nothing to look for: give a word, or a "phrase" in quotation marks.')
    if all(term.without for term in asked):
        raise EmptySearch("Only words to be without: give at least one to look for, without a minus.")
    if sum(len(term.words) for term in asked) > TERMS_MAX:
        raise EmptySearch(f"More than {TERMS_MAX} words. Leave out those that matter least.")
    # The same question in another order is the same question.
    return tuple(sorted(asked, key=lambda term: (term.without, term)))
