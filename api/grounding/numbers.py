"""The whole numbers of a text, in digits or in words."""

from __future__ import annotations

import re
import sys
from fractions import Fraction
from functools import lru_cache

from api.grounding.cue_patterns import numbered
from api.grounding.normalize import HAN_NUMERALS, HANGUL, PREFIXES, UNSPACED, Letters, lower
from api.grounding.number_formats import (
    EAST_ASIAN_SCALES,
    ENGLISH_GROUPS,
    ENGLISH_SCALES,
    SHORT_SCALES,
    NumberFormat,
    StatedNumber,
    is_english,
    number_format,
    number_words,
)
from api.grounding.regex import regex
from schemas.fields import COUNT_MAX

_SMALL = numbered(
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen"
) | numbered("twenty thirty forty fifty sixty seventy eighty ninety", 20, 10)
# "A man", "an officer", "another": one; "no deaths", "no one", "none": none.
_FEW = {
    **dict.fromkeys(("a", "an", "another", "once", "single"), 1),
    **dict.fromkeys(("no", "none", "nobody", "without"), 0),
    **dict.fromkeys(("both", "twice", "twin"), 2),
    **dict.fromkeys(("thrice", "trio"), 3),
}

_MULTIPLIERS = {**ENGLISH_SCALES, **ENGLISH_GROUPS}
# Any other word ends a number in words, and does not affect the next one.
_NUMBER_WORDS = frozenset({*_SMALL, *_MULTIPLIERS, *_FEW, "and", "half", "of", "to", "or", "from", "between"})

# More digits than a count can have are not a number.
_DIGITS_MAX = 15
# "No. 5 company" does not state zero companies.
_NUMBERED = regex(r"no\. ?\d")
_FROM, _BETWEEN = regex(r"\bfrom +$"), regex(r"\bbetween +$")
_OPENING = 20
_SHORT = rf"(?P<short>{'|'.join(SHORT_SCALES)})\b"
# A mark within a number: comma, full stop, apostrophe, the Arabic decimal and thousands separators and comma.
_MARKS = ".,'٫٬،"
# Letters that cannot be next to a number. Scripts without spaces, attached words and particles can.
_LETTER_BEFORE, _LETTER_AFTER = rf"[^\W{UNSPACED}{HANGUL}{PREFIXES}]", rf"[^\W{UNSPACED}{HANGUL}]"
# A number matches as a whole or not at all, so the pattern is possessive.
_DIGITS = (
    rf"(?<!{_LETTER_BEFORE})(?<!\d[{_MARKS}])(?<!\.)"
    rf"(?P<digits>(?>(?:\d{{1,3}}(?: \d{{3}}){{1,9}}(?!\d)|\d+)(?:[{_MARKS}]\d+)*))"
)
# No place matches both alternatives. The lookahead skips other characters before the assertions on the left.
_TOKEN = regex(rf"(?P<word>[a-z]+)|(?=\d){_DIGITS}(?P<suffix>k|mn?|bn)?(?!{_LETTER_AFTER})")
# The East Asian counters of dates and times.
_OF_A_DATE = regex("[年月日號号時时点點年월일년시]")
# Between Chinese characters, a full-width comma separates phrases.
_WIDE_COMMA = regex("(?<![０-９])，|，(?![０-９])")
_THOUSANDS_COMMA = regex(
    rf"\b(?:thousand(?=, (?:(?:{'|'.join(_SMALL)})[ -]){{1,2}}hundred\b)"
    rf"|(?:lakh|million|crore|billion)"
    rf"(?=, (?:(?:{'|'.join(_SMALL)}|hundred|and)[ -]){{1,6}}(?:hundred|thousand)\b)),"
)
_HAN_NUMBER = regex(f"(?<![{HAN_NUMERALS}\\d数數几幾第])([{HAN_NUMERALS}]{{1,{_DIGITS_MAX}}})[多余餘]?(?=[人名个個位])")
_HAN_DIGITS = dict(zip("〇零一二两兩三四五六七八九", (0, 0, 1, 2, 2, 2, 3, 4, 5, 6, 7, 8, 9), strict=True))
_HAN_TENS = {"十": 10, "百": 100, "千": 1000}
_MYRIAD, _SCALES_MAX = 10_000, 3
_Value = int | Fraction


def numbers(text: str, language: str = "en") -> set[int]:
    """Return the whole numbers that a text states.

    >>> sorted(numbers("1,166 soldiers and forty-five civilians"))
    [45, 1166]
    >>> sorted(numbers("2.5 million fled, a dozen died, no one was hurt"))
    [0, 12, 2500000]
    """
    return {stated.value for stated in stated_numbers(text, language)}


def stated_numbers(text: str, language: str = "en", limit: int = sys.maxsize) -> list[StatedNumber]:
    """Return the whole numbers that a text states, in their order. `limit` ends the search in English texts.

    >>> stated_numbers("some 2.5 million fled")
    [StatedNumber(value=2500000, start=5, end=16)]
    """
    letters = Letters(_WIDE_COMMA.sub("、", text) if "，" in text else text)
    small = lower(letters.text)
    results = _in_english(small, limit) if is_english(language) else _in_other_words(small, language)
    if not small.isascii():
        # Numbers in Chinese numerals that count people, with their counter: "三十二人".
        results += [StatedNumber(_han(match[1]), *match.span(1)) for match in _HAN_NUMBER.finditer(small)]
    spans = [StatedNumber(value, *letters.span(start, end)) for value, start, end in results]
    return sorted(spans, key=lambda number: number.start)


def _in_english(text: str, limit: int) -> list[StatedNumber]:
    """Return the numbers in digits and in English words, in their order."""
    if "," in text:
        text = _THOUSANDS_COMMA.sub(lambda match: match[0][:-1] + " ", text)
    results: list[StatedNumber] = []
    words: list[re.Match[str]] = []
    read_end = 0
    for match in _TOKEN.finditer(text):
        word = match["word"]
        # Most words are not of a number, and do not follow one.
        if (word and not words and word not in _NUMBER_WORDS) or match.start() < read_end:
            continue
        # A number in words goes on over hyphens and spaces, not over digits or other marks.
        if words and (word not in _NUMBER_WORDS or text[words[-1].end() : match.start()].strip(" -")):
            results += _Run(words).read(limit - len(results))
            words = []
        if len(results) >= limit:
            break
        if word in _NUMBER_WORDS:
            if not _NUMBERED.match(text, match.start()):
                words.append(match)
        elif not word:
            written = _reader("en").written(match, text)
            read_end = max((number.end for number in written), default=0)
            results += written
    return results + _Run(words).read(limit - len(results))


def _in_other_words(text: str, language: str) -> list[StatedNumber]:
    """Return the numbers in digits and, if text2num supports the language, in words."""
    reader = _reader(language)
    results = []
    read_end = 0
    for match in _TOKEN.finditer(text):
        if match["digits"] and match.start() >= read_end:
            written = reader.written(match, text)
            read_end = max((number.end for number in written), default=0)
            results += written
    covered = {place for number in results for place in range(number.start, number.end)}
    for words in number_words(text, language):
        if words.start not in covered:
            results.append(reader.multiplied(words, text))
    return results


def _han(numerals: str) -> int:
    """Read Chinese numerals.

    >>> _han("三十二"), _han("两千三百"), _han("十五万"), _han("二〇五")
    (32, 2300, 150000, 205)
    """
    whole = part = digit = 0
    for numeral in numerals:
        if numeral in _HAN_DIGITS:
            digit = digit * 10 + _HAN_DIGITS[numeral]
        elif numeral in _HAN_TENS:
            part, digit = part + max(digit, 1) * _HAN_TENS[numeral], 0
        else:
            whole, part, digit = whole + max(part + digit, 1) * EAST_ASIAN_SCALES[numeral], 0, 0
    return whole + part + digit


class _NumberReader:
    """A parser of numbers in digits in a language, with the words that multiply them."""

    def __init__(self, form: NumberFormat):
        self.scales = form.scales
        decimal, thousands = re.escape(form.decimal), re.escape(form.thousands)
        grouped = rf"\d{{1,3}}(?P<mark>[{thousands}'٬، ])\d{{3}}(?:(?P=mark)\d{{3}})*|\d{{1,2}}(?:,\d{{2}})+,\d{{3}}"
        self._number = regex(rf"(?P<whole>{grouped}|\d+)(?:[{decimal}٫](?P<fraction>\d+))?")
        self._scale = regex(rf" *{form.scale}")
        self._half = regex(rf" +and a half +(?={form.scale})")
        self._next = regex(
            rf" ?(?P<digits>\d{{1,3}}(?:{thousands}\d{{3}}){{1,4}}|\d{{1,{_DIGITS_MAX}}})"
            rf"(?![{_MARKS}]?\d|{_LETTER_AFTER})"
        )
        # The text after the first number of a range that shares the multiplier of the second: "2-3 million".
        self._range = regex(
            rf" *(?P<join>-|\bto\b|\bor\b|\band\b) *(?P<upper>\d{{1,15}}(?:{decimal}\d{{1,15}})?)"
            rf"(?: *{form.scale}|{_SHORT})"
        )

    def written(self, match: re.Match[str], text: str) -> list[StatedNumber]:
        """Return the number of digits, or both numbers of an ambiguous form."""
        number = self._number.fullmatch(match["digits"]) if len(match["digits"]) <= 2 * _DIGITS_MAX else None
        if number is None or _OF_A_DATE.match(text, match.end()):
            return []
        fraction = number["fraction"] or ""
        digits = re.sub(r"\D", "", number["whole"]) + fraction
        if len(digits) > _DIGITS_MAX:
            return []
        value: _Value = Fraction(int(digits), 10 ** len(fraction)) if fraction else int(digits)
        value *= SHORT_SCALES.get(match["suffix"] or "", 1)
        half = self._half.match(text, match.end())
        if half:
            value += Fraction(1, 2)
        total, end = self._multiplied(value, half.end() if half else match.end(), text)
        totals = [total]
        if end == match.end() and not match["suffix"] and (scale := self._scale_of_range(text, match, value)):
            opening = text[max(0, match.start() - _OPENING) : match.start()]
            # "From 2 to 3 million" can begin at two.
            totals = [value * scale, *(totals if _FROM.search(opening) else [])]
        return [StatedNumber(int(total), match.start(), end) for total in totals if total.denominator == 1]

    def multiplied(self, number: StatedNumber, text: str) -> StatedNumber:
        """Return a number in words with the words such as "dozen" that multiply it."""
        value, end = self._multiplied(number.value, number.end, text)
        return StatedNumber(int(value), number.start, end)

    def _multiplied(self, value: _Value, end: int, text: str) -> tuple[_Value, int]:
        """Return a value with its multipliers and additions, and its end: "2 thousand 300", "1万5千".

        A scale below ten thousand multiplies the number before it. A higher scale multiplies all numbers since the
        last higher scale.
        """
        total: _Value = 0
        part: _Value = 0
        scales, end = self._scales(text, end)
        while True:
            for scale in scales:
                if scale < _MYRIAD:
                    value *= scale
                else:
                    total, part, value = total + (part + value) * scale, 0, 0
            part += value
            following = self._next.match(text, end) if scales else None
            if following is None or _OF_A_DATE.match(text, following.end()):
                return total + part, end
            value = int(re.sub(r"\D", "", following["digits"]))
            next_scales, after = self._scales(text, following.end())
            if not _goes_on(scales[-1], value, next_scales):
                return total + part, end
            scales, end = next_scales, after

    def _scales(self, text: str, at: int) -> tuple[list[int], int]:
        scales: list[int] = []
        while len(scales) < _SCALES_MAX and (follows := self._scale.match(text, at)):
            scales.append(self.scales[follows["scale"]])
            at = follows.end()
        return scales, at

    def _scale_of_range(self, text: str, match: re.Match[str], lower: _Value) -> int | None:
        """Return the scale of the second number of a range if this is the first number of a range."""
        follows = self._range.match(text, match.end())
        if follows is None or Fraction(follows["upper"].replace(",", ".")) <= lower:
            return None
        opening = text[max(0, match.start() - _OPENING) : match.start()]
        if follows["join"] == "and" and not _BETWEEN.search(opening):
            return None
        return SHORT_SCALES[follows["short"]] if follows["short"] else self.scales[follows["scale"]]


@lru_cache(maxsize=256)
def _reader(language: str) -> _NumberReader:
    return _NumberReader(number_format(language))


def _goes_on(scale: int, value: int, scales: list[int]) -> bool:
    """Return whether a value adds to a number that ends in a scale, as in "2 thousand 300"."""
    if str(scale).strip("0") != "1" or value >= scale:
        return False
    # "2천300만": both are multiplied by ten thousand.
    return not scales or scales[0] < scale or (scale < _MYRIAD <= scales[0])


class _Run:
    """A parser of a run of number words: "two thousand three hundred and five" is one number."""

    def __init__(self, words: list[re.Match[str]]) -> None:
        self.words = words
        self.results: list[StatedNumber] = []
        self.total = self.group = 0
        self.first: int | None = None
        self.last = 0
        self.next_at = 0

    def read(self, limit: int) -> list[StatedNumber]:
        """Return the numbers in a run of words, up to a limit."""
        for at in range(len(self.words)):
            if len(self.results) >= limit:
                break
            if at >= self.next_at:
                self._take(at)
        self._close()
        return self.results

    def _word(self, at: int) -> str:
        return self.words[at][0] if 0 <= at < len(self.words) else ""

    def _add(self, value: int, first: int, last: int) -> None:
        self.results.append(StatedNumber(value, self.words[first].start(), self.words[last].end()))

    def _close(self) -> None:
        if self.first is not None:
            self._add(self.total + self.group, self.first, self.last)
        self.first, self.total, self.group = None, 0, 0

    def _take(self, at: int) -> None:
        before, word, after = self._word(at - 1), self._word(at), self._word(at + 1)
        if (word == "one" and before == "no") or self._and_a_half(at) or self._of_range(at):
            return
        if word in _SMALL:
            self._small(_SMALL[word], at)
        elif word in _MULTIPLIERS:
            self._times(at)
        elif not (word == "and" and self.first is not None and self.group % 100 == 0 and after in _SMALL):
            self._close()
            # "A hundred" and "a half million" do not contain the number one.
            many = after in _MULTIPLIERS or (after == "half" and self._word(at + 2) in _MULTIPLIERS)
            if word in _FEW and not (word in ("a", "an") and many):
                self._add(_FEW[word], at, at)

    def _times(self, at: int) -> None:
        before, word = self._word(at - 1), self._word(at)
        one_of_them = before in ("a", "an")
        if self.first is None and (before == "half" or (one_of_them and self._word(at - 2) == "half")):
            self._add(_MULTIPLIERS[word] // 2, at - 1 - one_of_them, at)
        elif word in ENGLISH_GROUPS:
            first = at - one_of_them if self.first is None else self.first
            # "A couple of hundred", "a couple thousand".
            scaled = at + 1 + (self._word(at + 1) == "of")
            if word == "couple" and self._word(scaled) in ENGLISH_SCALES:
                self.first, self.group, self.next_at = first, 2, scaled
                return
            self._add(max(self.group, 1) * ENGLISH_GROUPS[word], first, at)
            self.first, self.total, self.group = None, 0, 0
        elif self.first is not None or one_of_them:
            self._scale(ENGLISH_SCALES[word], at)

    def _and_a_half(self, at: int) -> bool:
        """Parse "and a half" after a number: "one and a half million", "a million and a half"."""
        if [self._word(number) for number in range(at, at + 3)] != ["and", "a", "half"] or self.first is None:
            return False
        value, scale = self.total + self.group, ENGLISH_SCALES.get(self._word(at + 3))
        if scale is None:
            last = ENGLISH_SCALES.get(self._word(at - 1))
            if last is None:
                return False
            value, self.next_at = value + last // 2, at + 3
        else:
            value, self.next_at = value * scale + scale // 2, at + 4
        self._add(value, self.first, self.next_at - 1)
        self.first, self.total, self.group = None, 0, 0
        return True

    def _of_range(self, at: int) -> bool:
        """Parse the first number of a range that shares the multiplier of the second: "two to three million"."""
        word, opening = self._word(at), self._word(self.first - 1) if self.first else ""
        if self.first is None or self.total or not (word in ("to", "or") or (word == "and" and opening == "between")):
            return False
        ahead, upper = at + 1, 0
        while (small := self._word(ahead)) in _SMALL:
            upper, ahead = upper + _SMALL[small], ahead + 1
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
            self._add(self.group * times, self.first, self.last)
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
        # Without this limit, "hundred hundred hundred …" is a number of any length.
        if self.total + self.group > COUNT_MAX:
            self._close()
