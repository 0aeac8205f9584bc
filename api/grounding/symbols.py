"""Names of resolutions in news style ("Resolution 2728 (2024)", "resolution 55/28", "ES-10/22"), and their organs."""

from __future__ import annotations

import re
import typing
from collections.abc import Collection, Iterator, Sequence

from api.grounding.normalize import plain
from api.grounding.regex import regex
from schemas import edtf, un_symbols
from schemas.un_organs import organs_named

_ROMAN = r"[IVXLC]{1,6}"
_YEAR = r"(?:19[4-9][0-9]|20[0-9]{2})"
_SESSION = r"(?:E?S-(?:[0-9]{1,2}/[0-9]{1,4})|[0-9]{1,4}/[0-9]{1,4})"
# A number with its year or session: "2728 (2024)", "1701 in 2006", "377 A (V)", "55/28", "ES-10/22 A".
_ITEM = (
    rf"(?:{_SESSION}(?: ?[A-Z]\b)?|[1-9][0-9]{{0,3}}(?: ?[A-Z])?(?: ?\((?:{_YEAR}|(?:E?S-)?{_ROMAN})\)|,? (?:of|in|"
    rf"from) {_YEAR}\b)?)(?![\w-]|[.,][0-9]| (?:times|votes|days|weeks|months|years)\b)"
)
_NAMED = regex(
    r"\b(?:(?:[Rr]esolutions?|RESOLUTIONS?|UN ?SCR|SCR|UN ?GAR)(?: [Nn]os?\.?| [Nn]umbers?)? "
    rf"(?P<items>{_ITEM}(?:(?:,| and|, and| or| &) {_ITEM})*)|[Dd]ecisions? (?P<decision>{_SESSION})(?![\w/]))"
)
# "2728/2024" has a year, "55/28" a session.
_NUMBER_AND_YEAR = regex(rf"([1-9][0-9]{{0,3}})/({_YEAR})")
_WITHOUT_YEAR = regex(r"\bS/RES/([1-9][0-9]{0,3})(?![\d/]| ?\()")
# "ES-10/22" is a number of the General Assembly wherever it occurs.
_BARE = regex(r"(?<![\w/.-])ES-[0-9]{1,2}/[0-9]{1,4}(?![\w/])")
_PARTS = regex(
    rf"(?P<session>{_SESSION})|(?P<number>[1-9][0-9]{{0,3}})(?: ?[A-Z]\b)?"
    rf"(?: ?\((?:(?P<year>{_YEAR})|(?P<roman>(?:E?S-)?{_ROMAN}))\)|,? (?:of|in|from) (?P<in>{_YEAR}))?"
)
_SYMBOL = regex(
    rf"/(?:RES|DEC)/(?:(?P<number>[1-9][0-9]{{0,3}})(?: \((?P<year>{_YEAR})\)| \((?P<roman>[^)]*)\))?|(?P<session>[^ "
    r"\[]+))(?=$| |\[)"
)


class Resolution(typing.NamedTuple):
    """A resolution named by a text or a symbol.

    - `number` includes a session in digits, as in "55/28".
    - `session` is a session in Roman numerals, as in 377 (V).
    - `organ` is None if the form of the number does not determine it.
    - `symbol` is None if the name is not a complete symbol.
    """

    number: str
    year: str | None = None
    session: str | None = None
    organ: str | None = None
    symbol: str | None = None

    def __str__(self) -> str:
        return f"{self.number} ({self.year or self.session})" if self.year or self.session else self.number


class Printed(typing.NamedTuple):
    """A resolution that a text names, and the place of its name."""

    resolution: Resolution
    start: int
    end: int


def of_symbol(symbol: str) -> Resolution:
    """Return the resolution of a symbol in normal form.

    >>> str(of_symbol("S/RES/2728 (2024)")), str(of_symbol("A/HRC/RES/55/28")), str(of_symbol("A/RES/377 (V) A"))
    ('2728 (2024)', '55/28', '377 (V)')
    """
    match = _SYMBOL.search(symbol)
    resolution = _resolution(match, un_symbols.organ(symbol)) if match else Resolution(symbol)
    return resolution._replace(symbol=symbol)


def printed(text: str) -> list[Printed]:
    """Return the resolutions that a text names by number.

    >>> [str(one.resolution) for one in printed("Resolutions 822, 853 and 874 (1993), text ES-10/22 and A/RES/62/243")]
    ['822', '853', '874 (1993)', 'ES-10/22', '62/243']
    """
    text = plain(text)
    named = [Printed(one, *match.span()) for match in _NAMED.finditer(text) for one in _items(match)]
    named += [Printed(Resolution(match[0], organ=_ASSEMBLY), *match.span()) for match in _BARE.finditer(text)]
    named += [Printed(Resolution(match[1], organ=_COUNCIL), *match.span()) for match in _WITHOUT_YEAR.finditer(text)]
    return named + [Printed(of_symbol(symbol), *place) for symbol, *place in un_symbols.locate(text)]


_ASSEMBLY, _COUNCIL = "un_general_assembly", "un_security_council"


def _items(named: re.Match[str]) -> Iterator[Resolution]:
    for match in _PARTS.finditer(named["items"] or named["decision"]):
        of_assembly = match["roman"] or (match["session"] or "").startswith("ES-")
        yield _resolution(match, _ASSEMBLY if of_assembly else None)


def _resolution(match: re.Match[str], organ: str | None) -> Resolution:
    parts = match.groupdict()
    year = parts["year"] or parts.get("in")
    if organ is None and (both := _NUMBER_AND_YEAR.fullmatch(parts["session"] or "")):
        return Resolution(both[1], both[2])
    return Resolution(parts["session"] or parts["number"], year, parts["roman"], organ)


class SymbolVerdict(typing.NamedTuple):
    """The verdict of a text on a symbol, and the other resolutions that the text names instead.

    `partly` means that the text has the number without its year or session.
    """

    stated: bool
    partly: bool
    others: list[str]


def judge(symbol: str, printed: Sequence[Printed], symbols: Collection[str]) -> SymbolVerdict:
    """Return the verdict of the resolutions that a text names on a symbol: on its number and its year or session.

    Another number contradicts it, unless another symbol of the claim has this number.

    >>> judge("S/RES/2728 (2024)", printed("adopted Resolution 2728 (2024)"), []).stated
    True
    >>> judge("S/RES/2782 (2024)", printed("adopted Resolution 2728 (2024)"), []).others
    ['2728 (2024)']
    """
    same = [one.resolution for one in naming(symbol, printed)]
    if same:
        whole = any(name.year or name.session or "/" in name.number for name in same)
        return SymbolVerdict(whole, not whole, [])
    theirs = {of_symbol(other).number for other in symbols if other != symbol}
    return SymbolVerdict(
        False, False, list(dict.fromkeys(str(one.resolution) for one in printed if one.resolution.number not in theirs))
    )


def naming(symbol: str, printed: Sequence[Printed]) -> Iterator[Printed]:
    """Yield the resolutions of a text that a symbol can denote."""
    yield from (one for one in printed if _may_be(one.resolution, symbol))


def _may_be(name: Resolution, symbol: str) -> bool:
    """Return whether a name can denote the resolution with a symbol."""
    if name.symbol:
        return name.symbol == symbol
    meant = of_symbol(symbol)
    if name.number != meant.number or name.organ not in (None, meant.organ):
        return False
    if name.session and name.session != meant.session:
        return False
    possible = un_symbols.adoption_days(symbol)
    return name.year is None or possible is None or possible.overlaps(edtf.days(name.year))


_ADOPTING = regex(
    r"\b(?:adopt(?:s|ed|ing)?|pass(?:es|ed|ing)?|approv(?:es|ed|ing)|vot(?:es|ed|ing)|endors(?:es|ed)"
    r"|call(?:s|ed) (?:for|on)|demand(?:s|ed)?|urg(?:es|ed)|condemn(?:s|ed)|welcom(?:es|ed)|deplor(?:es|ed))\b"
)
_ITS_RESOLUTION = regex(r"(?:'s?)? (?:resolutions?|decisions?)\b")
_ANOTHER_ORGAN_TOO = regex(r" and (?:the )?(?:u\.?n\.? )?(?:general assembly|(?:security|human rights) council)")
# The maximum distance of a negation before an organ: "the Assembly, not the United Nations Security Council".
_NOT_REACH = 40
# The end of a sentence, or another organ.
_BETWEEN = regex(r"[.;…]|\b(?:assembly|council)\b")
_NOT = regex(r"\b(?:not|instead of|rather than|unlike)(?: by| in)?(?: the)?(?: (?:un|u\.n\.|united nations))? $")
_BY = regex(r"\b(?:by|of|in|at|from)(?: the)?(?: 15-member| 193-member)?(?: (?:un|u\.n\.|united nations))? $")
# "The Council failed on Friday to back an appeal", ", whose members have not been able to agree on a text".
_UNABLE = (
    r"(?:(?:fail(?:s|ed|ing)?|unable|(?:not|n't|never|yet)(?: \w+)?? (?:able|managed?)|yet|refus(?:es|ed)|"
    r"declin(?:es|ed)|powerless|too \w+)(?: \w+){0,3}? to|(?:did|could|does|do|can|would|will|has|have|had)"
    r"(?:n't| not| never)|cannot)"
)
_REJECTED = (
    r"(?:rejected|vetoed|blocked|defeated|voted down|threw out) (?:an?|the|its|two|three) (?:[\w-]+ ){0,3}"
    r"(?:drafts?|resolutions?|texts?|motions?|proposals?|bids?|amendments?)\b"
)
_FAILED_AFTER = regex(
    r"[^\w.;…]{0,4}(?:(?!resolution\b|adopt|pass(?:ed|es)\b|approv|endors|and (?!ha)|but (?!ha))[^\s.;…]+ ){0,12}?"
    rf"(?:{_REJECTED}|(?:fail(?:s|ed|ing)?|without|no)(?: \w+)?? (?:agreement|consensus|unity|majority) on\b|deadlock|"
    rf"{_UNABLE} (?:(?:even|yet|been|so far|formally|unanimously|jointly) )?"
    r"(?:adopt|pass|approv|agree|back|endors|act\b|unite|reach (?:an? )?(?:agree|consens)|muster|produce|vote))"
)
_FAILED_BEFORE = regex(
    r"\b(?:veto(?:ed|es)?|blocked|rejected|defeated|voted down|fail(?:s|ed|ure)?|died|stalled|fell)\b[^.;…]{0,60}"
    r"\b(?:in|at|by|of)(?: the)?(?: (?:un|u\.n\.|united nations))? $"
)
_LATER = regex(r"\b(?:adopted|adopting|passed|passing|approved|approving|endorsed|voted (?:for|to|in))\b")
# "A report to the General Assembly", "briefed the Security Council".
_TO = regex(
    r"\b(?<!according )(?<!thanks )(?<!due )(?:to|brief\w*|address(?:ed|es|ing)?|told|tell(?:s|ing)?|inform\w*|urg\w+|"
    r"ask(?:s|ed|ing)?|call(?:s|ed|ing)? (?:up)?on|before)(?: the)?(?: (?:un|u\.n\.|united nations))? $"
)
# The number of characters around an organ that are searched for its act.
_ORGAN_REACH = 160


def organ_contradicting(organ: str, words: str) -> tuple[str | None, bool]:
    """Return the organ that acts instead of this one, or None, and whether the words name this one.

    The form of a resolution's number determines its organ. Otherwise the acting organ is before the verb, after "by",
    or the only one named.

    >>> organ_contradicting("un_general_assembly", "The Security Council adopted it, convening the General Assembly")
    ('un_security_council', True)
    """
    numbered = [one.resolution for one in printed(words)]
    if by_number := {one.organ for one in numbered if one.organ}:
        return (None if organ in by_number else min(by_number)), organ in by_number
    text = plain(words)
    named = [
        one for one in organs_named(text) if not _NOT.search(text[max(0, one.start - _NOT_REACH) : one.start].lower())
    ]
    possible = [one for one in named if not _fails(text, one.start, one.end)]
    acting = {one.organ for one in possible if _acts(text, one.start, one.end)}
    acting = acting or {one.organ for one in possible or named}
    if not acting and any(one.year for one in numbered):
        acting = {_COUNCIL}
    if not acting or organ in acting:
        return None, organ in acting
    return min(acting), any(one.organ == organ for one in named)


def _acts(text: str, start: int, end: int) -> bool:
    """Return whether the organ named at this place adopts or demands, or is the author of a resolution."""
    before, after = text[max(0, start - 80) : start].lower(), text[end : end + 80].lower()
    if _ITS_RESOLUTION.match(after) or _ANOTHER_ORGAN_TOO.match(after):
        return True
    verb = _ADOPTING.search(after)
    if verb and not _BETWEEN.search(after[: verb.start()]):
        return True
    return _BY.search(before) is not None and _ADOPTING.search(before) is not None


def organ_not_acting(organ: str, words: str) -> str | None:
    """Return the reason why the named organ adopts nothing, or None.

    >>> organ_not_acting("un_security_council", "A text was vetoed in the Security Council")
    'that it failed to act'
    """
    text = plain(words)
    named = [one for one in organs_named(text) if one.organ == organ]
    if not named or any(one.resolution.organ == organ for one in printed(words)):
        return None
    if all(_fails(text, one.start, one.end) for one in named):
        return "that it failed to act"
    acts = (_acts(text, one.start, one.end) for one in named)
    spoken_to = (_TO.search(text[max(0, one.start - _NOT_REACH) : one.start].lower()) for one in named)
    return "only that it is addressed" if all(spoken_to) and not any(acts) else None


def _fails(text: str, start: int, end: int) -> bool:
    """Return whether the organ named at this place adopts nothing: "failed to agree", "vetoed in the Council"."""
    before, after = text[max(0, start - _ORGAN_REACH) : start].lower(), text[end : end + _ORGAN_REACH].lower()
    if match := _FAILED_AFTER.match(after):
        stop = _BETWEEN.search(after, match.end())
        return not _LATER.search(after, match.end(), stop.start() if stop else len(after))
    failed = _FAILED_BEFORE.search(before)
    return failed is not None and not _LATER.search(before, failed.start())
