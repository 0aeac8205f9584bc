"""The page /articles/{id}: an article's claims and their evidence, without JavaScript."""

from __future__ import annotations

import typing
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import pairwise

import orjson
from flask import Response, current_app

from api.http.context import current_request, current_store
from api.http.etags import list_etag, not_modified, with_etag
from api.http.scopes import TEXTS_READ
from api.http.versions import current_version
from api.kinds import KINDS
from api.kinds.article import ARTICLES
from api.kinds.collections import CLAIMS, KIND_BY_NAME
from api.settings import Settings
from api.store import article_texts, read
from api.store.filter_sql import Condition
from api.store.statement_cache import Reader
from schemas.documents import ArticleDocument, ClaimDocument, GroundingDocument
from schemas.fields import Choice, ChoiceSet

# The page links to the list for the claims beyond these.
CLAIMS_MAX = 500

# The template shows the other fields of every claim itself.
_COMMON_VALUES = {"via", "claimed_on", "inferred", "restates", "same_as"}
_SHOWN_BY_TEMPLATE = ClaimDocument.__required_keys__ - _COMMON_VALUES


@dataclass(frozen=True)
class TextSegment:
    """A segment of a text that is evidence of the same claims throughout, by their numbers on the page."""

    text: str
    claims: tuple[int, ...]
    # The claims whose evidence ends with the segment.
    ended: tuple[int, ...]


def respond(article_id: str, render: Callable[..., Response]) -> Response:
    """Return the page of an article, or 304. Raises NotFound or Gone.

    `render` makes a response of a template's name and its content.
    """
    text_shown = _may_show_text()
    with current_store().reading() as reader:
        read.item(reader, ARTICLES, article_id)
        tag = list_etag(read.feed_position(reader), "text.html" if text_shown else "html")
        response = not_modified(tag)
        content = {} if response is not None else _content(reader, article_id, text_shown=text_shown)
    if response is None:
        response = with_etag(render("article.html", **content), tag)
    # The page has the text if the key can read texts.
    response.vary.add("Authorization")
    return response


def _content(reader: Reader, article_id: str, *, text_shown: bool) -> dict[str, typing.Any]:
    article: ArticleDocument = orjson.loads(read.item(reader, ARTICLES, article_id).document)
    condition = Condition(CLAIMS.by_name["article_id"], "is", [article_id])
    page = read.page(reader, read.ListQuery(CLAIMS, (condition,), (("position", False),), CLAIMS_MAX))
    text = article_texts.get(reader, article_id)[0] if text_shown and article["text_held"] else None
    claims: list[ClaimDocument] = list(map(orjson.loads, page.documents))
    types = {claim["type"] for claim in claims}
    return {
        "article": article,
        "prefix": current_version().prefix,
        "claims": [_claim_content(claim) for claim in claims],
        "more": page.more_after,
        "segments": [] if text is None else list(text_segments(text, claims)),
        "compared": [kind for kind in KINDS if "compare" in kind.views and kind.name in types],
    }


def _may_show_text() -> bool:
    settings: Settings = current_app.config["ONRECORD"]
    key = current_request().key
    return settings.texts_shown or (key is not None and TEXTS_READ in key.scopes)


def text_segments(text: str, claims: Iterable[ClaimDocument]) -> Iterable[TextSegment]:
    """Yield the segments of a text, split at each start and end of evidence. Claims are numbered from 1.

    >>> claim = {"evidence": [{"start": 4, "end": 7}]}
    >>> [(segment.text, segment.claims) for segment in text_segments("one two", [claim])]
    [('one ', ()), ('two', (1,))]
    """
    begun: dict[int, list[int]] = {}
    ended: dict[int, list[int]] = {}
    for number, claim in enumerate(claims, 1):
        for span in claim["evidence"]:
            begun.setdefault(span["start"], []).append(number)
            ended.setdefault(span["end"], []).append(number)
    # The number of spans of each claim that cover the segment.
    spans: Counter[int] = Counter()
    for begin, end in pairwise(sorted({0, len(text), *begun, *ended})):
        spans.update(begun.get(begin, ()))
        spans.subtract(ended.get(begin, ()))
        spans = +spans
        if begin < len(text):
            yield TextSegment(text[begin:end], tuple(sorted(spans)), tuple(dict.fromkeys(ended.get(end, ()))))


def _claim_content(claim: ClaimDocument) -> dict[str, typing.Any]:
    """Return a claim as the template shows it, with its values as text."""
    kind = KIND_BY_NAME[claim["type"]]
    fields = kind.input._declared_fields
    values = {
        name: _text(value, is_vocabulary=isinstance(fields.get(name), (Choice, ChoiceSet)))
        for name, value in claim.items()
        if name not in _SHOWN_BY_TEMPLATE
    }
    values = {**kind.phrase(claim), **{name: text for name, text in values.items() if name not in kind.phrased}}
    stated = {name.replace("_", " "): text for name, text in values.items() if text}
    path = f"{current_version().prefix}/{kind.path}/{claim['id']}"
    return {
        **claim,
        "kind": kind.title,
        "path": path,
        "stated": stated,
        "grounded": grounding_text(claim["grounding"]),
    }


_GROUNDED = {"verified": "Verified", "partial": "Partly verified", "unverified": "Unverified"}


def grounding_text(grounding: GroundingDocument) -> str:
    """Return the status of the checks as text, with the reasons of undecided checks.

    >>> undecided = {"check": "cue", "outcome": "undecided", "reason": "Nothing is understood as a statement of harm."}
    >>> grounding_text({"status": "partial", "checks": [undecided]})
    'Partly verified: nothing is understood as a statement of harm.'
    """
    reasons = [
        check["reason"]
        for check in grounding["checks"]
        if check["outcome"] == "undecided" or (check["check"], check["outcome"]) == ("span", "not_run")
    ]
    text = " ".join(filter(None, reasons))
    status = _GROUNDED[grounding["status"]]
    return f"{status}: {text[0].lower()}{text[1:]}" if text else f"{status}."


def _text(value: typing.Any, *, is_vocabulary: bool) -> str:
    if isinstance(value, list):
        return ", ".join(_text(item, is_vocabulary=is_vocabulary) for item in value)
    if isinstance(value, dict):
        return str(value.get("name", ""))
    if is_vocabulary:
        return "" if value in (None, "unspecified") else str(value).replace("_", " ")
    return "" if value is None else str(value)
