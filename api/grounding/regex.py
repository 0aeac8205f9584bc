"""Regular expressions that are compiled when they are first used."""

from __future__ import annotations

import re
import typing

_METHODS = ("findall", "finditer", "fullmatch", "match", "search", "split", "sub")


class Regex:
    """A pattern without methods until one is used. Then it has those of the compiled pattern."""

    __slots__ = ("flags", "pattern", *_METHODS)

    def __init__(self, pattern: str, flags: re.RegexFlag):
        self.pattern = pattern
        self.flags = flags

    def __getattr__(self, name: str) -> typing.Any:
        compiled = re.compile(self.pattern, self.flags)
        for method in _METHODS:
            setattr(self, method, getattr(compiled, method))
        return getattr(compiled, name)


def regex(pattern: str, flags: re.RegexFlag = re.NOFLAG) -> re.Pattern[str]:
    r"""Return a pattern that is compiled when it is first used. A process needs few of the hundreds at its start.

    >>> regex(r"\d+").findall("13 of 20")
    ['13', '20']
    """
    return typing.cast("re.Pattern[str]", Regex(pattern, flags))
