"""JSON, for programs: the counts, and each question with what came of it."""

from __future__ import annotations

import typing

import orjson

from api.contract.conformance.running import Finding, Report
from api.version import PACKAGE_VERSION


def structured(report: Report) -> bytes:
    """The report as JSON."""
    told = {
        "url": report.root,
        "checked_by": f"onrecord {PACKAGE_VERSION}",
        "began_at": report.began.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "seconds": round(report.seconds, 3),
        "counts": report.counts,
        "questions": [_finding(report.root, finding) for finding in report.findings],
        "left_on_record": report.left,
    }
    return orjson.dumps(told, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


def _finding(root: str, finding: Finding) -> dict[str, typing.Any]:
    question, broken, source = finding.question, finding.broken, finding.question.source
    return {
        "name": question.name,
        "claim": question.claim,
        "source": {"title": source.title, "url": f"{root}{source.url}" if source.url.startswith("/") else source.url},
        "outcome": finding.outcome,
        "reason": finding.reason or None,
        "asked": broken and broken.asked,
        "expected": broken and broken.expected,
        "came": broken and broken.came,
        "advice": (question.advice or None) if broken else None,
        "seconds": round(finding.seconds, 3),
    }
