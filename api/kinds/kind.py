"""Kind and Collection: the declarations that the service needs of a kind of claim and of a list of records."""

from __future__ import annotations

import hashlib
import typing
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cached_property

import marshmallow as ma
import orjson
from marshmallow import fields

from api.grounding.case import CheckedFields
from api.grounding.cue_patterns import KindCues
from api.kinds import text_fragments
from api.kinds.claim import claim_filters
from api.kinds.filters import DateFilter, Filter, ListFilter, NumberFilter
from schemas import edtf
from schemas.claim import ClaimInput
from schemas.documents import (
    ArticleDocument,
    ClaimDocument,
    Fields,
    GroundingDocument,
    OnRecordDocument,
    PartyDocument,
    Stamp,
)
from schemas.evidence import without_link
from schemas.fields import ChoiceSet, Count, Edtf, Nested
from schemas.inferred import inferable
from schemas.party import PartyInput

# Fields that are not part of the statement.
_ANNOTATIONS = frozenset({"id", "inferred", "restates", "same_as"})


@dataclass(frozen=True, kw_only=True)
class Collection:
    """Records that are listed together: one kind of claim, all claims, or articles.

    The name of one record is `title`, and `doc` describes the collection. A record has the schema `item` and the fields
    `fields`. If `type` is set, the collection has only claims of that kind. The path segments `views` are not ids.
    A `default_sort` that begins with "-" is descending.
    """

    name: str
    path: str
    title: str
    doc: str
    item: fields.Field[typing.Any]
    fields: tuple[str, ...]
    filters: tuple[Filter, ...]
    default_sort: str = "-on_record"
    type: str | None = None
    views: tuple[str, ...] = ()

    @property
    def of_claims(self) -> bool:
        """Whether the collection has claims, not articles."""
        return "article_id" in self.fields

    @property
    def writes(self) -> str | None:
        """The type of record that can be created in it. None for the read-only list of all claims."""
        return self.type if self.of_claims else self.name

    @cached_property
    def by_name(self) -> dict[str, Filter]:
        return {filter_.name: filter_ for filter_ in self.filters}

    @cached_property
    def indexed(self) -> tuple[Filter, ...]:
        """The filters with index columns."""
        return tuple(filter_ for filter_ in self.filters if filter_.columns)

    @cached_property
    def lists(self) -> tuple[str, ...]:
        """The names of the lists whose entries have filters."""
        return tuple(sorted({filter_.list_ for filter_ in self.filters if isinstance(filter_, ListFilter)}))

    @cached_property
    def sorts(self) -> dict[str, str]:
        """The sort fields and their columns."""
        dated = {
            filter_.name: next(iter(filter_.columns))
            for filter_ in self.filters
            if isinstance(filter_, (DateFilter, NumberFilter))
        }
        return {**dated, "created_at": "created_at", "updated_at": "updated_at", "id": "id"}

    @cached_property
    def facets(self) -> tuple[str, ...]:
        return tuple(filter_.name for filter_ in self.filters if filter_.facetable and filter_.name != "id")


@dataclass(frozen=True, kw_only=True)
class Kind:
    """A kind of claim.

    Its `filters` supplement those of every claim. The dates in `dated_by` precede `claimed_on` and the article's
    `published_on` as the source of `on_record`. The fields in `verbatim` quote the text. The paths in `views` follow
    the path of the list. Search uses the fields in `searched`, the parties, the evidence and the article's headline.
    The cue patterns in `cues` recognize statements of its values. JSON-LD has its claims as `linked_type`. On pages,
    `phrase` replaces the values of the fields in `phrased` with labelled texts.
    """

    name: str
    path: str
    title: str
    doc: str
    input: type[ClaimInput]
    output: type[ma.Schema]
    patch: type[ma.Schema]
    filters: tuple[Filter, ...]
    views: tuple[str, ...] = ()
    dated_by: tuple[str, ...] = ()
    verbatim: tuple[str, ...] = ()
    searched: tuple[str, ...] = ()
    cues: KindCues = field(default_factory=KindCues)
    linked_type: str = "Claim"
    phrased: tuple[str, ...] = ()
    phrase: Callable[[typing.Any], dict[str, str]] = lambda _: {}

    @cached_property
    def input_schema(self) -> ClaimInput:
        """An instance of the input schema."""
        return self.input()

    @cached_property
    def fields(self) -> tuple[str, ...]:
        """The names of the document's fields, in order."""
        return tuple(name for name in self.output._declared_fields if name != "article")

    @cached_property
    def collection(self) -> Collection:
        """The collection of claims of this kind."""
        return Collection(
            name=self.name,
            path=self.path,
            title=self.title,
            doc=self.doc,
            item=Nested(self.output),
            fields=self.fields,
            filters=(*self.filters, *claim_filters(inferable(self.input))),
            type=self.name,
            views=self.views,
        )

    @cached_property
    def party_roles(self) -> dict[str, bool]:
        """The names of the party fields, and whether each is a list."""
        roles = {}
        for name, declared in self.input._declared_fields.items():
            inner = declared.inner if isinstance(declared, fields.List) else declared
            if isinstance(inner, fields.Nested) and inner.nested is PartyInput:
                roles[name] = inner is not declared
        return roles

    @cached_property
    def checked(self) -> CheckedFields:
        """The fields to check against the text. Numbers, dates and parties follow from the input schema."""
        declared = self.input._declared_fields
        return CheckedFields(
            verbatim=self.verbatim,
            numbers=tuple(name for name, field_ in declared.items() if isinstance(field_, Count)),
            dates=tuple(name for name, field_ in declared.items() if isinstance(field_, Edtf)),
            parties=self.party_roles,
            cues=self.cues,
        )

    def sent_fields(self, document: Fields) -> frozenset[str]:
        """Return the fields of a loaded record or a document that state something.

        Derived fields are omitted, and so are fields with their default, because documents have every field.
        """
        declared, derived = self.input_schema.fields, self.input_schema.derived(document)
        names = (name for name in declared if name != "id" and name not in derived)
        return frozenset(name for name in names if document[name] not in (None, [], declared[name].load_default))

    def parties(self, document: Fields) -> Iterator[tuple[str, PartyDocument]]:
        """Yield the role and document of each party of a claim."""
        for role, many in self.party_roles.items():
            for party in document[role] if many else [document[role]]:
                if party is not None:
                    yield role, party

    def texts(self, claim: Fields, article: ArticleDocument) -> Iterator[str]:
        """Yield the searchable texts of a claim, the most important first."""
        for name in self.searched:
            value = claim[name] or ()
            yield from (value,) if isinstance(value, str) else value
        yield article["headline"]
        yield from (party["name"] for _, party in self.parties(claim))
        yield from (span["exact"] for span in claim["evidence"])

    def on_record(self, claim: Fields, article: ArticleDocument) -> OnRecordDocument:
        """Return the days that a claim is about or was made on, and the field that they come from."""
        for basis in (*self.dated_by, "claimed_on", "published_on"):
            value = article["published_on"] if basis == "published_on" else claim[basis]
            if value is not None:
                days = edtf.days(value)
                return {"earliest": days.earliest, "latest": days.latest, "basis": basis}
        return {"earliest": None, "latest": None, "basis": None}

    def content_hash(self, document: Fields) -> bytes:
        """Return a hash of the statement. It is equal for claims that differ only in annotations.

        The order in a set is ignored. An empty set is omitted, because hashes of version 1.0, which had no sets,
        are stored.
        """
        statement = {name: document[name] for name in self.input_schema.fields if name not in _ANNOTATIONS}
        statement["evidence"] = [without_link(span) for span in document["evidence"]]
        for name, declared in self.input_schema.fields.items():
            if isinstance(declared, ChoiceSet) and (values := statement.pop(name)):
                statement[name] = sorted(values)
        return hashlib.sha256(orjson.dumps([self.name, statement], option=orjson.OPT_SORT_KEYS)).digest()[:16]

    def document(
        self, claim: Fields, article: ArticleDocument, grounding: GroundingDocument, stamp: Stamp
    ) -> ClaimDocument:
        """Return a claim as the API returns it, with its fields in the order of the output schema.

        `claim` is the loaded input. `stamp` has `version`, `created_at` and `updated_at`.
        """
        url = article["url"]
        # Repeated spans are dropped.
        spans = {(span["start"], span["end"]): span for span in claim["evidence"]}.values()
        evidence = [
            {**without_link(span), "source": None if url is None else text_fragments.fragment_url(url, span["exact"])}
            for span in spans
        ]
        whole = {
            **claim,
            "type": self.name,
            "evidence": evidence,
            "on_record": self.on_record(claim, article),
            "grounding": grounding,
            **stamp,
        }
        return typing.cast("ClaimDocument", {name: whole[name] for name in self.fields})
