"""What every claim can be asked, whatever its kind."""

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
    id_filter,
    keyword_filter,
)
from schemas.claim import GROUNDINGS
from schemas.fields import Choice, Country, Slug, Text
from schemas.party import PARTY_KINDS


def claim_filters(inferable: Sequence[str]) -> tuple[Filter, ...]:
    """The filters of every claim; `inferable` are the names that its `inferred` may hold."""
    return (
        id_filter("id", "The claim's id.", synonyms=("ids",)),
        id_filter("article_id", "The article that prints it.", synonyms=("article",)),
        PartyNameFilter(
            name="claimant",
            doc="Who says it; on a quote, who speaks.",
            role="claimant",
            synonyms=("speaker", "source", "said_by", "claimed_by", "author"),
        ),
        PartyKeywordFilter(
            name="claimant_country",
            doc="The claimant's country.",
            role="claimant",
            column="country",
            value=Country,
            nullable=True,
            synonyms=("country", "side", "speaker_country"),
        ),
        PartyKeywordFilter(
            name="claimant_kind",
            doc="What the claimant is.",
            role="claimant",
            column="kind",
            value=lambda: Choice(PARTY_KINDS),
            synonyms=("speaker_kind",),
        ),
        PartyNameFilter(
            name="via",
            doc="An agency or medium that carried it.",
            role="via",
            nullable=True,
            synonyms=("agency", "carrier"),
        ),
        PartyNameFilter(
            name="party", doc="Anybody whom the claim names, in any role.", role=None, synonyms=("parties", "names")
        ),
        PartyKeywordFilter(
            name="party_country",
            doc="The country of anybody whom the claim names, in any role.",
            role=None,
            column="country",
            value=Country,
        ),
        DateFilter(
            name="on_record",
            doc="The day that the claim speaks of or was made on.",
            nullable=True,
            synonyms=("date", "day", "on"),
        ),
        *(
            CalendarFilter(
                name=f"on_record_{period}", doc=f"The {period} that it is on record for.", of="on_record", digits=digits
            )
            for period, digits in (("year", 4), ("month", 7), ("day", 10))
        ),
        DateFilter(name="claimed_on", doc="The day it was said.", nullable=True, synonyms=("said_on",)),
        DateFilter(
            name="published_on",
            doc="The day its article was published.",
            of_article=True,
            nullable=True,
            synonyms=("published", "pubdate"),
        ),
        KeywordFilter(
            name="conflict",
            doc="The conflict that its article reports on, as a slug.",
            of_article=True,
            value=Slug,
            nullable=True,
            synonyms=("war",),
        ),
        KeywordFilter(
            name="publisher",
            doc="Who published its article.",
            of_article=True,
            value=lambda: Text(300),
            folded=True,
            nullable=True,
            synonyms=("outlet", "newspaper"),
        ),
        ListFilter(
            name="inferred",
            doc="A field whose value the text does not state.",
            list_="inferred",
            value=lambda: Choice(inferable),
        ),
        keyword_filter(
            GROUNDINGS, "grounding", "Whether its evidence was checked against the article's text.", within="status"
        ),
        id_filter("restates", "The claim that it says again.", nullable=True),
        SearchFilter(
            name="q",
            doc="Words in its text, quoted words, demand, names of parties or evidence, or in its article's headline.",
            synonyms=("search", "query", "text", "fulltext", "keyword", "keywords"),
        ),
    )
