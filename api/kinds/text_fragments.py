"""Links to text in a web page (WICG text fragments). Browsers scroll to the text and highlight it."""

from __future__ import annotations

from urllib.parse import quote

# Longer texts are linked by their first and last words.
_WHOLE_MAX = 300
_WORDS = 5

_DIRECTIVE = ":~:"


def fragment_url(url: str, text: str) -> str:
    r"""Return the URL of a text in a page.

    >>> fragment_url("https://news.example/1", "45 civilians - at least")
    'https://news.example/1#:~:text=45%20civilians%20%2D%20at%20least'
    >>> fragment_url("https://news.example/1#part", "It was held.\n\nThen it was not.")
    'https://news.example/1#part:~:text=It%20was%20held.,Then%20it%20was%20not.'
    """
    base = url.partition(_DIRECTIVE)[0]
    hash_ = "" if "#" in base else "#"
    # Comma, ampersand and hyphen separate the parts of a text directive.
    parts = [quote(part, safe="").replace("-", "%2D") for part in _ends(text)]
    return f"{base}{hash_}{_DIRECTIVE}text={','.join(parts)}"


def _ends(text: str) -> list[str]:
    """Return the text or, if it is long or has several paragraphs, its first and last words.

    Browsers search a single text only within one paragraph. A range can span several.
    """
    lines = [line.split() for line in text.splitlines() if line.strip()]
    first, last = lines[0], lines[-1]
    if len(lines) == 1 and (len(text) <= _WHOLE_MAX or len(first) < 2 * _WORDS):
        # Browsers treat any white space as one space.
        return [" ".join(first)]
    return [" ".join(first[:_WORDS]), " ".join(last[-_WORDS:])]
