"""Characters of URLs (RFC 3986). A strict client rejects a whole response for one URL with others."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import quote

# The components of a URL, as in appendix B of the RFC.
_URL = re.compile(r"([^:/?#]*:)?(//[^/?#]*)?([^?#]*)(\?[^#]*)?(#.*)?", re.DOTALL)
_PART = r"[A-Za-z0-9._~!$&'()*+,;=:@/-]|%[0-9A-Fa-f]{2}"
# The valid parts of each component. The group has another character.
_COMPONENTS = [
    re.compile(rf"(?:{valid})++|(.)", re.DOTALL)
    for valid in (r"[A-Za-z0-9+.:-]", rf"{_PART}|[\[\]]", _PART, rf"{_PART}|\?", rf"{_PART}|\?|^#")
]
_HOST_WITH_PERCENT = re.compile(r"[^:/?#]*://(?:[^/?#]*@)?[^/?#@]*%")
_REASONS = {"%": "is not followed by two hexadecimal digits", "#": "is not allowed after another #"}


def encode(url: str) -> str:
    """Return a URL with its invalid characters percent-encoded. A valid URL is returned unchanged.

    >>> encode("https://news.example/a|b?100%#c#d")
    'https://news.example/a%7Cb?100%25#c%23d'
    """
    encoded, end = "", 0
    for position, character in _invalid(url):
        encoded += url[end:position] + quote(character, safe="")
        end = position + 1
    return encoded + url[end:]


def check(url: str) -> None:
    """Raise ValueError for the first invalid character of a URL. The message has the encoded URL.

    A host cannot have encoded characters, apart from letters in Punycode.

    >>> check("https://news.example/a|b")
    Traceback (most recent call last):
    ...
    ValueError: The character '|' at 22 is not allowed in a URL. Send it encoded: https://news.example/a%7Cb
    """
    for position, character in _invalid(url):
        reason = _REASONS.get(character, "is not allowed in a URL")
        valid = encode(_with_ascii_host(url))
        fix = "Correct the host." if _HOST_WITH_PERCENT.match(valid) else f"Send it encoded: {valid}"
        raise ValueError(f"The character {character!r} at {position} {reason}. {fix}")


def _invalid(url: str) -> Iterator[tuple[int, str]]:
    """Yield the position and the text of each invalid character."""
    components = _URL.fullmatch(url)
    if components is None:
        return
    for number, pattern in enumerate(_COMPONENTS, start=1):
        for part in pattern.finditer(components[number] or ""):
            if part[1] is not None:
                yield components.start(number) + part.start(), part[1]


def _with_ascii_host(url: str) -> str:
    """Return a URL with its host in Punycode (RFC 5891), if the host is a domain name.

    >>> _with_ascii_host("https://söder.example:80/ö")
    'https://xn--sder-5qa.example:80/ö'
    """
    import idna  # noqa: PLC0415 - only for an error

    host = re.search(r"(?<=//)(?:[^/?#@]*@)?([^/?#:]*[^\x00-\x7f][^/?#:]*)", url)
    if host is None:
        return url
    try:
        return url[: host.start(1)] + idna.encode(host[1], uts46=True).decode() + url[host.end(1) :]
    except idna.IDNAError:
        return url
