"""To be read: a line a question, and beneath what does not hold how it was found and what to do."""

from __future__ import annotations

from collections.abc import Iterator

from api.contract.conformance.runner import BROKEN, HOLDS, NOT_ASKED, Finding, Report

_MARKS = {HOLDS: "✓", BROKEN: "✗", NOT_ASKED: "–"}


class Readable:
    """The lines of each finding as it comes, under the title of its concern."""

    def __init__(self) -> None:
        self._title = ""

    def lines(self, finding: Finding) -> Iterator[str]:
        """The lines of the next finding."""
        if finding.concern.title != self._title:
            yield from ["", finding.concern.title] if self._title else [finding.concern.title]
            self._title = finding.concern.title
        reason = f"  (not asked: {finding.reason})" if finding.reason else ""
        yield f"  {_MARKS[finding.outcome]} {finding.question.claim}{reason}"
        if finding.broken is not None:
            yield f"      {finding.question.name}: {finding.question.source.title}"
            asked, *sent = finding.broken.asked.splitlines()
            yield f"      asked     {asked}"
            yield from (f"                {line}" for line in sent)
            yield f"      expected  {finding.broken.expected}"
            yield f"      came      {finding.broken.came}"
            if finding.question.advice:
                yield f"      {finding.question.advice}"


def summary(report: Report) -> Iterator[str]:
    """The lines at the end."""
    counts = report.counts
    yield f"Of {len(report.findings)} questions to {report.root}, asked in {report.seconds:.1f} seconds:"
    told = f"{counts[HOLDS]} hold, {counts[BROKEN]} do not; not asked: {counts[NOT_ASKED]}."
    yield told
    if not report.keyed and counts[NOT_ASKED]:
        yield "With --key-file, what needs a key is asked, too."
    if report.left:
        yield "Left on record, take it off: " + ", ".join(report.left)
