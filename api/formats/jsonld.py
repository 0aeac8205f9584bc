"""Linked data: records as schema.org has them (JSON-LD 1.1), evidence as the selectors of Web Annotation.

What schema.org has no word for keeps its name, in a vocabulary of ours: so a new kind follows by itself, and nothing
of a record is dropped. The context is in the answer, so nobody has to fetch one.
"""

from __future__ import annotations

import re
import typing
from collections.abc import Mapping

Record = Mapping[str, typing.Any]
Node = dict[str, typing.Any]

# The terms whose values are addresses of other things.
_LINKS = ("about", "appearance", "isBasedOn", "sameAs", "url")
_DATES = ("dateCreated", "datePublished")
_WORDS = (
    "abstract",
    "author",
    "contentLocation",
    "creditText",
    "dateline",
    "headline",
    "inLanguage",
    "jobTitle",
    "locationCreated",
    "name",
    "publisher",
    "spokenByCharacter",
    "temporalCoverage",
    "text",
)
_TYPES = (
    "Claim",
    "GovernmentOrganization",
    "NewsArticle",
    "NewsMediaOrganization",
    "Organization",
    "Person",
    "Place",
    "Quotation",
)
_SELECTORS = ("SpecificResource", "TextPositionSelector", "TextQuoteSelector")

CONTEXT: Node = {
    "@version": 1.1,
    # Ours, and the same wherever this runs.
    "@vocab": "urn:onrecord:v1:",
    "schema": "https://schema.org/",
    "oa": "http://www.w3.org/ns/oa#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
    **{name: f"schema:{name}" for name in (*_WORDS, *_TYPES)},
    **{name: {"@id": f"schema:{name}", "@type": "@id"} for name in _LINKS},
    **{name: {"@id": f"schema:{name}", "@type": "schema:Date"} for name in _DATES},
    **{name: f"oa:{name}" for name in _SELECTORS},
    "source": {"@id": "oa:hasSource", "@type": "@id"},
    "selector": "oa:hasSelector",
    "exact": "oa:exact",
    "start": {"@id": "oa:start", "@type": "xsd:nonNegativeInteger"},
    "end": {"@id": "oa:end", "@type": "xsd:nonNegativeInteger"},
    # The order of the spans is that of the text.
    "evidence": {"@id": "urn:onrecord:v1:evidence", "@container": "@list"},
}

# What schema.org calls the kinds of party; any other is an organisation.
_PARTIES = {"person": "Person", "government": "GovernmentOrganization", "media": "NewsMediaOrganization"}
# And the claims that are more than a Claim to it.
_CLAIMS = {"quote": ["Claim", "Quotation"]}

# What is said in words of schema.org's or of Web Annotation's.
_SAID = frozenset({"id", "article_id", "claimant", "evidence", "restates", "same_as", "text", "place"})
_SAID_OF_ARTICLES = frozenset({"id", "headline", "standfirst", "publisher", "byline", "url", "language", "dateline"})

# EDTF has more dates than schema.org.
_PLAIN = re.compile("[0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?")


def claim(record: Record, article: Record, base: str) -> Node:
    """A claim that an article prints, under the address `base` of a version's paths; a quote is a Quotation, too."""
    source = _article(article, base)
    says = _party(record["claimant"], source)
    quoted = record["type"] == "quote"
    place = None if record.get("place") is None else {"@type": "Place", "name": record["place"]}
    spans = [_span(span, source["@id"]) for span in record["evidence"]]
    node = {
        "@context": CONTEXT,
        "@id": _claim_address(base, record["id"]),
        "@type": _CLAIMS.get(record["type"], "Claim"),
        "author": says,
        "spokenByCharacter": says if quoted else None,
        "text": record["text"] if quoted else " […] ".join(span["exact"] for span in record["evidence"]),
        "dateCreated": _plain(record["claimed_on"]),
        "temporalCoverage": _interval(record["on_record"]),
        "locationCreated": place if quoted else None,
        "contentLocation": None if quoted else place,
        "about": record["same_as"],
        "isBasedOn": None if record["restates"] is None else _claim_address(base, record["restates"]),
        "appearance": source,
        "evidence": spans,
        **{name: _linked(value, source) for name, value in record.items() if name not in _SAID},
    }
    return _stated(node)


def article(record: Record, base: str) -> Node:
    """An article, under the address `base` of a version's paths."""
    return {"@context": CONTEXT, **_article(record, base)}


def _article(record: Record, base: str) -> Node:
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
        **{name: value for name, value in record.items() if name not in _SAID_OF_ARTICLES},
    }
    return _stated(node)


def _span(span: Record, article_address: str) -> Node:
    selectors = [
        {"@type": "TextQuoteSelector", "exact": span["exact"]},
        {"@type": "TextPositionSelector", "start": span["start"], "end": span["end"]},
    ]
    node = {"@type": "SpecificResource", "source": article_address, "selector": selectors, "url": span["source"]}
    return _stated(node)


def _party(party: Record, source: Node) -> Node:
    if party["kind"] == "article":
        # It speaks in its own voice, whatever the claim calls it.
        return {"@id": source["@id"]}
    node = {
        "@type": _PARTIES.get(party["kind"], "Organization"),
        "name": party["name"],
        "jobTitle" if party["kind"] == "person" else "title": party["title"],
        "sameAs": party["same_as"],
        "kind": party["kind"],
        "country": party["country"],
    }
    return _stated(node)


def _linked(value: typing.Any, source: Node) -> typing.Any:
    """A value with the parties in it as schema.org has them, and without what is not stated."""
    if isinstance(value, list):
        return [_linked(each, source) for each in value]
    if isinstance(value, Mapping):
        if {"name", "kind", "country"} <= value.keys():
            return _party(value, source)
        return _stated({name: _linked(each, source) for name, each in value.items()})
    return value


def _stated(node: Mapping[str, typing.Any]) -> Node:
    """Without what is not stated, which linked data has no word for."""
    return {name: value for name, value in node.items() if value not in (None, [])}


def _claim_address(base: str, id_: str) -> str:
    return f"{base}/claims/{id_}"


def _plain(date: str | None) -> str | None:
    return date if date is not None and _PLAIN.fullmatch(date) else None


def _interval(days: Record) -> str | None:
    if days["basis"] is None:
        return None
    return f"{days['earliest'] or '..'}/{days['latest'] or '..'}"
