"""A run: every question that is wanted, asked in turn, and what was found."""

from __future__ import annotations

import time
import typing
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from fnmatch import fnmatchcase

from api.contract.conformance.check import Broken, Concern, NotAsked, Question
from api.contract.conformance.checks import CONCERNS
from api.contract.conformance.client import Asking, Unreachable
from api.contract.conformance.target import Server

HOLDS, BROKEN, NOT_ASKED = "holds", "broken", "not_asked"


@dataclass(frozen=True)
class Finding:
    """What came of a question; `broken` says how it does not hold, `reason` why it was not asked."""

    concern: Concern
    question: Question
    outcome: str
    seconds: float
    broken: Broken | None = None
    reason: str = ""


@dataclass
class Report:
    """What was found of a server; `left` are the records that could not be taken off again."""

    root: str
    keyed: bool
    began: datetime = field(default_factory=lambda: datetime.now(UTC))
    seconds: float = 0.0
    findings: list[Finding] = field(default_factory=list)
    left: list[str] = field(default_factory=list)

    @property
    def counts(self) -> dict[str, int]:
        counted = Counter(finding.outcome for finding in self.findings)
        return {outcome: counted[outcome] for outcome in (HOLDS, BROKEN, NOT_ASKED)}

    @property
    def by_concern(self) -> list[tuple[Concern, list[Finding]]]:
        """The findings of each concern that has any."""
        return [
            (concern, found)
            for concern in CONCERNS
            if (found := [finding for finding in self.findings if finding.concern is concern])
        ]


def wanted(patterns: Sequence[str]) -> list[tuple[Concern, Question]]:
    """The questions that any of these patterns fits, or that are so called or of a concern that is; all without any.

    Raises ValueError for a pattern that fits nothing.
    """
    every = [(concern, question) for concern in CONCERNS for question in concern.questions]
    for pattern in patterns:
        if not any(_fits(question, [pattern]) for _, question in every):
            raise ValueError(
                f"No question fits {pattern!r}. The concerns are {', '.join(concern.name for concern in CONCERNS)}; "
                f"a question is named like {every[0][1].name}."
            )
    return [(concern, question) for concern, question in every if not patterns or _fits(question, patterns)]


def _fits(question: Question, patterns: Sequence[str]) -> bool:
    concern, _, own = question.name.partition("/")
    return any(fnmatchcase(question.name, pattern) or pattern in (concern, own) for pattern in patterns)


def run(
    root: str,
    questions: Sequence[tuple[Concern, Question]],
    *,
    key: str | None = None,
    timeout: float = 30.0,
    origin: str = "https://a-page-of-another-origin.example",
    tell: Callable[[Finding], typing.Any] = lambda _: None,
) -> Report:
    """Ask a server; raises Unreachable where it cannot be asked at all. `tell` hears of each finding at once."""
    ask = Asking(root, key=key, timeout=timeout)
    try:
        _knock(ask)
        report, server = Report(root, keyed=key is not None), Server(ask, origin=origin)
        began = time.monotonic()
        try:
            for concern, question in questions:
                finding = _found(server, concern, question)
                report.findings.append(finding)
                tell(finding)
        finally:
            report.left = server.end()
        report.seconds = time.monotonic() - began
        return report
    finally:
        ask.close()


def _knock(ask: Asking) -> None:
    """Raise Unreachable where nobody answers, or where somebody else is to be asked."""
    try:
        answer = ask("GET", "/")
    except Broken as error:
        raise Unreachable(f"{ask.root} does not answer: {error.came.removeprefix('none: ')}") from None
    except NotAsked as error:
        raise Unreachable(f"{ask.root} does not let itself be asked: {error}.") from None
    if 300 <= answer.status < 400:
        elsewhere = answer.headers.get("Location", "elsewhere")
        raise Unreachable(f"{ask.root} leads to {elsewhere}. Ask there, if that is where clients are to go.")


def _found(server: Server, concern: Concern, question: Question) -> Finding:
    began = time.monotonic()
    try:
        question.find(server)
    except Broken as error:
        return Finding(concern, question, BROKEN, time.monotonic() - began, broken=error)
    except NotAsked as error:
        return Finding(concern, question, NOT_ASKED, time.monotonic() - began, reason=str(error))
    except (AttributeError, LookupError, TypeError, ValueError) as error:
        # Questions take the form of answers for granted that the document says they have.
        last = server.ask.seen[-1]
        broken = Broken(last.asked, "an answer in the form that the document says", f"{type(error).__name__}: {error}")
        return Finding(concern, question, BROKEN, time.monotonic() - began, broken=broken)
    return Finding(concern, question, HOLDS, time.monotonic() - began)
