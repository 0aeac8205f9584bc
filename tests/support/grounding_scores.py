"""Error rates of grounding, for generated claims and for phrases. `make grounding-scores` prints them.

True claims are those of the seed, of the demo and of generated texts. Wrong claims are made from them
(`tests/support/corruptions.py`). Phrases are in `tests/support/phrases`, each with the verdict of an editor. The
phrases that are `held_out` were not used to write the word lists.
"""

from __future__ import annotations

import re
import sys
import typing
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import marshmallow as ma
import orjson

from api.grounding.case import Source
from tests.support import demo
from tests.support.corruptions import KINDS, UNKNOWN, Record, corruptions, true_claims

DOCUMENT = Path(__file__).parents[2] / "docs" / "grounding.md"
PHRASES = Path(__file__).parent / "phrases"
START, END = "<!-- grounding-scores -->", "<!-- /grounding-scores -->"

_DATES = ("claimed_on", "as_of", "since", "agreed_on", "effective_on", "ended_on", "adopted_on")
# The field that is wrong in a rejected phrase, by the first part of its kind, or by the whole of it.
_WRONG = {
    "ceasefire-status": "status",
    "casualty-wrong/modal": "harm",
    "casualty-wrong/count-nobody": "count",
    "casualty-wrong/figure": "count",
    "casualty-wrong/population": "population",
    "casualty-wrong/qualifier": "qualifier",
    "claimant": "claimant",
    "listing": "count",
    "script": "count",
}


@dataclass(frozen=True)
class Phrase:
    """A text with a claim, and whether an editor accepts the claim."""

    kind: str
    claim: Record
    source: Source
    accepted: bool
    held_out: bool


def phrases() -> Iterator[Phrase]:
    """Yield the phrases of all files."""
    for file in sorted(PHRASES.glob("*.json")):
        for kind, entries in orjson.loads(file.read_bytes()).items():
            for entry in entries:
                text, claim = entry["text"], entry["claim"]
                spans = [_span(text, exact) for exact in entry.get("evidence", [text.rstrip(".。")])]
                claimant = claim.get("claimant", {"name": "the article", "kind": "article"})
                yield Phrase(
                    kind,
                    {"article_id": "phrase", **claim, "claimant": claimant, "evidence": spans},
                    Source(text, len(text), entry.get("language", "en")),
                    entry["expected"] == "accept",
                    entry.get("held_out", False),
                )


def _span(text: str, exact: str) -> Record:
    start = text.index(exact)
    return {"exact": exact, "start": start, "end": start + len(exact)}


@dataclass(frozen=True)
class Result:
    """The result of the checks of one claim. `wrong` is its wrong field, None if the claim is true."""

    group: str
    kind: str
    fields: frozenset[str]
    wrong: str | None
    rejected: bool
    failed: frozenset[str]
    undecided: frozenset[str]


def results() -> list[Result]:
    """Return the results of all claims and phrases."""
    actual = []
    for truth in true_claims():
        source = truth.claim["id"].partition("-")[0]
        kind = source if source in ("demo", "generated") else "seed"
        actual.append(_result("true claims", kind, truth.claim, truth.source, None))
    for group, kinds, number in (("wrong claims", KINDS, 3000), ("wrong claims in unknown words", UNKNOWN, 450)):
        made = corruptions(number, kinds=kinds)
        actual += [_result(group, item.kind, item.claim, item.truth.source, item.field) for item in made]
    for phrase in phrases():
        group = f"{'true' if phrase.accepted else 'wrong'} phrases{', held out' if phrase.held_out else ''}"
        wrong = None if phrase.accepted else _wrong_field(phrase)
        actual.append(_result(group, phrase.kind, phrase.claim, phrase.source, wrong))
    return sorted(actual, key=lambda result: GROUPS.index(result.group))


def _wrong_field(phrase: Phrase) -> str:
    group = phrase.kind.partition("/")[0]
    if group == "date":
        return next(field for field in _DATES if field in phrase.claim)
    if group == "resolution":
        return "symbols" if "symbols" in phrase.claim else "organ"
    return _WRONG.get(phrase.kind) or _WRONG[group]


def _result(group: str, kind: str, claim: Record, source: Source, wrong: str | None) -> Result:
    stated = frozenset(name for name, value in claim.items() if value not in (None, [], ""))
    try:
        grounding = demo.grounded(claim, source)
    except ma.ValidationError as error:
        failed = frozenset(typing.cast("dict[str, typing.Any]", error.messages))
        return Result(group, kind, stated, wrong, True, failed, frozenset())
    undecided = {
        field
        for check in grounding.report["checks"]
        if check["outcome"] == "undecided"
        for field in _undecided_fields(check["reason"])
    }
    failed = frozenset(failure.field for failure in grounding.failures)
    return Result(group, kind, stated, wrong, bool(failed), failed, frozenset(undecided))


def _undecided_fields(reason: str) -> list[str]:
    """Return the fields in the reason of an undecided check.

    >>> _undecided_fields("The check recognized no statement of harm, population in the evidence.")
    ['harm', 'population']
    """
    match = re.fullmatch(r"The check recognized no statement of (\w+(?:, \w+)*) in the evidence\.", reason)
    if match is None:
        raise ValueError(f"Unexpected reason of an undecided check: {reason!r}")
    return match[1].split(", ")


@dataclass(frozen=True)
class Goal:
    """A limit for the share of claims of a group that get the wrong verdict."""

    group: str
    maximum: float

    def share(self, actual: Iterable[Result]) -> float:
        return _share([_is_error(result) for result in actual if result.group.partition(",")[0] == self.group])

    def missed(self, actual: Iterable[Result]) -> bool:
        return self.share(actual) > self.maximum


# A wrong claim may be accepted only rarely if the evidence states another value in plain words.
GOALS = (
    Goal("true claims", 0.01),
    Goal("wrong claims", 0.01),
    Goal("true phrases", 0.08),
    Goal("wrong phrases", 0.15),
)


def _is_error(result: Result) -> bool:
    return result.rejected is (result.wrong is None)


def _share(outcomes: list[bool]) -> float:
    return sum(outcomes) / max(1, len(outcomes))


def _of(outcomes: Iterable[bool]) -> str:
    """Return a count as a cell of a table.

    >>> _of([True, False, False, False]), _of([])
    ('1 of 4 (25.0 %)', '–')
    """
    outcomes = list(outcomes)
    return f"{sum(outcomes):,} of {len(outcomes):,} ({_share(outcomes):.1%})".replace("%", " %") if outcomes else "–"


def _summary(actual: list[Result]) -> Iterator[str]:
    yield "| claims | errors | goal | left undecided |"
    yield "|---|---|---|---|"
    goals = {goal.group: f"at most {goal.maximum:.0%}".replace("%", " %") for goal in GOALS}
    for group in GROUPS:
        of_group = [result for result in actual if result.group == group]
        error = "rejected" if group.startswith("true") else "accepted"
        undecided = _of(_is_left_undecided(result) for result in of_group)
        goal = goals.get(group.partition(",")[0], "none")
        yield f"| {group} | {_of(map(_is_error, of_group))} {error} | {goal} | {undecided} |"


def _is_left_undecided(result: Result) -> bool:
    return bool(result.undecided) and not result.rejected


def _by_kind(actual: list[Result]) -> Iterator[str]:
    yield "| claims | kind | number | rejected | left undecided |"
    yield "|---|---|---|---|---|"
    for group, kind in dict.fromkeys((result.group, result.kind) for result in actual):
        of_kind = [result for result in actual if (result.group, result.kind) == (group, kind)]
        rejected = sum(result.rejected for result in of_kind)
        yield f"| {group} | {kind} | {len(of_kind):,} | {rejected:,} | {sum(map(_is_left_undecided, of_kind)):,} |"


def _cells(row: str) -> list[str]:
    return [cell.strip() for cell in row.strip("|").split("|")]


def _by_field(rows: list[str], actual: list[Result]) -> Iterator[str]:
    """Yield the rows of the table of checks with its last three cells written anew."""
    true = [result for result in actual if result.wrong is None]
    for row in rows:
        cells = _cells(row)
        if fields := set(re.findall(r"`(\w+)`", cells[1])):
            concerned = [result for result in true if fields & result.fields]
            wrong = [result for result in actual if result.wrong in fields and result.group in _PLAIN]
            cells[-3:] = (
                _of(bool(fields & result.failed) for result in concerned),
                _of(not result.rejected for result in wrong),
                _of(bool(fields & result.undecided) for result in concerned),
            )
            yield f"| {' | '.join(cells)} |"
        else:
            yield row


GROUPS = (
    "true claims",
    "wrong claims",
    "wrong claims in unknown words",
    "true phrases",
    "wrong phrases",
    "true phrases, held out",
    "wrong phrases, held out",
)
_PLAIN = frozenset(group for group in GROUPS if group.startswith("wrong") and "unknown" not in group)


def checked_fields(text: str) -> list[str]:
    """Return the fields that the table of checks has, in its order."""
    rows = _split(text)[1]
    return [field for row in rows for field in re.findall(r"`(\w+)`", _cells(row)[1])]


def _split(text: str) -> tuple[str, list[str], str]:
    """Return the text before the block, the rows of the table of checks in it, and the text after it."""
    before, block = text.split(START)
    block, after = block.split(END)
    return before, [line for line in block.strip().split("\n\n")[0].splitlines() if line.startswith("|")], after


def rendered(text: str, actual: list[Result]) -> str:
    """Return the page with the measured values written anew."""
    before, rows, after = _split(text)
    parts: list[Callable[[], Iterable[str]]] = [
        lambda: _by_field(rows, actual),
        lambda: _summary(actual),
        lambda: _by_kind(actual),
    ]
    block = "\n\n".join("\n".join(part()) for part in parts)
    return f"{before}{START}\n{block}\n{END}{after}"


def main(write: bool) -> int:
    """Print the scores, write them into the page if wanted, and return 1 if a goal is missed."""
    actual, text = results(), DOCUMENT.read_text()
    page = rendered(text, actual)
    print(page.split(START)[1].split(END)[0].strip())
    if write:
        DOCUMENT.write_text(page)
    missed = [goal for goal in GOALS if goal.missed(actual)]
    for goal in missed:
        share = f"{goal.share(actual):.1%}"
        print(
            f"Goal missed: {share} of {goal.group} have the wrong verdict, at most {goal.maximum:.0%} may.",
            file=sys.stderr,
        )
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main(write="--write" in sys.argv[1:]))
