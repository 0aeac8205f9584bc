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
    """A claim's document, and the conflict that its article reports on."""

    document: Document
    conflict: str | None

    @property
    def id(self) -> str:
        return str(self.document["id"])

    @cached_property
    def place_in_time(self) -> tuple[str, str, bool, str, str]:
        """The later a claim, the higher: by the last day that it can be of, then by the first.

        Of one day, what only says another claim again comes before what says something by itself.
        """
        document, days = self.document, self.document["on_record"]
        latest, earliest = days["latest"] or days["earliest"] or "", days["earliest"] or ""
        return (latest, earliest, document["restates"] is None, document["created_at"], self.id)

    def by(self, day: str) -> str | None:
        """Whether it was on record by the end of an ISO day: "certain", "possible", or None where it was not.

        A claim that nothing dates may have been.
        """
        earliest, latest = self.document["on_record"]["earliest"], self.document["on_record"]["latest"]
        if earliest is not None and earliest > day:
            return None
        return "certain" if latest is not None and latest <= day else "possible"


class Parties:
    """Who is who among claims: parties are one by `same_as`; without it by name, kind and country, folded.

    A party that is printed without a `same_as` is the one that is elsewhere printed with it, under the same name, kind
    and country, unless there are several such. Each article that speaks in its own voice is a party of its own.
    """

    def __init__(self, claims: Iterable[Reported], roles: Iterable[str]):
        named: dict[Identity, set[str]] = {}
        for claim in claims:
            for role in roles:
                for party in _each(claim.document[role]):
                    if party["same_as"]:
                        named.setdefault(_name(party), set()).add(party["same_as"])
        self._known = {name: next(iter(found)) for name, found in named.items() if len(found) == 1}

    def identity(self, party: Document, article_id: str) -> Identity:
        """What is the same for one party however it is printed."""
        if party["kind"] == "article":
            return ("article", article_id)
        same_as = party["same_as"] or self._known.get(_name(party))
        return ("same_as", same_as) if same_as else _name(party)


def _name(party: Document) -> Identity:
    return ("name", fold(party["name"]), party["kind"], party["country"] or "")


def _each(value: typing.Any) -> list[Document]:
    return value if isinstance(value, list) else [value]
