"""Checks of verbatim words: quoted fragments, and fields with words of the text."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator
from functools import partial
from itertools import islice

from api.grounding.case import Case, NotRun
from api.grounding.locate import SearchableText
from api.grounding.normalize import contains, first_missing, lower, pieces, skipped
from api.grounding.regex import regex
from api.grounding.spans import Failure

_NEGATION = regex(r"^['’]t\b|\b(?:not|no|never|neither|nor|without|cannot|\w+n't)\b", re.IGNORECASE)
_REPORTING = regex(
    r"\b(?:sa(?:id|ys|ying)|told (?:\w+ ){1,3}?|stat(?:ed|es)|add(?:ed|s)|announc(?:ed|es)|claim(?:ed|s)|insist(?:ed|"
    "s)|warn(?:ed|s)|declar(?:ed|es)|reported) ?(?:(?:on )?(?:mon|tues|wednes|thurs|fri|satur|sun)day )?(?:that )?$",
    re.IGNORECASE,
)
_REPORTING_REACH = 60
_MARK = regex('"')
# Not the negations of "not only", "no doubt", "could not but" and "did not deny".
_NEGATED = regex(
    r"(?<!\bor )(?<!\bif )(?:(?P<negation>\b(?:not|no|never|neither|nor|nothing|nobody|none|cannot)|n't)(?: to)?"
    r"(?: (?!(?:only|just|merely|simply|least|doubt|until|to|longer|but|because|that|less|fewer|wonder|matter|"
    r"sa(?:id|y|ying)|den(?:y|ied)|rule|exclude|fail|hesitate|stop|prevent|forget|know|mention)\b)\w+){0,2}|"
    r"\b(?P<lack>without)(?: (?:an?|any|the))?|\b(?P<refusal>refus\w{1,3}|declin\w{1,3}|fail\w{1,3}) to) [\"']?$",
    re.IGNORECASE,
)
_SUBJECT_FIRST = regex(r"['\"]?(?:we|they|he|she|it|i|you|there)\b", re.IGNORECASE)
_NEGATED_REACH = 60
# A longer gap omits more than a negation of the next words.
_SHORT_GAP = 4
# The maximum number of places of the same words.
_PLACES_MAX = 20


def check_quoted(case: Case) -> Iterator[Failure]:
    """Yield the quoted fragments that the evidence does not contain, or has without quotation marks."""
    fragments = case.claim.get("quoted") or []
    if not fragments:
        raise NotRun("The claim has no quoted words.")
    for index, fragment in enumerate(fragments):
        if not contains(fragment, case.spaced_runs):
            yield case.missing_words("quoted", f"/quoted/{index}", fragment)
        elif case.source.in_english and _is_reported(fragment, case):
            detail = f"The evidence reports {fragment!r} indirectly, without quotation marks. Send the mode indirect."
            yield case.failure(
                "quoted", f"/quoted/{index}", detail, fragment, partial(SearchableText.find, words=fragment)
            )


def _is_reported(fragment: str, case: Case) -> bool:
    """Return whether words directly follow a speech verb without quotation marks: "said it would go on"."""
    for run in case.spaced_runs:
        marks = [match.start() for match in _MARK.finditer(run.words)]
        for start in run.all(fragment):
            in_marks = bisect_left(marks, start) % 2
            if in_marks or not _REPORTING.search(run.words[max(0, start - _REPORTING_REACH) : start]):
                return False
    return True


def check_wording(case: Case) -> Iterator[Failure]:
    """Yield the verbatim fields that the evidence does not contain, or that omit a negation."""
    stated = [name for name in case.checked.verbatim if case.claim[name] is not None]
    if not stated:
        raise NotRun("The claim has no verbatim words of the text outside its evidence.")
    for name in stated:
        words = case.claim[name]
        if name == "text":
            # A direct quote is checked by its fragments, because they can be apart in the text.
            parts = [] if case.claim["mode"] == "direct" else pieces(words) or [words]
            if missing := first_missing(parts, case.runs):
                yield case.missing_words("wording", "/text", missing)
            elif case.source.in_english:
                if negation := _elided_negation(parts, case.runs):
                    detail = f"The gap […] of the text omits {negation!r}, which reverses its meaning. Quote it."
                elif negation := _negation_before(case):
                    detail = f"The words {negation!r} before the quote reverse its meaning. Quote them."
                if negation:
                    search = partial(SearchableText.find, words=negation)
                    yield case.failure("wording", "/text", detail, words, search, found=negation)
        elif not contains(words, case.spaced_runs):
            yield case.missing_words("wording", f"/{name}", words)


def _elided_negation(parts: list[str], runs: list[str]) -> str | None:
    """Return the negation that a short gap of a quote omits: "there will be […] truce" omits "no"."""
    gaps = (gap for gap in skipped(parts, runs) if len(gap.split()) <= _SHORT_GAP)
    return next((match[0] for gap in gaps if (match := _NEGATION.search(gap))), None)


def _negation_before(case: Case) -> str | None:
    """Return the negation directly before each place of a quote: "did not" before "yield the town"."""
    stated = lower(f"{case.claim['text']} {case.claim.get('cue') or ''}")
    for part in case.claim.get("quoted") or pieces(case.claim["text"])[:1]:
        if _SUBJECT_FIRST.match(part):
            continue
        places = ((run, at) for run in case.spaced_runs for at in islice(run.all(part), _PLACES_MAX))
        before = [_NEGATED.search(run.words[max(0, at - _NEGATED_REACH) : at]) for run, at in places]
        negations = [
            match[0].strip(' "') for match in before if match and lower(match[match.lastgroup or 0]) not in stated
        ]
        if negations and len(negations) == len(before):
            return negations[0]
    return None
