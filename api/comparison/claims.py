"""Claims for comparison: their order in time, claimants and restatements."""

from __future__ import annotations

import typing
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from functools import cached_property, lru_cache

import orjson

from api.text import fold
from schemas import edtf
from schemas.casualty_report import Qualifier
from schemas.comparison import Certainty
from schemas.documents import CasualtyReportDocument, CeasefireDocument, DocumentT, PartyDocument

# A key that distinguishes parties.
Identity = tuple[str, ...]

# The fields that a comparison does not read. A view has thousands of claims, so these fields are not kept.
_NOT_COMPARED = frozenset(
    {"type", "via", "evidence", "inferred", "same_as", "grounding", "version", "created_at", "updated_at"}
)


@dataclass(frozen=True)
class ComparableClaim(typing.Generic[DocumentT]):
    """A claim's document, the conflict of its article, and the days of the article's publication.

    `text` is the stored document. `document` can have only the compared fields.
    """

    document: DocumentT
    conflict: str | None
    published: tuple[str, str] | None = None
    text: str = ""

    @cached_property
    def id(self) -> str:
        return str(self.document["id"])

    @property
    def withholds(self) -> bool:
        """Whether the claim states that a figure is undisclosed. Claims about ceasefires have no figure."""
        return bool(self.document.get("qualifier") == Qualifier.UNDISCLOSED)

    @cached_property
    def order(self) -> tuple[typing.Any, ...]:
        """The sort key by time: undated claims first, imprecise dates before more precise ones within them.

        Claims of one day are in the order of publication and statement. Figures follow withheld figures, and higher
        figures follow lower ones, because totals only grow. The id orders claims that are otherwise equal.
        """
        document = self.document
        days, said = document["on_record"], document["claimed_on"]
        numbers = (document.get("low"), document.get("high"), document.get("count"))
        return (
            *start_and_width(days["earliest"], days["latest"]),
            start_and_width(*(self.published or (None, None))),
            "" if said is None else edtf.days(said).earliest or "",
            not self.withholds,
            tuple(-1 if number is None else number for number in numbers),
            self.id,
        )

    def by(self, day: str) -> Certainty | None:
        """Return whether the claim was made by the end of an ISO day: `certain`, `possible`, or None if not.

        Undated claims are `possible`.
        """
        earliest, latest = self.document["on_record"]["earliest"], self.document["on_record"]["latest"]
        if earliest is not None and earliest > day:
            return None
        return Certainty.CERTAIN if latest is not None and latest <= day else Certainty.POSSIBLE


@lru_cache(maxsize=65_536)
def start_and_width(first: str | None, last: str | None) -> tuple[str, int]:
    """Return the sort key of a date: by its first day, then by its last day in descending order."""
    return first or "", -date.fromisoformat(last or edtf.DAY_MAX).toordinal()


def whole(text: str, conflict: str | None, published: tuple[str, str] | None) -> ComparableClaim[CeasefireDocument]:
    """Return a stored ceasefire with all fields of its document."""
    return ComparableClaim(orjson.loads(text), conflict, published, text)


# A casualty report for comparison.
ComparableReport = ComparableClaim[CasualtyReportDocument]


class ClaimReader:
    """A parser of stored casualty reports for comparison. Equal parties share one object."""

    def __init__(self) -> None:
        self._parties: dict[tuple[typing.Any, ...], PartyDocument] = {}

    def read(self, text: str, conflict: str | None, published: tuple[str, str] | None) -> ComparableReport:
        """Return a stored claim with its compared fields."""
        compared = {name: value for name, value in orjson.loads(text).items() if name not in _NOT_COMPARED}
        document = typing.cast("CasualtyReportDocument", compared)
        document["claimant"] = self._shared(document["claimant"])
        document["affected"] = [self._shared(party) for party in document["affected"]]
        return ComparableClaim(document, conflict, published, text)

    def _shared(self, party: PartyDocument) -> PartyDocument:
        return self._parties.setdefault(tuple(party.items()), party)


def roots(claims: Iterable[ComparableClaim[DocumentT]]) -> dict[str, ComparableClaim[DocumentT]]:
    """Return the first claim of each claim's chain of restatements, by id.

    Each link is followed once. A cycle, which the store rejects, ends at its first visited claim.
    """
    by_id = {claim.id: claim for claim in claims}
    root_by_id: dict[str, ComparableClaim[DocumentT]] = {}
    for claim in by_id.values():
        chain, last = [], claim
        while last.id not in root_by_id:
            root_by_id[last.id] = last
            chain.append(last.id)
            last = by_id.get(last.document["restates"] or "", last)
        root_by_id.update(dict.fromkeys(chain, root_by_id[last.id]))
    return root_by_id


def in_time(claims: Iterable[ComparableClaim[DocumentT]]) -> list[ComparableClaim[DocumentT]]:
    """Return claims in the order of their days, the earliest first.

    A restatement comes directly before the restated claim, because it adds nothing.
    """
    claims = list(claims)
    root_of = roots(claims)
    return sorted(claims, key=lambda claim: (*root_of[claim.id].order, root_of[claim.id] is claim, *claim.order))


@lru_cache(maxsize=65_536)
def _identity(name: str, kind: str, country: str | None, same_as: str | None) -> Identity:
    if same_as:
        return ("same_as", same_as)
    return ("name", fold(name), kind, country or "")


def identity(party: PartyDocument, article_id: str) -> Identity:
    """Return the key of a party: its `same_as`, or else its folded name, kind and country.

    Each article is a separate party.
    """
    if party["kind"] == "article":
        return ("article", article_id)
    return _identity(party["name"], party["kind"], party["country"], party["same_as"])


def by_claimant(claims: Iterable[ComparableClaim[DocumentT]]) -> dict[Identity, list[ComparableClaim[DocumentT]]]:
    """Group claims by claimant, in their order."""
    return grouped(claims, lambda claim: identity(claim.document["claimant"], claim.document["article_id"]))


Key = typing.TypeVar("Key")
Item = typing.TypeVar("Item")


def grouped(items: Iterable[Item], key: Callable[[Item], Key]) -> dict[Key, list[Item]]:
    """Return items by key. Keys and items stay in their order.

    >>> grouped(["killed", "wounded", "kidnapped"], lambda word: word[0])
    {'k': ['killed', 'kidnapped'], 'w': ['wounded']}
    """
    groups: dict[Key, list[Item]] = {}
    for item in items:
        groups.setdefault(key(item), []).append(item)
    return groups
