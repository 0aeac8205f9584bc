"""JUnit XML, as CI systems read it: a test case a question."""

from __future__ import annotations

import re
import typing
from xml.etree import ElementTree as ET

from api.contract.conformance.check import Broken
from api.contract.conformance.runner import BROKEN, NOT_ASKED, Finding, Report

# What XML 1.0 has no way to say, not even escaped.
_UNSAYABLE = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def junit(report: Report) -> bytes:
    """The report as JUnit XML."""
    root = ET.Element("testsuites", name="onrecord conformance", **_numbers(report.findings, report.seconds))
    for concern, findings in report.by_concern:
        seconds = sum(finding.seconds for finding in findings)
        began = report.began.strftime("%Y-%m-%dT%H:%M:%S")
        suite = ET.SubElement(
            root,
            "testsuite",
            name=concern.name,
            timestamp=began,
            hostname=_said(report.root),
            **_numbers(findings, seconds),
        )
        for finding in findings:
            _case(suite, finding)
    ET.indent(root)
    return typing.cast("bytes", ET.tostring(root, encoding="utf-8", xml_declaration=True))


def _numbers(findings: list[Finding], seconds: float) -> dict[str, typing.Any]:
    outcomes = [finding.outcome for finding in findings]
    return {
        "tests": str(len(outcomes)),
        "failures": str(outcomes.count(BROKEN)),
        "errors": "0",
        "skipped": str(outcomes.count(NOT_ASKED)),
        "time": f"{seconds:.3f}",
    }


def _case(suite: ET.Element, finding: Finding) -> None:
    concern, _, name = finding.question.name.partition("/")
    case = ET.SubElement(
        suite, "testcase", classname=f"onrecord.conformance.{concern}", name=name, time=f"{finding.seconds:.3f}"
    )
    if finding.outcome == NOT_ASKED:
        ET.SubElement(case, "skipped", message=_said(finding.reason))
    if finding.broken is not None:
        failure = ET.SubElement(case, "failure", type=finding.question.source.title, message=finding.question.claim)
        failure.text = _said(_told(finding, finding.broken))


def _told(finding: Finding, broken: Broken) -> str:
    advice = f"\n{finding.question.advice}" if finding.question.advice else ""
    return f"asked: {broken.asked}\nexpected: {broken.expected}\ncame: {broken.came}{advice}"


def _said(text: str) -> str:
    r"""The text with what XML cannot say written out.

    >>> _said("a\x00b")
    'a\\x00b'
    """
    return _UNSAYABLE.sub(lambda found: ascii(found[0])[1:-1], text)
