"""Comparison of the words for a speaker with a party: the same, perhaps the same, or another one. English."""

from __future__ import annotations

import enum
import re

from api.grounding.parties import distinctive, names_in
from api.grounding.regex import regex

_OFFICE = (
    r"(?:spokes\w+|spoxs?|aides?|advis[eo]rs?|assistants?|deputy|deputies|representatives?|envoys?|lawyers?|office)"
)
# "The deputy spokesman for Ada Holm" and "Holm's spokesman" are not Holm.
_FOR_ANOTHER = regex(
    rf"\b{_OFFICE} (?:for|of|to) [^,]*|^[^,]*?'s? (?:\w+ ){{0,3}}{_OFFICE}\b|, (?:who|which|whose)\b.*"
)
_CAPITAL = regex(r"\b[A-Z]")
_CAPITALS = regex(r"\b[A-Z][\w'.-]*")
_LEADING = regex(
    r"^(?:The|A|An|Its|His|Her|Their|Our|Some|Other|Another|One|Both|Local|Officials?|Police|Sources?)\b ?"
)
_SPEAKS_FOR = regex(r"\b(?:spokes\w+|officials?|sources?|statement|communique)\b", re.IGNORECASE)
_STATE = (
    r"government|president|prime minister|minister|ministry|army|military|police|navy|air force|junta|council|troops"
)
_REBELS = r"rebels?|insurgents?|militants?|guerrillas?|separatists?|militias?|fighters?"
_BODIES = r"agency|mission|observatory|charity|hospital|commission|organi[sz]ation|group|movement|reports?|authorities"
# "The president" is a person.
_INSTITUTION = regex(rf"\b(?!president|prime|minister\b)(?:{_STATE}|{_REBELS}|{_BODIES})$", re.IGNORECASE)
# A speaker without a name that a party of a kind cannot be.
_OTHER_THAN = {
    "person": _INSTITUTION,
    "group": regex(rf"\b(?:{_STATE})\b"),
    "armed_force": regex(r"\b(?:ministers?|ministry|police)\b"),
    "government": regex(rf"\b(?:{_REBELS})\b"),
    "organisation": regex(rf"\b(?:{_STATE}|{_REBELS})\b"),
}
_BYSTANDERS = regex(
    r"^(?:the |an? )?(?:hospital|medical|medics|doctors|witness\w*|residents|villagers|rescue\w*)\b", re.IGNORECASE
)
# Officers who speak for a party of a kind.
_OFFICERS = {
    "government": regex(r"\b(?:president|minister|premier|chancellor|ministry)\b", re.IGNORECASE),
    "armed_force": regex(
        r"\b(?:general|gen|colonel|col|brigadier|brig|major|maj|captain|capt|lieutenant|lt|admiral|commander)\b",
        re.IGNORECASE,
    ),
}
# Words before an office that many governments have.
_PORTFOLIO = regex(
    r"interior|health|home|information|justice|finance|energy|education|culture|transport|affairs|deputy|acting|vice|"
    r"police|presidential|provincial",
    re.IGNORECASE,
)
# "The group's leader, Ada Holm", "its director".
_BODIES_OF = {
    kind: regex(rf"(?:\b[Tt]he (?:{nouns})'s?|^(?:[Ii]ts|[Tt]heir)) ")
    for kind, nouns in {
        "group": "group|movement|rebels|militia|party|militants|faction",
        "organisation": "group|agency|mission|organi[sz]ation|charity|body|observatory|commission|office",
        "government": "ministry|government|country|republic|state",
        "armed_force": "army|military|force|navy|group|militia|forces",
    }.items()
}
_TAIL = regex(r" (?:of|for|in|to|at|from|with)\b.*|,.*")
_NAMED_AFTER = regex(r", [A-Z]")


class NameMatch(enum.Enum):
    """The relation of the words for a speaker to a party."""

    SAME = "same"
    PERHAPS = "perhaps"
    OTHER = "other"


def match(name: str, kind: str, speaker: str) -> NameMatch:
    """Return whether a speaker is the party of a name and kind.

    >>> match("Ada Holm", "person", "Ivo Lund, spokesman for Mayor Ada Holm").value
    'other'
    >>> match("the Norland army", "armed_force", "Ivo Lund, spokesman for the Norland army").value
    'same'
    """
    words = _FOR_ANOTHER.sub("", speaker) if kind == "person" else speaker
    naming = names_in(words)
    # "NHO" for "Norland Health Office", and the reverse.
    abbreviates = _initials(name) in _acronyms(words) or _initials(words) in _acronyms(name)
    if abbreviates or (naming.names(name) if distinctive(name) else naming.hints_at(name)):
        return NameMatch.SAME
    if kind == "person":
        return NameMatch.PERHAPS if _is_unnamed_person(words) else NameMatch.OTHER
    own = names_in(name)
    # "The army" for "the Norland army", but not "the Sundland army".
    if naming.hints_at(name) and all(own.names(word) for word in distinctive(words)):
        return NameMatch.SAME
    if naming.names_people_of(name) or _can_speak_for(kind, words):
        return NameMatch.PERHAPS
    other = is_named_or_other(kind, _LEADING.sub("", words.strip())) or words.startswith("Other ")
    return NameMatch.OTHER if other else NameMatch.PERHAPS


def _is_unnamed_person(words: str) -> bool:
    """Return whether words can be another name for a person: "the mayor of Brook", but not "Mayor Ada Holm"."""
    head = _TAIL.sub("", _LEADING.sub("", words.strip()))
    unnamed = (head.split() or ["a"])[-1].islower() and not _NAMED_AFTER.search(words)
    return unnamed and not _INSTITUTION.search(head)


def _can_speak_for(kind: str, words: str) -> bool:
    """Return whether words can name an officer of a body: "Defence Minister Ada Holm" for a government."""
    if kind in _OTHER_THAN and _BYSTANDERS.search(words):
        return False
    if kind in _BODIES_OF and _BODIES_OF[kind].search(words):
        return True
    text = _LEADING.sub("", words.strip())
    offices = (pattern.search(text) for pattern in (_SPEAKS_FOR, _OFFICERS.get(kind)) if pattern)
    return any(office and not _foreign(text[: office.start()]) for office in offices)


def is_named_or_other(kind: str, speaker: str) -> bool:
    """Return whether a speaker has a name, or cannot be a party of this kind."""
    if _CAPITAL.search(speaker):
        return True
    return kind in _OTHER_THAN and bool(_OTHER_THAN[kind].search(speaker) or _BYSTANDERS.search(speaker))


def _foreign(words: str) -> bool:
    """Return whether words before an office name another body: "Sundland's", but not "Health"."""
    return any(distinctive(word) for word in _CAPITALS.findall(words) if not _PORTFOLIO.fullmatch(word))


def _initials(words: str) -> str:
    return "".join(word[0] for word in _CAPITALS.findall(_LEADING.sub("", words)))


def _acronyms(words: str) -> set[str]:
    return {word for word in _CAPITALS.findall(words) if len(word) > 1 and word.isupper()}
