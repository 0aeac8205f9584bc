"""The kind of resolutions."""

from __future__ import annotations

from api.kinds.filters import DateFilter, ListFilter, NumberFilter, PartyNameFilter, keyword_filter
from api.kinds.kind import Kind
from api.kinds.resolution_cues import RESOLUTION_CUES
from schemas.fields import UnSymbol
from schemas.resolution import Organ, Resolution, ResolutionInput, ResolutionPatch

RESOLUTION = Kind(
    name="resolution",
    path="resolutions",
    title="resolution",
    doc="Decisions of international bodies, and their demands.",
    input=ResolutionInput,
    output=Resolution,
    patch=ResolutionPatch,
    filters=(
        keyword_filter(Organ, "organ", "The body that adopted the resolution.", synonyms=("body",)),
        ListFilter(
            name="symbol",
            doc="A UN document symbol of the resolution, with or without spaces.",
            list_="symbols",
            value=UnSymbol,
            synonyms=("symbols", "resolution", "number"),
        ),
        PartyNameFilter(name="addressee", doc="The party that the demand addresses.", role="addressee", nullable=True),
        NumberFilter(name="count", doc="The number of resolutions in the mention."),
        DateFilter(name="adopted_on", doc="The adoption date.", nullable=True),
    ),
    dated_by=("adopted_on",),
    verbatim=("organ_name", "demand"),
    searched=("demand",),
    cues=RESOLUTION_CUES,
)
