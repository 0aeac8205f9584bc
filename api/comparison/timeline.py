"""Timeline: the claims about ceasefires by date. Slugs join claims of several articles.

Claims and ceasefires are counted separately. Ceasefires are counted for each article and never added up, because
several articles can mention the same ceasefires.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from api.comparison.checked import Check, checked, unchecked
from api.comparison.claims import ComparableClaim, grouped, in_time
from schemas import edtf
from schemas.documents import CeasefireDocument, Fields

# A claim about ceasefires for comparison.
ComparableCeasefire = ComparableClaim[CeasefireDocument]

# The date fields of statuses. Other statuses have the day of the claim.
_DATED_BY = {"agreed": "agreed_on", "in_effect": "effective_on", "collapsed": "ended_on", "ended": "ended_on"}


@dataclass(frozen=True)
class Dated:
    """The date of an event: ISO days, None for an open end, and the field that they come from."""

    earliest: str | None
    latest: str | None
    basis: str | None

    @property
    def order(self) -> tuple[bool, str, str]:
        """The sort key: by first possible day, then by last, undated events last."""
        earliest, latest = self.earliest or self.latest, self.latest or self.earliest
        return (earliest is None, earliest or "", latest or "")


@dataclass(frozen=True)
class Event:
    """A status of a ceasefire on one date, with the claims that state it."""

    status: str
    date: Dated
    claims: list[ComparableCeasefire]


@dataclass(frozen=True)
class Ceasefire:
    """A ceasefire with a slug."""

    conflict: str | None
    slug: str
    name: str | None
    events: list[Event]


@dataclass(frozen=True)
class ArticleCount:
    """The number of claims and ceasefires of one article. A named ceasefire counts once."""

    article_id: str
    claims: int
    ceasefires: int


@dataclass(frozen=True)
class Timeline:
    """Named ceasefires by date, and claims about one unnamed ceasefire or several at once."""

    ceasefires: list[Ceasefire]
    unnamed: list[Event]
    aggregate: list[Event]
    articles: list[ArticleCount]


def timeline(claims: Iterable[ComparableCeasefire], check: Check = unchecked) -> Timeline:
    """Return the timeline of claims about ceasefires. `check` is called between steps and can raise to stop."""
    named: dict[tuple[str | None, str], list[ComparableCeasefire]] = {}
    unnamed: list[ComparableCeasefire] = []
    aggregate: list[ComparableCeasefire] = []
    claims = list(claims)
    for claim in checked(claims, check):
        slug, count = claim.document["ceasefire"], claim.document["count"]
        (
            named.setdefault((claim.conflict, slug), []) if slug is not None else aggregate if count > 1 else unnamed
        ).append(claim)
    articles = grouped(claims, lambda claim: str(claim.document["article_id"]))
    ceasefires = [Ceasefire(*key, _name(same), _events(same, check)) for key, same in named.items()]
    return Timeline(
        sorted(ceasefires, key=lambda item: (item.events[0].date.order, item.slug, item.conflict or "")),
        _events(unnamed, check),
        _events(aggregate, check),
        [ArticleCount(id_, len(same), _ceasefires(same)) for id_, same in sorted(articles.items())],
    )


def dated(claim: ComparableCeasefire) -> Dated:
    """Return the date of the status that a claim states."""
    document: Fields = claim.document
    basis = _DATED_BY.get(document["status"])
    value = None if basis is None else document[basis]
    if value is not None:
        days = edtf.days(value)
        return Dated(days.earliest, days.latest, basis)
    on_record = claim.document["on_record"]
    if document["status"] == "agreed" or on_record["basis"] != "agreed_on":
        return Dated(**on_record)
    # A later status dates from the statement or publication, not from the agreement.
    if document["claimed_on"] is not None:
        said = edtf.days(document["claimed_on"])
        return Dated(said.earliest, said.latest, "claimed_on")
    return Dated(None, None, None) if claim.published is None else Dated(*claim.published, "published_on")


def _events(claims: list[ComparableCeasefire], check: Check) -> list[Event]:
    events: dict[tuple[str, str | None, str | None], Event] = {}
    for claim in checked(in_time(claims), check):
        when = dated(claim)
        key = (claim.document["status"], when.earliest, when.latest)
        events.setdefault(key, Event(claim.document["status"], when, [])).claims.append(claim)
    return sorted(events.values(), key=lambda event: (event.date.order, event.status))


def _name(claims: list[ComparableCeasefire]) -> str | None:
    """Return the most frequent name. Among equally frequent names, return the first in alphabetical order."""
    counts = Counter(claim.document["name"] for claim in claims if claim.document["name"] is not None)
    return min(counts, key=lambda name: (-counts[name], name), default=None)


def _ceasefires(claims: list[ComparableCeasefire]) -> int:
    slugs = {claim.document["ceasefire"] for claim in claims} - {None}
    return len(slugs) + sum(int(claim.document["count"]) for claim in claims if claim.document["ceasefire"] is None)
