"""Dates as the Library of Congress's EDTF (ISO 8601-2, levels 0 and 1): what they say, which days they allow.

The `edtf` package knows the grammar, but takes 6 ms a date, lets 2021-02-29 and backward intervals pass and
cannot bound an open one. The subset that records need is small, so it is read here; the tests hold it against
that package.
"""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

DAY_MIN, DAY_MAX = date.min.isoformat(), date.max.isoformat()

_DATE = re.compile(
    r"(?P<year>[0-9]{4}|[0-9]{3}X|[0-9]{2}XX)(?:-(?P<month>[0-9]{2}|XX)(?:-(?P<day>[0-9]{2}|XX))?)?(?P<mark>[?~%]?)"
)
_INSTANT = re.compile(
    r"(?P<day>[0-9]{4}-[0-9]{2}-[0-9]{2})T(?P<time>[0-9]{2}:[0-9]{2}:[0-9]{2})"
    r"(?:Z|[+-](?P<zone>[0-9]{2}(?::[0-9]{2})?))?"
)
# EDTF's numbers for the seasons of the northern hemisphere's year, as first and last month.
_SEASONS = {"21": (3, 5), "22": (6, 8), "23": (9, 11), "24": (12, 12)}


@dataclass(frozen=True)
class Days:
    """The days that a date allows, as ISO days, both ends included; None is an open or unknown end."""

    earliest: str | None
    latest: str | None

    def overlaps(self, other: Days) -> bool:
        """Return whether a day is in both.

        >>> days("2020-09-27/..").overlaps(days("2021")), days("2020").overlaps(days("2021-01-01"))
        (True, False)
        """
        return (self.earliest or DAY_MIN) <= (other.latest or DAY_MAX) and (other.earliest or DAY_MIN) <= (
            self.latest or DAY_MAX
        )


@lru_cache(maxsize=65_536)
def days(value: str) -> Days:
    """The days that an EDTF string allows.

    "2020-10" is some day of that month; "2020-11-01?" doubts the day but names no other; a season is three
    months; a winter is December alone, for EDTF does not say which year's January it means.

    >>> days("2020-10")
    Days(earliest='2020-10-01', latest='2020-10-31')
    >>> days("2020-09-27/..")
    Days(earliest='2020-09-27', latest=None)

    Raises ValueError, saying what is wrong, for what is no EDTF of level 0 or 1, no day of the calendar,
    or an interval that runs backwards. Years are 0001 to 9999.
    """
    if "/" not in value:
        first, last = _bounds(value)
        return Days(first.isoformat(), last.isoformat())
    start, _, end = value.partition("/")
    if start in ("", "..") and end in ("", ".."):
        raise ValueError("An interval needs at least one end that is a date, as in 2020-09-27/..")
    earliest = None if start in ("", "..") else _end(start)
    latest = None if end in ("", "..") else _end(end)
    if earliest and latest and earliest[0] > latest[1]:
        raise ValueError(f"The interval runs backwards: {start} is after {end}.")
    return Days(earliest and earliest[0].isoformat(), latest and latest[1].isoformat())


def _end(value: str) -> tuple[date, date]:
    """The bounds of an end of an interval, where level 1 knows neither times of day nor digits left open."""
    if "T" in value or "X" in value:
        raise ValueError(f"{value}: an end of an interval is a date without a time of day or an X, as in 2020-11.")
    return _bounds(value)


def _bounds(value: str) -> tuple[date, date]:
    """The first and last day of what is no interval."""
    if instant := _INSTANT.fullmatch(value):
        _check_time(value, instant)
        return _bounds(instant["day"])
    match = _DATE.fullmatch(value)
    if match is None:
        raise ValueError(
            f"{_short(value)} is no EDTF date of level 0 or 1. Write 2020-11-01, 2020-11, 2020, 2020-11-01? "
            "(uncertain), 2020-11~ (approximate), 2020-11-XX (a day not known), 2020-09-27/2020-11-01 or "
            "2020-09-27/.. (still open). Years have four digits, 0001 to 9999."
        )
    year, month, day = match["year"], match["month"], match["day"] or "XX"
    first_year, last_year = int(year.replace("X", "0")), int(year.replace("X", "9"))
    if first_year == 0:
        raise ValueError(f"{value}: years are 0001 to 9999.")
    if "X" in year and month is not None:
        raise ValueError(f"{value}: where digits of the year are not known, month and day are left out.")
    if month in (None, "XX"):
        if day != "XX":
            raise ValueError(f"{value}: where the month is not known, the day is XX or left out.")
        return date(first_year, 1, 1), date(last_year, 12, 31)
    return _within_year(value, first_year, month, day, has_day=match["day"] is not None)


def _within_year(value: str, year: int, month: str, day: str, *, has_day: bool) -> tuple[date, date]:
    if month in _SEASONS and has_day:
        raise ValueError(f"{value}: a season has no day.")
    start, end = _SEASONS.get(month, (int(month), int(month)))
    if not 1 <= start <= 12:
        raise ValueError(f"{value}: there is no month {month}; months are 01 to 12, seasons 21 to 24.")
    length = calendar.monthrange(year, end)[1]
    if day == "XX":
        return date(year, start, 1), date(year, end, length)
    if not 1 <= int(day) <= length:
        raise ValueError(f"{value} is no day of the calendar: {year:04}-{month} has {length} days.")
    exact = date(year, start, int(day))
    return exact, exact


def _check_time(value: str, instant: re.Match[str]) -> None:
    hour, minute, second = instant["time"].split(":")
    if hour > "23" or minute > "59" or second > "59":
        raise ValueError(f"{value} is no time of day.")
    zone = instant["zone"] or "00"
    if zone > "14:00" or zone[3:] > "59":
        raise ValueError(f"{value} has an offset from UTC that no place has.")


def _short(value: str) -> str:
    return repr(value if len(value) <= 40 else value[:40] + "…")
