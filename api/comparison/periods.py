"""Periods: the time spans that figures count. Only figures of one period are compared.

A period begins on the day that `since` states. A `since` that differs from another only in precision states the same
day. Figures of a single day, such as "in the last 24 hours", share one period for all days. Figures without
`since` share a separate period.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from api.comparison.claims import ComparableReport, by_claimant, grouped, roots, start_and_width
from schemas import edtf
from schemas.comparison import PeriodKind

# The possible first days of a figure, both ends included.
_Interval = tuple[str, str]
_KINDS = list(PeriodKind)


@dataclass(frozen=True)
class Period:
    """A period. `since` is its first day as an EDTF string, and None unless the kind is `since`."""

    kind: PeriodKind
    since: str | None = None

    @property
    def order(self) -> tuple[int, str, str]:
        """The sort key: periods by first day, then single days, then unstated periods."""
        days = edtf.days(self.since) if self.since else edtf.Days(None, None)
        return (_KINDS.index(self.kind), days.earliest or "", days.latest or "")


def first_day(since: str | None) -> str | None:
    """Return the day that an EDTF string states as an ISO day, or None if it does not state a single day."""
    days = None if since is None else edtf.days(since)
    return days.earliest if days is not None and days.earliest == days.latest else None


def by_period(claims: Iterable[ComparableReport]) -> dict[Period, list[ComparableReport]]:
    """Group the claims of one cell by period, and keep their order within each period."""
    claims = list(claims)
    periods = _periods(claims)
    return dict(sorted(grouped(claims, lambda claim: periods[claim.id]).items(), key=lambda item: item[0].order))


def _periods(claims: list[ComparableReport]) -> dict[str, Period]:
    """Return the period of each claim by its id."""
    stated = {since for claim in claims if (since := claim.document["since"]) is not None}
    period_of_since: dict[str | None, Period] = {None: Period(PeriodKind.UNSTATED), **_merge_precisions(stated)}
    root_of = roots(claims)
    periods: dict[str, Period] = {}
    for period, same in grouped(claims, lambda claim: period_of_since[claim.document["since"]]).items():
        if period.kind == PeriodKind.SINCE and all(_counts_one_day(claim, root_of[claim.id]) for claim in same):
            period = Period(PeriodKind.DAY)  # noqa: PLW2901 - the period of these claims, now that all of them are known
        periods.update((claim.id, period) for claim in same)
    _assign_periods_without_since(claims, root_of, periods)
    return periods


def _merge_precisions(stated: Iterable[str]) -> dict[str | None, Period]:
    """Return the period of each stated `since`.

    An imprecise one, such as 2023-10, is the same as the only more precise one within it. If there are several, it is
    a separate period, because it can be any of them.
    """
    texts: dict[_Interval, str] = {}
    for since in sorted(stated, key=lambda text: (len(text), text)):
        texts.setdefault(_interval(since), since)
    # In descending order of starts, an interval contains another one exactly if a previous one ends within it.
    narrowest: list[_Interval] = []
    for interval in sorted(texts, key=lambda interval: start_and_width(*interval), reverse=True):
        if not narrowest or interval[1] < narrowest[-1][1]:
            narrowest.append(interval)
    narrowest.reverse()
    starts, ends = [start for start, _ in narrowest], [end for _, end in narrowest]
    periods: dict[str | None, Period] = {}
    for since in stated:
        start, end = interval = _interval(since)
        within = narrowest[bisect_left(starts, start) : bisect_right(ends, end)]
        periods[since] = Period(PeriodKind.SINCE, texts[within[0] if len(within) == 1 else interval])
    return periods


def _interval(since: str) -> _Interval:
    days = edtf.days(since)
    return days.earliest or edtf.DAY_MIN, days.latest or edtf.DAY_MAX


def _counts_one_day(claim: ComparableReport, root: ComparableReport) -> bool:
    """Return whether a figure counts from its day or the day before, as of "in the last 24 hours".

    The day of a figure is that of `root`, the restated claim, so a daily figure that is printed again stays one.
    """
    since, days = first_day(claim.document["since"]), root.document["on_record"]
    if since is None or days["earliest"] is None or days["earliest"] != days["latest"]:
        return False
    return 0 <= (date.fromisoformat(days["latest"]) - date.fromisoformat(since)).days <= 1


def _assign_periods_without_since(
    claims: list[ComparableReport], root_of: Mapping[str, ComparableReport], periods: dict[str, Period]
) -> None:
    """Set the period of claims without `since` if other claims of the claimant determine it.

    A claim that restates another one counts the same. A withheld figure is withheld for the only period that the
    claimant gives figures for.
    """
    for said in by_claimant(claims).values():
        ids = {claim.id for claim in said}
        stated = {periods[claim.id] for claim in said} - {Period(PeriodKind.UNSTATED)}
        for claim in said:
            root = root_of[claim.id]
            if root.id in ids and root is not claim:
                periods[claim.id] = periods[root.id]
        for claim in said if len(stated) == 1 else ():
            if periods[claim.id].kind == PeriodKind.UNSTATED and claim.withholds:
                (periods[claim.id],) = stated
