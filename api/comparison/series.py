"""Series: one cell over time, a line for each claimant."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

from api.comparison.cells import ROLES, Told, by_cell, told
from api.comparison.reported import Document, Parties, Reported
from schemas.comparison import STEPS

FIRST, DISCLOSED, WITHHELD, RAISED, LOWERED, REWORDED, SAME = STEPS


@dataclass(frozen=True)
class Point:
    """A claim of a line, and what is new in it since the one before."""

    claim: Reported
    step: str


@dataclass(frozen=True)
class Line:
    """What one claimant says over time, by the days that its claims are on record."""

    claimant: Document
    points: list[Point]


@dataclass(frozen=True)
class Series:
    """A cell with a line for each of its claimants."""

    told: Told
    lines: list[Line]

    @property
    def count(self) -> int:
        """How many claims it has."""
        return sum(len(line.points) for line in self.lines)


def series(claims: Iterable[Reported]) -> list[Series]:
    """The series of each cell that casualty reports count, those with most claims first."""
    seen = list(claims)
    parties = Parties(seen, ROLES)
    found = [Series(told(cell, each, parties), _lines(each, parties)) for cell, each in by_cell(seen, parties).items()]
    return sorted(found, key=lambda each: (-each.count, each.told.cell.id))


def _lines(claims: list[Reported], parties: Parties) -> list[Line]:
    by_claimant: dict[tuple[str, ...], list[Reported]] = {}
    for claim in claims:
        who = parties.identity(claim.document["claimant"], claim.document["article_id"])
        by_claimant.setdefault(who, []).append(claim)
    lines = [Line(said[-1].document["claimant"], _points(said)) for said in by_claimant.values()]
    return sorted(lines, key=lambda line: (line.claimant["name"], line.points[0].claim.id))


def _points(said: list[Reported]) -> list[Point]:
    steps = [FIRST, *(step(before.document, now.document) for before, now in pairwise(said))]
    return [Point(claim, each) for claim, each in zip(said, steps, strict=True)]


def step(before: Document, now: Document) -> str:
    """What is new in a figure: told, withheld, raised or lowered; the same in other words, or the same.

    >>> step({"qualifier": "undisclosed"}, {"qualifier": "exact", "count": 84, "low": 84, "high": 84})
    'disclosed'
    """
    withheld, withholds = before["qualifier"] == "undisclosed", now["qualifier"] == "undisclosed"
    if withheld or withholds:
        return SAME if withheld and withholds else DISCLOSED if withheld else WITHHELD
    figures = [_figure(before), _figure(now)]
    if None not in figures and figures[0] != figures[1]:
        return RAISED if figures[0] < figures[1] else LOWERED  # type: ignore[operator]
    same = all(before[name] == now[name] for name in ("qualifier", "count", "low", "high", "wording"))
    return SAME if same else REWORDED


def _figure(report: Document) -> int | None:
    """The number that a report is about; of a range or a vague word, its least."""
    found: int | None = report["low"] if report["count"] is None else report["count"]
    return found
