"""EDTF dates (ISO 8601-2, levels 0 and 1): validation, and the days that a date allows.

The `edtf` package parses the grammar, but takes 6 ms per date and accepts 2021-02-29 and backward intervals. It also
cannot bound an open interval. The subset that records need is small, so this module parses it. The tests compare it
with the package.
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
# The first and last month of EDTF's seasons of the northern hemisphere.
_SEASONS = {"21": (3, 5), "22": (6, 8), "23": (9, 11), "24": (12, 12)}


@dataclass(frozen=True)
class Days:
    """The first and last day that a date allows, as ISO days. None means an open or unknown end."""

    earliest: str | None
    latest: str | None

    def overlaps(self, other: Days) -> bool:
        """Return whether the two ranges have a day in common.

        >>> days("2020-09-27/..").overlaps(days("2021")), days("2020").overlaps(days("2021-01-01"))
        (True, False)
        """
        return (self.earliest or DAY_MIN) <= (other.latest or DAY_MAX) and (other.earliest or DAY_MIN) <= (
            self.latest or DAY_MAX
        )


@lru_cache(maxsize=65_536)
def days(value: str) -> Days:
    """Return the days that an EDTF string allows.

    "2020-10" allows any day of that month. "2020-11-01?" allows only that day. A season allows three months.
    Winter allows only December, because EDTF does not define the year of its January.

    >>> days("2020-10")
    Days(earliest='2020-10-01', latest='2020-10-31')
    >>> days("2020-09-27/..")
    Days(earliest='2020-09-27', latest=None)

    Raises ValueError with the reason for invalid EDTF, impossible days and backward intervals. Years are 0001 to 9999.
    """
    if "/" not in value:
        first, last = _bounds(value)
        return Days(first.isoformat(), last.isoformat())
    start, _, end = value.partition("/")
    if start in ("", "..") and end in ("", ".."):
        raise ValueError("An interval needs a date on at least one end, as in 2020-09-27/..")
    earliest = None if start in ("", "..") else _end(start)
    latest = None if end in ("", "..") else _end(end)
    if earliest and latest and earliest[0] > latest[1]:
        raise ValueError(f"The interval runs backwards: {start} is after {end}.")
    return Days(earliest and earliest[0].isoformat(), latest and latest[1].isoformat())


def _end(value: str) -> tuple[date, date]:
    """Return the bounds of one end of an interval. Level 1 allows neither times nor unspecified digits there."""
    if "T" in value or "X" in value:
        raise ValueError(f"{value}: the end of an interval must not have a time or an X. Write a date as in 2020-11.")
    return _bounds(value)


def _bounds(value: str) -> tuple[date, date]:
    """Return the first and last day of a date that is not an interval."""
    if instant := _INSTANT.fullmatch(value):
        _check_time(value, instant)
        return _bounds(instant["day"])
    match = _DATE.fullmatch(value)
    if match is None:
        raise ValueError(
            f"{_short(value)} is not an EDTF date of level 0 or 1. Write 2020-11-01, 2020-11, 2020, 2020-11-01? "
            "(uncertain), 2020-11~ (approximate), 2020-11-XX (unknown day), 2020-09-27/2020-11-01 or "
            "2020-09-27/.. (open). Years have four digits, 0001 to 9999."
        )
    year, month, day = match["year"], match["month"], match["day"] or "XX"
    first_year, last_year = int(year.replace("X", "0")), int(year.replace("X", "9"))
    if first_year == 0:
        raise ValueError(f"{value}: years are 0001 to 9999.")
    if "X" in year and month is not None:
        raise ValueError(f"{value}: if digits of the year are unknown, leave out month and day.")
    if month in (None, "XX"):
        if day != "XX":
            raise ValueError(f"{value}: if the month is unknown, write XX for the day or leave it out.")
        return date(first_year, 1, 1), date(last_year, 12, 31)
    return _within_year(value, first_year, month, day, has_day=match["day"] is not None)


def _within_year(value: str, year: int, month: str, day: str, *, has_day: bool) -> tuple[date, date]:
    if month in _SEASONS and has_day:
        raise ValueError(f"{value}: a season cannot have a day.")
    start, end = _SEASONS.get(month, (int(month), int(month)))
    if not 1 <= start <= 12:
        raise ValueError(f"{value}: {month} is not a month or season. Months are 01 to 12, seasons are 21 to 24.")
    length = calendar.monthrange(year, end)[1]
    if day == "XX":
        return date(year, start, 1), date(year, end, length)
    if not 1 <= int(day) <= length:
        raise ValueError(f"{value} is not a calendar day: {year:04}-{month} has {length} days.")
    exact = date(year, start, int(day))
    return exact, exact


def _check_time(value: str, instant: re.Match[str]) -> None:
    hour, minute, second = instant["time"].split(":")
    if hour > "23" or minute > "59" or second > "59":
        raise ValueError(f"{value} has an invalid time of day. Times are 00:00:00 to 23:59:59.")
    zone = instant["zone"] or "00"
    if zone > "14:00" or zone[3:] > "59":
        raise ValueError(f"{value} has an invalid UTC offset. Offsets are -14:00 to +14:00.")


def _short(value: str) -> str:
    return repr(value if len(value) <= 40 else value[:40] + "…")
