"""The whole numbers that a text states, in digits or in English words."""

from __future__ import annotations

import re

from api.grounding.plain import plain

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
_SCALES = {"hundred": 100, "thousand": 1000, "million": 1_000_000, "billion": 1_000_000_000}
_SCALES_SHORT = {"k": 1000, "m": 1_000_000, "mn": 1_000_000, "bn": 1_000_000_000}
_GROUPS = {"dozen": 12, "score": 20, "couple": 2, "pair": 2}
# "A man", "an officer": one; "no deaths", "no one", "none": none.
_FEW = {"a": 1, "an": 1, "no": 0, "none": 0, "nobody": 0, "once": 1, "twice": 2, "thrice": 3, "both": 2, "single": 1}

# Where a comma parts decimals, a full stop parts thousands.
_COMMA_DECIMALS = frozenset({"de", "es", "fr", "it", "pt", "ru", "tr", "az", "nl", "pl", "uk", "hy", "ka", "id", "sv"})

_WORD = r"[a-z]+"
_TOKEN = re.compile(
    rf"(?P<digits>(?<![\w.,])\d[\d.,' ]*\d|(?<![\w.,])\d)(?P<suffix>k|mn?|bn)?(?![\w])|(?P<word>{_WORD})"
)


def numbers(text: str, language: str = "en") -> set[int]:
    """The whole numbers a text states.

    >>> sorted(numbers("1,166 soldiers and forty-five civilians"))
    [45, 1166]
    >>> sorted(numbers("2.5 million fled, a dozen died, no one was hurt"))
    [0, 12, 2500000]
    >>> sorted(numbers("1.166 Soldaten", "de"))
    [1166]
    """
    found: set[int] = set()
    words: list[str] = []
    text = plain(text).lower()
    last = 0
    for match in _TOKEN.finditer(text):
        # A number in words goes on over hyphens and spaces, not over other marks.
        if words and text[last : match.start()].strip(" -"):
            found |= _spoken(words)
            words = []
        last = match.end()
        if match["word"]:
            words.append(match["word"])
            continue
        found |= _spoken(words)
        words = []
        follows = re.match(rf"\s+({_WORD})", text[match.end() :])
        scale = _SCALES.get(follows[1], 1) if follows else 1
        scale *= _GROUPS.get(follows[1], 1) if follows else 1
        scale *= _SCALES_SHORT.get(match["suffix"] or "", 1)
        for value in _written(match["digits"], language):
            whole = value * scale
            if whole == int(whole):
                found.add(int(whole))
    return found | _spoken(words)


def _written(digits: str, language: str) -> list[float]:
    """What digits with marks between them mean; more than one thing where they are read apart, too."""
    thousands, decimal = (".", ",") if language.partition("-")[0] in _COMMA_DECIMALS else (",", ".")
    bare = digits.strip(" .,'")
    grouped = re.fullmatch(rf"\d{{1,3}}(?:[{re.escape(thousands)}' ]\d{{3}})+(?:{re.escape(decimal)}\d+)?", bare)
    if grouped:
        return [float(re.sub(rf"[{re.escape(thousands)}' ]", "", bare).replace(decimal, "."))]
    if re.fullmatch(rf"\d+{re.escape(decimal)}\d+", bare):
        return [float(bare.replace(decimal, "."))]
    return [float(part) for part in re.split(r"\D+", bare) if part]


def _spoken(words: list[str]) -> set[int]:
    """The numbers in a run of words."""
    run = _Run()
    for before, word, after in zip(["", *words], words, [*words[1:], ""], strict=False):
        run.take(before, word, after)
    run.close()
    return run.found


class _Run:
    """Numbers in words as they come: "two thousand three hundred and five" adds up until something else follows."""

    def __init__(self) -> None:
        self.found: set[int] = set()
        self.total = self.group = 0
        self.open = False

    def close(self) -> None:
        if self.open:
            self.found.add(self.total + self.group)
        self.total = self.group = 0
        self.open = False

    def take(self, before: str, word: str, after: str) -> None:
        if word == "one" and before == "no":
            return
        if word in _UNITS or word in _TENS:
            self._small(_UNITS.get(word, _TENS.get(word, 0)))
        elif word in _SCALES and (self.open or before in ("a", "an")):
            self._scale(_SCALES[word])
        elif word in _GROUPS:
            self.found.add(max(self.group, 1) * _GROUPS[word])
            self.total, self.group, self.open = 0, 0, False
        elif not (word == "and" and self.open and self.group % 100 == 0 and (after in _UNITS or after in _TENS)):
            self.close()
            # "A hundred" is not one.
            if word in _FEW and not (word in ("a", "an") and (after in _SCALES or after in _GROUPS)):
                self.found.add(_FEW[word])

    def _small(self, value: int) -> None:
        after_tens = self.group % 10 == 0 and self.group % 100 >= 20 and value < 10
        if self.open and not (self.group % 100 == 0 or after_tens):
            self.close()
        self.group, self.open = self.group + value, True

    def _scale(self, scale: int) -> None:
        self.group = max(self.group, 1)
        if scale == 100:
            self.group *= 100
        else:
            self.total, self.group = self.total + self.group * scale, 0
        self.open = True
