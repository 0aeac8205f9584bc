"""The whole numbers that a text states, in digits or in English words."""

from __future__ import annotations

import re
import typing

from api.grounding.normalize import lower
from schemas.values import COUNT_MAX

_UNITS = {
    word: number
    for number, word in enumerate(
        [
            "zero",
            "one",
            "two",
            "three",
            "four",
            "five",
            "six",
            "seven",
            "eight",
            "nine",
            "ten",
            "eleven",
            "twelve",
            "thirteen",
            "fourteen",
            "fifteen",
            "sixteen",
            "seventeen",
            "eighteen",
            "nineteen",
        ]
    )
}
_TENS = {
    word: (number + 2) * 10
    for number, word in enumerate(["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"])
}
_SCALES = {"hundred": 100, "thousand": 1000, "lakh": 100_000, "million": 1_000_000, "crore": 10_000_000}
_SCALES |= {"billion": 1_000_000_000}
_SCALES_SHORT = {"k": 1000, "m": 1_000_000, "mn": 1_000_000, "bn": 1_000_000_000}
_GROUPS = {"dozen": 12, "score": 20, "couple": 2, "pair": 2}
# "A man", "an officer", "another": one; "no deaths", "no one", "none": none.
_FEW = {
    **dict.fromkeys(("a", "an", "another", "once", "single"), 1),
    **dict.fromkeys(("no", "none", "nobody", "without"), 0),
    **dict.fromkeys(("both", "twice", "twin"), 2),
    **dict.fromkeys(("thrice", "trio"), 3),
}

_MULTIPLIERS = {**_SCALES, **_GROUPS}

# Where a comma parts decimals, a full stop parts thousands. From Unicode's CLDR: the languages whose decimal symbol, in
# the digits 0 to 9, is a comma.
_COMMA_DECIMALS = frozenset(
    [
        "af",
        "ast",
        "az",
        "be",
        "bg",
        "br",
        "bs",
        "ca",
        "cs",
        "da",
        "de",
        "dsb",
        "el",
        "eo",
        "es",
        "et",
        "eu",
        "fi",
        "fo",
        "fr",
        "fur",
        "fy",
        "gl",
        "hr",
        "hsb",
        "hu",
        "hy",
        "ia",
        "id",
        "is",
        "it",
        "ka",
        "kk",
        "kl",
        "ky",
        "lb",
        "ln",
        "lt",
        "lv",
        "mk",
        "mn",
        "nb",
        "nl",
        "nn",
        "no",
        "os",
        "pl",
        "pt",
        "ro",
        "ru",
        "rw",
        "sah",
        "sc",
        "sk",
        "sl",
        "sq",
        "sr",
        "sv",
        "tg",
        "tk",
        "tr",
        "tt",
        "uk",
        "uz",
        "vi",
        "wo",
    ]
)
# More digits than any count has are no number.
_LONGEST = 15
# "No. 5 company" is not no company.
_NUMBERED = re.compile(r"no\. ?\d")
_SHORT = "|".join(_SCALES_SHORT)
_TIMES = re.compile(r" +(?P<half>and a half +)?(?P<scale>[a-z]+)")
# What comes after the first number of a range that is multiplied with the second: "2-3 million".
_RANGE = re.compile(
    rf" *(?P<join>-|\bto\b|\bor\b|\band\b) *(?P<upper>\d{{1,15}}(?:\.\d{{1,15}})?)"
    rf"(?: +(?P<scale>[a-z]+)|(?P<short>{_SHORT})\b)"
)
_FROM, _BETWEEN = re.compile(r"\bfrom +$"), re.compile(r"\bbetween +$")
_OPENING = 20


class StatedNumber(typing.NamedTuple):
    """A whole number, and where in a text it is stated."""

    value: int
    start: int
    end: int


def _token(thousands: str, decimal: str) -> re.Pattern[str]:
    """A number in digits, or a word; the Indian way groups by two digits before the last three."""
    grouped = rf"\d{{1,3}}(?P<mark>[{thousands}' ])\d{{3}}(?:(?P=mark)\d{{3}})*|\d{{1,2}}(?:,\d{{2}})+,\d{{3}}"
    digits = rf"(?P<digits>(?:{grouped}|\d+)(?P<fraction>{decimal}\d+)?)"
    return re.compile(rf"(?<![\w.,]){digits}(?P<suffix>k|mn?|bn)?(?!\w)|(?P<word>[a-z]+)")


_TOKEN, _TOKEN_COMMA_DECIMALS = _token(",", r"\."), _token(r"\.", ",")


def numbers(text: str, language: str = "en") -> set[int]:
    """The whole numbers a text states.

    >>> sorted(numbers("1,166 soldiers and forty-five civilians"))
    [45, 1166]
    >>> sorted(numbers("2.5 million fled, a dozen died, no one was hurt"))
    [0, 12, 2500000]
    >>> sorted(numbers("1.166 Soldaten", "de"))
    [1166]
    """
    return {stated.value for stated in stated_numbers(text, language)}


def stated_numbers(text: str, language: str = "en") -> list[StatedNumber]:
    """The whole numbers a text states, in its order, and where.

    >>> stated_numbers("some 2.5 million fled")
    [StatedNumber(value=2500000, start=5, end=16)]
    """
    token = _TOKEN_COMMA_DECIMALS if language.partition("-")[0] in _COMMA_DECIMALS else _TOKEN
    found: list[StatedNumber] = []
    words: list[re.Match[str]] = []
    small = lower(text)
    read = 0
    for match in token.finditer(small):
        if match.start() < read:
            continue
        # A number in words goes on over hyphens and spaces, not over digits or other marks.
        if words and (match["digits"] or small[words[-1].end() : match.start()].strip(" -")):
            found += _Run(words).read()
            words = []
        if match["word"]:
            if not _NUMBERED.match(small, match.start()):
                words.append(match)
        else:
            written = _written(match, small)
            read = max((number.end for number in written), default=0)
            found += written
    return found + _Run(words).read()


def _written(match: re.Match[str], text: str) -> list[StatedNumber]:
    """The number that digits state, with the word or letter that multiplies it."""
    whole, fraction = match["digits"], (match["fraction"] or ".")[1:]
    digits = re.sub(r"\D", "", whole.removesuffix(match["fraction"] or "\n")) + fraction
    if len(digits) > _LONGEST:
        return []
    scale, end = _SCALES_SHORT.get(match["suffix"] or "", 1), match.end()
    follows, half = _TIMES.match(text, end), 0
    if follows and (times := _MULTIPLIERS.get(follows["scale"])):
        half = scale * times // 2 if follows["half"] else 0
        scale, end = scale * times, follows.end()
    found = [(scale, half, end)]
    if scale == 1 and (times := _of_range(text, match, float(f"{digits}e-{len(fraction)}"))):
        opening = text[max(0, match.start() - _OPENING) : match.start()]
        # "From 2 to 3 million" may be from two.
        found = [(times, 0, end), *(found if _FROM.search(opening) else [])]
    values = [(*divmod(int(digits) * times, 10 ** len(fraction)), half, end) for times, half, end in found]
    return [StatedNumber(value + half, match.start(), end) for value, rest, half, end in values if not rest]


def _of_range(text: str, match: re.Match[str], lower: float) -> int | None:
    """What multiplies the second number of a range and so the first, if this is the first of one."""
    follows = _RANGE.match(text, match.end())
    if follows is None or float(follows["upper"]) <= lower:
        return None
    opening = text[max(0, match.start() - _OPENING) : match.start()]
    if follows["join"] == "and" and not _BETWEEN.search(opening):
        return None
    return _SCALES_SHORT[follows["short"]] if follows["short"] else _MULTIPLIERS.get(follows["scale"])


class _Run:
    """Numbers in words as they come: "two thousand three hundred and five" adds up until something else follows."""

    def __init__(self, words: list[re.Match[str]]) -> None:
        self.words = words
        self.found: list[StatedNumber] = []
        self.total = self.group = 0
        self.first: int | None = None
        self.last = 0
        self.taken = 0

    def read(self) -> list[StatedNumber]:
        """The numbers in a run of words."""
        for at in range(len(self.words)):
            if at >= self.taken:
                self._take(at)
        self._close()
        return self.found

    def _word(self, at: int) -> str:
        return self.words[at][0] if 0 <= at < len(self.words) else ""

    def _tell(self, value: int, first: int, last: int) -> None:
        self.found.append(StatedNumber(value, self.words[first].start(), self.words[last].end()))

    def _close(self) -> None:
        if self.first is not None:
            self._tell(self.total + self.group, self.first, self.last)
        self.total = self.group = 0
        self.first = None

    def _take(self, at: int) -> None:
        before, word, after = self._word(at - 1), self._word(at), self._word(at + 1)
        if (word == "one" and before == "no") or self._and_a_half(at) or self._of_range(at):
            return
        if word in _UNITS or word in _TENS:
            self._small(_UNITS.get(word, _TENS.get(word, 0)), at)
        elif word in _MULTIPLIERS:
            self._times(at)
        elif not (word == "and" and self.first is not None and self.group % 100 == 0 and after in {**_UNITS, **_TENS}):
            self._close()
            # "A hundred" is not one, nor is "a half million".
            many = after in _MULTIPLIERS or (after == "half" and self._word(at + 2) in _MULTIPLIERS)
            if word in _FEW and not (word in ("a", "an") and many):
                self._tell(_FEW[word], at, at)

    def _times(self, at: int) -> None:
        before, word = self._word(at - 1), self._word(at)
        one_of_them = before in ("a", "an")
        if self.first is None and (before == "half" or (one_of_them and self._word(at - 2) == "half")):
            self._tell(_MULTIPLIERS[word] // 2, at - 1 - one_of_them, at)
        elif word in _GROUPS:
            first = at - one_of_them if self.first is None else self.first
            self._tell(max(self.group, 1) * _GROUPS[word], first, at)
            self.first, self.total, self.group = None, 0, 0
        elif self.first is not None or one_of_them:
            self._scale(_SCALES[word], at)

    def _and_a_half(self, at: int) -> bool:
        """Take "and a half" after a number: "one and a half million", "a million and a half"."""
        if [self._word(number) for number in range(at, at + 3)] != ["and", "a", "half"] or self.first is None:
            return False
        value, scale = self.total + self.group, _SCALES.get(self._word(at + 3))
        if scale is None:
            last = _SCALES.get(self._word(at - 1))
            if last is None:
                return False
            value, self.taken = value + last // 2, at + 3
        else:
            value, self.taken = value * scale + scale // 2, at + 4
        self._tell(value, self.first, self.taken - 1)
        self.first, self.total, self.group = None, 0, 0
        return True

    def _of_range(self, at: int) -> bool:
        """Take the first number of a range that is multiplied with the second: "two to three million"."""
        word, opening = self._word(at), self._word(self.first - 1) if self.first else ""
        if self.first is None or self.total or not (word in ("to", "or") or (word == "and" and opening == "between")):
            return False
        ahead, upper = at + 1, 0
        while (small := self._word(ahead)) in _UNITS or small in _TENS:
            upper, ahead = upper + _UNITS.get(small, _TENS.get(small, 0)), ahead + 1
        times = 1
        while max(times, upper) <= COUNT_MAX and (scale := self._word(ahead)) in _MULTIPLIERS:
            if scale == "hundred" and self.group >= 100:
                upper *= 100
            else:
                times *= _MULTIPLIERS[scale]
            ahead += 1
        if opening == "from" or upper <= self.group:
            self._close()
        else:
            self._tell(self.group * times, self.first, self.last)
            self.first, self.group = None, 0
        return True

    def _small(self, value: int, at: int) -> None:
        after_tens = self.group % 10 == 0 and self.group % 100 >= 20 and value < 10
        if self.first is not None and not (self.group % 100 == 0 or after_tens):
            self._close()
        self.first = at if self.first is None else self.first
        self.group, self.last = self.group + value, at

    def _scale(self, scale: int, at: int) -> None:
        self.first = at - 1 if self.first is None else self.first
        self.group, self.last = max(self.group, 1), at
        if scale == 100:
            self.group *= 100
        else:
            self.total, self.group = self.total + self.group * scale, 0
        # Without an end, "hundred hundred hundred …" is a number of any length.
        if self.total + self.group > COUNT_MAX:
            self._close()
