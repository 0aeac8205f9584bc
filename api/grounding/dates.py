"""The dates that a text states, compared with EDTF dates. English months and weekdays."""

from __future__ import annotations

import calendar
import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import lru_cache
from itertools import product

from api.grounding.cue_patterns import numbered
from api.grounding.normalize import lower, plain
from api.grounding.regex import regex
from schemas import edtf

_MONTHS = tuple(numbered("january february march april may june july august september october november december"))
_MONTH_NUMBERS = {name[:3]: number for number, name in enumerate(_MONTHS, 1)}
_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_MONTH = "(?P<month>" + "|".join(f"{name}|{name[:3]}" for name in _MONTHS) + r"|sept)\b"
_WEEKDAY = rf"(?P<weekday>{'|'.join(_WEEKDAYS)})\b"
_NUMBER = r"(?:[12][0-9]|3[01]|0?[1-9])(?:st|nd|rd|th)?\b"
# "3 May", "3–5 May", "3 and 4 May".
_DAYS = rf"(?P<day>{_NUMBER})(?:(?:\s*-\s*| to | and | or )(?P<last>{_NUMBER}))?"
_YEAR = r"(?P<year>1[0-9]{3}|20[0-9]{2})\b"
# The patterns of dates. A text without all of the parts after a pattern does not contain a date of this form.
_OF_A_YEAR, _OF_A_MONTH = ("1", "20"), tuple(_MONTH_NUMBERS)
_FORMS = tuple(
    # Several blanks count as one.
    (regex(form.replace(" ", " +")), parts)
    for form, parts in (
        (rf"\b{_YEAR}-(?P<digits>0[1-9]|1[0-2])(?:-(?P<day>{_NUMBER}))?", _OF_A_YEAR),
        (rf"\b(?P<day>{_NUMBER})(?P<slash>[/.])(?P<digits>{_NUMBER})(?P=slash){_YEAR}", _OF_A_YEAR),
        (rf"\b(?:{_WEEKDAY},? )?(?:the )?{_DAYS}(?: of)? {_MONTH}(?:\.?,? {_YEAR})?", _OF_A_MONTH),
        (rf"\b(?:{_WEEKDAY},? )?{_MONTH}\.? (?:the )?{_DAYS}(?![:,.]?[0-9])(?:,? {_YEAR})?", _OF_A_MONTH),
        (rf"\b{_MONTH}\.?,? {_YEAR}", _OF_A_MONTH),
        (rf"\b{_MONTH}", _OF_A_MONTH),
        (rf"(?<![\d,.]){_YEAR}(?![,.][0-9])", _OF_A_YEAR),
        (rf"\bon the (?P<day>{_NUMBER})", ("on ",)),
        (rf"\b{_WEEKDAY}", ("day",)),
    )
)
# The words before a month or a year without a day. Otherwise, "March" can be a march and 1500 can be soldiers.
_DATING = regex(r"\b(?:in|since|until|till|during|by|of|from|before|after|early|late|mid|last|this|next)[ -]+$")
_BEFORE = 40
PARTS = ("year", "month", "day")


@dataclass(frozen=True)
class Stated:
    """The parts of one date that a text states, with their place.

    `loose` means that it may not be a date. It can support a date, but not contradict one.
    """

    year: int | None = None
    month: int | None = None
    day: int | None = None
    weekday: int | None = None
    start: int = field(default=0, repr=False, compare=False)
    end: int = field(default=0, repr=False, compare=False)
    loose: bool = field(default=False, repr=False, compare=False)

    @property
    def precision(self) -> int:
        """The number of stated parts. A weekday does not count."""
        return sum(getattr(self, part) is not None for part in PARTS)

    def __str__(self) -> str:
        """Return the date in words.

        >>> str(Stated(month=9, day=27)), str(Stated(2020, 10, 31, weekday=5))
        ('September 27', 'Saturday, October 31, 2020')
        """
        weekday = None if self.weekday is None else _WEEKDAYS[self.weekday].capitalize()
        month = None if self.month is None else _MONTHS[self.month - 1].capitalize()
        month_and_day = " ".join(str(part) for part in (month, self.day) if part is not None) or None
        comma = ", " if self.day is not None else " "
        dated = comma.join(str(part) for part in (month_and_day, self.year) if part is not None) or None
        return ", ".join(part for part in (weekday, dated) if part is not None)


def stated(text: str) -> list[Stated]:
    """Return the dates that a text states, in their order. A date can be incomplete.

    >>> stated("killed since September 27"), stated("agreed to in 1994")
    ([Stated(year=None, month=9, day=27, weekday=None)], [Stated(year=1994, month=None, day=None, weekday=None)])
    """
    rest, capitals, statements = lower(text), plain(text), list[Stated]()

    def take(match: re.Match[str]) -> str:
        named = "month" if match.groupdict().get("month") else "weekday"
        # "The 3 may have fled", "a march": months and weekdays have capitals.
        if match.groupdict().get(named) and not capitals[match.start(named)].isupper():
            return match[0]
        statements.extend(_read(match, match.string[max(0, match.start() - _BEFORE) : match.start()]))
        # A looser form must not match the same characters again.
        return "#" * len(match[0])

    for form, parts in _FORMS:
        if any(part in rest for part in parts):
            rest = form.sub(take, rest)
    return sorted(statements, key=lambda statement: statement.start)


def _read(match: re.Match[str], before: str) -> Iterator[Stated]:
    parts = match.groupdict()
    year = int(parts["year"]) if parts.get("year") else None
    month = _MONTH_NUMBERS[parts["month"][:3]] if parts.get("month") else _digits(parts.get("digits"))
    weekday = _WEEKDAYS.index(parts["weekday"]) if parts.get("weekday") else None
    day, last = _digits(parts.get("day")), _digits(parts.get("last"))
    loose = "slash" in parts or (weekday is None and month is None and year is None)
    if day is None and weekday is None and (year is None or month is None):
        loose = not _DATING.search(before)
    readings = [(month, day, weekday)]
    if last is not None:
        readings.append((month, last, None))
    if "slash" in parts:
        readings.append((day, month, None))
    for month_, day_, weekday_ in readings:
        if month_ is None or month_ <= len(_MONTHS):
            yield Stated(year, month_, day_, weekday_, *match.span(), loose=loose)


def _digits(number: str | None) -> int | None:
    return int(re.sub(r"\D", "", number)) if number else None


def ends(value: str) -> list[Stated]:
    """Return the known parts of an EDTF date, or of both ends of an interval.

    >>> ends("2020-09-27/2020-11")[1]
    Stated(year=2020, month=11, day=None, weekday=None)
    """
    statements = []
    for end in value.rstrip("?~%").split("/"):
        day_text = end.rstrip("?~%").partition("T")[0]
        if day_text in ("", ".."):
            continue
        parts = [int(part) if part.isdigit() else None for part in day_text.split("-")]
        year, month, day = (*parts, None, None)[:3]
        # 21 to 24 are seasons. No month states them.
        statements.append(Stated(year, month if month is None or month <= len(_MONTHS) else None, day))
    return statements


# The dates of one claim are compared with the same statements repeatedly.
@lru_cache(maxsize=4096)
def fits(statement: Stated, value: str) -> bool:
    """Return whether an EDTF date includes a day that agrees with a statement."""
    days = edtf.days(value)
    first, last = date.fromisoformat(days.earliest or edtf.DAY_MIN), date.fromisoformat(days.latest or edtf.DAY_MAX)
    if statement.year is not None:
        first, last = max(first, date(statement.year, 1, 1)), min(last, date(statement.year, 12, 31))
    if first > last:
        return False
    # More than a year includes every month and weekday.
    last = first + timedelta(min((last - first).days, 366))
    return any(_fits_in(statement, *month) for month in _months(first, last))


def _months(first: date, last: date) -> Iterator[tuple[date, date]]:
    """Yield the first and last day of a range of days in each of its months."""
    for number in range(first.year * 12 + first.month - 1, last.year * 12 + last.month):
        year, month = number // 12, number % 12 + 1
        length = calendar.monthrange(year, month)[1]
        yield max(first, date(year, month, 1)), min(last, date(year, month, length))


def _fits_in(statement: Stated, first: date, last: date) -> bool:
    """Return whether a day of this range within one month agrees with a statement."""
    if statement.month not in (None, first.month):
        return False
    if statement.day is not None:
        if not first.day <= statement.day <= last.day:
            return False
        first = last = first.replace(day=statement.day)
    return statement.weekday is None or (statement.weekday - first.weekday()) % 7 <= (last - first).days


def parts(statement: Stated) -> tuple[int | None, ...]:
    """Return the year, month, day and weekday of a statement. A missing part is None."""
    return statement.year, statement.month, statement.day, statement.weekday


def generalizations(statement: Stated) -> Iterator[tuple[int | None, ...]]:
    """Yield the parts of each less precise statement of the same date."""
    all_parts = parts(statement)
    for keeps in product((False, True), repeat=len(all_parts)):
        fewer = tuple(part if keep else None for part, keep in zip(all_parts, keeps, strict=True))
        if fewer != all_parts:
            yield fewer


def unstated(value: str, statements: Sequence[Stated], all_statements: Sequence[Stated] | None = None) -> list[str]:
    """Return the parts of a date that no statement has: year, month or day. An interval has the parts of both ends.

    A year can be alone. A month or day must not be next to a larger part that differs. The year of a month or day can
    be anywhere in the text: `all_statements` are all statements of the text.

    >>> statements = stated("On 14 April and 3 March 2031")
    >>> unstated("2031-03-03", statements), unstated("2031-03-14", statements)
    ([], ['day'])
    """
    missing: list[str] = []
    for end in ends(value):
        for number, part in enumerate(PARTS):
            required = {other: getattr(end, other) for other in PARTS[: number + 1]}
            of_a_month = part == "year" and end.month is not None
            candidates = all_statements if of_a_month and all_statements is not None else statements
            is_stated = any(_has(one, part, required) for one in candidates)
            if required[part] is not None and part not in missing and not is_stated:
                missing.append(part)
    return missing


def _has(statement: Stated, part: str, required: dict[str, int | None]) -> bool:
    if getattr(statement, part) is None:
        return False
    return all(
        None in (value, getattr(statement, name)) or value == getattr(statement, name)
        for name, value in required.items()
    )


def stating(value: str, statements: Sequence[Stated], parts: Collection[str]) -> list[Stated]:
    """Return the most precise statements that agree with a date and state one of these parts of it.

    >>> statements = stated("In September 2020, from September 27 on")
    >>> [[str(one) for one in stating("2020-09-27", statements, [part])] for part in ("year", "day")]
    [['September 2020'], ['September 27']]
    """
    of_value = {(part, number) for end in ends(value) for part in parts if (number := getattr(end, part)) is not None}
    agreeing = [
        statement
        for statement in statements
        if fits(statement, value) and any((part, getattr(statement, part)) in of_value for part in parts)
    ]
    precision = max((statement.precision for statement in agreeing), default=0)
    return [statement for statement in agreeing if statement.precision == precision]
