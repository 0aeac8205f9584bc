"""Compare: what each side says, side by side; never a sum or an average of what several claim."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import combinations

from api.comparison.cells import ROLES, Relation, Told, by_cell, relations, told
from api.comparison.reported import Identity, Parties, Reported
from schemas import edtf
from schemas.casualty_report import Bounds
from schemas.comparison import AGREEMENTS

SINGLE, COMPATIBLE, CONFLICTING = AGREEMENTS


@dataclass(frozen=True)
class Entry:
    """What one claimant says of a cell: its latest claim, and how many earlier ones there are.

    `who` is the claimant's identity. `certainty` says whether the claim was on record by the day that was asked for:
    "certain", or "possible" where its date is imprecise; it is None where no day was asked for.
    """

    who: Identity
    claim: Reported
    earlier: int
    certainty: str | None

    @property
    def withholds(self) -> bool:
        return bool(self.claim.document["qualifier"] == "undisclosed")

    @property
    def bounds(self) -> Bounds:
        return Bounds(self.claim.document["low"], self.claim.document["high"])


@dataclass(frozen=True)
class Compared:
    """A cell with one entry a claimant.

    `bounds` are the least and the most that any claimant allows; None is open. `conflicts` are pairs of claims that
    cannot both be right.
    """

    told: Told
    entries: list[Entry]
    bounds: Bounds
    agreement: str
    conflicts: list[tuple[Reported, Reported]]
    related: list[Relation]

    @property
    def withheld_by(self) -> list[Entry]:
        return [entry for entry in self.entries if entry.withholds]


def compare(claims: Iterable[Reported], at: str | None = None) -> list[Compared]:
    """Casualty reports by cell, those cells first that most claimants count; `at` is an ISO day to look back from."""
    seen = [claim for claim in claims if at is None or claim.by(at) is not None]
    parties = Parties(seen, ROLES)
    cells = by_cell(seen, parties)
    words = {cell: told(cell, found, parties) for cell, found in cells.items()}
    related = relations(words.values())
    compared = [
        _compared(words[cell], _entries(found, parties, at), related.get(cell, [])) for cell, found in cells.items()
    ]
    return sorted(compared, key=lambda each: (-len(each.entries), each.told.cell.id))


def _entries(claims: list[Reported], parties: Parties, at: str | None) -> list[Entry]:
    by_claimant: dict[Identity, list[Reported]] = {}
    for claim in claims:
        who = parties.identity(claim.document["claimant"], claim.document["article_id"])
        by_claimant.setdefault(who, []).append(claim)
    entries = [
        Entry(who, said[-1], len(said) - 1, None if at is None else said[-1].by(at))
        for who, said in by_claimant.items()
    ]
    return sorted(entries, key=lambda entry: (entry.claim.document["claimant"]["name"], entry.claim.id))


def _compared(told_: Told, entries: list[Entry], related: list[Relation]) -> Compared:
    figures = [entry for entry in entries if not entry.withholds]
    conflicts = [
        (one.claim, other.claim) for one, other in combinations(figures, 2) if conflicting(one.claim, other.claim)
    ]
    agreement = SINGLE if len(figures) < 2 else CONFLICTING if conflicts else COMPATIBLE
    return Compared(told_, entries, widest([entry.bounds for entry in figures]), agreement, conflicts, related)


def conflicting(one: Reported, other: Reported) -> bool:
    """Whether two claims of one cell cannot both be right: they count from the same day, and no figure suits both.

    Where it is not known from when one of them counts, they may count different days.
    """
    since, others = one.document["since"], other.document["since"]
    if since is None or others is None or edtf.days(since) != edtf.days(others):
        return False
    ours, theirs = one.document, other.document
    return _below(ours["high"], theirs["low"]) or _below(theirs["high"], ours["low"])


def _below(high: int | None, low: int | None) -> bool:
    return high is not None and low is not None and high < low


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
