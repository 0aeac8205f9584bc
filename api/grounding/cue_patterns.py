"""Lists of words compiled to patterns, and what a kind of claim declares about the cues of a field. English.

Commas separate the words of a list. A word is a beginning, so that "kill" is killed, kills and killing, unless it ends
in ".". "~" is up to five words between others. The rest is as in regular expressions.
"""

from __future__ import annotations

import re
import typing
from collections.abc import Mapping
from dataclasses import dataclass, field

if typing.TYPE_CHECKING:
    from api.grounding.lexicon import Lexicon

_SOME = r"(?:\S+ +){0,5}"
_NOTHING = re.compile(r"(?!)")


def tokens_of(listed: str) -> frozenset[str]:
    """Return the tokens that blanks separate in a list.

    >>> sorted(tokens_of("no not"))
    ['no', 'not']
    """
    return frozenset(listed.split())


def one_token(listed: str) -> re.Pattern[str]:
    """Compile a pattern of any one of the expressions that blanks separate in a list.

    >>> bool(one_token("hop(e|es) wish").fullmatch("hopes"))
    True
    """
    return re.compile("|".join(listed.split()))


def _items(words: str) -> list[str]:
    return [" ".join(word.split()) for word in words.split(",")]


def _expression(word: str) -> str:
    form = word.removesuffix(".") + (r"\b" if word.endswith(".") else "")
    return form.replace(" ", " +").replace("~ +", _SOME)


def words(*lists: str, but: str = "") -> re.Pattern[str]:
    """Compile a pattern of any of these words, but not where they begin one of those.

    >>> bool(words("lost ~ troops", but="lost contact").search("lost some 40 troops"))
    True
    """
    wanted = "|".join(_expression(word) for group in lists for word in _items(group))
    unwanted = "|".join(_expression(word) for word in _items(but))
    return re.compile((rf"(?!\b(?:{unwanted}))" if but else "") + rf"\b(?:{wanted})")


def not_after(listed: str, pattern: re.Pattern[str]) -> re.Pattern[str]:
    """Compile a pattern that does not match directly after one of these words.

    >>> pattern = not_after("talks, talks had", words("collaps"))
    >>> bool(pattern.search("the talks had collapsed")), bool(pattern.search("the truce had collapsed"))
    (False, True)
    """
    return re.compile("".join(rf"(?<!\b{word} )" for word in _items(listed)) + pattern.pattern)


def any_of(listed: str) -> str:
    """Build one of several words as a part of a longer one."""
    return f"({'|'.join(word.rstrip('.') for word in _items(listed))})"


@dataclass(frozen=True)
class Cue:
    """The words that state a value.

    `anywhere` states it in any sentence, `near` only in a sentence that names the subject of the field, `weak` only in
    a sentence without any marker of unreality: "a ceasefire deal" is no deal where it is wished for. Those of
    `together` state it if each of them occurs in the sentence.
    """

    anywhere: re.Pattern[str]
    near: re.Pattern[str] = _NOTHING
    weak: re.Pattern[str] = _NOTHING
    together: tuple[re.Pattern[str], ...] = ()


@dataclass(frozen=True)
class CueField:
    """The cues of a field by value, of which a text states one.

    `subject` names what the values are about; `contrary` says that none of them is true. A value in `presupposing` is
    unreal if those that it presupposes are: a truce that has yet to begin is not violated. Each party of a claim shares
    a value in `by_consent`: a party that refuses to sign has not agreed. `refusing` says so of the party before it,
    `consenting` that a party gives its consent, and `helping` that it only helps others to agree. `beside` has verbs
    that state something else than a value: "13 soldiers were deployed".
    """

    values: Mapping[str, Cue]
    subject: re.Pattern[str] = _NOTHING
    contrary: re.Pattern[str] = _NOTHING
    presupposing: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    by_consent: frozenset[str] = frozenset()
    refusing: re.Pattern[str] = _NOTHING
    consenting: re.Pattern[str] = _NOTHING
    helping: re.Pattern[str] = _NOTHING
    beside: Mapping[str, re.Pattern[str]] = field(default_factory=dict)


@dataclass(frozen=True)
class PopulationField:
    """The cues of who people are, plain ones and such as count only where no plain one does.

    A proper name may say that people are of a population in `named`, such as the name of a movement.
    """

    values: Mapping[str, re.Pattern[str]]
    faint: Mapping[str, re.Pattern[str]]
    named: frozenset[str] = frozenset()


@dataclass(frozen=True, kw_only=True)
class KindCues:
    """The cues that a kind of claim declares: `stated` by field, and those of its further fields.

    `events` are what the kind reports as done, by the field that an error names: evidence that only plans or denies one
    contradicts the claim. `exclusive` are further fields with the words for their values: the words of another value
    contradict one. `counted` are the nouns that the numbers of the kind count, if they do not count people.
    `lexicons` has the commonest words of other languages.
    """

    stated: Mapping[str, CueField] = field(default_factory=dict)
    population: PopulationField | None = None
    subgroups: Mapping[str, re.Pattern[str]] = field(default_factory=dict)
    nondisclosure: re.Pattern[str] = _NOTHING
    events: Mapping[str, CueField] = field(default_factory=dict)
    exclusive: Mapping[str, Mapping[str, re.Pattern[str]]] = field(default_factory=dict)
    counted: re.Pattern[str] | None = None
    lexicons: Mapping[str, Lexicon] = field(default_factory=dict)
