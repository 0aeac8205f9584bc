"""Claims as comparisons read them: their order in time, their claimants and their restatements."""

from __future__ import annotations

import typing
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property, lru_cache

import orjson

from api.text import fold
from schemas import edtf

Document = Mapping[str, typing.Any]
# What tells one party from another.
Identity = tuple[str, ...]


# The fields of a claim that a comparison reads. A view holds thousands of claims, so the rest stays text.
_COMPARED = frozenset(
    {
        "id",
        "article_id",
        "claimant",
        "claimed_on",
        "restates",
        "on_record",
        "harm",
        "population",
        "subgroups",
        "affected",
        "place",
        "count",
        "qualifier",
        "wording",
        "low",
        "high",
        "since",
        "as_of",
    }
)


@dataclass(frozen=True)
class ComparableClaim:
    """A claim's document, the conflict that its article reports on, and the days that this was published on.

    `text` is the whole document as stored, from which `document` may have only the compared fields.
    """

    document: Document
    conflict: str | None
    published: tuple[str, str] | None = None
    text: str = ""

    @property
    def id(self) -> str:
        return str(self.document["id"])

    @cached_property
    def order(self) -> tuple[typing.Any, ...]:
        """The sort key by time: undated first, and an imprecise date before each more precise one within it.

        Claims of one day are in the order of publication and statement. A figure comes after its refusal, and a higher
        figure after a lower one, because totals only grow. The id decides only between claims that say the same.
        """
        document = self.document
        days, said = document["on_record"], document["claimed_on"]
        numbers = (document.get("low"), document.get("high"), document.get("count"))
        return (
            *start_and_width(days["earliest"], days["latest"]),
            start_and_width(*(self.published or (None, None))),
            "" if said is None else edtf.days(said).earliest or "",
            document.get("qualifier") != "undisclosed",
            tuple(-1 if number is None else number for number in numbers),
            self.id,
        )

    def by(self, day: str) -> str | None:
        """Whether it was on record by the end of an ISO day: "certain", "possible", or None where it was not.

        A claim that nothing dates may have been.
        """
        earliest, latest = self.document["on_record"]["earliest"], self.document["on_record"]["latest"]
        if earliest is not None and earliest > day:
            return None
        return "certain" if latest is not None and latest <= day else "possible"


@lru_cache(maxsize=65_536)
def start_and_width(first: str | None, last: str | None) -> tuple[str, int]:
    """Return the sort key of the days that a date allows: by the first day, then the later last day first."""
    return first or "", -date.fromisoformat(last or edtf.DAY_MAX).toordinal()


def whole(text: str, conflict: str | None, published: tuple[str, str] | None) -> ComparableClaim:
    """Return a stored claim with all fields of its document."""
    return ComparableClaim(orjson.loads(text), conflict, published, text)


class ClaimReader:
    """Reads stored casualty reports for comparison, with equal parties shared between them."""

    def __init__(self) -> None:
        self._parties: dict[tuple[typing.Any, ...], Document] = {}

    def read(self, text: str, conflict: str | None, published: tuple[str, str] | None) -> ComparableClaim:
        """Return a stored claim with its compared fields."""
        document = {name: value for name, value in orjson.loads(text).items() if name in _COMPARED}
        document["claimant"] = self._shared(document["claimant"])
        document["affected"] = [self._shared(party) for party in document["affected"]]
        return ComparableClaim(document, conflict, published, text)

    def _shared(self, party: Document) -> Document:
        return self._parties.setdefault(tuple(party.items()), party)


def roots(claims: Iterable[ComparableClaim]) -> dict[str, ComparableClaim]:
    """Return by id the first claim of each claim's chain of restatements among these.

    Each link is followed once. A cycle, which the store rejects, ends where it was entered.
    """
    by_id = {claim.id: claim for claim in claims}
    found: dict[str, ComparableClaim] = {}
    for claim in by_id.values():
        chain, last = [], claim
        while last.id not in found:
            found[last.id] = last
            chain.append(last.id)
            last = by_id.get(last.document["restates"], last)
        found.update(dict.fromkeys(chain, found[last.id]))
    return found


def in_time(claims: Iterable[ComparableClaim]) -> list[ComparableClaim]:
    """Return claims in the order of their days, the earliest first.

    A claim that restates another one comes right before it, whenever it was printed, because it says nothing new.
    """
    claims = list(claims)
    root_of = roots(claims)

    def key(claim: ComparableClaim) -> tuple[typing.Any, ...]:
        root = root_of[claim.id]
        return (*root.order, root is claim, *claim.order)

    return sorted(claims, key=key)


@lru_cache(maxsize=65_536)
def _identity(name: str, kind: str, country: str | None, same_as: str | None) -> Identity:
    if same_as:
        return ("same_as", same_as)
    return ("name", fold(name), kind, country or "")


def identity(party: Document, article_id: str) -> Identity:
    """Return the same value for one party however it is printed: from `same_as`, or else name, kind and country.

    Each article that speaks in its own voice is a party of its own.
    """
    if party["kind"] == "article":
        return ("article", article_id)
    return _identity(party["name"], party["kind"], party["country"], party["same_as"])


def by_claimant(claims: Iterable[ComparableClaim]) -> dict[Identity, list[ComparableClaim]]:
    """Group claims by claimant, in their order."""
    found: dict[Identity, list[ComparableClaim]] = {}
    for claim in claims:
        found.setdefault(identity(claim.document["claimant"], claim.document["article_id"]), []).append(claim)
    return found
