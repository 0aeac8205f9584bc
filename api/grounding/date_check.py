"""The check of the dates of a claim against the dates of its evidence, by their ties. English."""

from __future__ import annotations

import typing
from collections.abc import Collection, Iterator
from datetime import date, timedelta
from functools import partial

from api.grounding import dates
from api.grounding.case import Case, NotRun
from api.grounding.date_tie_patterns import CONTRADICTING, EXCLUDING, SHARED, Labels
from api.grounding.date_ties import Tied, Ties
from api.grounding.dates import Stated
from api.grounding.locate import SearchableText
from api.grounding.spans import Failure
from schemas import edtf

# Time zones and articles of the night before can shift a day by one. A weekday can be in the weeks around.
_SLACK, _WEEKDAY_SLACK = timedelta(1), timedelta(14)


def check_date(case: Case) -> Iterator[Failure]:
    names = [name for name in case.checked.dates if case.claim[name] is not None]
    if not names:
        raise NotRun("The claim has no date.")
    if not case.source.in_english:
        raise NotRun(f"The check cannot read dates of the language {case.source.language}.")
    ties = case.dates
    found = "; ".join(dict.fromkeys(str(statement) for statement in ties.stated if not statement.loose))
    for name in names:
        value = case.claim[name]
        others = [case.claim[other] for other in names if other != name]
        against, missing = judge(name, value, ties, others, case.source.published_on)
        if against is not None:
            detail = (
                f"The evidence states {against}, which {value} is not. "
                f"Correct {name}, or omit it if the text has no date for it."
            )
        elif missing:
            parts = " and ".join(missing)
            detail = f"The evidence does not state the {parts} of {value} as {name}."
        if against is not None or missing:
            search = partial(SearchableText.find_date, value=value, parts=missing or dates.PARTS)
            final = against is not None
            yield case.failure("date", f"/{name}", detail, value, search, found=found or None, final=final)


class DateVerdict(typing.NamedTuple):
    """The date that contradicts a value, or None, and the parts of the value that no date states."""

    against: str | None
    missing: list[str]


def judge(
    field: str, value: str, ties: Ties, others: Collection[str] = (), published: str | None = None
) -> DateVerdict:
    """Return the date of a text that contradicts a field's value, and the parts of the value that no date states.

    - A date that the text ties only to other fields neither supports nor contradicts the value.
    - A date with ties to several fields does not contradict if it fits one of `others`, the claim's other dates.
    - A date without ties can support the value. It contradicts only if it is alone.

    Weekdays and words such as "yesterday" count from `published`, an EDTF date.

    >>> from api.grounding.date_ties import ties
    >>> judge("claimed_on", "2031-05-10", ties("said on 9 May 2031")).against is not None
    True
    >>> judge("claimed_on", "1994-03-12", ties("said the truce of 12 March 1994 was dead")).missing
    ['month', 'day']
    """
    own = [tied for tied in ties.dates if field in tied.labels]
    usable = [tied for tied in ties.dates if _supports(field, value, tied.labels)]
    missing = dates.unstated(value, [tied.stated for tied in usable], ties.stated)
    against: Stated | str | None = _contradicting_own(value, own, others)
    if against is None and published is not None:
        against = _far_from_publication(field, value, ties, own, edtf.days(published))
    if against is None and not any(dates.fits(tied.stated, value) for tied in usable):
        against = _contradicting_event(field, usable, others, cumulative=ties.cumulative)
        against = against or _named_elsewhere(field, value, ties)
        against = against or _of_other_event(field, value, own, ties)
    return DateVerdict(None if against is None else str(against), missing)


def _supports(field: str, value: str, labels: Labels) -> bool:
    """Return whether a date with these labels can support a field. An interval includes the day of its start."""
    return (
        not labels
        or field in labels
        or bool(labels & SHARED.get(field, frozenset()))
        or ("/" in value and "since" in labels)
    )


def _contradicting_own(value: str, own: list[Tied], others: Collection[str]) -> Stated | None:
    """Return a date that the text ties to the field and that does not fit the value, or None.

    One date that fits is enough. A year and a day without a year complement each other: of "(2018)" and
    "24 February" both must fit.
    """
    precise = [(tied, dates.fits(tied.stated, value)) for tied in _most_precise(own)]
    fitting = [tied.stated for tied, fits in precise if fits]
    years_fit = bool(fitting) and all(stated.year and not stated.month for stated in fitting)
    days_fit = bool(fitting) and all(not stated.year for stated in fitting)
    for tied, fits in precise:
        complement = (days_fit and tied.stated.year) or (years_fit and not tied.stated.year)
        of_another = len(tied.labels) > 1 and _fits_any(tied, others)
        if tied.firm and not fits and (not fitting or complement) and not of_another:
            return tied.stated
    return None


def _contradicting_event(field: str, usable: list[Tied], others: Collection[str], *, cumulative: bool) -> Stated | None:
    """Return a contradicting date: of the event that the claim reports, or alone and of no field of the claim.

    The day of one event is not the day of a cumulative figure.
    """
    labels = frozenset() if cumulative else CONTRADICTING.get(field, frozenset())
    for tied in usable:
        if tied.firm and (tied.labels & labels or (tied.alone and not _fits_any(tied, others))):
            return tied.stated
    return None


def _named_elsewhere(field: str, value: str, ties: Ties) -> Stated | None:
    """Return the date of another event that is the value, if the text states the field's day as "today" or similar."""
    if not any(field in relative.labels for relative in ties.relative):
        return None
    elsewhere = (tied.stated for tied in ties.dates if not _supports(field, value, tied.labels))
    return next((stated for stated in elsewhere if dates.fits(stated, value)), None)


def _of_other_event(field: str, value: str, own: list[Tied], ties: Ties) -> Stated | None:
    """Return the date of another event that is the value: "condemned the Feb. 1 coup" for the day of adoption."""
    excluding = EXCLUDING.get(field)
    if excluding is None or own:
        return None
    others = (tied.stated for tied in ties.dates if tied.labels & excluding)
    return next((stated for stated in others if dates.fits(stated, value)), None)


def _far_from_publication(
    field: str, value: str, ties: Ties, own: list[Tied], published: edtf.Days
) -> Stated | str | None:
    """Return a weekday or relative day of the field that does not fit the value when it counts from publication."""
    fitting = [tied.stated for tied in own if dates.fits(tied.stated, value)]
    if any(stated.precision for stated in fitting):
        return None
    windows: list[tuple[Stated | str, int, timedelta]] = [(stated, 0, _WEEKDAY_SLACK) for stated in fitting]
    windows += [
        (relative.words, relative.days_ago, _SLACK)
        for relative in ties.relative
        if field in relative.labels and relative.days_ago is not None
    ]
    for _, days_ago, slack in windows:
        shift = timedelta(days_ago)
        window = edtf.Days(_moved(published.earliest, -shift - slack), _moved(published.latest, slack - shift))
        if window.overlaps(edtf.days(value)):
            return None
    return windows[0][0] if windows else None


def _moved(day: str | None, by: timedelta) -> str | None:
    """Return a day plus a time. Return None if the day is open or the result is outside the calendar."""
    try:
        return None if day is None else (date.fromisoformat(day) + by).isoformat()
    except OverflowError:
        return None


def _most_precise(own: list[Tied]) -> list[Tied]:
    """Return the dates that are not a part of a more precise one: of "(2024)" and "25 March 2024" the latter."""
    if len(own) < 2:
        return own
    general = {part for tied in own for part in dates.generalizations(tied.stated)}
    return [tied for tied in own if dates.parts(tied.stated) not in general]


def _fits_any(tied: Tied, values: Collection[str]) -> bool:
    return any(dates.fits(tied.stated, value) for value in values)
