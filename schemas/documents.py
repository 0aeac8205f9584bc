"""Documents of records, as the API stores and returns them. They have the fields of the output schemas.

A vocabulary value is a plain string, because a later version may add values.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypedDict, TypeVar, final

# A document whose fields are read by name: code over all kinds takes the names from their schemas.
Fields = Mapping[str, Any]


class SpanDocument(TypedDict):
    exact: str
    start: int
    end: int
    source: str | None


class PartyDocument(TypedDict):
    name: str
    kind: str
    country: str | None
    title: str | None
    same_as: str | None


class SourceDocument(TypedDict):
    name: str
    role: str


class OnRecordDocument(TypedDict):
    earliest: str | None
    latest: str | None
    basis: str | None


class CheckResultDocument(TypedDict):
    check: str
    outcome: str
    reason: str | None


class GroundingDocument(TypedDict):
    status: str
    checks: list[CheckResultDocument]


class Stamp(TypedDict):
    version: int
    created_at: str
    updated_at: str


@final
class ArticleDocument(Stamp):
    id: str
    type: str
    headline: str
    standfirst: str | None
    publisher: str | None
    byline: str | None
    url: str | None
    language: str
    published_on: str | None
    dateline: str | None
    conflict: str | None
    info_sources: list[SourceDocument]
    inferred: list[str]
    text_sha256: str | None
    text_length: int | None
    text_held: bool


class ClaimDocument(Stamp):
    """The fields of every claim."""

    id: str
    type: str
    article_id: str
    claimant: PartyDocument
    via: list[PartyDocument]
    claimed_on: str | None
    evidence: list[SpanDocument]
    inferred: list[str]
    restates: str | None
    same_as: list[str]
    on_record: OnRecordDocument
    grounding: GroundingDocument


class QuoteDocument(ClaimDocument):
    mode: str
    text: str
    quoted: list[str]
    cue: str | None
    addressee: PartyDocument | None
    occasion: str | None
    place: str | None


class CeasefireDocument(ClaimDocument):
    status: str
    ceasefire: str | None
    count: int
    agreed_on: str | None
    effective_on: str | None
    ended_on: str | None
    form: str
    purpose: str
    parties: list[PartyDocument]
    mediators: list[PartyDocument]
    accused: list[PartyDocument]
    name: str | None


class ResolutionDocument(ClaimDocument):
    organ: str
    organ_name: str
    count: int
    symbols: list[str]
    adopted_on: str | None
    topic: str | None
    demand: str | None
    addressee: PartyDocument | None


class CasualtyReportDocument(ClaimDocument):
    harm: str
    population: str
    subgroups: list[str]
    affected: list[PartyDocument]
    count: int | None
    qualifier: str
    wording: str | None
    low: int | None
    high: int | None
    since: str | None
    as_of: str | None
    place: str | None


Document = ArticleDocument | ClaimDocument
DocumentT = TypeVar("DocumentT", bound=ClaimDocument)
