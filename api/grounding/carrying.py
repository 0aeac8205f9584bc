"""The words of the evidence that state a claim: its quote, figure, harm or status."""

from __future__ import annotations

from bisect import bisect_right
from itertools import accumulate, islice

from api.grounding import party_roles
from api.grounding.case import Case
from api.grounding.normalize import contains, pieces, readable
from api.grounding.numbers import numbers

_BETWEEN_RUNS = " … "
# The maximum number of places of the same words, and of all words of a claim.
_PLACES_MAX = 20


def near_words(case: Case) -> str:
    """Return the words that must name a party. Sentences are detected only in English."""
    if not case.source.in_english or len(case.runs) == 1:
        return case.all_words
    carrying = [_carries(case, index) for index in range(len(case.runs))]
    return party_roles.near(case.placed_runs, carrying, case.source.text)


def carrying_places(case: Case) -> list[tuple[int, int]]:
    """Return the places that state the quote, demand, wording, figure or status of the claim, as run and offset."""
    claim = case.claim
    stated = [claim[name] for name in ("demand", "wording") if claim.get(name)]
    stated += claim.get("quoted") or pieces(claim.get("text") or "")
    stated_places = (
        (run, spaced.span(at, at + 1)[0])
        for part in stated
        for run, spaced in enumerate(case.spaced_runs)
        for at in islice(spaced.all(part), _PLACES_MAX)
    )
    places = list(islice(stated_places, _PLACES_MAX))
    harm = claim["harm"] if case.states_harm else None
    starts = [
        figure.start for value in case.sent_numbers for figure in case.ties.own_figures(value, harm)[:_PLACES_MAX]
    ]
    if not places and not starts:
        starts = [
            match.start()
            for cue in case.own_cues
            for pattern in (cue.anywhere, cue.near)
            for match in islice(case.words.matches(pattern), _PLACES_MAX)
        ]
    ends = list(accumulate(len(words) + len(_BETWEEN_RUNS) for words in case.runs))
    for start in starts:
        run = bisect_right(ends, start)
        places.append((run, start - (ends[run - 1] if run else 0)))
    return places


def _carries(case: Case, index: int) -> bool:
    """Return whether a run states the quote, demand, wording, figure, harm or status of the claim."""
    words = case.runs[index]
    claim = case.claim
    stated = [claim[name] for name in ("demand", "wording") if claim.get(name)]
    stated += [*(claim.get("quoted") or []), *pieces(claim.get("text") or "")]
    if any(contains(part, [case.spaced_runs[index]]) for part in stated):
        return True
    figures = {claim.get(name) for name in ("count", "low", "high")} - {None, 1, 2}
    if figures & numbers(words):
        return True
    text = readable(words)
    if claim.get("qualifier") == "undisclosed" and case.checked.cues.nondisclosure.search(text):
        return True
    return any(cue.anywhere.search(text) or cue.near.search(text) for cue in case.own_cues)
