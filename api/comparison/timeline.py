"""Timeline: what is said of the ceasefires of a conflict, by date, joined over articles by the slug of each.

Claims and ceasefires are counted apart. How many ceasefires there were is told for each article, as it tells it, and
never added up over several: two articles that speak of three ceasefires may speak of the same.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from api.comparison.checked import Check, checked, unchecked
from api.comparison.claims import ComparableClaim, in_time
from schemas import edtf

# The field that says when what a status says came to be; without it, the day stands that it was said on.
_DATED_BY = {"agreed": "agreed_on", "in_effect": "effective_on", "collapsed": "ended_on", "ended": "ended_on"}


@dataclass(frozen=True)
class Dated:
    """When something is said to have been: ISO days, None where an end is open, and the field that says so."""

    earliest: str | None
    latest: str | None
    basis: str | None

    @property
    def order(self) -> tuple[bool, str, str]:
        """Undated last; by the first day it can be, then by the last."""
        earliest, latest = self.earliest or self.latest, self.latest or self.earliest
        return (earliest is None, earliest or "", latest or "")


@dataclass(frozen=True)
class Event:
    """One thing that is said of a ceasefire on one date, with all claims that say it."""

    status: str
    date: Dated
    claims: list[ComparableClaim]


@dataclass(frozen=True)
class Ceasefire:
    """A ceasefire that claims have a slug for."""

    conflict: str | None
    slug: str
    name: str | None
    events: list[Event]


@dataclass(frozen=True)
class Counted:
    """What one article has: so many claims, about so many ceasefires; a named one counts once."""

    article_id: str
    claims: int
    ceasefires: int


@dataclass(frozen=True)
class Timeline:
    """Named ceasefires by date; beside them claims of one without a name, and of several at once."""

    ceasefires: list[Ceasefire]
    unnamed: list[Event]
    aggregate: list[Event]
    articles: list[Counted]


def timeline(claims: Iterable[ComparableClaim], check: Check = unchecked) -> Timeline:
    """Return the timeline of claims about ceasefires. `check` is called between steps and raises to end it."""
    named: dict[tuple[str | None, str], list[ComparableClaim]] = {}
    unnamed: list[ComparableClaim] = []
    aggregate: list[ComparableClaim] = []
    articles: dict[str, list[ComparableClaim]] = {}
    for claim in checked(claims, check):
        slug, count = claim.document["ceasefire"], claim.document["count"]
        (
            named.setdefault((claim.conflict, slug), []) if slug is not None else aggregate if count > 1 else unnamed
        ).append(claim)
        articles.setdefault(claim.document["article_id"], []).append(claim)
    ceasefires = [Ceasefire(*key, _name(found), _events(found, check)) for key, found in named.items()]
    return Timeline(
        sorted(ceasefires, key=lambda each: (each.events[0].date.order, each.slug, each.conflict or "")),
        _events(unnamed, check),
        _events(aggregate, check),
        [Counted(id_, len(found), _ceasefires(found)) for id_, found in sorted(articles.items())],
    )


def dated(claim: ComparableClaim) -> Dated:
    """When what a claim says of a ceasefire is said to have been."""
    basis = _DATED_BY.get(claim.document["status"])
    value = None if basis is None else claim.document[basis]
    if value is not None:
        days = edtf.days(value)
        return Dated(days.earliest, days.latest, basis)
    days = claim.document["on_record"]
    if claim.document["status"] == "agreed" or days["basis"] != "agreed_on":
        return Dated(days["earliest"], days["latest"], days["basis"])
    # What became of it was known when it was said or printed, not when it was agreed.
    if claim.document["claimed_on"] is not None:
        said = edtf.days(claim.document["claimed_on"])
        return Dated(said.earliest, said.latest, "claimed_on")
    return Dated(None, None, None) if claim.published is None else Dated(*claim.published, "published_on")


def _events(claims: list[ComparableClaim], check: Check) -> list[Event]:
    found: dict[tuple[str, str | None, str | None], Event] = {}
    for claim in checked(in_time(claims), check):
        when = dated(claim)
        key = (claim.document["status"], when.earliest, when.latest)
        found.setdefault(key, Event(claim.document["status"], when, [])).claims.append(claim)
    return sorted(found.values(), key=lambda event: (event.date.order, event.status))


def _name(claims: list[ComparableClaim]) -> str | None:
    """Return the name that most claims print; of names printed equally often, the first in the alphabet."""
    counts = Counter(claim.document["name"] for claim in claims if claim.document["name"] is not None)
    return min(counts, key=lambda name: (-counts[name], name), default=None)


def _ceasefires(claims: list[ComparableClaim]) -> int:
    slugs = {claim.document["ceasefire"] for claim in claims} - {None}
    return len(slugs) + sum(int(claim.document["count"]) for claim in claims if claim.document["ceasefire"] is None)
