"""Compare: the figures of all claimants, next to each other. Figures of several claimants are never added up."""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import compress, islice
from operator import itemgetter

from api.comparison.cells import Cell, CellIndex, CellLabel, Related, by_cell, label
from api.comparison.checked import Check, checked, unchecked
from api.comparison.claims import ComparableReport, Identity, by_claimant, grouped
from api.comparison.periods import Period, by_period, first_day
from schemas import edtf
from schemas.casualty_report import Bounds
from schemas.comparison import CONFLICTS_MAX, ENTRIES_MAX, Agreement, Certainty, PeriodKind


@dataclass(frozen=True)
class Entry:
    """The latest claim of one claimant for one period, and the number of its earlier ones.

    `who` is the claimant's identity. If `at` is set, the claim is the latest one that was certainly made by
    that day. The claims in `perhaps` were possibly made by then. If none is certain, the claim is the latest possible
    one. `certainty` is None without `at`.
    """

    who: Identity
    period: Period
    claim: ComparableReport
    earlier: int
    certainty: Certainty | None
    perhaps: list[ComparableReport]

    @property
    def bounds(self) -> Bounds:
        return Bounds(self.claim.document["low"], self.claim.document["high"])


@dataclass(frozen=True)
class ComparedPeriod:
    """The figures of one period of a cell, with their bounds and agreement.

    `conflicts` has the first of the `conflicts_count` conflicting pairs of claims.
    """

    period: Period
    entries: list[Entry]
    bounds: Bounds
    agreement: Agreement
    conflicts: list[tuple[ComparableReport, ComparableReport]]
    conflicts_count: int


@dataclass(frozen=True)
class Compared:
    """A cell with one entry for each claimant and period."""

    label: CellLabel
    periods: list[ComparedPeriod]
    related: Related

    @cached_property
    def entries(self) -> list[Entry]:
        """The entries by name, then by period."""
        entries = [entry for period in self.periods for entry in period.entries]
        return sorted(entries, key=lambda entry: (entry.claim.document["claimant"]["name"], entry.who))

    @property
    def bounds(self) -> Bounds:
        """The bounds of the only period, or unbounded if there are several."""
        return self.periods[0].bounds if len(self.periods) == 1 else Bounds(None, None)

    @property
    def agreement(self) -> Agreement:
        """The agreement of all periods: the strongest one."""
        strongest = (Agreement.CONFLICTING, Agreement.DIFFER_IN_DATE, Agreement.COMPATIBLE, Agreement.SINGLE)
        return min((period.agreement for period in self.periods), key=strongest.index)

    @property
    def conflicts(self) -> list[tuple[ComparableReport, ComparableReport]]:
        return [pair for period in self.periods for pair in period.conflicts][:CONFLICTS_MAX]

    @property
    def conflicts_count(self) -> int:
        return sum(period.conflicts_count for period in self.periods)


# The sort key of a cell: minus its number of claimants, and its id.
Position = tuple[int, str]


class Comparison:
    """The cells of casualty reports, those with the most claimants first. Cells are compared when they are read.

    `at` is an ISO day: later claims are ignored. `check` is called between steps and can raise to stop the work.
    """

    def __init__(self, claims: Iterable[ComparableReport], at: str | None = None, check: Check = unchecked):
        self._at = at
        self._check = check
        self._claims = by_cell(claim for claim in checked(claims, check) if at is None or claim.by(at) is not None)
        self._cells = sorted((-len(by_claimant(same)), cell.id, cell) for cell, same in self._claims.items())
        self._index = CellIndex(self._claims)

    @property
    def claims_count(self) -> int:
        return sum(map(len, self._claims.values()))

    def __len__(self) -> int:
        return len(self._cells)

    def position(self, index: int) -> Position:
        """Return the position of the cell at an index."""
        return self._cells[index][:2]

    def index(self, position: Position, *, after: bool) -> int:
        """Return the index of the first cell at a position or later, or later only if `after`."""
        return (bisect_right if after else bisect_left)(self._cells, position, key=lambda row: row[:2])

    def read(self, indexes: Iterable[int]) -> Iterator[Compared]:
        """Compare the cells at these indexes, and stop before their entries exceed ENTRIES_MAX."""
        entries = 0
        for index in indexes:
            self._check()
            compared = self._compare(self._cells[index][2])
            entries += len(compared.entries)
            if entries > ENTRIES_MAX and entries > len(compared.entries):
                return
            yield compared

    def _compare(self, cell: Cell) -> Compared:
        claims = self._claims[cell]
        name = label(cell, claims)
        periods = [_compare_period(period, same, self._at) for period, same in by_period(claims).items()]
        return Compared(name, periods, self._index.related(name))


def _compare_period(period: Period, claims: list[ComparableReport], at: str | None) -> ComparedPeriod:
    entries = [_entry(who, period, said, at) for who, said in by_claimant(claims).items()]
    entries.sort(key=lambda entry: (entry.claim.document["claimant"]["name"], entry.claim.id))
    figures = [entry for entry in entries if not entry.claim.withholds]
    groups = [_Figures(group) for group in _since_one_day(period, [entry.claim for entry in figures])]
    count = sum(group.conflicts_count for group in groups)
    if len(figures) < 2:
        agreement = Agreement.SINGLE
    elif count:
        agreement = Agreement.CONFLICTING
    elif groups and _Figures([entry.claim for entry in figures]).apart:
        agreement = Agreement.DIFFER_IN_DATE
    else:
        agreement = Agreement.COMPATIBLE
    pairs = list(islice((pair for group in groups for pair in group.conflicts()), CONFLICTS_MAX))
    return ComparedPeriod(period, entries, widest([entry.bounds for entry in figures]), agreement, pairs, count)


def _entry(who: Identity, period: Period, said: list[ComparableReport], at: str | None) -> Entry:
    if at is None:
        return Entry(who, period, said[-1], len(said) - 1, None, [])
    certain = [claim for claim in said if claim.by(at) == "certain"]
    if not certain:
        return Entry(who, period, said[-1], len(said) - 1, Certainty.POSSIBLE, [])
    perhaps = [claim for claim in said if claim.by(at) == "possible"]
    return Entry(who, period, certain[-1], len(certain) - 1, Certainty.CERTAIN, perhaps)


def _since_one_day(period: Period, claims: list[ComparableReport]) -> list[list[ComparableReport]]:
    """Group the claims of a period by first day. Claims without a known first day are left out."""
    if period.kind != PeriodKind.DAY:
        return [claims] if first_day(period.since) is not None else []
    return list(grouped(claims, lambda claim: first_day(claim.document["since"])).values())


class _Figures:
    """Figures that count from the same day. Conflicts are counted in about n log n steps.

    A pair conflicts if the higher figure has the same day as the lower one or an earlier day, because totals only grow.
    """

    def __init__(self, claims: Sequence[ComparableReport]):
        self._lower = sorted(
            ((high, claim) for claim in claims if (high := claim.document["high"]) is not None), key=itemgetter(0)
        )
        self._higher = sorted(
            ((low, claim) for claim in claims if (low := claim.document["low"]) is not None),
            key=itemgetter(0),
            reverse=True,
        )
        self._counts = self._count()
        self.conflicts_count = sum(self._counts)

    @property
    def apart(self) -> bool:
        """Whether the bounds of any two figures do not overlap."""
        return bool(self._lower and self._higher) and self._lower[0][0] < self._higher[0][0]

    def _count(self) -> list[int]:
        """Return the number of conflicting higher figures for each figure with an upper bound."""
        counts = [0] * len(self._lower)
        latest: list[str] = []
        added = 0
        # In descending order, the set of higher figures only grows.
        for index in reversed(range(len(self._lower))):
            high, lower = self._lower[index]
            while added < len(self._higher) and self._higher[added][0] > high:
                insort(latest, _last_day(self._higher[added][1]))
                added += 1
            counts[index] = bisect_right(latest, _first_day(lower))
        return counts

    def conflicts(self) -> Iterator[tuple[ComparableReport, ComparableReport]]:
        """Yield the conflicting pairs: the lowest figures first, each with the highest ones first."""
        for high, lower in compress(self._lower, self._counts):
            day = _first_day(lower)
            for low, higher in self._higher:
                if low <= high:
                    break
                if _last_day(higher) <= day:
                    yield (lower, higher) if lower.id < higher.id else (higher, lower)


def _first_day(claim: ComparableReport) -> str:
    """Return the first possible day of a figure."""
    return claim.document["on_record"]["earliest"] or edtf.DAY_MIN


def _last_day(claim: ComparableReport) -> str:
    """Return the last possible day of a figure."""
    return claim.document["on_record"]["latest"] or edtf.DAY_MAX


def widest(bounds: list[Bounds]) -> Bounds:
    """Return the lowest and highest number of several bounds. If one is unbounded, so is the result.

    >>> widest([Bounds(80, None), Bounds(84, 84)])
    Bounds(low=80, high=None)
    """
    lows, highs = [bound.low for bound in bounds], [bound.high for bound in bounds]
    return Bounds(
        None if None in lows else min(lows, default=None),  # type: ignore[type-var]
        None if None in highs else max(highs, default=None),  # type: ignore[type-var]
    )
