"""A random conflict with a known result for every cell: claimants, dates and totals."""

from __future__ import annotations

import random
import typing
from dataclasses import dataclass, field

from tests.support.generated_records import Record, article, casualty_report

CONFLICT = "hill-war"
SIDES = tuple({"name": name, "kind": "government", "country": None} for name in ("Norland", "Südmark"))
CLAIMANTS = tuple(
    {"name": f"Ministry {number}", "kind": "government", "same_as": f"https://parties.example/{number}"}
    for number in range(5)
)
# The same ministries as others print them.
OTHERWISE = tuple({**each, "name": f"the {each['name']} of state"} for each in CLAIMANTS)


@dataclass
class ExpectedCell:
    """The expected result of a cell. It maps each claimant to its latest claim and the number of earlier ones."""

    latest: dict[str, str] = field(default_factory=dict)
    earlier: dict[str, int] = field(default_factory=dict)
    figures: dict[str, int | None] = field(default_factory=dict)
    days: dict[str, str] = field(default_factory=dict)
    rank: dict[str, int] = field(default_factory=dict)
    order: dict[str, list[str]] = field(default_factory=dict)

    @property
    def conflicts(self) -> set[frozenset[str]]:
        """The pairs of claimants of which one reports a higher figure on the day of the other's, or before."""
        figures = {who: figure for who, figure in self.figures.items() if figure is not None}
        return {
            frozenset((lower, higher))
            for lower in figures
            for higher in figures
            if figures[lower] < figures[higher] and self.days[higher] <= self.days[lower]
        }

    @property
    def agreement(self) -> str:
        figures = [figure for figure in self.figures.values() if figure is not None]
        if len(figures) < 2:
            return "single"
        if self.conflicts:
            return "conflicting"
        return "compatible" if len(set(figures)) == 1 else "differ_in_date"


def dispute(how_many: int, seed: int = 1) -> tuple[list[Record], dict[tuple[typing.Any, ...], ExpectedCell]]:
    """Return articles and casualty reports, and the expected cells by place, group, population and harm."""
    chance = random.Random(seed)
    articles = [article(f"of-{day:02}", published_on=f"2031-05-{day:02}", conflict=CONFLICT) for day in range(1, 29)]
    truth: dict[tuple[typing.Any, ...], ExpectedCell] = {}
    reports = []
    for number in range(how_many):
        day, who = chance.randrange(1, 29), chance.randrange(len(CLAIMANTS))
        place = chance.choice((None, *(f"place {item}" for item in range(12))))
        whose = chance.choice(((), (0,), (1,), (0, 1)))
        population, harm = chance.choice(("civilian", "combatant", "all")), chance.choice(("killed", "injured"))
        figure = chance.choice((None, 3, 3, 30))
        id_ = f"report-{number:05}"
        words = "withheld" if figure is None else str(figure)
        report = casualty_report(
            id_,
            f"of-{day:02}",
            claimant=chance.choice((CLAIMANTS, OTHERWISE))[who],
            affected=[SIDES[side] for side in whose],
            place=place,
            population=population,
            harm=harm,
            since="2031-05-01",
            count=figure,
            qualifier="undisclosed" if figure is None else "exact",
            # Only this distinguishes two of them.
            evidence=[{"exact": words, "start": number * 10, "end": number * 10 + len(words)}],
        )
        reports.append(report)
        cell = truth.setdefault((place, whose, population, harm), ExpectedCell())
        name = CLAIMANTS[who]["same_as"]
        cell.order.setdefault(name, []).append(id_)
        # Of one day, the one with the higher figure; of claims with the same figure, any.
        rank = (f"{day:02}", -1 if figure is None else figure, id_)
        if name not in cell.days or (cell.days[name], cell.rank[name], cell.latest[name]) < rank:
            cell.rank[name] = rank[1]
            cell.days[name], cell.latest[name], cell.figures[name] = f"{day:02}", id_, figure
        cell.earlier[name] = cell.earlier.get(name, -1) + 1
    return [*articles, *reports], truth


@dataclass
class ExpectedTruces:
    """The expected result for ceasefires: ids by status and first day, by slug, without a slug, and with several."""

    named: dict[str, dict[tuple[str, str], set[str]]] = field(default_factory=dict)
    unnamed: dict[tuple[str, str], set[str]] = field(default_factory=dict)
    aggregate: dict[tuple[str, str], set[str]] = field(default_factory=dict)
    articles: dict[str, list[tuple[str | None, int]]] = field(default_factory=dict)

    @property
    def by_article(self) -> dict[str, tuple[int, int]]:
        """The number of claims of an article and of their ceasefires."""
        return {
            id_: (
                len(slugs),
                len({slug for slug, _ in slugs if slug}) + sum(count for slug, count in slugs if not slug),
            )
            for id_, slugs in self.articles.items()
        }


# Each status with the field that dates it, if any does.
STATUSES = {"agreed": "agreed_on", "held": None, "violated": None, "collapsed": "ended_on"}


def truces(how_many: int, seed: int = 2) -> tuple[list[Record], ExpectedTruces]:
    """Return claims about ceasefires, for the articles of a dispute, and their expected result."""
    chance = random.Random(seed)
    truth = ExpectedTruces()
    claims = []
    for number in range(how_many):
        id_, printed, dated = f"truce-{number:05}", chance.randrange(1, 29), chance.randrange(1, 29)
        status = chance.choice(list(STATUSES))
        slug = chance.choice((None, None, *(f"truce-of-{item}" for item in range(40))))
        count = 1 if slug or chance.random() < 0.5 else chance.choice((2, 3))
        field_ = STATUSES[status]
        words = f"{count} in all"
        claim: Record = {
            "type": "ceasefire",
            "id": id_,
            "article_id": f"of-{printed:02}",
            "claimant": chance.choice(CLAIMANTS),
            "status": status,
            "ceasefire": slug,
            "count": count,
            "evidence": [{"exact": words, "start": number * 20, "end": number * 20 + len(words)}],
            "inferred": ["claimant", "status", *([field_] if field_ else [])],
        }
        if field_:
            claim[field_] = f"2031-05-{dated:02}"
        claims.append(claim)
        day = f"2031-05-{dated if field_ else printed:02}"
        place = truth.named.setdefault(slug, {}) if slug else truth.aggregate if count > 1 else truth.unnamed
        place.setdefault((status, day), set()).add(id_)
        truth.articles.setdefault(claim["article_id"], []).append((slug, count))
    return claims, truth
