"""The symbols of resolutions as UN documents: which strings are one, and their one form."""

from __future__ import annotations

import re

# After 1975 a session or year and a number; before, a running number with the session in Roman numerals, or,
# in the Security Council to this day, with the year. Special (S-) and emergency special (ES-) sessions of the
# General Assembly and the Human Rights Council carry their letters in either form.
_ROMAN = r"(?=[IVXLCDM])(?:M{0,3})(?:CM|CD|D?C{0,3})(?:XC|XL|L?X{0,3})(?:IX|IV|V?I{0,3})"
_PART = r"(?:/ADD\.\d{1,2}|/REV\.\d{1,2}|/CORR\.\d{1,2})?"
_LETTERS = r"(?: ?\[?([A-Z](?:-[A-Z])?)\]?)?"
_YEAR = r"(?:19[4-9]\d|20\d\d)"
_FORMS = (
    re.compile(rf"(S/RES)/([1-9]\d{{0,3}}) ?\(({_YEAR})\){_LETTERS}"),
    re.compile(rf"(A/RES|E/RES)/([1-9]\d{{0,3}}) ?\(((?:E?S-)?{_ROMAN})\){_LETTERS}"),
    re.compile(rf"(A/RES/(?:E?S-)?[1-9]\d?/[1-9]\d{{0,3}})()(){_LETTERS}{_PART}"),
    re.compile(rf"(E/RES/{_YEAR}/[1-9]\d{{0,2}})()(){_LETTERS}{_PART}"),
    re.compile(rf"(A/HRC/(?:RES|DEC)/(?:S-)?[1-9]\d?/[1-9]\d{{0,2}})()(){_LETTERS}{_PART}"),
    re.compile(rf"(E/CN\.4/RES/{_YEAR}/[1-9]\d{{0,2}})()(){_LETTERS}{_PART}"),
)


def normal(text: str) -> str | None:
    """A resolution's UN document symbol in its one form, or None where the text is none.

    >>> normal("s/res/822(1993)"), normal("A/RES/3379(XXX)"), normal("A/RES/2252 (ES-V)")
    ('S/RES/822 (1993)', 'A/RES/3379 (XXX)', 'A/RES/2252 (ES-V)')
    >>> normal("A/RES/46/36L"), normal("A/RES/ES-11/1"), normal("S/2020/1024")
    ('A/RES/46/36 L', 'A/RES/ES-11/1', None)
    """
    upper = " ".join(text.upper().split())
    for form in _FORMS:
        if match := form.fullmatch(upper):
            stem, number, session, letters = match.groups()
            whole = f"{stem}/{number} ({session})" if number else stem
            tail = re.search(_PART + "$", upper)
            return whole + (f" {letters}" if letters else "") + (tail[0] if tail else "")
    return None
