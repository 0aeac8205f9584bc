"""Texts compared fairly: typographic marks and spaces as their plain forms, each letter where it was."""

from __future__ import annotations

import re

# One character for one, so that an offset in the plain text is an offset in the text.
_PLAIN = str.maketrans(
    {
        **dict.fromkeys("‘’‚‛′ʼ´`", "'"),
        **dict.fromkeys("“”„‟″«»「」『』‹›", '"'),
        **dict.fromkeys("‐‑‒–—―−", "-"),
        **dict.fromkeys(map(chr, (*range(0x2000, 0x200B), 0xA0, 0x1680, 0x202F, 0x205F, 0x3000)), " "),
        **dict.fromkeys("\n\r\t", " "),
    }
)
_GAP = re.compile(r"\s*\[(?:…|\.\.\.)\]\s*")


def plain(text: str) -> str:
    """A text in plain marks, of the same length.

    >>> plain("“no basis” – indeed")
    '"no basis" - indeed'
    """
    return text.translate(_PLAIN)


def pieces(text: str) -> list[str]:
    """The pieces of a quote between what was left out.

    >>> pieces("its army units […] had come under shelling")
    ['its army units', 'had come under shelling']
    """
    return [piece for piece in _GAP.split(text) if piece]


def stands_in(words: str, spans: list[str]) -> bool:
    """Whether words stand, whole and in their order, in one of the spans, or run on from one into the next."""
    wanted = " ".join(plain(words).split())
    return any(_whole(wanted, " ".join(plain(span).split())) for span in [*spans, " ".join(spans)])


def stand_in_order(parts: list[str], spans: list[str]) -> bool:
    """Whether parts stand in the spans one after the other."""
    text, start = " ".join(plain(" ".join(spans)).split()), 0
    for part in parts:
        found = _find(" ".join(plain(part).split()), text, start)
        if found is None:
            return False
        start = found.end()
    return True


def _whole(words: str, text: str) -> bool:
    return _find(words, text, 0) is not None


def _find(words: str, text: str, start: int) -> re.Match[str] | None:
    """Words at the borders of words, so that "ten" does not stand in "often"."""
    before = r"(?<!\w)" if words[:1].isalnum() else ""
    after = r"(?!\w)" if words[-1:].isalnum() else ""
    return re.compile(before + re.escape(words) + after).search(text, start)
