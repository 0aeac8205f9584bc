"""Kind: what the service needs to know of a kind of claim; and Collection: what it needs of anything it lists."""

from __future__ import annotations

import hashlib
import typing
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

import marshmallow as ma
import orjson
from marshmallow import fields

from api.grounding.case import CheckedFields
from api.grounding.cue_patterns import KindCues
from api.kinds import text_fragments
from api.kinds.claim import claim_filters
from api.kinds.filters import DateFilter, Document, Filter, NumberFilter
from schemas import edtf
from schemas.claim import ClaimInput
from schemas.evidence import without_link
from schemas.fields import ChoiceSet, Count, Edtf
from schemas.inferred import inferable
from schemas.party import PartyInput

# What is noted about a claim, beside what it says.
_NOTED = frozenset({"id", "inferred", "restates", "same_as"})


@dataclass(frozen=True, kw_only=True)
class Collection:
    """Records that are listed together: one kind of claim, all claims, or articles.

    `title` is what one is called, `doc` says what they are; `item` is the shape of one, `fields` are the names of
    its fields; `type` narrows claims to one kind; `views` are the words behind its path that are no ids. Sorts are by
    field name; `default_sort` begins with "-" for descending.
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
        """Whether it lists claims, which have an article, and not the articles themselves."""
        return "article_id" in self.fields

    @property
    def writes(self) -> str | None:
        """The type of record that is put into it; claims of all kinds together are only read."""
        return self.type if self.of_claims else self.name

    def includes_type(self, type_: str) -> bool:
        """Whether records of a type are listed in it."""
        return self.type == type_ if self.type is not None else (type_ == "article") != self.of_claims

    @cached_property
    def by_name(self) -> dict[str, Filter]:
        return {filter_.name: filter_ for filter_ in self.filters}

    @cached_property
    def sorts(self) -> dict[str, str]:
        """What can be sorted by, and the column that does it."""
        dated = {
            filter_.name: filter_.sort_column
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

    `filters` are its own, beside those of every claim; `dated_by` are the fields that say which day it speaks of,
    before `claimed_on` and the article's `published_on`; `verbatim` are those that hold words of the text; `views` are
    what it has beside lists;
    `searched` are those that it is found by, beside its parties, its evidence and its article's headline;
    `cues` are the words that state its values.
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

    @cached_property
    def input_schema(self) -> ClaimInput:
        """The input schema, built once."""
        return self.input()

    @cached_property
    def fields(self) -> tuple[str, ...]:
        """The names of its document's fields, in their order."""
        return tuple(name for name in self.output._declared_fields if name != "article")

    @cached_property
    def collection(self) -> Collection:
        """The list of its claims."""
        return Collection(
            name=self.name,
            path=self.path,
            title=self.title,
            doc=self.doc,
            item=fields.Nested(self.output),
            fields=self.fields,
            filters=(*self.filters, *claim_filters(inferable(self.input))),
            type=self.name,
            views=self.views,
        )

    @cached_property
    def party_roles(self) -> dict[str, bool]:
        """The fields that hold parties, and whether they hold a list of them."""
        roles = {}
        for name, given in self.input._declared_fields.items():
            many = isinstance(given, fields.List)
            inner = given.inner if isinstance(given, fields.List) else given
            if isinstance(inner, fields.Nested) and inner.nested is PartyInput:
                roles[name] = many
        return roles

    @cached_property
    def checked(self) -> CheckedFields:
        """How its fields are held against the text: what holds numbers, dates and parties, its shape says."""
        shape = self.input._declared_fields
        return CheckedFields(
            verbatim=self.verbatim,
            numbers=tuple(name for name, given in shape.items() if isinstance(given, Count)),
            dates=tuple(name for name, given in shape.items() if isinstance(given, Edtf)),
            parties=self.party_roles,
            cues=self.cues,
        )

    def sent_fields(self, document: Document) -> frozenset[str]:
        """The fields that a stored document's sender must have given: all but defaults and what is derived."""
        shape, derived = self.input_schema.fields, self.input_schema.derived(document)
        given = (name for name in shape if name != "id" and name not in derived)
        return frozenset(name for name in given if document[name] not in (None, [], shape[name].load_default))

    def parties(self, document: Document) -> Iterator[tuple[str, Document]]:
        """Role and party of everybody that a claim names."""
        for role, many in self.party_roles.items():
            for party in document[role] if many else [document[role]]:
                if party is not None:
                    yield role, party

    def texts(self, claim: Document, article: Document) -> Iterator[str]:
        """The texts that a claim is found by, the most telling first."""
        for name in self.searched:
            value = claim[name] or ()
            yield from (value,) if isinstance(value, str) else value
        yield article["headline"]
        yield from (party["name"] for _, party in self.parties(claim))
        yield from (span["exact"] for span in claim["evidence"])

    def on_record(self, claim: Document, article: Document) -> dict[str, str | None]:
        """The days that a claim speaks of or was made on, and the field that they come from."""
        for basis in (*self.dated_by, "claimed_on", "published_on"):
            value = article[basis] if basis == "published_on" else claim[basis]
            if value is not None:
                days = edtf.days(value)
                return {"earliest": days.earliest, "latest": days.latest, "basis": basis}
        return {"earliest": None, "latest": None, "basis": None}

    def content_hash(self, document: Document) -> str:
        """Return a fingerprint of the statement: equal for two claims that differ only in the noted fields.

        The order of a set of words does not count. An empty set is left out, because version 1.0 had no such field
        and its fingerprints are stored.
        """
        says = {name: document[name] for name in self.input_schema.fields if name not in _NOTED}
        says["evidence"] = [without_link(span) for span in document["evidence"]]
        for name, declared in self.input_schema.fields.items():
            if isinstance(declared, ChoiceSet) and (words := says.pop(name)):
                says[name] = sorted(words)
        return hashlib.sha256(orjson.dumps([self.name, says], option=orjson.OPT_SORT_KEYS)).hexdigest()[:32]

    def document(
        self, claim: Document, article: Document, grounding: Mapping[str, typing.Any], stamp: Mapping[str, typing.Any]
    ) -> dict[str, typing.Any]:
        """The claim as clients get it, its fields in the order of the output shape.

        `claim` is what the input shape loaded, `stamp` its `version`, `created_at` and `updated_at`.
        """
        # The same words given twice are given once.
        spans = {(span["start"], span["end"]): span for span in claim["evidence"]}.values()
        evidence = [{**without_link(span), "source": _source(span, article)} for span in spans]
        whole = {
            **claim,
            "type": self.name,
            "evidence": evidence,
            "on_record": self.on_record(claim, article),
            "grounding": grounding,
            **stamp,
        }
        return {name: whole[name] for name in self.fields}


def _source(span: Document, article: Document) -> str | None:
    return None if article["url"] is None else text_fragments.to_words(article["url"], span["exact"])
