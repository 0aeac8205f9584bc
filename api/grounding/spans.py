"""The evidence itself: whether these words stand where the span says."""

from __future__ import annotations

import typing
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from api.grounding.locate import UNSOUGHT, Place, SearchableText, Sought
from api.grounding.normalize import spaced
from schemas.fields import truncate as cut

# How many blanks more than given may stand around a span.
_ROOM = 50
Span = Mapping[str, typing.Any]


@dataclass(frozen=True, kw_only=True)
class Failure:
    """A check that a claim did not pass: where in the claim, what is wrong, what would be right.

    `pointer` and `span`, the index of a span, point into the claim as it was sent. `looked_for` is what the claim
    says, `found` what stands there instead, `places` where the article's text has it or, if it has it nowhere, what
    comes nearest. `final` means that the evidence contradicts the value. `excusable` means that naming the field in
    `inferred` excuses the failure.
    """

    check: str
    pointer: str
    detail: str
    field: str = "evidence"
    final: bool = False
    excusable: bool = False
    span: int | None = None
    looked_for: str | None = None
    found: str | None = None
    places: tuple[Place, ...] = ()

    def told(self) -> dict[str, typing.Any]:
        """The failure as clients get it; what is not known is left out.

        >>> Failure(check="number", pointer="/count", detail="No 3.", field="count", looked_for="3").told()["places"]
        []
        """
        told = {
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
            name: cut(value) if isinstance(value, str) else value for name, value in told.items() if value is not None
        }


def placed(evidence: list[dict[str, typing.Any]], text: SearchableText | None) -> list[dict[str, typing.Any]]:
    """The evidence, in the order it came, with the offsets filled in that only one place can have."""
    whole = []
    for span in evidence:
        found = _standing(span, text) if text is not None and span["start"] is None else []
        offsets = {"start": found[0].start, "end": found[0].end} if len(found) == 1 else {}
        whole.append({**span, **offsets})
    return whole


def relocated(evidence: list[dict[str, typing.Any]], text: SearchableText | None) -> list[dict[str, typing.Any]]:
    """The evidence with what stands elsewhere in the text put there, so that one mistake is told once."""
    whole = []
    for span in evidence:
        start = span["start"]
        misplaced = text is not None and start is not None and text.text[start : span["end"]] != span["exact"]
        found = Sought(_standing(span, text)).nearest_to(start).shown[:1] if text and misplaced else ()
        whole.append({**span, "start": found[0].start, "end": found[0].end} if found else span)
    return whole


def in_order(evidence: list[dict[str, typing.Any]]) -> list[dict[str, typing.Any]]:
    """Spans in the order of the text, as far as they have offsets."""
    if any(span["start"] is None for span in evidence):
        return evidence
    return sorted(evidence, key=lambda span: (span["start"], span["end"]))


class Run(typing.NamedTuple):
    """The words of spans that touch or overlap, and their place in the text; None if a span has no offsets."""

    start: int | None
    end: int | None
    words: str


def runs(evidence: list[dict[str, typing.Any]]) -> list[Run]:
    """The words of spans in the order of the text; those that touch or overlap are one run of it.

    >>> spans = [{"exact": "said no", "start": 4, "end": 11}, {"exact": "more", "start": 12, "end": 16}]
    >>> [run.words for run in runs(spans)], runs([*spans, {"exact": "today", "start": 30, "end": 35}])[1]
    (['said no more'], Run(start=30, end=35, words='today'))
    """
    found: list[Run] = []
    for span in evidence:
        start, exact = span["start"], span["exact"]
        end = None if start is None else start + len(exact)
        last = found[-1] if found else Run(None, None, "")
        if last.end is None or start is None or start > last.end + 1:
            found.append(Run(start, end, exact))
        else:
            words = last.words + " " * (start - last.end) + exact[max(0, last.end - start) :]
            found[-1] = Run(last.start, max(last.end, end or 0), words)
    return found


def check_spans(
    evidence: list[dict[str, typing.Any]], text: SearchableText | None, length: int | None
) -> Iterator[Failure]:
    """What is wrong with placed spans, against the text where it is held, else against its length where known."""
    for index, span in enumerate(evidence):
        pointer, exact, start, end = f"/evidence/{index}", span["exact"], span["start"], span["end"]
        if start is None:
            yield _unplaced(index, span, text)
        elif text is not None and text.text[start:end] != exact:
            sought = _sought(span, text).nearest_to(start)
            found = text.text[start:end]
            yield Failure(
                check="span",
                pointer=f"{pointer}/exact",
                detail=f"The text reads {found!r} there, not {exact!r}. {sought.told}",
                span=index,
                looked_for=exact,
                found=found,
                places=sought.shown,
            )
        elif length is not None and end > length:
            detail = f"The text ends at {length}."
            yield Failure(check="span", pointer=f"{pointer}/end", detail=detail, span=index, looked_for=exact)
        elif text is not None:
            yield from _amid(index, span, text)


def _amid(index: int, span: Span, text: SearchableText) -> Iterator[Failure]:
    """What is wrong with the prefix and suffix of a span that stands where it says, blanks and marks aside."""
    start, end = span["start"], span["end"]
    for name, side in (("prefix", "before"), ("suffix", "after")):
        given = span.get(name) or ""
        # More than was given, for the text may have more blanks.
        room = 2 * len(given) + _ROOM
        around = text.text[max(0, start - room) : start] if name == "prefix" else text.text[end : end + room]
        stands = spaced(around).endswith if name == "prefix" else spaced(around).startswith
        if not stands(spaced(given)):
            found = around[-len(given) :] if name == "prefix" else around[: len(given)]
            yield Failure(
                check="span",
                pointer=f"/evidence/{index}/{name}",
                detail=f"Right {side} the span the text reads {found!r}, not {given!r}. Send that, or none.",
                span=index,
                looked_for=given,
                found=found,
                places=Sought(_standing(span, text)).shown,
            )


def _unplaced(index: int, span: Span, text: SearchableText | None) -> Failure:
    exact, pointer = span["exact"], f"/evidence/{index}/start"
    if text is None:
        detail = "The article's text is not held here, so start and end cannot be found. Give both."
        return Failure(check="span", pointer=pointer, detail=detail, span=index, looked_for=exact)
    sought = _sought(span, text)
    if _standing(span, text):
        detail = f"{exact!r} stands at {sought.starts}. Give start and end, or a prefix or suffix that tells which."
    else:
        around = ", with its prefix and suffix" if span.get("prefix") or span.get("suffix") else ""
        detail = f"The text does not contain {exact!r}{around}. {sought.told}"
    return Failure(check="span", pointer=pointer, detail=detail, span=index, looked_for=exact, places=sought.shown)


def _standing(span: Span, text: SearchableText) -> list[Place]:
    """Where a span's words stand in a text, its prefix and suffix around them where it has any."""
    return text.verbatim(span["exact"], span.get("prefix") or "", span.get("suffix") or "")


def _sought(span: Span, text: SearchableText) -> Sought:
    """Where a span's words stand, else what comes nearest to them."""
    standing = _standing(span, text)
    return text.seek(span["exact"], standing) if standing or text.worthwhile() else UNSOUGHT
