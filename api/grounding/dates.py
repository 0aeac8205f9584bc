"""What a text states of a date, and whether an EDTF date agrees with it. English months and weekdays."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from api.grounding.plain import plain

_MONTHS = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
]
_WEEKDAYS = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
_MONTH = "|".join(f"{name}|{name[:3]}" + ("|sept" if name == "september" else "") for name in _MONTHS)
_DAY = r"(?:[12][0-9]|3[01]|0?[1-9])"
_YEAR = r"(?:1[0-9]{3}|20[0-9]{2})"
_FORMS = (
    re.compile(rf"\b(?P<year>{_YEAR})-(?P<digits>0[1-9]|1[0-2])(?:-(?P<day>{_DAY}))?\b"),
    re.compile(rf"\b(?P<day>{_DAY})(?:st|nd|rd|th)?(?: of)? (?P<month>{_MONTH})\b\.?(?:,? (?P<year>{_YEAR}))?\b"),
    re.compile(
        rf"\b(?P<month>{_MONTH})\b\.? (?P<day>{_DAY})(?:st|nd|rd|th)?\b(?![:,.]?[0-9])(?:,? (?P<year>{_YEAR})\b)?"
    ),
    re.compile(rf"\b(?P<month>{_MONTH})\b\.?,? (?P<year>{_YEAR})\b"),
    # "May" alone is more often no month.
    re.compile(rf"\b(?P<month>{_MONTH.replace('may|', '')})\b"),
    re.compile(rf"(?<![\d,.])(?P<year>{_YEAR})(?![\d]|,[0-9]|\.[0-9])"),
    re.compile(rf"\b(?P<weekday>{'|'.join(_WEEKDAYS)})\b"),
)


@dataclass(frozen=True)
class Stated:
    """The parts of one date that a text states."""

    year: int | None = None
    month: int | None = None
    day: int | None = None
    weekday: int | None = None

    def __str__(self) -> str:
        """As a person says it.

        >>> str(Stated(month=9, day=27)), str(Stated(weekday=5))
        ('September 27', 'Saturday')
        """
        weekday = None if self.weekday is None else _WEEKDAYS[self.weekday].capitalize()
        month = None if self.month is None else _MONTHS[self.month - 1].capitalize()
        return " ".join(str(part) for part in (weekday, month, self.day, self.year) if part is not None)


def stated(text: str) -> list[Stated]:
    """The dates that a text states, each as far as it does.

    >>> stated("killed since September 27"), stated("agreed to in 1994")
    ([Stated(year=None, month=9, day=27, weekday=None)], [Stated(year=1994, month=None, day=None, weekday=None)])
    """
    left, found = " ".join(plain(text).lower().split()), []
    for form in _FORMS:
        for match in form.finditer(left):
            parts = match.groupdict()
            month = _month(parts.get("month")) or int(parts.get("digits") or 0)
            weekday = parts.get("weekday")
            found.append(
                Stated(
                    int(parts["year"]) if parts.get("year") else None,
                    month or None,
                    int(parts["day"]) if parts.get("day") else None,
                    _WEEKDAYS.index(weekday) if weekday else None,
                )
            )
        # What one form has read, a looser one is not to read again.
        left = form.sub(lambda match: "#" * len(match[0]), left)
    return found


def _month(name: str | None) -> int:
    return next((number for number, month in enumerate(_MONTHS, 1) if name and month.startswith(name[:3])), 0)


def ends(value: str) -> list[Stated]:
    """The parts of an EDTF date, or of the ends of an interval, that are known.

    >>> ends("2020-09-27/2020-11")[1]
    Stated(year=2020, month=11, day=None, weekday=None)
    """
    found = []
    for end in value.rstrip("?~%").split("/"):
        bare = end.rstrip("?~%").partition("T")[0]
        parts = [int(part) if part.isdigit() else None for part in bare.split("-")] if bare not in ("", "..") else []
        if not parts:
            continue
        year, month, day = (*parts, None, None)[:3]
        # 21 to 24 are seasons, which no month states.
        month = month if month is None or month <= 12 else None
        weekday = date(year, month, day).weekday() if year and month and day else None
        found.append(Stated(year, month, day, weekday))
    return found


def contradicted(value: str, text: str) -> Stated | None:
    """What a text states of a date where nothing of it agrees with any end of the value, or None."""
    known, said = ends(value), stated(text)
    against = None
    for parts in ("month", "year", "weekday"):
        comparable = [statement for statement in said if getattr(statement, parts) is not None]
        if parts == "year":
            comparable = [statement for statement in comparable if statement.month is None]
        if comparable and not any(_agree(statement, end) for statement in comparable for end in known):
            against = against or comparable[0]
    return against


def _agree(one: Stated, other: Stated) -> bool:
    pairs = ((one.year, other.year), (one.month, other.month), (one.day, other.day), (one.weekday, other.weekday))
    return all(mine is None or theirs is None or mine == theirs for mine, theirs in pairs)


def unstated(value: str, text: str) -> list[str]:
    """The parts of a date that a text does not state: year, month, day, of whichever end lacks most."""
    said = stated(text)
    missing: list[str] = []
    for end in ends(value):
        for part in ("year", "month", "day"):
            wanted = getattr(end, part)
            if wanted is not None and part not in missing and all(getattr(other, part) != wanted for other in said):
                missing.append(part)
    return missing
