"""Sentences of evidence, their tokens, and their segments between conjunctions and punctuation marks. English."""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass, replace
from functools import cached_property

from api.grounding.cue_patterns import tokens_of
from api.grounding.regex import regex
from api.text import cache_short_texts

# A number with its separators is one token, and so is a word with its hyphens and apostrophes.
_TOKEN = regex(r"\d+(?:[.,:]\d+)*(?:-[^\W\d_]+)*|[^\W_]+(?:['-][^\W_]+)*|[^\w\s]|_")
_RANGE_REACH = 5
_SENTENCE_END = frozenset(".!?;")
# An abbreviation does not end a sentence: "the U.N. said", "Gen. Holm".
_ABBREVIATION = regex(r"[^\W\d]|mr|mrs|ms|dr|gen|col|lt|maj|capt|sgt|gov|sen|rep|st|no|vs|approx|inc|ltd|jan|feb|mar")
_OPENING = frozenset("\":(['…-")
_PUNCTUATION = frozenset(',:()[]"-…')
_CONJUNCTIONS = tokens_of(
    "and but while whereas although though after before when because which who whom whose where that plus with "
    "despite as since until if unless"
)


@dataclass(frozen=True)
class Sentence:
    """One sentence of a text in plain lower-case letters. The offsets of tokens refer to that text."""

    tokens: tuple[str, ...]
    starts: tuple[int, ...]
    ends: tuple[int, ...]
    # The numbers of the tokens that are parts of names.
    names: frozenset[int] = frozenset()

    @cached_property
    def nameless(self) -> tuple[str, ...]:
        """The tokens, with "_" for parts of names: the "without" of "Doctors Without Borders" is not a negation."""
        if not self.names:
            return self.tokens
        return tuple("_" if at in self.names else token for at, token in enumerate(self.tokens))

    @property
    def start(self) -> int:
        return self.starts[0]

    @property
    def end(self) -> int:
        return self.ends[-1]

    @property
    def is_question(self) -> bool:
        return self.tokens[-1] == "?"

    def segment(self, offset: int) -> int:
        """Return the number of the segment at an offset."""
        return self.segments[self.index(offset)]

    def index(self, offset: int) -> int:
        """Return the number of the token at an offset, or of the last one before it."""
        return max(0, bisect_right(self.starts, offset) - 1)

    @cached_property
    def brackets(self) -> frozenset[int]:
        """The numbers of the brackets around single words: of "the workers' party (wp) fighters"."""
        tokens = self.tokens
        opening = (at for at, word in enumerate(tokens) if word == "(" and tokens[at + 2 : at + 3] == (")",))
        return frozenset(place for at in opening if tokens[at + 1].isalpha() for place in (at, at + 2))

    @cached_property
    def segments(self) -> tuple[int, ...]:
        """The number of each token's segment. A segment begins at a punctuation mark or a conjunction.

        >>> sentences("23 were killed and 45 injured")[0].segments
        (0, 0, 0, 1, 1, 1)
        """
        number, numbers = 0, []
        for at, word in enumerate(self.tokens):
            # "Between 55 and 70" is one expression.
            of_range = word == "and" and "between" in self.tokens[max(0, at - _RANGE_REACH) : at]
            neighbours = (*self.tokens[max(0, at - 1) : at], *self.tokens[at + 1 : at + 2])
            of_range |= word == "-" and all(neighbour[0].isdigit() for neighbour in neighbours)
            inside = of_range or at in self.brackets
            number += (word in _PUNCTUATION or word in _CONJUNCTIONS) and not inside
            numbers.append(number)
        return tuple(numbers)


@cache_short_texts(64)
def sentences(text: str) -> tuple[Sentence, ...]:
    """Split a text in plain lower-case letters into sentences.

    >>> [" ".join(sentence.tokens) for sentence in sentences("the u.n. said so. 1.5 million fled")]
    ['the u . n . said so .', '1.5 million fled']
    """
    split: list[Sentence] = []
    tokens: list[re.Match[str]] = []
    for match in _TOKEN.finditer(text):
        tokens.append(match)
        if match[0] in _SENTENCE_END and not _abbreviates(tokens, text):
            split.append(_sentence(tokens))
            tokens = []
    return (*split, _sentence(tokens)) if tokens else tuple(split)


def with_names(sentence: Sentence, written: str) -> Sentence:
    """Return a sentence with the capitalized tokens of the original text as names, except in a headline."""
    words = [at for at, token in enumerate(sentence.tokens) if token[0].isalpha()]
    capital = {at for at in words if written[sentence.starts[at]].isupper()}
    if 2 * len(capital) > len(words):
        return sentence
    opening = {0, *(at + 1 for at, token in enumerate(sentence.tokens) if token in _OPENING)}
    return replace(sentence, names=frozenset(capital - opening))


def _abbreviates(tokens: list[re.Match[str]], text: str) -> bool:
    """Return whether the full stop that is the last token belongs to an abbreviation."""
    if tokens[-1][0] != "." or len(tokens) < 2 or tokens[-2].end() != tokens[-1].start():
        return False
    return _ABBREVIATION.fullmatch(tokens[-2][0]) is not None


def _sentence(tokens: list[re.Match[str]]) -> Sentence:
    return Sentence(
        tuple(match[0] for match in tokens),
        tuple(match.start() for match in tokens),
        tuple(match.end() for match in tokens),
    )
