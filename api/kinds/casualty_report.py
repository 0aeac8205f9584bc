"""Casualty reports as the service sees them."""

from __future__ import annotations

from api.kinds.casualty_cues import CASUALTY_CUES
from api.kinds.filters import (
    BooleanFilter,
    DateFilter,
    Document,
    ListFilter,
    NumberFilter,
    PartyKeywordFilter,
    PartyNameFilter,
    keyword_filter,
    place_filter,
)
from api.kinds.kind import Kind
from schemas.casualty_report import (
    HARMS,
    POPULATIONS,
    QUALIFIERS,
    SUBGROUPS,
    CasualtyReport,
    CasualtyReportInput,
    CasualtyReportPatch,
)
from schemas.fields import Choice, Country


def own_side(report: Document) -> bool:
    """Whether the claimant counts its own: its country is among the affected."""
    country = report["claimant"]["country"]
    return country is not None and any(party["country"] == country for party in report["affected"])


CASUALTY_REPORT = Kind(
    name="casualty_report",
    path="casualty-reports",
    title="casualty report",
    doc="How many were harmed, in whose words, and who withholds the figure.",
    input=CasualtyReportInput,
    output=CasualtyReport,
    patch=CasualtyReportPatch,
    filters=(
        keyword_filter(HARMS, "harm", "What happened to them."),
        keyword_filter(POPULATIONS, "population", "Who they were."),
        ListFilter(
            name="subgroups",
            doc="The part of the population that it counts.",
            list_="subgroups",
            value=lambda: Choice(SUBGROUPS),
            nullable=True,
            synonyms=("subgroup",),
        ),
        keyword_filter(QUALIFIERS, "qualifier", "How the figure is worded."),
        PartyNameFilter(
            name="affected", doc="Whose people they were.", role="affected", nullable=True, synonyms=("victims",)
        ),
        PartyKeywordFilter(
            name="affected_country",
            doc="The country whose people they were.",
            role="affected",
            column="country",
            value=Country,
            nullable=True,
        ),
        BooleanFilter(name="own_side", doc="Whether the claimant's country is among the affected.", test=own_side),
        NumberFilter(name="count", doc="The figure as worded.", nullable=True, synonyms=("number", "figure", "deaths")),
        NumberFilter(name="low", doc="The least that the figure can mean.", nullable=True, synonyms=("min", "minimum")),
        NumberFilter(name="high", doc="The most that the figure can mean.", nullable=True, synonyms=("max", "maximum")),
        DateFilter(name="since", doc="The first day that the figure counts.", nullable=True, synonyms=("from",)),
        DateFilter(name="as_of", doc="The day that the figure stood at.", nullable=True),
        place_filter("Where it happened."),
    ),
    views=("compare", "series"),
    dated_by=("as_of",),
    verbatim=("wording",),
    cues=CASUALTY_CUES,
)
