"""The kind of casualty reports."""

from __future__ import annotations

from api.comparison.phrasing import figure
from api.kinds.casualty_cues import CASUALTY_CUES
from api.kinds.filters import (
    BooleanFilter,
    DateFilter,
    ListFilter,
    NumberFilter,
    PartyKeywordFilter,
    PartyNameFilter,
    keyword_filter,
    place_filter,
)
from api.kinds.kind import Kind
from schemas.casualty_report import (
    CasualtyReport,
    CasualtyReportInput,
    CasualtyReportPatch,
    Harm,
    Population,
    Qualifier,
    Subgroup,
)
from schemas.documents import CasualtyReportDocument
from schemas.fields import Choice, Country


def own_side(report: CasualtyReportDocument) -> bool:
    """Return whether the claimant's country is among the affected."""
    country = report["claimant"]["country"]
    return country is not None and any(party["country"] == country for party in report["affected"])


CASUALTY_REPORT = Kind(
    name="casualty_report",
    path="casualty-reports",
    title="casualty report",
    doc="Numbers of people harmed, as each claimant words or withholds them.",
    input=CasualtyReportInput,
    output=CasualtyReport,
    patch=CasualtyReportPatch,
    filters=(
        keyword_filter(Harm, "harm", "The kind of harm."),
        keyword_filter(Population, "population", "The population that the figure counts."),
        ListFilter(
            name="subgroups",
            doc="A subgroup that the figure counts.",
            list_="subgroups",
            value=lambda: Choice(Subgroup),
            nullable=True,
            synonyms=("subgroup",),
        ),
        keyword_filter(Qualifier, "qualifier", "The wording of the figure, such as exact or at least."),
        PartyNameFilter(
            name="affected",
            doc="A party that the harmed people belonged to.",
            role="affected",
            nullable=True,
            synonyms=("victims",),
        ),
        PartyKeywordFilter(
            name="affected_country",
            doc="The country of a party that the harmed people belonged to.",
            role="affected",
            column="country",
            value=Country,
            nullable=True,
        ),
        BooleanFilter(name="own_side", doc="Whether the claimant's country is among the affected.", test=own_side),
        NumberFilter(name="count", doc="The figure as worded.", nullable=True, synonyms=("number", "figure", "deaths")),
        NumberFilter(
            name="low", doc="The minimum that the figure can mean.", nullable=True, synonyms=("min", "minimum")
        ),
        NumberFilter(
            name="high", doc="The maximum that the figure can mean.", nullable=True, synonyms=("max", "maximum")
        ),
        DateFilter(
            name="since", doc="The first day of the period that the figure counts.", nullable=True, synonyms=("from",)
        ),
        DateFilter(name="as_of", doc="The date of the figure.", nullable=True),
        place_filter("The place of the harm."),
    ),
    views=("compare", "series"),
    dated_by=("as_of",),
    verbatim=("wording",),
    cues=CASUALTY_CUES,
    phrased=("count", "qualifier", "wording", "low", "high"),
    phrase=lambda claim: {"figure": figure(claim)},
)
