"""Compare: what each side says, side by side; never a sum or an average of what several claim."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice

from api.comparison.cells import Relation, Told, by_cell, relations, told
from api.comparison.reported import Identity, Reported, by_claimant
from schemas import edtf
from schemas.casualty_report import Bounds
from schemas.comparison import AGREEMENTS, CONFLICTS_TOLD

SINGLE, COMPATIBLE, CONFLICTING = AGREEMENTS

# More pairs of claims that conflict are only counted.


@dataclass(frozen=True)
class Entry:
    """What one claimant says of a cell: its latest claim, and how many earlier ones there are.

    `who` is the claimant's identity. Looking back from a day, the claim is the latest that was on record by then for
    certain, and `perhaps` are the later ones that may have been; where none was for certain, it is the latest of these.
    `certainty` says which; it is None where no day was asked for.
    """

    who: Identity
    claim: Reported
    earlier: int
    certainty: str | None
    perhaps: list[Reported]

    @property
    def withholds(self) -> bool:
        return bool(self.claim.document["qualifier"] == "undisclosed")

    @property
    def bounds(self) -> Bounds:
        return Bounds(self.claim.document["low"], self.claim.document["high"])


@dataclass(frozen=True)
class Compared:
    """A cell with one entry a claimant.

    `bounds` are the least and the most that any claimant allows; None is open. `conflicts` are some of the
    `conflicts_count` pairs of claims that count since the same day, and no figure suits both.
    """

    told: Told
    entries: list[Entry]
    bounds: Bounds
    agreement: str
    conflicts: list[tuple[Reported, Reported]]
    conflicts_count: int
    related: list[Relation]


def compare(claims: Iterable[Reported], at: str | None = None) -> list[Compared]:
    """Casualty reports by cell, those cells first that most claimants count; `at` is an ISO day to look back from."""
    cells = by_cell(claim for claim in claims if at is None or claim.by(at) is not None)
    words = {cell: told(cell, found) for cell, found in cells.items()}
    related = relations(words.values())
    compared = [
        # In an order that does not change with what else is compared, for only the first of many are told.
        _compared(words[cell], _entries(found, at), sorted(related.get(cell, ()), key=lambda each: each.other.id))
        for cell, found in cells.items()
    ]
    return sorted(compared, key=lambda each: (-len(each.entries), each.told.cell.id))


def _entries(claims: list[Reported], at: str | None) -> list[Entry]:
    entries = [_entry(who, said, at) for who, said in by_claimant(claims).items()]
    return sorted(entries, key=lambda entry: (entry.claim.document["claimant"]["name"], entry.claim.id))


def _entry(who: Identity, said: list[Reported], at: str | None) -> Entry:
    if at is None:
        return Entry(who, said[-1], len(said) - 1, None, [])
    certain = [index for index, claim in enumerate(said) if claim.by(at) == "certain"]
    last = certain[-1] if certain else len(said) - 1
    return Entry(who, said[last], last, "certain" if certain else "possible", said[last + 1 :])


def _compared(told_: Told, entries: list[Entry], related: list[Relation]) -> Compared:
    figures = [entry for entry in entries if not entry.withholds]
    claims = [entry.claim for entry in figures]
    count = _count_conflicts(claims)
    agreement = SINGLE if len(figures) < 2 else CONFLICTING if count else COMPATIBLE
    pairs = list(islice(_conflicts(claims), CONFLICTS_TOLD))
    return Compared(told_, entries, widest([entry.bounds for entry in figures]), agreement, pairs, count, related)


def _since(claim: Reported) -> str | None:
    """The one day that a claim counts from; None where that is not known to the day."""
    since = claim.document["since"]
    days = None if since is None else edtf.days(since)
    return days.earliest if days is not None and days.earliest == days.latest else None


def _by_since(claims: list[Reported]) -> Iterator[tuple[list[Reported], list[Reported]]]:
    """The claims that count from one day: those with an upper end by that, and those with a lower end by that."""
    found: dict[str, list[Reported]] = {}
    for claim in claims:
        if (since := _since(claim)) is not None:
            found.setdefault(since, []).append(claim)
    for same in found.values():
        yield (
            sorted(
                (each for each in same if each.document["high"] is not None), key=lambda each: each.document["high"]
            ),
            sorted((each for each in same if each.document["low"] is not None), key=lambda each: each.document["low"]),
        )


def _count_conflicts(claims: list[Reported]) -> int:
    count = 0
    for highs, lows in _by_since(claims):
        ends = [each.document["high"] for each in highs]
        count += sum(bisect_left(ends, each.document["low"]) for each in lows)
    return count


def _conflicts(claims: list[Reported]) -> Iterator[tuple[Reported, Reported]]:
    """Pairs of claims that count since the same day, and the most that one allows is below the least of the other."""
    for highs, lows in _by_since(claims):
        for above in reversed(lows):
            for below in highs:
                if below.document["high"] >= above.document["low"]:
                    break
                yield (below, above) if below.id < above.id else (above, below)


def widest(bounds: list[Bounds]) -> Bounds:
    """The least and the most of several bounds; one that is open leaves it open.

    >>> widest([Bounds(80, None), Bounds(84, 84)])
    Bounds(low=80, high=None)
    """
    lows, highs = [each.low for each in bounds], [each.high for each in bounds]
    return Bounds(
        None if None in lows else min(lows, default=None),  # type: ignore[type-var]
        None if None in highs else max(highs, default=None),  # type: ignore[type-var]
    )
