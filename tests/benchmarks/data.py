"""Casualty reports about invented conflicts, with the texts that prove them. They are the same for the same seed."""

from __future__ import annotations

import calendar
import random
import typing
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import accumulate, product
from pathlib import Path

import orjson

Record = dict[str, typing.Any]

SEED = 15
CLAIMS_PER_ARTICLE = 8
ARTICLES_PER_CONFLICT = 25
FIRST_DAY, DAYS = date(2021, 1, 1), 1800

_SIDES = ("Arvenia", "Belmark", "Corvana", "Dravia", "Estmere", "Falgard", "Grenova", "Ivoria", "Jostra", "Kelmont")
_OFFICES = (
    *("health ministry", "defence ministry", "army", "navy", "emergency service"),
    *("border guard", "prosecutors", "ombudsman", "Red Lantern branch"),
)
_QUARTERS = ("Upper", "Lower", "Old", "New", "East", "West", "North", "South", "Great", "Little")
_TOWNS = (
    *("Ashford", "Brannoc", "Dunmere", "Elling", "Farrow", "Gantry", "Hollin", "Ilmouth", "Jarrow", "Kessel"),
    *("Lorne", "Maddock", "Norcross", "Orrin", "Penrith", "Quarley", "Rothwell", "Selby", "Torrin", "Uffing"),
    *("Varley", "Wexcombe", "Yarrow", "Zennor", "Aldwick", "Bexley", "Corrin", "Denholm", "Ember", "Fulbeck"),
)
PLACES = tuple(map(" ".join, product(_QUARTERS, _TOWNS)))
_HARMS = {
    "killed": "{people} of {affected} {were} killed at {place}",
    "injured": "{people} of {affected} {were} injured at {place}",
    "missing": "{people} of {affected} {were} missing after the fighting at {place}",
    "captured": "{people} of {affected} {were} captured at {place}",
    "displaced": "{people} of {affected} had been displaced from {place}",
}
_PEOPLE = (
    *(("civilian", "civilian", "civilians"), ("civilian", "resident", "residents")),
    *(("combatant", "soldier", "soldiers"), ("combatant", "fighter", "fighters")),
)
_QUALIFIERS = (
    *(("exact", "{}"), ("exact", "{}"), ("at_least", "at least {}"), ("more_than", "more than {}")),
    *(("up_to", "as many as {}"), ("about", "about {}")),
)
_FILLERS = (
    "Neither side has let reporters into the area",
    "Roads to the hills stayed closed after the rain",
    "Mediators are expected to meet again in the capital",
    "Aid groups asked for a corridor to the river",
)
_PUBLISHERS = ("The Harbour Gazette (invented)", "Plain Times (invented)", "The Border Courier (invented)")


def _claimants() -> Iterator[Record]:
    """Yield the claimants, the one with the most claims first."""
    for side in _SIDES:
        yield {"name": side, "kind": "government", "same_as": f"https://parties.example/{side.lower()}"}
    for office, side in product(_OFFICES, _SIDES):
        yield {"name": f"{side}'s {office}", "kind": "organisation"}


CLAIMANTS = tuple(_claimants())
# The second claimant makes about half as many claims as the first, and so on.
_SHARES = tuple(accumulate(1 / (rank + 3) for rank in range(len(CLAIMANTS))))


@dataclass
class _Text:
    """The text of an article, with the claims that it supports."""

    article_id: str
    chance: random.Random
    published: date
    words: str
    claims: list[Record] = field(default_factory=list)

    def add_claim(self, claim_id: str) -> None:
        """Add a sentence and its claim."""
        chance = self.chance
        (claimant,) = chance.choices(CLAIMANTS, cum_weights=_SHARES)
        population, one, many = chance.choice(_PEOPLE)
        harm, report = chance.choice(list(_HARMS.items()))
        qualifier, worded = chance.choice(_QUALIFIERS)
        count = int(5000 ** chance.random()) + 1
        place, affected = chance.choice(PLACES), chance.choice(_SIDES)
        since = self.published - timedelta(chance.randrange(10, 60))
        day = self.published - timedelta(chance.randrange(5))
        people = f"{worded.format(f'{count:,}')} {one if count == 1 else many}"
        were = "was" if count == 1 else "were"
        statement = report.format(people=people, affected=affected, were=were, place=place)
        sentence = f"As of {_printed(day)}, {claimant['name']} said {statement} since {_printed(since)}"
        start = len(self.words)
        self.words += f"{sentence}. "
        if chance.random() < 0.5:
            self.words += f"{chance.choice(_FILLERS)}. "
        self.claims.append(
            {
                "type": "casualty_report",
                "id": claim_id,
                "article_id": self.article_id,
                "claimant": claimant,
                "evidence": [{"exact": sentence, "start": start, "end": start + len(sentence)}],
                "harm": harm,
                "population": population,
                "affected": [{"name": affected, "kind": "government"}],
                "count": count,
                "qualifier": qualifier,
                "since": since.isoformat(),
                "as_of": day.isoformat(),
                "place": place,
            }
        )


def _printed(day: date) -> str:
    return f"{day.day} {calendar.month_name[day.month]} {day.year}"


def conflicts(claims: int) -> int:
    """Return the number of conflicts of some claims. Each has 200 claims.

    >>> conflicts(100_000), conflicts(2)
    (500, 1)
    """
    return max(1, claims // (CLAIMS_PER_ARTICLE * ARTICLES_PER_CONFLICT))


def articles(claims: int) -> Iterator[tuple[Record, list[Record]]]:
    """Yield articles with their claims, until there are so many claims.

    >>> [(article["id"], [claim["id"] for claim in own]) for article, own in articles(9)][1]
    ('article-000001', ['report-0000008'])
    """
    for number, first in enumerate(range(0, claims, CLAIMS_PER_ARTICLE)):
        chance = random.Random(f"{SEED}/{number}")
        published = FIRST_DAY + timedelta(chance.randrange(DAYS))
        opening = f"Invented: fighting of {_printed(published)}"
        text = _Text(f"article-{number:06}", chance, published, f"{opening}\n\n")
        for claim in range(first, min(first + CLAIMS_PER_ARTICLE, claims)):
            text.add_claim(f"report-{claim:07}")
        article = {
            "type": "article",
            "id": text.article_id,
            "headline": opening,
            "publisher": chance.choice(_PUBLISHERS),
            "url": f"https://news.example/{text.article_id}",
            "language": "en",
            "published_on": published.isoformat(),
            "conflict": f"conflict-{number % conflicts(claims):04}",
            "inferred": ["conflict"],
            "text": text.words,
        }
        yield article, text.claims


def write(claims: int, file: Path) -> int:
    """Write the records as an import and return the number of its lines."""
    lines = 0
    with file.open("wb") as output:
        for article, own in articles(claims):
            output.writelines(orjson.dumps(record) + b"\n" for record in (article, *own))
            lines += 1 + len(own)
    return lines
