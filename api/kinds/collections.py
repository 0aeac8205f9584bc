"""The collections: articles, all claims, and the claims of each kind."""

from __future__ import annotations

import typing

from api.kinds import KINDS
from api.kinds.article import ARTICLES
from api.kinds.claim import claim_filters
from api.kinds.filters import keyword_filter
from api.kinds.kind import Collection
from schemas.base import OneOf
from schemas.claim import other_claim
from schemas.inferred import inferable

KIND_BY_NAME = {kind.name: kind for kind in KINDS}

RECORD_TYPES = ("article", *KIND_BY_NAME)


def _any_field(names: typing.Iterable[tuple[str, ...]]) -> tuple[str, ...]:
    """Return the distinct field names of all kinds."""
    return tuple(dict.fromkeys(name for kind_names in names for name in kind_names))


CLAIMS = Collection(
    name="claim",
    path="claims",
    title="claim",
    doc="Claims of all kinds together.",
    item=OneOf("Claim", {kind.name: kind.output for kind in KINDS}, other=other_claim(tuple(KIND_BY_NAME))),
    fields=_any_field(kind.fields for kind in KINDS),
    filters=(
        keyword_filter(tuple(KIND_BY_NAME), "type", "The kind of claim.", synonyms=("kind",)),
        *claim_filters(_any_field(inferable(kind.input) for kind in KINDS)),
    ),
)

COLLECTIONS = (ARTICLES, CLAIMS, *(kind.collection for kind in KINDS))
COLLECTION_BY_NAME = {collection.name: collection for collection in COLLECTIONS}
