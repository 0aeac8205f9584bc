"""The kind of ceasefires."""

from __future__ import annotations

from api.kinds.ceasefire_cues import CEASEFIRE_CUES
from api.kinds.filters import DateFilter, KeywordFilter, NumberFilter, PartyNameFilter, keyword_filter
from api.kinds.kind import Kind
from schemas.ceasefire import (
    Ceasefire,
    CeasefireForm,
    CeasefireInput,
    CeasefirePatch,
    CeasefirePurpose,
    CeasefireStatus,
)
from schemas.fields import Slug

CEASEFIRE = Kind(
    name="ceasefire",
    path="ceasefires",
    title="ceasefire",
    doc="Agreements to stop fighting, and their outcomes.",
    input=CeasefireInput,
    output=Ceasefire,
    patch=CeasefirePatch,
    filters=(
        keyword_filter(CeasefireStatus, "status", "The status of the ceasefire.", synonyms=("state", "outcome")),
        KeywordFilter(name="ceasefire", doc="The slug of the ceasefire.", value=Slug, nullable=True),
        keyword_filter(CeasefireForm, "form", "The number of sides that declare it."),
        keyword_filter(CeasefirePurpose, "purpose", "The purpose of the ceasefire."),
        PartyNameFilter(name="mediator", doc="A party that mediated the ceasefire.", role="mediators", nullable=True),
        PartyNameFilter(
            name="accused", doc="A party accused of violating the ceasefire.", role="accused", nullable=True
        ),
        NumberFilter(name="count", doc="The number of ceasefires in the mention."),
        DateFilter(name="agreed_on", doc="The date of the agreement.", nullable=True),
        DateFilter(name="effective_on", doc="The date of taking effect.", nullable=True),
        DateFilter(name="ended_on", doc="The end date.", nullable=True),
    ),
    views=("timeline",),
    dated_by=("agreed_on",),
    verbatim=("name",),
    cues=CEASEFIRE_CUES,
)
