"""Document symbols of UN resolutions and decisions: their forms, organs and possible adoption days."""

from __future__ import annotations

import re
from collections.abc import Iterator

from schemas.edtf import Days

_MAX = 60
_ROMAN = r"(?=[IVXLCDM])(?:M{0,3})(?:CM|CD|D?C{0,3})(?:XC|XL|L?X{0,3})(?:IX|IV|V?I{0,3})"
_LETTER = r"[A-Z](?:-[A-Z])?"
_YEAR = r"(?:19[4-9][0-9]|20[0-9]{2})"
_NUMBER = r"[1-9][0-9]{0,3}"
_SESSION = r"[1-9][0-9]?"
_COMMISSION = r"E/CN\.4(?:/SUB\.2)?"
# Since 1976 a symbol has a session or a year, and a number. Older ones have a running number with the session in
# Roman numerals. Those of the Security Council still have a running number with the year. S- marks special sessions,
# ES- emergency special sessions and OM/ organizational meetings.
_STEMS = (
    rf"(?P<stem>S/RES/{_NUMBER})\s*\((?P<session>{_YEAR})\)",
    rf"(?P<stem>(?:[AET]|{_COMMISSION})/RES/{_NUMBER})\s*\((?P<session>(?:E?S-)?{_ROMAN})\)",
    rf"(?P<stem>[AE]/RES/{_NUMBER})\s*(?P<before>{_LETTER})\s*\((?P<session>(?:E?S-)?{_ROMAN})\)",
    rf"(?P<stem>A/(?:RES|DEC)/(?:E?S-)?{_SESSION}/{_NUMBER})",
    rf"(?P<stem>A/HRC/(?:RES|DEC)/(?:S-|OM/)?{_SESSION}/{_NUMBER})",
    rf"(?P<stem>E/(?:RES|DEC)/{_YEAR}/{_NUMBER})",
    rf"(?P<stem>{_COMMISSION}/(?:RES|DEC)/(?:{_YEAR}/)?S-{_SESSION}/{_NUMBER})",
    rf"(?P<stem>{_COMMISSION}/(?:RES|DEC)/{_YEAR}/{_NUMBER})",
)
# In "S/RES/822 (1993) A/RES/48/114" the A does not belong to the first symbol.
_LETTERS = rf"(?:\s*(?:\[(?P<boxed>{_LETTER})\]|(?P<letters>{_LETTER})(?!/(?!ADD|REV|CORR))))?"
_TAIL = r"(?P<tail>/(?:ADD|REV|CORR)\.[0-9]{1,2})?"
_FORMS = tuple(re.compile(stem + _LETTERS + _TAIL + r"(?!\w)") for stem in _STEMS)
_START = re.compile(r"\b(?=[AEST]/(?:RES|DEC|HRC|CN)\b)")
# UN documents print these parts in lower case.
_LOWER_CASE = re.compile(r"/(?:SUB|ADD|REV|CORR)\.", re.IGNORECASE)

# The first prefix of a symbol that matches names its organ.
_ORGANS = (
    ("S/", "un_security_council"),
    ("A/HRC/", "un_human_rights_council"),
    ("A/", "un_general_assembly"),
    # The Commission on Human Rights and its Sub-Commission.
    ("E/CN.4/", "other"),
    ("E/", "un_ecosoc"),
    # The Trusteeship Council.
    ("T/", "other"),
)
_ASSEMBLY_SESSION = re.compile(rf"A/(?:RES|DEC)/(?:(?P<number>{_SESSION})/|{_NUMBER} \((?P<roman>{_ROMAN})\))")
_YEAR_OF = re.compile(rf"/(?:RES|DEC)/(?:{_NUMBER} \()?(?P<year>{_YEAR})[/)]")
_ROMAN_DIGITS = {"I": 1, "V": 5, "X": 10, "L": 50, "C": 100, "D": 500, "M": 1000}


def normalize(text: str) -> str | None:
    """Return the normal form of a symbol, or None if the text is not the symbol of a resolution or decision.

    >>> normalize("s/res/822(1993)"), normalize("A/RES/3379(XXX)"), normalize("A/RES/2252 (ES-V)")
    ('S/RES/822 (1993)', 'A/RES/3379 (XXX)', 'A/RES/2252 (ES-V)')
    >>> normalize("A/RES/46/36L"), normalize("A/RES/217 A (III)"), normalize("A/RES/ES-11/1"), normalize("S/2020/1024")
    ('A/RES/46/36 L', 'A/RES/217 (III) A', 'A/RES/ES-11/1', None)
    >>> normalize("E/CN.4/SUB.2/RES/1995/13"), normalize("A/HRC/RES/OM/1/1"), normalize("A/HRC/OM/1/1")
    ('E/CN.4/Sub.2/RES/1995/13', 'A/HRC/RES/OM/1/1', None)
    """
    text = " ".join(text.split())
    if not text.isascii():
        return None
    matches = (form.fullmatch(text.upper()) for form in _FORMS)
    return next((_normalized(match) for match in matches if match), None)


def locate(text: str) -> Iterator[tuple[str, int, int]]:
    """Yield the normal form, start and end of each symbol in a text.

    >>> list(locate("S/RES/822(1993) and A/RES/62/243"))
    [('S/RES/822 (1993)', 0, 15), ('A/RES/62/243', 20, 32)]
    """
    text = _LOWER_CASE.sub(lambda part: part[0].upper(), text)
    for start in _START.finditer(text):
        # A window bounds the work, because white space can be long.
        window = text[start.start() : start.start() + _MAX + 1]
        matches = [match for form in _FORMS if (match := form.match(window)) and match.end() <= _MAX]
        longest = max(matches, key=re.Match.end, default=None)
        if longest:
            yield _normalized(longest), start.start(), start.start() + longest.end()


def organ(symbol: str) -> str:
    """Return the organ that a symbol belongs to.

    >>> organ("S/RES/822 (1993)"), organ("A/HRC/RES/16/18"), organ("E/CN.4/RES/1992/S-2/1")
    ('un_security_council', 'un_human_rights_council', 'other')
    """
    return next(name for prefix, name in _ORGANS if symbol.startswith(prefix))


def adoption_days(symbol: str) -> Days | None:
    """Return the days on which a resolution with this symbol can have been adopted, or None if unlimited.

    Session n of the General Assembly opens in September of 1945 + n, the first one in January 1946. It ends when
    the next one opens, in some years as late as December. A session of the Economic and Social Council can open
    in the July before its year and resume after it.

    >>> adoption_days("S/RES/822 (1993)"), adoption_days("A/RES/62/243")
    (Days(earliest='1993-01-01', latest='1993-12-31'), Days(earliest='2007-09-01', latest='2008-12-31'))
    >>> adoption_days("A/RES/ES-10/22"), adoption_days("A/HRC/RES/55/28")
    (None, None)
    """
    if match := _ASSEMBLY_SESSION.match(symbol):
        session = int(match["number"]) if match["number"] else _roman(match["roman"])
        return Days("1946-01-01" if session == 1 else f"{1945 + session}-09-01", f"{1946 + session}-12-31")
    if match := _YEAR_OF.search(symbol):
        year = int(match["year"])
        if organ(symbol) == "un_ecosoc":
            return Days(f"{year - 1}-07-01", f"{year + 1}-06-30")
        return Days(f"{year}-01-01", f"{year}-12-31")
    return None


def _normalized(match: re.Match[str]) -> str:
    parts = match.groupdict()
    session, letters = parts.get("session"), parts.get("before") or parts["letters"] or parts["boxed"]
    symbol = parts["stem"] + (f" ({session})" if session else "") + (f" {letters}" if letters else "")
    return _LOWER_CASE.sub(lambda part: part[0].title(), symbol + (parts["tail"] or ""))


def _roman(numeral: str) -> int:
    """Return the number of a Roman numeral."""
    digits = [_ROMAN_DIGITS[letter] for letter in numeral]
    return sum(-digit if digit < max(digits[place:]) else digit for place, digit in enumerate(digits))
