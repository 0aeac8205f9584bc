"""Number formats of languages: decimal symbols and multipliers from Unicode's CLDR, number words from text2num."""

from __future__ import annotations

import re
import typing
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache

from babel import Locale, UnknownLocaleError, localedata
from text_to_num import find_numbers

from api.grounding.normalize import HANGUL, UNSPACED, lower
from api.grounding.regex import regex

# The short forms directly follow the digits: "2k".
SHORT_SCALES = {"k": 1000, "m": 1_000_000, "mn": 1_000_000, "bn": 1_000_000_000}
ENGLISH_SCALES = {"hundred": 100, "thousand": 1000, "lakh": 100_000, "million": 1_000_000, "crore": 10_000_000}
ENGLISH_SCALES |= {"billion": 1_000_000_000}
ENGLISH_GROUPS = {"dozen": 12, "score": 20, "couple": 2, "pair": 2}
# These follow digits in Chinese, Japanese and Korean names and texts, in an article of any language.
EAST_ASIAN_SCALES = {
    **dict.fromkeys("百백", 100),
    **dict.fromkeys("千천", 1000),
    **dict.fromkeys("万萬만", 10**4),
    **dict.fromkeys("亿億억", 10**8),
    **dict.fromkeys("兆조", 10**12),
}
# Words such as "dozen", which neither CLDR nor text2num has.
_GROUPS = {
    "da": {"dusin": 12, "snes": 20},
    "de": {"dutzend": 12},
    "es": {"decena": 10, "docena": 12, "quincena": 15, "veintena": 20, "treintena": 30, "centena": 100}
    | {"centenar": 100, "millar": 1000},
    "fr": {"dizaine": 10, "douzaine": 12, "quinzaine": 15, "vingtaine": 20, "trentaine": 30, "quarantaine": 40}
    | {"cinquantaine": 50, "soixantaine": 60, "centaine": 100},
    "it": {"decina": 10, "decine": 10, "dozzina": 12, "dozzine": 12, "quindicina": 15, "ventina": 20, "trentina": 30}
    | {"cinquantina": 50, "centinaio": 100, "centinaia": 100, "migliaio": 1000, "migliaia": 1000},
    "nl": {"tiental": 10, "dozijn": 12, "twintigtal": 20, "dertigtal": 30, "vijftigtal": 50, "honderdtal": 100},
    "pt": {"dezena": 10, "dúzia": 12, "vintena": 20, "centena": 100, "centenar": 100, "milhar": 1000},
}
_PLURALS = {"es": ("s", "es"), "fr": ("s",), "nl": ("len",), "pt": ("s", "es")}
# text2num supports these languages. Since version 3 it does not support Catalan and Russian.
_WORD_LANGUAGES = frozenset({"da", "de", "es", "fr", "it", "nl", "pt"})
_WORD = regex(r"[^\W\d_]+(?:-[^\W\d_]+)*")
# The time of text2num grows with the square of the length of a run.
_RUN_MAX = 300
# "Millions" alone is not a number.
_BARE_SCALE_MIN = 1_000_000
_NOT_A_WORD = regex(r"[0'\s\u061c\u200e\u200f]+")


@dataclass(frozen=True)
class NumberFormat:
    """The decimal symbol of a language (full stop or comma), and the words that multiply the number before them."""

    decimal: str
    scales: Mapping[str, int]

    @property
    def thousands(self) -> str:
        """The mark that separates thousands. Spaces and apostrophes are also accepted."""
        return "," if self.decimal == "." else "."

    @cached_property
    def scale(self) -> str:
        """A pattern of the words that multiply."""
        words = "|".join(re.escape(word) for word in sorted(self.scales, key=len, reverse=True))
        return rf"(?P<scale>{words})(?![^\W\d{UNSPACED}{HANGUL}])"


ENGLISH = NumberFormat(".", {**ENGLISH_SCALES, **ENGLISH_GROUPS, **EAST_ASIAN_SCALES})


def is_english(language: str) -> bool:
    return language.partition("-")[0] == "en"


@lru_cache(maxsize=256)
def number_format(language: str) -> NumberFormat:
    """Return the number format of a language tag. The default is the format of English.

    All English texts group by commas, also if CLDR has another national standard.

    >>> [number_format(tag).decimal for tag in ("de", "de-CH", "es", "es-MX", "es-419", "en-ZA", "tlh")]
    [',', '.', ',', '.', '.', '.', '.']
    """
    locale = None if is_english(language) else _locale(language)
    if locale is None:
        return ENGLISH
    scales = {**EAST_ASIAN_SCALES, **_scales(locale)}
    for word, value in _GROUPS.get(locale.language, {}).items():
        scales |= dict.fromkeys((word, *(word + ending for ending in _PLURALS.get(locale.language, ()))), value)
    symbols = locale.number_symbols.get("latn", {})
    # Babel caches every locale, 200 MB in total.
    localedata.clear_caches()
    return NumberFormat("," if symbols.get("decimal") == "," else ".", scales)


def _locale(language: str) -> Locale | None:
    """Return the locale of the longest prefix of a language tag that CLDR contains."""
    subtags = language.split("-")
    for length in range(len(subtags), 0, -1):
        try:
            return Locale.parse("-".join(subtags[:length]), sep="-")
        except (UnknownLocaleError, ValueError):
            continue
    return None


def _scales(locale: Locale) -> dict[str, int]:
    """Return the words of CLDR's compact formats: "0 Millionen", "0 Mio'.'", "0万"."""
    scales = {}
    for width in ("short", "long"):
        for patterns in locale.compact_decimal_formats[width].values():
            for power, pattern in patterns.items():
                written = str(pattern.pattern).split(";")[0].strip("\u061c\u200e\u200f ")
                word = lower(" ".join(_NOT_A_WORD.sub(" ", written).split())).removesuffix(" .").removesuffix(".")
                # A single letter can be a unit: "5 m".
                if written.startswith("0") and (len(word) > 1 or (word and not word.isascii())):
                    scales[word] = int(power) // 10 ** (written.count("0") - 1)
    return scales


class StatedNumber(typing.NamedTuple):
    """A whole number, with its place in a text."""

    value: int
    start: int
    end: int


class _Token:
    """A word in the form that text2num reads."""

    def __init__(self, match: re.Match[str]):
        self.match = match

    def text(self) -> str:
        return self.match[0]

    def nt_separated(self, previous: _Token) -> bool:
        return False

    def not_a_number_part(self) -> bool:
        return False


def number_words(text: str, language: str) -> Iterator[StatedNumber]:
    """Yield the cardinal numbers in words of a language that text2num supports, except English.

    >>> [words.value for words in number_words("deux cent trois morts, cinq blessés", "fr")]
    [203, 5]
    >>> list(number_words("пять человек", "ru"))
    []
    """
    language = language.partition("-")[0]
    if language not in _WORD_LANGUAGES:
        return
    for run in _runs(text):
        for number in find_numbers(run, language, threshold=0.0):
            first, last = run[number.start].match, run[number.end - 1].match
            bare_scale = first is last and number.value >= _BARE_SCALE_MIN
            if not (number.is_ordinal or bare_scale) and number.value.is_integer():
                yield StatedNumber(int(number.value), first.start(), last.end())


def _runs(text: str) -> Iterator[list[_Token]]:
    """Yield the runs of words that can be one number, without marks or digits between them."""
    run: list[_Token] = []
    for match in _WORD.finditer(text):
        if run and (len(run) == _RUN_MAX or text[run[-1].match.end() : match.start()].strip(" '")):
            yield run
            run = []
        run.append(_Token(match))
    if run:
        yield run
