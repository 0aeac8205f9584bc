"""Linked data (JSON-LD 1.1): records in schema.org terms, evidence as Web Annotation selectors.

Fields without a schema.org term keep their names in the vocabulary of this project. No field is dropped, and new kinds
need no changes here. The response includes the context, so clients do not fetch it.
"""

from __future__ import annotations

import re
import typing
from collections.abc import Mapping

from api.kinds.collections import KIND_BY_NAME
from schemas.documents import ArticleDocument, ClaimDocument, OnRecordDocument, PartyDocument, SpanDocument

Node = dict[str, typing.Any]

# The terms whose values are IRIs.
_LINKS = ("about", "appearance", "isBasedOn", "sameAs", "url")
_DATES = ("dateCreated", "datePublished")
# Names separated by spaces.
_TERMS = (
    "abstract author contentLocation creditText dateline headline inLanguage jobTitle locationCreated name publisher "
    "spokenByCharacter temporalCoverage text"
)
_TYPES = "Claim GovernmentOrganization NewsArticle NewsMediaOrganization Organization Person Place Quotation"
_SELECTORS = ("SpecificResource", "TextPositionSelector", "TextQuoteSelector")

CONTEXT: Node = {
    "@version": 1.1,
    # The vocabulary of this project, the same on every server.
    "@vocab": "urn:onrecord:v1:",
    "schema": "https://schema.org/",
    "oa": "http://www.w3.org/ns/oa#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
    **{name: f"schema:{name}" for name in f"{_TERMS} {_TYPES}".split()},
    **{name: {"@id": f"schema:{name}", "@type": "@id"} for name in _LINKS},
    **{name: {"@id": f"schema:{name}", "@type": "schema:Date"} for name in _DATES},
    **{name: f"oa:{name}" for name in _SELECTORS},
    "source": {"@id": "oa:hasSource", "@type": "@id"},
    "selector": "oa:hasSelector",
    "exact": "oa:exact",
    "start": {"@id": "oa:start", "@type": "xsd:nonNegativeInteger"},
    "end": {"@id": "oa:end", "@type": "xsd:nonNegativeInteger"},
    # The spans are ordered.
    "evidence": {"@id": "urn:onrecord:v1:evidence", "@container": "@list"},
}

# The schema.org types of party kinds. The default is Organization.
_PARTIES = {"person": "Person", "government": "GovernmentOrganization", "media": "NewsMediaOrganization"}

# Fields with a schema.org or Web Annotation term.
_MAPPED = frozenset({"id", "article_id", "claimant", "evidence", "restates", "same_as", "text", "place"})
_MAPPED_OF_ARTICLES = frozenset({"id", "headline", "standfirst", "publisher", "byline", "url", "language", "dateline"})

# schema.org supports only some EDTF dates.
_PLAIN = re.compile("[0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?")


def claim(record: ClaimDocument, article: ArticleDocument, base: str) -> Node:
    """Return a claim and its article as JSON-LD. `base` is the URL of the version. A Quotation is also a Claim."""
    source = _article(article, base)
    claimant = _party(record["claimant"], source)
    linked_type = KIND_BY_NAME[record["type"]].linked_type
    quoted = linked_type == "Quotation"
    place = None if record.get("place") is None else {"@type": "Place", "name": record.get("place")}
    spans = [_span(span, source["@id"]) for span in record["evidence"]]
    node = {
        "@context": CONTEXT,
        "@id": f"{base}/claims/{record['id']}",
        "@type": linked_type if linked_type == "Claim" else ["Claim", linked_type],
        "author": claimant,
        "spokenByCharacter": claimant if quoted else None,
        "text": record.get("text") if quoted else " […] ".join(span["exact"] for span in record["evidence"]),
        "dateCreated": _plain(record["claimed_on"]),
        "temporalCoverage": _interval(record["on_record"]),
        "locationCreated": place if quoted else None,
        "contentLocation": None if quoted else place,
        "about": record["same_as"],
        "isBasedOn": None if record["restates"] is None else f"{base}/claims/{record['restates']}",
        "appearance": source,
        "evidence": spans,
        **{name: _linked(value, source) for name, value in record.items() if name not in _MAPPED},
    }
    return _without_empty(node)


def article(record: ArticleDocument, base: str) -> Node:
    """Return an article as JSON-LD. `base` is the URL of the version."""
    return {"@context": CONTEXT, **_article(record, base)}


def _article(record: ArticleDocument, base: str) -> Node:
    publisher = record["publisher"]
    node = {
        "@id": f"{base}/articles/{record['id']}",
        "@type": "NewsArticle",
        "headline": record["headline"],
        "abstract": record["standfirst"],
        "publisher": publisher and {"@type": "NewsMediaOrganization", "name": publisher},
        "creditText": record["byline"],
        "url": record["url"],
        "inLanguage": record["language"],
        "datePublished": _plain(record["published_on"]),
        "dateline": record["dateline"],
        **{name: value for name, value in record.items() if name not in _MAPPED_OF_ARTICLES},
    }
    return _without_empty(node)


def _span(span: SpanDocument, article_url: str) -> Node:
    selectors = [
        {"@type": "TextQuoteSelector", "exact": span["exact"]},
        {"@type": "TextPositionSelector", "start": span["start"], "end": span["end"]},
    ]
    node = {"@type": "SpecificResource", "source": article_url, "selector": selectors, "url": span["source"]}
    return _without_empty(node)


def _party(party: PartyDocument, source: Node) -> Node:
    if party["kind"] == "article":
        # The article itself makes the statement.
        return {"@id": source["@id"]}
    node = {
        "@type": _PARTIES.get(party["kind"], "Organization"),
        "name": party["name"],
        "jobTitle" if party["kind"] == "person" else "title": party["title"],
        "sameAs": party["same_as"],
        "kind": party["kind"],
        "country": party["country"],
    }
    return _without_empty(node)


def _linked(value: typing.Any, source: Node) -> typing.Any:
    """Return a value with its parties in schema.org terms and without nulls and empty lists."""
    if isinstance(value, list):
        return [_linked(item, source) for item in value]
    if isinstance(value, Mapping):
        if {"name", "kind", "country"} <= value.keys():
            return _party(typing.cast("PartyDocument", value), source)
        return _without_empty({name: _linked(item, source) for name, item in value.items()})
    return value


def _without_empty(node: Mapping[str, typing.Any]) -> Node:
    """Return a node without nulls and empty lists."""
    return {name: value for name, value in node.items() if value not in (None, [])}


def _plain(date: str | None) -> str | None:
    return date if date is not None and _PLAIN.fullmatch(date) else None


def _interval(days: OnRecordDocument) -> str | None:
    if days["basis"] is None:
        return None
    return f"{days['earliest'] or '..'}/{days['latest'] or '..'}"
