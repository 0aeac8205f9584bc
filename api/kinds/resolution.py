"""Resolutions as the service sees them."""

from __future__ import annotations

from api.kinds.filters import Days, Member, Number, PartyName, word_of
from api.kinds.kind import Kind
from api.kinds.resolution_cues import RESOLUTION_CUES
from schemas.resolution import ORGANS, Resolution, ResolutionInput, ResolutionPatch
from schemas.values import UnSymbol

RESOLUTION = Kind(
    name="resolution",
    path="resolutions",
    title="resolution",
    doc="Decisions of international bodies, and what they demand.",
    input=ResolutionInput,
    output=Resolution,
    patch=ResolutionPatch,
    filters=(
        word_of(ORGANS, "organ", "The body that adopted it.", synonyms=("body",)),
        Member(
            name="symbol",
            doc="Its UN document symbol, however it is spaced.",
            list_="symbols",
            value=UnSymbol,
            synonyms=("symbols", "resolution", "number"),
        ),
        PartyName(name="addressee", doc="Whom its demand addresses.", role="addressee", nullable=True),
        Number(name="count", doc="How many resolutions the mention speaks of."),
        Days(name="adopted_on", doc="When it was adopted.", nullable=True),
    ),
    dated_by=("adopted_on",),
    verbatim=("organ_name", "demand"),
    searched=("demand",),
    cues=RESOLUTION_CUES,
)
