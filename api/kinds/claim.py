"""The filters of claims of every kind."""

from __future__ import annotations

from collections.abc import Sequence

from api.kinds.filters import (
    CalendarFilter,
    DateFilter,
    Filter,
    KeywordFilter,
    ListFilter,
    PartyKeywordFilter,
    PartyNameFilter,
    SearchFilter,
    folded_filter,
    id_filter,
    keyword_filter,
)
from schemas.claim import GroundingStatus
from schemas.fields import Choice, Country, Slug
from schemas.party import PartyKind


def claim_filters(inferable: Sequence[str]) -> tuple[Filter, ...]:
    """Return the filters of every claim. Its `inferred` can have the names in `inferable`."""
    return (
        id_filter("id", "The claim's id.", synonyms=("ids",)),
        id_filter("article_id", "The id of the article that prints the claim.", synonyms=("article",)),
        PartyNameFilter(
            name="claimant",
            doc="The party that makes the claim. On a quote, the speaker.",
            role="claimant",
            synonyms=("speaker", "source", "said_by", "claimed_by", "author"),
        ),
        PartyKeywordFilter(
            name="claimant_country",
            doc="The country of the claimant.",
            role="claimant",
            column="country",
            value=Country,
            nullable=True,
            synonyms=("country", "side", "speaker_country"),
        ),
        PartyKeywordFilter(
            name="claimant_kind",
            doc="The kind of the claimant.",
            role="claimant",
            column="kind",
            value=lambda: Choice(PartyKind),
            synonyms=("speaker_kind",),
        ),
        PartyNameFilter(
            name="via",
            doc="An agency or medium that carried the claim.",
            role="via",
            nullable=True,
            synonyms=("agency", "carrier"),
        ),
        PartyNameFilter(
            name="party", doc="A party of the claim, in any role.", role=None, synonyms=("parties", "names")
        ),
        PartyKeywordFilter(
            name="party_country",
            doc="The country of a party of the claim, in any role.",
            role=None,
            column="country",
            value=Country,
        ),
        DateFilter(
            name="on_record",
            doc="The day that the claim is about or was made on.",
            nullable=True,
            synonyms=("date", "day", "on"),
        ),
        *(
            CalendarFilter(
                name=f"on_record_{period}", doc=f"The {period} of `on_record`.", of="on_record", digits=digits
            )
            for period, digits in (("year", 4), ("month", 7), ("day", 10))
        ),
        DateFilter(name="claimed_on", doc="The date of the statement.", nullable=True, synonyms=("said_on",)),
        DateFilter(
            name="published_on",
            doc="The publication date of the article.",
            of_article=True,
            nullable=True,
            synonyms=("published", "pubdate"),
        ),
        KeywordFilter(
            name="conflict",
            doc="The slug of the conflict that the article reports on.",
            of_article=True,
            value=Slug,
            nullable=True,
            synonyms=("war",),
        ),
        folded_filter("publisher", "The publisher of the article.", synonyms=("outlet", "newspaper"), of_article=True),
        ListFilter(
            name="inferred",
            doc="The name of a field that the text does not state.",
            list_="inferred",
            value=lambda: Choice(inferable),
        ),
        keyword_filter(
            GroundingStatus,
            "grounding",
            "The result of checking the evidence against the article's text.",
            within="status",
        ),
        id_filter("restates", "The id of the claim that this one repeats.", nullable=True),
        SearchFilter(
            name="q",
            doc="Full-text search in texts, quotations, demands, party names, evidence and the article's headline.",
            synonyms=("search", "query", "text", "fulltext", "keyword", "keywords"),
        ),
    )
