"""/articles/{id}: an article for people to read: what it puts on record, with the words that prove it. No script."""

from __future__ import annotations

import typing
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

import orjson
from flask import Response, current_app, g

from api.comparison.phrasing import figure
from api.http.conditions import list_tag, not_modified, tagged
from api.http.scopes import TEXTS_READ
from api.http.versions import current_version
from api.kinds.article import ARTICLES
from api.kinds.collections import CLAIMS, KIND_BY_NAME
from api.settings import Settings
from api.store import reading, texts
from api.store.conditions import Condition
from api.store.engine import Store
from schemas.values import Choice, WordSet

# More claims than this of one article are left to the lists.
MOST_CLAIMS = 500

# What every claim has is shown in places of its own.
_SHOWN_APART = frozenset(
    {
        "id",
        "type",
        "article_id",
        "claimant",
        "evidence",
        "on_record",
        "grounding",
        "version",
        "created_at",
        "updated_at",
    }
)

Document = dict[str, typing.Any]


@dataclass(frozen=True)
class TextSegment:
    """A piece of a text that is evidence for the same claims throughout, by their numbers on the page."""

    text: str
    claims: tuple[int, ...]
    # The claims whose evidence ends with it.
    ended: tuple[int, ...]


class ArticlePage(typing.NamedTuple):
    """What the page shows, and the tag of it."""

    tag: str
    content: dict[str, typing.Any]


def of(article_id: str) -> ArticlePage | Response:
    """The page of an article, or the 304 for who has it; raises NotFound or Gone."""
    store = typing.cast("Store", current_app.extensions["onrecord"])
    shown = _may_show_text()
    with store.reading() as reader:
        reading.versions(reader, ARTICLES, article_id, with_article=False)
        tag = list_tag(reading.moment(reader), "text.html" if shown else "html")
        if (unchanged := not_modified(tag)) is not None:
            return _depends_on_the_key(unchanged)
        article = orjson.loads(reading.item(reader, ARTICLES, article_id, with_article=False).document)
        condition = Condition(CLAIMS.by_name["article_id"], "is", [article_id])
        ask = reading.Ask(CLAIMS, (condition,), (("position", False),), MOST_CLAIMS)
        page = reading.page(reader, ask)
        text = texts.get(reader, article_id).text if shown and article["text_held"] else None
    claims = [orjson.loads(entry.document) for entry in page.entries]
    content = {
        "article": article,
        "prefix": current_version().prefix,
        "claims": [_told(claim) for claim in claims],
        "more": page.more_after,
        "text_segments": [] if text is None else list(text_segments(text, claims)),
        "compared": any(claim["type"] == "casualty_report" for claim in claims),
    }
    return ArticlePage(tag, content)


def finished(response: Response, tag: str) -> Response:
    """The page with its tag; whether it shows the text depends on who asks."""
    return _depends_on_the_key(tagged(response, tag))


def _depends_on_the_key(response: Response) -> Response:
    response.vary.add("Authorization")
    return response


def _may_show_text() -> bool:
    settings: Settings = current_app.config["ONRECORD"]
    return settings.texts_shown or (g.key is not None and TEXTS_READ in g.key.scopes)


def text_segments(text: str, claims: Iterable[Document]) -> Iterable[TextSegment]:
    """A text in pieces, cut where the evidence of any claim begins or ends; claims count from 1.

    >>> [(each.text, each.claims) for each in text_segments("one two", [{"evidence": [{"start": 4, "end": 7}]}])]
    [('one ', ()), ('two', (1,))]
    """
    begun: dict[int, list[int]] = {}
    ended: dict[int, list[int]] = {}
    for number, claim in enumerate(claims, 1):
        for span in claim["evidence"]:
            begun.setdefault(span["start"], []).append(number)
            ended.setdefault(span["end"], []).append(number)
    # How many spans of each claim go on from one cut to the next.
    spans: Counter[int] = Counter()
    for begin, end in pairwise(sorted({0, len(text), *begun, *ended})):
        spans.update(begun.get(begin, ()))
        spans.subtract(ended.get(begin, ()))
        spans = +spans
        if begin < len(text):
            yield TextSegment(text[begin:end], tuple(sorted(spans)), tuple(dict.fromkeys(ended.get(end, ()))))


def _told(claim: Document) -> dict[str, typing.Any]:
    """A claim as the page has it: the values that it states, in words."""
    kind = KIND_BY_NAME[claim["type"]]
    shape = kind.input._declared_fields
    values = {
        name: _words(value, of_a_vocabulary=isinstance(shape.get(name), (Choice, WordSet)))
        for name, value in claim.items()
        if name not in _SHOWN_APART
    }
    if claim["type"] == "casualty_report":
        values = {"figure": figure(claim), **{name: each for name, each in values.items() if name not in _FIGURE}}
    stated = {name.replace("_", " "): words for name, words in values.items() if words}
    path = f"{current_version().prefix}/{kind.path}/{claim['id']}"
    return {
        **claim,
        "kind": kind.title,
        "path": path,
        "stated": stated,
        "grounded": grounding_words(claim["grounding"]),
    }


_GROUNDED = {"verified": "Verified", "partial": "Partly verified", "unverified": "Unverified"}


def grounding_words(grounding: Document) -> str:
    """Return in words how far the evidence was checked, and why not further.

    >>> undecided = {"check": "cue", "outcome": "undecided", "reason": "Nothing is understood as a statement of harm."}
    >>> grounding_words({"status": "partial", "checks": [undecided]})
    'Partly verified: nothing is understood as a statement of harm.'
    """
    reasons = [
        check["reason"]
        for check in grounding["checks"]
        if check["outcome"] == "undecided" or (check["check"], check["outcome"]) == ("span", "not_run")
    ]
    words = " ".join(filter(None, reasons))
    status = _GROUNDED[grounding["status"]]
    return f"{status}: {words[0].lower()}{words[1:]}" if words else f"{status}."


_FIGURE = ("count", "qualifier", "wording", "low", "high")


def _words(value: typing.Any, *, of_a_vocabulary: bool) -> str:
    if isinstance(value, list):
        return ", ".join(_words(each, of_a_vocabulary=of_a_vocabulary) for each in value)
    if isinstance(value, dict):
        return str(value.get("name", ""))
    if of_a_vocabulary:
        return "" if value in (None, "unspecified") else str(value).replace("_", " ")
    return "" if value is None else str(value)
