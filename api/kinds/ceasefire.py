"""Ceasefires as the service sees them."""

from __future__ import annotations

from api.kinds.ceasefire_cues import CEASEFIRE_CUES
from api.kinds.filters import Days, Number, PartyName, Word, word_of
from api.kinds.kind import Kind
from schemas.ceasefire import FORMS, PURPOSES, STATUSES, Ceasefire, CeasefireInput, CeasefirePatch
from schemas.values import Slug

CEASEFIRE = Kind(
    name="ceasefire",
    path="ceasefires",
    title="ceasefire",
    doc="Agreements to stop fighting, and what became of them.",
    input=CeasefireInput,
    output=Ceasefire,
    patch=CeasefirePatch,
    filters=(
        word_of(STATUSES, "status", "What became of it.", synonyms=("state", "outcome")),
        Word(name="ceasefire", doc="Which ceasefire, as a slug.", value=Slug, nullable=True),
        word_of(FORMS, "form", "How many sides declare it."),
        word_of(PURPOSES, "purpose", "What it is meant for."),
        PartyName(name="mediator", doc="Who brought it about.", role="mediators", nullable=True),
        PartyName(name="accused", doc="Who is accused of violating it.", role="accused", nullable=True),
        Number(name="count", doc="How many ceasefires the mention speaks of."),
        Days(name="agreed_on", doc="When it was agreed.", nullable=True),
        Days(name="effective_on", doc="When it took effect.", nullable=True),
        Days(name="ended_on", doc="When it ended.", nullable=True),
    ),
    views=("timeline",),
    dated_by=("agreed_on",),
    verbatim=("name",),
    cues=CEASEFIRE_CUES,
)
