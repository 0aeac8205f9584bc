"""Links to words in a web page (WICG URL Fragment Text Directives): browsers scroll there and mark them."""

from __future__ import annotations

from urllib.parse import quote

# Words of more characters than this are found by where they begin and end.
_LONGEST_WHOLE = 300
_WORDS = 5

_DIRECTIVE = ":~:"


def to_words(url: str, words: str) -> str:
    r"""The address of words in a page.

    >>> to_words("https://news.example/1", "45 civilians - at least")
    'https://news.example/1#:~:text=45%20civilians%20%2D%20at%20least'
    >>> to_words("https://news.example/1#part", "It was held.\n\nThen it was not.")
    'https://news.example/1#part:~:text=It%20was%20held.,Then%20it%20was%20not.'
    """
    page = url.partition(_DIRECTIVE)[0]
    hash_ = "" if "#" in page else "#"
    return f"{page}{hash_}{_DIRECTIVE}text={','.join(map(_encoded, _ends(words)))}"


def _ends(words: str) -> list[str]:
    """The words whole or, where they are long or of several paragraphs, their first and their last.

    What is looked for whole has to stand in one paragraph; between a beginning and an end there may be more.
    """
    lines = [line.split() for line in words.splitlines() if line.strip()]
    first, last = lines[0], lines[-1]
    if len(lines) == 1 and (len(words) <= _LONGEST_WHOLE or len(first) < 2 * _WORDS):
        # Pages break lines anywhere, and browsers take any white space for one space.
        return [" ".join(first)]
    return [" ".join(first[:_WORDS]), " ".join(last[-_WORDS:])]


def _encoded(words: str) -> str:
    # What separates the parts of a directive has to be encoded within them: comma, ampersand and hyphen.
    return quote(words, safe="").replace("-", "%2D")
