"""The evidence itself: whether these words stand where the span says."""

from __future__ import annotations

import typing
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

Span = Mapping[str, typing.Any]


@dataclass(frozen=True)
class Failure:
    """A check that a claim did not pass: where in the claim, what is wrong, what would be right.

    `final` says that naming the field in `inferred` does not help.
    """

    check: str
    pointer: str
    detail: str
    field: str = "evidence"
    final: bool = False


def places(text: str, span: Span) -> list[int]:
    """Where a span's words stand in a text, its prefix and suffix around them where it has any.

    >>> places("no ceasefire, no peace", {"exact": "no", "suffix": " peace"})
    [14]
    """
    prefix, exact, suffix = span.get("prefix") or "", span["exact"], span.get("suffix") or ""
    found, start = [], text.find(prefix + exact + suffix)
    while start >= 0:
        found.append(start + len(prefix))
        start = text.find(prefix + exact + suffix, start + 1)
    return found


def placed(evidence: list[dict[str, typing.Any]], text: str | None) -> list[dict[str, typing.Any]]:
    """The evidence with the offsets filled in that only one place can have, in the order of the text."""
    whole = []
    for span in evidence:
        found = places(text, span) if text is not None and span["start"] is None else []
        offsets = {"start": found[0], "end": found[0] + len(span["exact"])} if len(found) == 1 else {}
        whole.append({**span, **offsets})
    if all(span["start"] is not None for span in whole):
        whole.sort(key=lambda span: (span["start"], span["end"]))
    return whole


def check_spans(evidence: list[dict[str, typing.Any]], text: str | None, length: int | None) -> Iterator[Failure]:
    """What is wrong with placed spans, against the text where it is held, else against its length where known."""
    for index, span in enumerate(evidence):
        pointer, exact, start, end = f"/evidence/{index}", span["exact"], span["start"], span["end"]
        if start is None:
            yield Failure("span", f"{pointer}/start", _unplaced(span, text))
        elif text is not None and text[start:end] != exact:
            found = places(text, span)
            elsewhere = f" It stands at {_listed(found)}." if found else " It stands nowhere in the text."
            yield Failure(
                "span", f"{pointer}/exact", f"The text reads {text[start:end]!r} there, not {exact!r}.{elsewhere}"
            )
        elif length is not None and end > length:
            yield Failure("span", f"{pointer}/end", f"The text ends at {length}.")


def _unplaced(span: Span, text: str | None) -> str:
    if text is None:
        return "The article's text is not held here, so start and end cannot be found. Give both."
    found = places(text, span)
    if not found:
        return f"The text does not contain {span['exact']!r}."
    return f"{span['exact']!r} stands at {_listed(found)}. Give start and end, or a prefix or suffix that tells which."


def _listed(found: list[int]) -> str:
    shown = ", ".join(str(start) for start in found[:10])
    return shown + (f" and {len(found) - 10} more places" if len(found) > 10 else "")
