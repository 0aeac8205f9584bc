"""Ceasefires as the service sees them."""

from __future__ import annotations

from api.kinds.ceasefire_cues import CEASEFIRE_CUES
from api.kinds.filters import DateFilter, KeywordFilter, NumberFilter, PartyNameFilter, keyword_filter
from api.kinds.kind import Kind
from schemas.ceasefire import FORMS, PURPOSES, STATUSES, Ceasefire, CeasefireInput, CeasefirePatch
from schemas.fields import Slug

CEASEFIRE = Kind(
    name="ceasefire",
    path="ceasefires",
    title="ceasefire",
    doc="Agreements to stop fighting, and what became of them.",
    input=CeasefireInput,
    output=Ceasefire,
    patch=CeasefirePatch,
    filters=(
        keyword_filter(STATUSES, "status", "What became of it.", synonyms=("state", "outcome")),
        KeywordFilter(name="ceasefire", doc="Which ceasefire, as a slug.", value=Slug, nullable=True),
        keyword_filter(FORMS, "form", "How many sides declare it."),
        keyword_filter(PURPOSES, "purpose", "What it is meant for."),
        PartyNameFilter(name="mediator", doc="Who brought it about.", role="mediators", nullable=True),
        PartyNameFilter(name="accused", doc="Who is accused of violating it.", role="accused", nullable=True),
        NumberFilter(name="count", doc="How many ceasefires the mention speaks of."),
        DateFilter(name="agreed_on", doc="When it was agreed.", nullable=True),
        DateFilter(name="effective_on", doc="When it took effect.", nullable=True),
        DateFilter(name="ended_on", doc="When it ended.", nullable=True),
    ),
    views=("timeline",),
    dated_by=("agreed_on",),
    verbatim=("name",),
    cues=CEASEFIRE_CUES,
)
