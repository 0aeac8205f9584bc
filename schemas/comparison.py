"""Comparison: what claims say beside one another, by cell, over time and by date. Nothing in it is summed up."""

from __future__ import annotations

import typing

import marshmallow as ma
from marshmallow import fields

from schemas.casualty_report import HARMS, POPULATIONS, QUALIFIERS, SUBGROUPS
from schemas.ceasefire import STATUSES
from schemas.claim import OnRecord
from schemas.fields import Address, BoundedList, Choice, Count, Day, Edtf, Identifier, Slug, Text, WordSet
from schemas.page import LIMIT_MAX, PageInfo
from schemas.party import Party

# A view holds claims against one another, so it needs them all at once.
CLAIMS_MAX = 20_000
# More conflicts and more related cells of one cell are only counted.
CONFLICTS_MAX = RELATED_TOLD = 50
# A page of a comparison ends before a cell that would bring more entries, and a cell has at most as many.
ENTRIES_MAX = 1000

AGREEMENTS = ("single", "compatible", "conflicting", "differ_in_date")
PERIODS = ("since", "day", "unstated")
RELATIONS = ("holds", "part_of", "may_hold", "may_be_part_of", "overlaps", "may_overlap")
CERTAINTIES = ("certain", "possible")
BASES = ("agreed_on", "effective_on", "ended_on", "claimed_on", "published_on")
STEPS = ("first", "disclosed", "withheld", "raised", "lowered", "reworded", "same")

_NULLABLE: dict[str, typing.Any] = {"required": True, "allow_none": True}


class _Answer(ma.Schema):
    """What only travels back: more fields may come."""

    class Meta:
        unknown = ma.EXCLUDE


def _nested(shape: type[ma.Schema] | str, description: str, **more: typing.Any) -> fields.Nested:
    return fields.Nested(shape, required=True, metadata={"description": description}, **more)


def _several(item: fields.Field[typing.Any], description: str, *, most: int = CLAIMS_MAX) -> BoundedList:
    return BoundedList(item, most=most, required=True, metadata={"description": description})


def _cell_id(description: str) -> fields.String:
    told = {"description": description, "maxLength": 80, "pattern": "^[a-z0-9-]+$"}
    return fields.String(required=True, metadata=told)


class Cell(_Answer):
    """What is counted: two reports of one cell count the same."""

    id = _cell_id("For `cell=` of the series: the same wherever the same is counted.")
    conflict = Slug(**_NULLABLE)
    place = Text(300, **_NULLABLE, metadata={"description": "As printed first; null where none is stated."})
    affected = _several(fields.Nested(Party), "Whose people, as printed first; empty where it is not stated.", most=50)
    population = Choice(POPULATIONS, required=True, extensible=True)
    subgroups = WordSet(
        SUBGROUPS,
        extensible=True,
        required=True,
        metadata={"description": "People of any of these; empty is the whole population."},
    )
    harm = Choice(HARMS, required=True, extensible=True)


class FigureBounds(_Answer):
    """The least and the most that any claimant of a cell allows; null is open, or nothing is told."""

    low = Count(**_NULLABLE)
    high = Count(**_NULLABLE)


class Period(_Answer):
    """The time that figures count. Only figures of one period are compared."""

    kind = Choice(
        PERIODS,
        required=True,
        extensible=True,
        metadata={
            "description": "`since`: they count from one day on. `day`: each counts a single day, as in “in the last "
            "24 hours”. `unstated`: the claims do not state a first day."
        },
    )
    since = Edtf(
        **_NULLABLE,
        metadata={
            "description": "The first day, EDTF, as precisely as a claim of the cell states it. Null unless `kind` is "
            "`since`."
        },
    )


class RelatedCell(_Answer):
    """A cell that counts, or may count, some of the same people."""

    cell = _cell_id("Its id.")
    relation = Choice(
        RELATIONS, required=True, extensible=True, metadata={"description": "How this cell is to that one."}
    )
    # It may name 50 parties of either cell.
    reason = Text(40_000, required=True, metadata={"description": "Why, in words: “it” is the related cell."})


class Point(_Answer):
    """What a claimant said at one time."""

    claim_id = Identifier(required=True)
    article_id = Identifier(required=True)
    on_record = _nested(OnRecord, "Its place on the axis.")
    count = Count(**_NULLABLE)
    qualifier = Choice(QUALIFIERS, required=True, extensible=True)
    wording = Text(100, **_NULLABLE)
    low = Count(**_NULLABLE)
    high = Count(**_NULLABLE)
    since = Edtf(**_NULLABLE)
    as_of = Edtf(**_NULLABLE)
    step = Choice(
        STEPS,
        required=True,
        extensible=True,
        metadata={"description": "What is new since the point before; `disclosed` is a figure that was withheld."},
    )


class Line(_Answer):
    """The figures of one claimant for one period, over time."""

    claimant = _nested(Party, "As printed last.")
    period = _nested(Period, "The period that its figures count.")
    points = _several(fields.Nested(Point), "By `on_record`, the earliest first.")


class Series(_Answer):
    """One cell over time, a line for each claimant and period."""

    cell = _nested(Cell, "What is counted; null where no claim matches.", allow_none=True)
    lines = _several(fields.Nested(Line), "By the claimant's name, then by period.")


class EventDate(_Answer):
    """When it is said to have been: the status's own date where it is stated, else the day of the claim."""

    earliest = Day(**_NULLABLE)
    latest = Day(**_NULLABLE)
    basis = Choice(BASES, **_NULLABLE, extensible=True, metadata={"description": "The field that the days come from."})


class ArticleCount(_Answer):
    """What one article tells of."""

    article_id = Identifier(required=True)
    claims = Count(required=True, metadata={"description": "How many of its claims are here."})
    ceasefires = Count(
        required=True, metadata={"description": "How many ceasefires these speak of; a named one counts once."}
    )


class TimelineCounts(_Answer):
    """Claims and ceasefires, each counted for itself; how many ceasefires there were in all, nobody here says."""

    claims = Count(required=True)
    named = Count(required=True, metadata={"description": "How many ceasefires have a slug."})
    by_article = _several(
        fields.Nested(ArticleCount), "Not to be added up: two articles that tell of three may mean the same."
    )


def comparison_of(report: type[ma.Schema] | str) -> type[ma.Schema]:
    """The shape of a comparison of reports of this shape."""

    class Entry(_Answer):
        """The figure that one claimant gives, or withholds, for one period of a cell."""

        claim = _nested(report, "Its latest claim by `on_record`.")
        period = _nested(Period, "The period that its figure counts.")
        earlier = Count(required=True, metadata={"description": "How many earlier claims of the period it has made."})
        withholds = fields.Boolean(
            required=True, metadata={"description": "Whether the claim says that it is not told."}
        )
        certainty = Choice(
            CERTAINTIES,
            **_NULLABLE,
            metadata={
                "description": "With `at`: whether the claim was on record by then for sure, or perhaps, its date "
                "being imprecise or unknown. Null without."
            },
        )
        perhaps = _several(
            Identifier(), "With `at`: the claims, by id, that may have been on record by then and may be later."
        )

    class ComparedPeriod(_Answer):
        """The figures of one period of a cell, compared."""

        period = _nested(Period, "The period.")
        claimants = Count(required=True, metadata={"description": "How many claimants give or withhold a figure."})
        bounds = _nested(FigureBounds, "Over all claimants that give a figure; no sum and no average.")
        agreement = Choice(
            AGREEMENTS,
            required=True,
            extensible=True,
            metadata={
                "description": "`conflicting`: two figures count since the same day, no number fits both, and the "
                "later one is not the higher one. `differ_in_date`: no number fits two figures, but the later one is "
                "the higher one, it is not certain which is later, or they count different days. `compatible`: "
                "neither, or the period has no known first day. `single`: fewer than two claimants give a figure."
            },
        )
        conflicts_count = Count(required=True, metadata={"description": "How many pairs of claims conflict."})

    class ComparedCell(_Answer):
        """A cell, and the figures of each claimant for it."""

        cell = _nested(Cell, "What is counted.")
        entries = _several(
            fields.Nested(Entry),
            f"One for each claimant and period, by name and then by period, {ENTRIES_MAX:,} at most.",
        )
        entries_count = Count(required=True, metadata={"description": "How many there are."})
        periods = _several(
            fields.Nested(ComparedPeriod),
            f"Bounds and agreement of each period: by first day, then `day`, then `unstated`. {ENTRIES_MAX:,} at most.",
        )
        bounds = _nested(FigureBounds, "Those of the only period. Both are null if the cell has several periods.")
        agreement = Choice(
            AGREEMENTS,
            required=True,
            extensible=True,
            metadata={
                "description": "Over all periods: `conflicting` if one is, else `differ_in_date` if one is, else "
                "`compatible` if one is, else `single`."
            },
        )
        conflicts = _several(
            fields.List(Identifier(), metadata={"minItems": 2, "maxItems": 2}),
            "Pairs of claims, by id, that conflict: both count since the same day, no number fits both, and the later "
            f"one is not the higher one. {CONFLICTS_MAX} at most.",
            most=CONFLICTS_MAX,
        )
        conflicts_count = Count(required=True, metadata={"description": "How many there are."})
        related = _several(
            fields.Nested(RelatedCell),
            f"Other cells with some of the same people, {RELATED_TOLD} at most.",
            most=RELATED_TOLD,
        )
        related_count = Count(required=True, metadata={"description": "How many there are."})
        series = Address(required=True, metadata={"description": "The cell over time."})

    class Comparison(_Answer):
        """What each side says, side by side."""

        at = Day(**_NULLABLE, metadata={"description": "The day that was looked back from; null is the present."})
        claims = Count(required=True, metadata={"description": "How many claims were compared, on all pages."})
        cells = _several(fields.Nested(ComparedCell), "Cells with the most claimants first.", most=LIMIT_MAX)
        page = _nested(PageInfo, "The position of this page in the list of cells.")

    return Comparison


def timeline_of(ceasefire: type[ma.Schema] | str) -> type[ma.Schema]:
    """The shape of a timeline of claims about ceasefires of this shape."""

    class Event(_Answer):
        """One thing that is said of a ceasefire on one date, by all claims that say it."""

        status = Choice(STATUSES, required=True, extensible=True)
        date = _nested(EventDate, "When.")
        claims = _several(fields.Nested(ceasefire), "Who says so; of a violation, `claimant` accuses `accused`.")

    class NamedCeasefire(_Answer):
        """A ceasefire that claims of several articles can be about, by its slug."""

        conflict = Slug(**_NULLABLE)
        ceasefire = Slug(required=True)
        name = Text(300, **_NULLABLE, metadata={"description": "What most claims call it."})
        events = _several(fields.Nested(Event), "By date, undated ones last.")

    class Timeline(_Answer):
        """What is said of the ceasefires of a conflict, by date."""

        ceasefires = _several(fields.Nested(NamedCeasefire), "By the date of their first event.")
        unnamed = _several(fields.Nested(Event), "Mentions of one ceasefire that no slug names.")
        aggregate = _several(fields.Nested(Event), "Mentions of several at once: “three ceasefires”.")
        counts = _nested(TimelineCounts, "How many of what.")

    return Timeline
