"""The symbols of resolutions as UN documents: which strings are one, and their one form."""

from __future__ import annotations

import re

# After 1975 a session or year and a number; before, a running number with the session in Roman numerals, or,
# in the Security Council to this day, with the year. Special (S-) and emergency special (ES-) sessions of the
# General Assembly and the Human Rights Council carry their letters in either form.
_ROMAN = r"(?=[IVXLCDM])(?:M{0,3})(?:CM|CD|D?C{0,3})(?:XC|XL|L?X{0,3})(?:IX|IV|V?I{0,3})"
_TAIL = r"(?P<tail>/ADD\.[0-9]{1,2}|/REV\.[0-9]{1,2}|/CORR\.[0-9]{1,2})?"
_LETTER = r"[A-Z](?:-[A-Z])?"
_LETTERS = rf"(?: ?(?:\[(?P<boxed>{_LETTER})\]|(?P<letters>{_LETTER})))?"
_LONGEST = 60
_YEAR = r"(?:19[4-9][0-9]|20[0-9]{2})"
_NUMBER = r"[1-9][0-9]{0,3}"
_FORMS = tuple(
    re.compile(form)
    for form in (
        rf"(?P<stem>S/RES/{_NUMBER}) ?\((?P<session>{_YEAR})\){_LETTERS}{_TAIL}",
        rf"(?P<stem>[AE]/RES/{_NUMBER}) ?\((?P<session>(?:E?S-)?{_ROMAN})\){_LETTERS}{_TAIL}",
        rf"(?P<stem>[AE]/RES/{_NUMBER}) ?(?P<letters>{_LETTER}) ?\((?P<session>(?:E?S-)?{_ROMAN})\){_TAIL}",
        rf"(?P<stem>A/RES/(?:E?S-)?[1-9][0-9]?/{_NUMBER}){_LETTERS}{_TAIL}",
        rf"(?P<stem>E/(?:CN\.4/)?RES/{_YEAR}/{_NUMBER}){_LETTERS}{_TAIL}",
        rf"(?P<stem>A/HRC/(?:RES|DEC)/(?:S-)?[1-9][0-9]?/{_NUMBER}){_LETTERS}{_TAIL}",
    )
)


def normal(text: str) -> str | None:
    """A resolution's UN document symbol in its one form, or None where the text is none.

    >>> normal("s/res/822(1993)"), normal("A/RES/3379(XXX)"), normal("A/RES/2252 (ES-V)")
    ('S/RES/822 (1993)', 'A/RES/3379 (XXX)', 'A/RES/2252 (ES-V)')
    >>> normal("A/RES/46/36L"), normal("A/RES/217 A (III)"), normal("A/RES/ES-11/1"), normal("S/2020/1024")
    ('A/RES/46/36 L', 'A/RES/217 (III) A', 'A/RES/ES-11/1', None)
    """
    upper = " ".join(text.upper().split())
    for form in _FORMS:
        if text.isascii() and (match := form.fullmatch(upper)):
            parts = match.groupdict()
            session, letters = parts.get("session"), parts.get("letters") or parts.get("boxed")
            return (
                parts["stem"]
                + (f" ({session})" if session else "")
                + (f" {letters}" if letters else "")
                + (parts["tail"] or "").title()
            )
    return None


def found(text: str) -> set[str]:
    """The symbols that stand in a text, each in its one form.

    >>> sorted(found("Resolutions S/RES/822(1993) and A/RES/62/243 demand"))
    ['A/RES/62/243', 'S/RES/822 (1993)']
    """
    symbols = set()
    for match in re.finditer(r"\b(?:[AES]/RES|A/HRC|E/CN)", text):
        printed = text[match.start() : match.start() + _LONGEST]
        # The longest stretch that is a symbol, in capitals as they are printed, and ends where a word does.
        for end in range(len(printed), 0, -1):
            stretch, next_ = printed[:end], printed[end : end + 1]
            if stretch == stretch.upper() and not next_.isalnum() and (symbol := normal(stretch)):
                symbols.add(symbol)
                break
    return symbols
