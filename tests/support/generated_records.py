"""Random records, the same for the same seed: claims about an invented conflict."""

from __future__ import annotations

import random
import typing

Record = dict[str, typing.Any]

PARTIES = (
    {"name": "Norland", "kind": "government", "country": "NOR", "same_as": "https://parties.example/norland"},
    {"name": "the Kingdom of Norland", "kind": "government", "same_as": "https://parties.example/norland"},
    {"name": "Südmark", "kind": "government", "country": "SWE"},
    {"name": "Südmark's army", "kind": "armed_force", "country": "SWE"},
    {"name": "hill fighters", "kind": "armed_force"},
    {"name": "the article", "kind": "article"},
)
DATES = (None, "2031-05-01", "2031-05-01?", "2031-05", "2031", "2031-04-30/2031-05-02", "../2031-04", "2031-06/..")


def article(id_: str, **more: typing.Any) -> Record:
    return {"type": "article", "id": id_, "headline": f"News of {id_}", **more}


# Fields that the evidence of generated claims need not state. It must state the numbers.
INFERRED = [
    *("claimant", "affected", "harm", "population", "subgroups", "qualifier", "as_of", "since", "claimed_on"),
    "restates",
]
SUBGROUPS = ((), (), (), ("children",), ("women",), ("women", "children"), ("journalists",))


def casualty_report(id_: str, article_id: str, **more: typing.Any) -> Record:
    """Return a valid casualty report. `more` changes it."""
    return {
        "type": "casualty_report",
        "id": id_,
        "article_id": article_id,
        "claimant": PARTIES[0],
        "evidence": [{"exact": "three", "start": 0, "end": 5}],
        "harm": "killed",
        "population": "civilian",
        "count": 3,
        "qualifier": "exact",
        # So their contents differ.
        "place": f"the place of {id_}",
        "inferred": INFERRED,
        **more,
    }


def resolution(id_: str, article_id: str, **more: typing.Any) -> Record:
    """Return a valid resolution with any `topic`."""
    return {
        "type": "resolution",
        "id": id_,
        "article_id": article_id,
        "claimant": PARTIES[0],
        "evidence": [{"exact": "the Council", "start": 0, "end": 11}],
        "organ": "other",
        "organ_name": "the Council",
        "inferred": ["claimant"],
        **more,
    }


# How the evidence words each qualifier.
_WORDS = {
    "exact": "{count}",
    "at_least": "at least {count}",
    "up_to": "up to {count}",
    "about": "about {count}",
    "range": "{low} to {high}",
    "vague": "{wording}",
    "undisclosed": "undisclosed",
}


def casualty_reports(how_many: int, seed: int = 1) -> list[Record]:
    """Return articles and casualty reports, with every type of date and qualifier."""
    chance = random.Random(seed)
    articles = [
        article(f"article-{number:02}", published_on=chance.choice(DATES), conflict=chance.choice((None, "hill-war")))
        for number in range(7)
    ]
    reports = []
    for number in range(how_many):
        qualifier = chance.choice(("exact", "at_least", "up_to", "about", "range", "vague", "undisclosed"))
        figure: Record = {"qualifier": qualifier, "count": chance.randrange(30)}
        if qualifier in ("range", "vague", "undisclosed"):
            figure["count"] = None
        if qualifier == "range":
            figure |= {"low": chance.randrange(10), "high": 10 + chance.randrange(10)}
        if qualifier == "vague":
            figure["wording"] = chance.choice(("dozens", "hundreds", "heavy losses"))
        start, words = chance.randrange(1000), _WORDS[qualifier].format(**figure)
        reports.append(
            casualty_report(
                f"report-{number:05}",
                chance.choice(articles)["id"],
                claimant=chance.choice(PARTIES),
                affected=chance.sample(PARTIES, chance.randrange(3)),
                harm=chance.choice(("killed", "injured", "missing")),
                as_of=chance.choice(DATES),
                since=chance.choice(DATES),
                claimed_on=chance.choice(DATES),
                # Chosen by the number, so that the random choices stay the same.
                subgroups=list(SUBGROUPS[number % len(SUBGROUPS)]),
                evidence=[{"exact": words, "start": start, "end": start + len(words)}],
                **figure,
            )
        )
    return [*articles, *reports]
