"""Comparison: claims next to each other, by cell, over time and by date. Figures are never added up."""

from __future__ import annotations

import typing
from enum import StrEnum

import marshmallow as ma
from marshmallow import fields

from schemas.base import OutputSchema
from schemas.casualty_report import Harm, Population, Qualifier, Subgroup
from schemas.ceasefire import CeasefireStatus
from schemas.claim import OnRecord
from schemas.fields import (
    Boolean,
    BoundedList,
    Choice,
    ChoiceSet,
    Count,
    Day,
    Edtf,
    Identifier,
    List,
    Nested,
    OutputUrl,
    Slug,
    String,
    Text,
)
from schemas.page import LIMIT_MAX, PageInfo
from schemas.party import Party

# A view compares claims with each other, so it loads all of them.
CLAIMS_MAX = 20_000
# The maximum number of listed conflicts and related cells of a cell. All are counted.
CONFLICTS_MAX = RELATED_MAX = 50
# The maximum number of entries on a page of a comparison and in a cell.
ENTRIES_MAX = 1000

Agreement = StrEnum("Agreement", "SINGLE COMPATIBLE CONFLICTING DIFFER_IN_DATE")
PeriodKind = StrEnum("PeriodKind", "SINCE DAY UNSTATED")
CellRelation = StrEnum("CellRelation", "HOLDS PART_OF MAY_HOLD MAY_BE_PART_OF OVERLAPS MAY_OVERLAP")
Certainty = StrEnum("Certainty", "CERTAIN POSSIBLE")
EventBasis = StrEnum("EventBasis", "AGREED_ON EFFECTIVE_ON ENDED_ON CLAIMED_ON PUBLISHED_ON")
Step = StrEnum("Step", "FIRST DISCLOSED WITHHELD RAISED LOWERED REWORDED SAME")


def _list_of(item: fields.Field[typing.Any], description: str, *, length_max: int = CLAIMS_MAX) -> BoundedList:
    return BoundedList(item, length_max=length_max, description=description)


def _cell_id(description: str) -> fields.String:
    metadata = {"description": description, "maxLength": 80, "pattern": "^[a-z0-9-]+$"}
    return String(metadata=metadata)


class Cell(OutputSchema):
    """The people and the harm that a figure counts. Only figures of one cell are compared."""

    id = _cell_id("The cell's id, for the parameter `cell` of the series. Equal cells have equal ids.")
    conflict = Slug(allow_none=True)
    place = Text(300, allow_none=True, description="The place as first printed. Null if not stated.")
    affected = _list_of(
        Nested(Party), "The parties that the people belong to, as first printed. Empty if not stated.", length_max=50
    )
    population = Choice(Population)
    subgroups = ChoiceSet(Subgroup, description="The subgroups counted. Empty means the whole population.")
    harm = Choice(Harm)


class FigureBounds(OutputSchema):
    """The minimum and maximum over all claimants of a cell. Null means unbounded or without figures."""

    low = Count(allow_none=True)
    high = Count(allow_none=True)


class Period(OutputSchema):
    """The period that figures count. Only figures of one period are compared."""

    kind = Choice(
        PeriodKind,
        description=(
            "`since`: the figures count from one day on. `day`: each figure counts a single day, as in "
            "“in the last 24 hours”. `unstated`: the claims do not state a first day."
        ),
    )
    since = Edtf(
        allow_none=True,
        description=(
            "The first day, EDTF, as precise as a claim of the cell states it. Null unless `kind` is `since`."
        ),
    )


class RelatedCell(OutputSchema):
    """Another cell that counts, or may count, some of the same people."""

    cell = _cell_id("The id of the related cell.")
    relation = Choice(CellRelation, description="The relation of this cell to the related cell.")
    # It may name 50 parties of either cell.
    reason = Text(40_000, description="The reason in English. “It” means the related cell.")


class Point(OutputSchema):
    """The figure of a claimant at one time."""

    claim_id = Identifier()
    article_id = Identifier()
    on_record = Nested(OnRecord, description="The days that the figure is on the axis for.")
    count = Count(allow_none=True)
    qualifier = Choice(Qualifier)
    wording = Text(100, allow_none=True)
    low = Count(allow_none=True)
    high = Count(allow_none=True)
    since = Edtf(allow_none=True)
    as_of = Edtf(allow_none=True)
    step = Choice(
        Step, description="The change from the previous point. `disclosed` means a figure that was withheld before."
    )


class Line(OutputSchema):
    """The figures of one claimant for one period, over time."""

    claimant = Nested(Party, description="The claimant as last printed.")
    period = Nested(Period, description="The period that the figures count.")
    points = _list_of(Nested(Point), "The points in ascending order of `on_record`.")


class Series(OutputSchema):
    """One cell over time, with a line for each claimant and period."""

    cell = Nested(Cell, description="The cell. Null if no claim matches.", allow_none=True)
    lines = _list_of(Nested(Line), "The lines, sorted by the claimant's name, then by period.")


class EventDate(OutputSchema):
    """The date of an event: the stated date of the status, or else the day of the claim."""

    earliest = Day(allow_none=True)
    latest = Day(allow_none=True)
    basis = Choice(EventBasis, allow_none=True, description="The field that the days come from.")


class ArticleCount(OutputSchema):
    """The number of claims and ceasefires of one article."""

    article_id = Identifier()
    claims = Count(description="The number of the article's claims in this timeline.")
    ceasefires = Count(
        required=True, description="The number of ceasefires in these claims. A named ceasefire counts once."
    )


class TimelineCounts(OutputSchema):
    """The numbers of claims and of ceasefires. The total number of ceasefires is not known."""

    claims = Count()
    named = Count(description="The number of ceasefires with a slug.")
    by_article = _list_of(
        Nested(ArticleCount),
        "The counts by article. Do not add them up, because articles can mention the same ceasefires.",
    )


def comparison_of(report: type[ma.Schema] | str) -> type[ma.Schema]:
    """Build the schema of a comparison of reports."""

    class Entry(OutputSchema):
        """The figure that a claimant states or withholds for one period of a cell."""

        claim = Nested(report, description="The claimant's latest claim by `on_record`.")
        period = Nested(Period, description="The period that the figure counts.")
        earlier = Count(description="The number of the claimant's earlier claims for the period.")
        withholds = Boolean(description="Whether the claim withholds the figure.")
        certainty = Choice(
            Certainty,
            closed=True,
            allow_none=True,
            description=(
                "`certain` if the claim was made by the day `at`. It is `possible` if the date is "
                "imprecise or unknown, and null without `at`."
            ),
        )
        perhaps = _list_of(Identifier(), "With `at`: the ids of the claims that can be from before or after that day.")

    class ComparedPeriod(OutputSchema):
        """The figures of one period of a cell, compared."""

        period = Nested(Period, description="The period that the figures count.")
        claimants = Count(description="The number of claimants that state or withhold a figure.")
        bounds = Nested(
            FigureBounds, description="The bounds over all claimants that state a figure. Neither a sum nor an average."
        )
        agreement = Choice(
            Agreement,
            description=(
                "`single`: fewer than two claimants state a figure. "
                "`conflicting`: two figures count from the same day, their bounds do not overlap, and the later "
                "figure is not the higher one. "
                "`differ_in_date`: bounds do not overlap, but the dates can explain the difference. "
                "`compatible`: all bounds overlap, or the first day of the period is unknown."
            ),
        )
        conflicts_count = Count(description="The number of conflicting pairs of claims.")

    class ComparedCell(OutputSchema):
        """A cell and the figures of each claimant for it."""

        cell = Nested(Cell, description="The compared cell.")
        entries = _list_of(
            Nested(Entry),
            f"One entry for each claimant and period, by name, then by period. At most {ENTRIES_MAX:,} entries.",
        )
        entries_count = Count(description="The number of entries.")
        periods = _list_of(
            Nested(ComparedPeriod),
            f"The compared periods, sorted by first day, then `day`, then `unstated`. At most {ENTRIES_MAX:,} periods.",
        )
        bounds = Nested(
            FigureBounds, description="The bounds of the only period. Both are null if the cell has several periods."
        )
        agreement = Choice(
            Agreement,
            description=(
                "The agreement over all periods. It is the first of `conflicting`, `differ_in_date`, "
                "`compatible` and `single` that a period has."
            ),
        )
        conflicts = _list_of(
            List(Identifier(), metadata={"minItems": 2, "maxItems": 2}),
            f"The ids of conflicting pairs of claims, as defined for `agreement`. At most {CONFLICTS_MAX} pairs.",
            length_max=CONFLICTS_MAX,
        )
        conflicts_count = Count(description="The number of conflicting pairs.")
        related = _list_of(
            Nested(RelatedCell),
            f"Other cells with some of the same people. At most {RELATED_MAX} cells.",
            length_max=RELATED_MAX,
        )
        related_count = Count(description="The number of related cells.")
        series = OutputUrl(description="The URL of the cell's series.")

    class Comparison(OutputSchema):
        """The claims of all claimants next to each other."""

        at = Day(allow_none=True, description="The day of the request's `at`. Null without `at`.")
        claims = Count(description="The number of claims compared, on all pages.")
        cells = _list_of(Nested(ComparedCell), "The cells, those with the most claimants first.", length_max=LIMIT_MAX)
        page = Nested(PageInfo, description="The position of this page in the list of cells.")

    return Comparison


def timeline_of(ceasefire: type[ma.Schema] | str) -> type[ma.Schema]:
    """Build the schema of a timeline of claims about ceasefires."""

    class Event(OutputSchema):
        """A status of a ceasefire on one date, with the claims that state it."""

        status = Choice(CeasefireStatus)
        date = Nested(EventDate, description="The date of the event.")
        claims = _list_of(Nested(ceasefire), "The claims that state it. For a violation, `claimant` accuses `accused`.")

    class NamedCeasefire(OutputSchema):
        """A ceasefire that claims of several articles identify by its slug."""

        conflict = Slug(allow_none=True)
        ceasefire = Slug()
        name = Text(300, allow_none=True, description="The most frequent name in the claims.")
        events = _list_of(Nested(Event), "The events by date, undated events last.")

    class Timeline(OutputSchema):
        """The claims about ceasefires, by date."""

        ceasefires = _list_of(Nested(NamedCeasefire), "The named ceasefires by the date of their first event.")
        unnamed = _list_of(Nested(Event), "Mentions of a single ceasefire without a slug.")
        aggregate = _list_of(Nested(Event), "Mentions of several ceasefires together, such as “three ceasefires”.")
        counts = Nested(TimelineCounts, description="The numbers of claims and ceasefires.")

    return Timeline
