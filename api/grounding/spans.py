"""Checks of the spans of evidence: the text must contain their words at their offsets."""

from __future__ import annotations

import typing
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from api.grounding.locate import NOT_SEARCHED, Place, SearchableText, SearchResult
from api.grounding.normalize import spaced
from schemas.fields import truncate

# The maximum number of additional blanks around a span.
_BLANKS_MAX = 50
Span = Mapping[str, typing.Any]
Search = Callable[[SearchableText], SearchResult]


@dataclass(frozen=True, kw_only=True)
class Failure:
    """A failed check of a claim: the location in the claim, the error and its fix.

    - `pointer` and `span`, the index of a span, refer to the claim as sent.
    - `looked_for` is the claim's value. `found` are the words of the evidence or text instead.
    - `places` are the places of the value in the article's text, or of the most similar words.
    - `final` means that the evidence contradicts the value.
    - `excusable` means that naming the field in `inferred` excuses the failure.
    - `undecided` means that the check recognized no statement of the field in the evidence. The value is neither
      supported nor contradicted.
    - `search` searches the article's text for words that support the value.
    """

    check: str
    pointer: str
    detail: str
    final: bool = False
    excusable: bool = False
    undecided: bool = False
    span: int | None = None
    looked_for: str | None = None
    found: str | None = None
    places: tuple[Place, ...] = ()
    search: Search | None = None

    @property
    def field(self) -> str:
        return self.pointer.split("/")[1]

    def excused(self, inferred: Collection[str]) -> bool:
        return self.excusable and self.field in inferred

    def with_places(self, text: SearchableText | None, starts: Sequence[int]) -> Failure:
        """Return the failure with the places of the text that support the value, and the instruction to excuse it.

        The places nearest to `starts`, the offsets of the claim's spans, come first.
        """
        hint = "`inferred` does not excuse this."
        if self.excusable:
            hint = f'To send it as inferred, add "{self.field}" to `inferred`.'
        if text is None or self.search is None:
            return replace(self, detail=f"{self.detail} {hint}")
        result = self.search(text).nearest_to(*starts) if text.may_search() else NOT_SEARCHED
        return replace(self, detail=f"{self.detail} {result.message} {hint}", places=result.shown)

    def to_dict(self) -> dict[str, typing.Any]:
        """Return the failure as clients receive it, without the fields that are None.

        >>> Failure(check="number", pointer="/count", detail="No 3.", looked_for="3").to_dict()["places"]
        []
        """
        members = {
            "pointer": self.pointer,
            "detail": self.detail,
            "check": self.check,
            "field": self.field,
            "excusable": self.excusable,
            "span": self.span,
            "looked_for": self.looked_for,
            "found": self.found,
            "places": [{"start": place.start, "end": place.end, "exact": place.exact} for place in self.places],
        }
        return {
            name: truncate(value) if isinstance(value, str) else value
            for name, value in members.items()
            if value is not None
        }


def placed(evidence: list[dict[str, typing.Any]], text: SearchableText | None) -> list[dict[str, typing.Any]]:
    """Return the evidence in its order. A span without offsets gets them if its words have only one place."""
    spans = []
    for span in evidence:
        places = _places_of(span, text) if text is not None and span["start"] is None else []
        offsets = {"start": places[0].start, "end": places[0].end} if len(places) == 1 else {}
        spans.append({**span, **offsets})
    return spans


def relocated(evidence: list[dict[str, typing.Any]], text: SearchableText | None) -> list[dict[str, typing.Any]]:
    """Return the evidence with misplaced spans moved to their nearest place, so that one error is reported once."""
    spans = []
    for span in evidence:
        start = span["start"]
        misplaced = text is not None and start is not None and text.text[start : span["end"]] != span["exact"]
        places = SearchResult(_places_of(span, text)).nearest_to(start).places if text and misplaced else ()
        spans.append({**span, "start": places[0].start, "end": places[0].end} if places else span)
    return spans


def in_order(evidence: list[dict[str, typing.Any]]) -> list[dict[str, typing.Any]]:
    """Sort spans by their offsets, if all of them have offsets."""
    if any(span["start"] is None for span in evidence):
        return evidence
    return sorted(evidence, key=lambda span: (span["start"], span["end"]))


class Run(typing.NamedTuple):
    """The words of adjacent or overlapping spans, and their place in the text, or None without offsets."""

    start: int | None
    end: int | None
    words: str


def runs(evidence: list[dict[str, typing.Any]]) -> list[Run]:
    """Return the words of sorted spans. Adjacent or overlapping spans are one run.

    >>> spans = [{"exact": "said no", "start": 4, "end": 11}, {"exact": "more", "start": 12, "end": 16}]
    >>> [run.words for run in runs(spans)], runs([*spans, {"exact": "today", "start": 30, "end": 35}])[1]
    (['said no more'], Run(start=30, end=35, words='today'))
    """
    joined: list[Run] = []
    for span in evidence:
        start, exact = span["start"], span["exact"]
        end = None if start is None else start + len(exact)
        last = joined[-1] if joined else Run(None, None, "")
        if last.end is None or start is None or start > last.end + 1:
            joined.append(Run(start, end, exact))
        else:
            words = last.words + " " * (start - last.end) + exact[max(0, last.end - start) :]
            joined[-1] = Run(last.start, max(last.end, end or 0), words)
    return joined


def check_spans(
    evidence: list[dict[str, typing.Any]], text: SearchableText | None, length: int | None
) -> Iterator[Failure]:
    """Yield the failures of spans, compared with the text, or with its length if the text is not stored."""
    for index, span in enumerate(evidence):
        exact, start, end = span["exact"], span["start"], span["end"]
        if start is None:
            yield _unplaced(index, span, text)
        elif text is not None and text.text[start:end] != exact:
            result, found = _search(span, text).nearest_to(start), text.text[start:end]
            detail = f"The text at these offsets is {found!r}, not {exact!r}. {result.message}"
            yield _failure(index, "exact", detail, exact, found=found, places=result.shown)
        elif length is not None and end > length:
            yield _failure(index, "end", f"The text ends at {length}.", exact)
        elif text is not None:
            yield from _context_failures(index, span, text)


def _failure(
    index: int, member: str, detail: str, exact: str, *, found: str | None = None, places: tuple[Place, ...] = ()
) -> Failure:
    """Build the failure of a member of a span, or of the text around it."""
    return Failure(
        check="span",
        pointer=f"/evidence/{index}/{member}",
        detail=detail,
        span=index,
        looked_for=exact,
        found=found,
        places=places,
    )


def _context_failures(index: int, span: Span, text: SearchableText) -> Iterator[Failure]:
    """Yield the failures of the prefix and suffix of a span. Blanks and marks can differ."""
    start, end = span["start"], span["end"]
    for name, side in (("prefix", "before"), ("suffix", "after")):
        expected = span.get(name)
        if not expected:
            continue
        # The text can have more blanks than the prefix or suffix.
        room = 2 * len(expected) + _BLANKS_MAX
        around = text.text[max(0, start - room) : start] if name == "prefix" else text.text[end : end + room]
        matches = spaced(around).endswith if name == "prefix" else spaced(around).startswith
        if not matches(spaced(expected)):
            found = around[-len(expected) :] if name == "prefix" else around[: len(expected)]
            detail = f"The text {side} the span is {found!r}, not {expected!r}. Send these words, or omit {name}."
            places = SearchResult(_places_of(span, text)).shown
            yield _failure(index, name, detail, expected, found=found, places=places)


def _unplaced(index: int, span: Span, text: SearchableText | None) -> Failure:
    exact = span["exact"]
    if text is None:
        detail = "The article's text is not stored, so `start` and `end` cannot be computed. Send both."
        return _failure(index, "start", detail, exact)
    result = _search(span, text)
    if _places_of(span, text):
        advice = "Send `start` and `end`, or a `prefix` or `suffix` that selects one place."
        detail = f"{exact!r} occurs at {result.starts}. {advice}"
    else:
        around = ", with its prefix and suffix" if span.get("prefix") or span.get("suffix") else ""
        advice = result.message if result.places or result.skipped else "Copy `exact` from the text."
        detail = f"The text does not contain {exact!r}{around}. {advice}"
    return _failure(index, "start", detail, exact, places=result.shown)


def _places_of(span: Span, text: SearchableText) -> list[Place]:
    """Return the places of a span's words in a text, with its prefix and suffix around them."""
    return text.find_exact(span["exact"], span.get("prefix") or "", span.get("suffix") or "")


def _search(span: Span, text: SearchableText) -> SearchResult:
    """Return the places of a span's words, or of the most similar words."""
    places = _places_of(span, text)
    return text.find(span["exact"], places) if places or text.may_search() else NOT_SEARCHED
