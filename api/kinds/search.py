"""Full-text search: tokens of texts, and parsed queries. Both databases use the same tokens."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from api.text import strip_diacritics

# The maximum number of tokens, of repetitions and of characters in a token. PostgreSQL limits the size of a row.
_TOKENS_MAX = 4000
_REPETITIONS_MAX = 255
_TOKEN_LENGTH_MAX = 40

# Separates texts and replaces dropped tokens. A query cannot contain it.
GAP = "_"

# The maximum number of words in a query.
TERMS_MAX = 32
# Shorter prefixes match too many words.
_PREFIX_MIN = 2

_WORD = re.compile(r"[^\W_]+")
_TERM = re.compile(r'(-*)(?:"([^"]*)(?:"|$)|([^\s"]+))')
_QUOTES = str.maketrans(dict.fromkeys("“”„‟«»", '"'))


class EmptySearch(ValueError):
    """A query that cannot be run. The message names the fix."""


@dataclass(frozen=True, order=True)
class Term:
    """A term of a query: adjacent words. `begun` marks a prefix, `without` an exclusion."""

    words: tuple[str, ...]
    begun: bool = False
    without: bool = False


def tokenize(text: str) -> list[str]:
    """Return the tokens of a text: letters and digits without case and diacritics. Long tokens are truncated.

    >>> tokenize("S/RES/822, Gədəbəy's")
    ['s', 'res', '822', 'gadabay', 's']
    """
    return [word[:_TOKEN_LENGTH_MAX] for word in _WORD.findall(strip_diacritics(text))]


def indexed(texts: Iterable[str]) -> str:
    """Return the stored tokens of a record's texts, with a gap between texts so that phrases cannot span them.

    >>> indexed(["No ceasefire", "Baku"])
    ' no ceasefire _ baku '
    """
    tokens: list[str] = []
    for text in texts:
        tokens += [*tokenize(text), GAP]
        if len(tokens) > _TOKENS_MAX:
            break
    tokens = tokens[:_TOKENS_MAX]
    while tokens and tokens[-1] == GAP:
        tokens.pop()
    if len(tokens) > _REPETITIONS_MAX:
        counts: Counter[str] = Counter()
        for index, token in enumerate(tokens):
            counts[token] += 1
            if counts[token] > _REPETITIONS_MAX:
                tokens[index] = GAP
    return f" {' '.join(tokens)} "


def parse(query: str) -> tuple[Term, ...]:
    """Parse a query: words, "phrases", -exclusions and prefix*. Other characters separate words.

    A quotation without an end extends to the end of the query. Raises EmptySearch.

    >>> parse('peace* "no basis" -Baku')
    (Term(words=('no', 'basis'), begun=False, without=False), Term(words=('peace',), begun=True, without=False), \
Term(words=('baku',), begun=False, without=True))
    """
    terms: set[Term] = set()
    for minus, phrase, word in _TERM.findall(query.translate(_QUOTES)):
        if tokens := tokenize(phrase or word):
            begun = word.endswith("*")
            if begun and len(tokens[-1]) < _PREFIX_MIN:
                raise EmptySearch(f"{word!r} is too short. A prefix needs at least {_PREFIX_MIN} letters before *.")
            terms.add(Term(tuple(tokens), begun, bool(minus)))
    if not terms:
        raise EmptySearch('The query has no words. Send a word, or a "phrase" in quotation marks.')
    if all(term.without for term in terms):
        raise EmptySearch("The query has only exclusions. Add a word without a minus.")
    if sum(len(term.words) for term in terms) > TERMS_MAX:
        raise EmptySearch(f"The query has more than {TERMS_MAX} words. Shorten it.")
    # The order of terms has no meaning, so equal queries compare equal.
    return tuple(sorted(terms, key=lambda term: (term.without, term)))
