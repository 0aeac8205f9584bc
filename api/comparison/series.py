"""Series: one cell over time, a line for each claimant and period."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

from api.comparison.cells import CellLabel, by_cell, label
from api.comparison.claims import ComparableReport, Identity, by_claimant
from api.comparison.periods import Period, by_period
from schemas.casualty_report import Qualifier
from schemas.comparison import Step
from schemas.documents import CasualtyReportDocument, PartyDocument


@dataclass(frozen=True)
class Point:
    """A claim of a line, and its change from the previous claim."""

    claim: ComparableReport
    step: Step


@dataclass(frozen=True)
class Line:
    """The claims of one claimant for one period, by `on_record`.

    `who` is the claimant's identity, `claimant` the party as printed last.
    """

    who: Identity
    claimant: PartyDocument
    period: Period
    points: list[Point]


@dataclass(frozen=True)
class Series:
    """The claims of a cell, the earliest first, and their lines by name and period."""

    label: CellLabel
    claims: list[ComparableReport]

    @cached_property
    def lines(self) -> list[Line]:
        lines = [
            Line(who, said[-1].document["claimant"], period, _points(said))
            for period, same in by_period(self.claims).items()
            for who, said in by_claimant(same).items()
        ]
        return sorted(lines, key=lambda line: (line.claimant["name"], line.who))


def series(claims: Iterable[ComparableReport]) -> list[Series]:
    """Return the series of each cell of casualty reports, those with the most claims first."""
    by_size = [Series(label(cell, same), same) for cell, same in by_cell(claims).items()]
    return sorted(by_size, key=lambda series_: (-len(series_.claims), series_.label.cell.id))


def _points(said: list[ComparableReport]) -> list[Point]:
    steps = [Step.FIRST, *(step(before.document, now.document) for before, now in pairwise(said))]
    return [Point(*pair) for pair in zip(said, steps, strict=True)]


def step(before: CasualtyReportDocument, now: CasualtyReportDocument) -> Step:
    """Return the change from one figure to the next.

    A figure is raised or lowered if its bounds no longer overlap. It also is if one bound moves and the other one does
    not move the other way. Overlapping vague figures are not ordered.

    >>> step({"qualifier": "undisclosed"}, {"qualifier": "exact", "count": 84, "low": 84, "high": 84})
    <Step.DISCLOSED: 'disclosed'>
    """
    withheld, withholds = before["qualifier"] == Qualifier.UNDISCLOSED, now["qualifier"] == Qualifier.UNDISCLOSED
    if withheld or withholds:
        return Step.SAME if withheld and withholds else Step.DISCLOSED if withheld else Step.WITHHELD
    if all(before[name] == now[name] for name in ("qualifier", "count", "low", "high", "wording")):
        return Step.SAME
    (low, high), (low_now, high_now) = _ends(before), _ends(now)
    if _sign(high, low_now) > 0 or _sign(low, high_now) < 0:
        return Step.RAISED if _sign(high, low_now) > 0 else Step.LOWERED
    if Qualifier.VAGUE in (before["qualifier"], now["qualifier"]) or (low is None) != (low_now is None):
        return Step.REWORDED
    moves = {_sign(low, low_now), _sign(high, high_now)} - {0}
    return Step.REWORDED if len(moves) != 1 else Step.RAISED if moves == {1} else Step.LOWERED


def _ends(report: CasualtyReportDocument) -> tuple[int | None, int | None]:
    if report["qualifier"] == "about":
        return report["count"], report["count"]
    return report["low"], report["high"]


def _sign(before: int | None, now: int | None) -> int:
    """Return 1 if a number rises, -1 if it falls, and 0 if it is equal or a number is missing."""
    return 0 if before is None or now is None else (now > before) - (now < before)
