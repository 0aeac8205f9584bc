"""Reported: a claim as comparison sees it, on the axis of its days and under who says it."""

from __future__ import annotations

import typing
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from api.grounding.folding import fold

Document = Mapping[str, typing.Any]
# What tells one party from another.
Identity = tuple[str, ...]


@dataclass(frozen=True)
class Reported:
    """A claim's document, the conflict that its article reports on, and the days that this was published on."""

    document: Document
    conflict: str | None
    published: tuple[str, str] | None = None

    @property
    def id(self) -> str:
        return str(self.document["id"])

    @cached_property
    def days(self) -> tuple[str, str]:
        """The last day that it can be of and the first, to sort by: undated is before all."""
        days = self.document["on_record"]
        return days["latest"] or days["earliest"] or "", days["earliest"] or ""

    def by(self, day: str) -> str | None:
        """Whether it was on record by the end of an ISO day: "certain", "possible", or None where it was not.

        A claim that nothing dates may have been.
        """
        earliest, latest = self.document["on_record"]["earliest"], self.document["on_record"]["latest"]
        if earliest is not None and earliest > day:
            return None
        return "certain" if latest is not None and latest <= day else "possible"


def in_time(claims: Iterable[Reported]) -> list[Reported]:
    """Claims in the order of their days, the earliest first.

    What only says another claim again stands right before that one, whenever it was printed: it is nothing new.
    """
    by_id = {claim.id: claim for claim in claims}
    originals = _originals(by_id)

    def place(claim: Reported) -> tuple[tuple[str, str], bool, str, str]:
        original = originals[claim.id]
        return (original.days, original is claim, claim.document["created_at"], claim.id)

    return sorted(by_id.values(), key=place)


def _originals(by_id: Mapping[str, Reported]) -> dict[str, Reported]:
    """Return the first claim of each claim's chain of restatements, by the id of the claim.

    Each link is followed once. A cycle, which the store rejects, ends where it was entered.
    """
    originals: dict[str, Reported] = {}
    for claim in by_id.values():
        chain, last = [], claim
        while last.id not in originals:
            originals[last.id] = last
            chain.append(last.id)
            last = by_id.get(last.document["restates"], last)
        originals.update(dict.fromkeys(chain, originals[last.id]))
    return originals


def identity(party: Document, article_id: str) -> Identity:
    """What is the same for one party however it is printed: its `same_as`, or else its name, kind and country.

    Each article that speaks in its own voice is a party of its own.
    """
    if party["kind"] == "article":
        return ("article", article_id)
    if party["same_as"]:
        return ("same_as", party["same_as"])
    return ("name", fold(party["name"]), party["kind"], party["country"] or "")


def by_claimant(claims: Iterable[Reported]) -> dict[Identity, list[Reported]]:
    """Claims by who makes them, in the order that they come in."""
    found: dict[Identity, list[Reported]] = {}
    for claim in claims:
        found.setdefault(identity(claim.document["claimant"], claim.document["article_id"]), []).append(claim)
    return found
