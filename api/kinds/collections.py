"""Everything that can be listed: articles, all claims together, and each kind."""

from __future__ import annotations

import typing
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import marshmallow as ma
from marshmallow import fields

from api.kinds import KINDS
from api.kinds.article import ARTICLES
from api.kinds.claim import claim_filters
from api.kinds.filters import Document, word_of
from api.kinds.kind import Collection
from schemas.claim import other_claim
from schemas.inferred import inferable
from schemas.shapes import OneOf

KIND_BY_NAME = {kind.name: kind for kind in KINDS}

RECORD_TYPES = ("article", *KIND_BY_NAME)

_OTHER = other_claim(tuple(KIND_BY_NAME))


def _any_claim(shapes: Mapping[str, type[ma.Schema]]) -> OneOf:
    return OneOf("Claim", dict(shapes), discriminator="type", other=_OTHER)


def _any_field(names: typing.Iterable[tuple[str, ...]]) -> tuple[str, ...]:
    """What any kind has, each once: a claim of another kind leaves it out."""
    return tuple(dict.fromkeys(name for each in names for name in each))


CLAIMS = Collection(
    name="claim",
    path="claims",
    title="claim",
    doc="Claims of all kinds together.",
    item=_any_claim({kind.name: kind.output for kind in KINDS}),
    fields=_any_field(kind.fields for kind in KINDS),
    filters=(
        word_of(tuple(KIND_BY_NAME), "type", "The kind of claim.", synonyms=("kind",)),
        *claim_filters(_any_field(inferable(kind.input) for kind in KINDS)),
    ),
)

COLLECTIONS = (ARTICLES, CLAIMS, *(kind.collection for kind in KINDS))
COLLECTION_BY_NAME = {collection.name: collection for collection in COLLECTIONS}


@dataclass(frozen=True)
class Reshaped:
    """How a kind of claim is shown otherwise than it is stored: in what shape, made how of the stored document."""

    shape: type[ma.Schema]
    show: Callable[[Document], Document]

    @property
    def fields(self) -> tuple[str, ...]:
        """The names of its document's fields, in their order."""
        return tuple(name for name in self.shape._declared_fields if name != "article")


def reshaped(kinds: Mapping[str, Reshaped]) -> tuple[Collection, ...]:
    """Everything that can be listed, where these kinds of claims, by name, are shown otherwise than they are stored."""

    def show(stored: Document) -> Document:
        known = kinds.get(stored["type"])
        return stored if known is None else known.show(stored)

    def of(collection: Collection) -> Collection:
        known = kinds.get(collection.type or "")
        if known is not None:
            return replace(collection, item=fields.Nested(known.shape), fields=known.fields, show=known.show)
        if collection is CLAIMS and kinds:
            return replace(
                CLAIMS,
                item=_any_claim(
                    {kind.name: kinds[kind.name].shape if kind.name in kinds else kind.output for kind in KINDS}
                ),
                fields=_any_field(kinds[kind.name].fields if kind.name in kinds else kind.fields for kind in KINDS),
                show=show,
            )
        return collection

    return tuple(map(of, COLLECTIONS))
