"""Patterns compiled from lists of words, and the cues that a kind of claim declares for its fields. English.

Commas separate the words of a list. A word is a prefix, so that "kill" matches killed, kills and killing. A word that
ends in "." is a whole word. "~" matches up to five words. Other characters have their meaning in regular expressions.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from api.grounding.regex import regex

_SOME = r"(?:\S+ +){0,5}"
# A search for a character of an empty set is the fastest one.
_NOTHING = regex(r"[^\s\S]")
# A letter or a digit that is not optional, and a choice of words.
_SURE_FIRST = regex(r"[a-z](?![?*+{|])|\\d(?![?*{|])")
_CHOICE_FIRST = regex(r"\(([a-z]+(?:\|[a-z]+)+)\)(?![?*+{])")


def tokens_of(listed: str) -> frozenset[str]:
    """Return the tokens that blanks separate in a list."""
    return frozenset(listed.split())


def numbered(listed: str, first: int = 0, step: int = 1) -> dict[str, int]:
    """Return the words of a list with their numbers.

    >>> numbered("twenty thirty", 20, 10)
    {'twenty': 20, 'thirty': 30}
    """
    return {word: first + step * number for number, word in enumerate(listed.split())}


def one_token(listed: str) -> re.Pattern[str]:
    """Compile a pattern of any one of the expressions that blanks separate in a list.

    >>> bool(one_token("hop(e|es) wish").fullmatch("hopes"))
    True
    """
    return regex("|".join(listed.split()))


def _items(words: str) -> list[str]:
    return [" ".join(word.split()) for word in words.split(",")]


def _expression(word: str) -> str:
    form = word.removesuffix(".") + (r"\b" if word.endswith(".") else "")
    return form.replace(" ", " +").replace("~ +", _SOME)


def words(*lists: str, but: str = "") -> re.Pattern[str]:
    """Compile a pattern of these words that does not match at the words of `but`.

    >>> bool(words("lost ~ troops", but="lost contact").search("lost some 40 troops"))
    True
    """
    included = _alternatives(_expression(word) for group in lists for word in _items(group))
    excluded = _alternatives(_expression(word) for word in _items(but))
    return regex(r"\b" + (rf"(?!{excluded})" if but else "") + rf"(?:{included})")


def _alternatives(expressions: Iterable[str]) -> str:
    """Join expressions as alternatives. Those with the same first letter are one group, which a search skips at once.

    Two expressions with different first letters never match at the same place, so their order has no effect. Nor do a
    letter and a digit. All other expressions keep their place.

    >>> _alternatives(["kill", "dead", "kia", "(did|could) not", "(?<!-)end", "die"])
    '(?:kill|kia)|(?:dead|did not)|could not|(?<!-)end|die'
    """
    groups: list[list[str]] = []
    by_first: dict[str, list[str]] = {}
    for expression in (one for several in expressions for one in _choices(several)):
        if not _SURE_FIRST.match(expression):
            by_first = {}
            groups.append([expression])
        elif expression[0] in by_first:
            by_first[expression[0]].append(expression)
        else:
            by_first[expression[0]] = [expression]
            groups.append(by_first[expression[0]])
    return "|".join(group[0] if len(group) == 1 else f"(?:{'|'.join(group)})" for group in groups)


def _choices(expression: str) -> list[str]:
    """Return an expression for each word of the choice that it begins with, or the expression itself."""
    choice = _CHOICE_FIRST.match(expression)
    return [word + expression[choice.end() :] for word in choice[1].split("|")] if choice else [expression]


def not_after(listed: str, pattern: re.Pattern[str]) -> re.Pattern[str]:
    """Compile a pattern that does not match directly after one of these words.

    >>> pattern = not_after("talks, talks had", words("collaps"))
    >>> bool(pattern.search("the talks had collapsed")), bool(pattern.search("the truce had collapsed"))
    (False, True)
    """
    before = "".join(rf"(?<!\b{word} )" for word in _items(listed))
    # The words before a place are compared only if the pattern matches there.
    return regex(f"(?={pattern.pattern}){before}{pattern.pattern}")


def matching(patterns: Mapping[str, re.Pattern[str]], text: str) -> set[str]:
    """Return the names of the patterns that match in a text."""
    return {name for name, pattern in patterns.items() if pattern.search(text)}


def any_of(listed: str) -> str:
    """Build a group of alternatives that is a part of a longer word."""
    return f"(?:{_alternatives(word.rstrip('.') for word in _items(listed))})"


@dataclass(frozen=True)
class Cue:
    """The words that state a value.

    - `anywhere` applies to any sentence.
    - `near` applies to a sentence that names the subject of the field.
    - `weak` applies to a sentence without a marker of unreality: "a ceasefire deal" can be only desired.
    - `together` applies to a sentence that contains all its patterns.
    """

    anywhere: re.Pattern[str]
    near: re.Pattern[str] = _NOTHING
    weak: re.Pattern[str] = _NOTHING
    together: tuple[re.Pattern[str], ...] = ()


@dataclass(frozen=True)
class CueField:
    """The cues of a field by value. A text states one of the values.

    - `subject` matches the subject of the values, such as a ceasefire.
    - `contrary` matches a statement that excludes all values.
    - `presupposing` maps a value to the values that it presupposes: a truce that did not begin is not violated.
    - `by_consent` are the values to which each party of a claim must consent.
    - `rejecting`, `consenting` and `helping` match a party's rejection, its consent, and its help for other parties.
    - `unharmed` has verbs for something other than a value: "13 soldiers were deployed".
    """

    values: Mapping[str, Cue]
    subject: re.Pattern[str] = _NOTHING
    contrary: re.Pattern[str] = _NOTHING
    presupposing: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    by_consent: frozenset[str] = frozenset()
    rejecting: re.Pattern[str] = _NOTHING
    consenting: re.Pattern[str] = _NOTHING
    helping: re.Pattern[str] = _NOTHING
    unharmed: Mapping[str, re.Pattern[str]] = field(default_factory=dict)


@dataclass(frozen=True)
class PopulationField:
    """The cues of a population. A `faint` cue counts only if no other cue of `values` matches.

    A proper name, such as the name of a movement, can denote people of a population in `named`.
    """

    values: Mapping[str, re.Pattern[str]]
    faint: Mapping[str, re.Pattern[str]]
    named: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Lexicon:
    """The most frequent words of a language for each harm and population, and for things that a number counts.

    `borders` are the words that begin a new clause. `ends` are the words that end a noun phrase.
    """

    harms: Mapping[str, re.Pattern[str]]
    populations: Mapping[str, re.Pattern[str]]
    things: re.Pattern[str]
    borders: re.Pattern[str]
    ends: re.Pattern[str]


@dataclass(frozen=True, kw_only=True)
class KindCues:
    """The cues that a kind of claim declares.

    - `stated` are the cues by field.
    - `events` are the events that the kind reports, by the field that an error names. Evidence that only plans or
      denies one contradicts the claim.
    - `exclusive` are the words for the values of other fields. The words for another value contradict a value.
    - `counted` are the nouns that the numbers of the kind count, if they do not count people.
    - `lexicons` are the most frequent words of other languages.
    """

    stated: Mapping[str, CueField] = field(default_factory=dict)
    population: PopulationField | None = None
    subgroups: Mapping[str, re.Pattern[str]] = field(default_factory=dict)
    nondisclosure: re.Pattern[str] = _NOTHING
    events: Mapping[str, CueField] = field(default_factory=dict)
    exclusive: Mapping[str, Mapping[str, re.Pattern[str]]] = field(default_factory=dict)
    counted: re.Pattern[str] | None = None
    lexicons: Mapping[str, Lexicon] = field(default_factory=dict)
