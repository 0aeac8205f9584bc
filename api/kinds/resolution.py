"""Resolutions as the service sees them."""

from __future__ import annotations

from api.kinds.filters import DateFilter, ListFilter, NumberFilter, PartyNameFilter, keyword_filter
from api.kinds.kind import Kind
from api.kinds.resolution_cues import RESOLUTION_CUES
from schemas.fields import UnSymbol
from schemas.resolution import ORGANS, Resolution, ResolutionInput, ResolutionPatch

RESOLUTION = Kind(
    name="resolution",
    path="resolutions",
    title="resolution",
    doc="Decisions of international bodies, and what they demand.",
    input=ResolutionInput,
    output=Resolution,
    patch=ResolutionPatch,
    filters=(
        keyword_filter(ORGANS, "organ", "The body that adopted it.", synonyms=("body",)),
        ListFilter(
            name="symbol",
            doc="Its UN document symbol, however it is spaced.",
            list_="symbols",
            value=UnSymbol,
            synonyms=("symbols", "resolution", "number"),
        ),
        PartyNameFilter(name="addressee", doc="Whom its demand addresses.", role="addressee", nullable=True),
        NumberFilter(name="count", doc="How many resolutions the mention speaks of."),
        DateFilter(name="adopted_on", doc="When it was adopted.", nullable=True),
    ),
    dated_by=("adopted_on",),
    verbatim=("organ_name", "demand"),
    searched=("demand",),
    cues=RESOLUTION_CUES,
)
