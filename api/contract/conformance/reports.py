"""Reports of a run: text, JSON and JUnit XML."""

from __future__ import annotations

import re
import typing
from collections.abc import Iterator, Sequence
from itertools import groupby
from xml.etree import ElementTree as ET

import orjson

from api.contract.conformance.runner import FAILED, PASSED, SKIPPED, Outcome, Results
from api.version import PACKAGE_VERSION

_MARKS = {PASSED: "✓", FAILED: "✗", SKIPPED: "–"}
# XML 1.0 cannot contain these characters, not even escaped.
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def text_lines(outcome: Outcome) -> Iterator[str]:
    """Yield the lines of an outcome."""
    check, failure = outcome.check, outcome.failure
    reason = f" (skipped: {outcome.reason})" if outcome.reason else ""
    yield f"{_MARKS[outcome.outcome]} {check.name}: {check.statement}{reason}"
    if failure is not None:
        rows = {"source": check.source.title, **failure.parts, "advice": check.advice}
        for name, text in rows.items():
            if text:
                yield f"    {name:10}{text}".replace("\n", "\n" + 14 * " ")


def summary_lines(results: Results) -> Iterator[str]:
    """Yield the lines after the last outcome."""
    counts = results.counts
    passed, failed, skipped = (counts[name] for name in (PASSED, FAILED, SKIPPED))
    yield f"{passed} passed, {failed} failed, {skipped} skipped in {results.seconds:.1f} seconds."
    if not results.has_key and counts[SKIPPED]:
        yield "Some checks require a key: add --key-file."
    if results.remaining:
        yield "These test records could not be deleted, delete them: " + ", ".join(results.remaining)


def to_json(results: Results) -> bytes:
    """Return the results as JSON."""
    document = {
        "url": results.base_url,
        "checked_by": f"onrecord {PACKAGE_VERSION}",
        "began_at": results.began.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "seconds": round(results.seconds, 3),
        "counts": results.counts,
        "questions": [_outcome_json(results.base_url, outcome) for outcome in results.outcomes],
        "left_on_record": results.remaining,
    }
    return orjson.dumps(document, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


def _outcome_json(base_url: str, outcome: Outcome) -> dict[str, typing.Any]:
    check, source = outcome.check, outcome.check.source
    failure = outcome.failure.parts if outcome.failure else {}
    return {
        "name": check.name,
        "claim": check.statement,
        "source": {"title": source.title, "url": f"{base_url}{source.url}" if source.url[0] == "/" else source.url},
        "outcome": outcome.outcome,
        "reason": outcome.reason or None,
        "asked": failure.get("request"),
        "expected": failure.get("expected"),
        "came": failure.get("received"),
        "advice": (check.advice or None) if failure else None,
        "seconds": round(outcome.seconds, 3),
    }


def to_junit(results: Results) -> bytes:
    """Return the results as JUnit XML, with a test suite per group."""
    root = ET.Element("testsuites", name="onrecord conformance", **_totals(results.outcomes, results.seconds))
    for group, members in groupby(results.outcomes, lambda outcome: outcome.check.group):
        outcomes = list(members)
        suite = ET.SubElement(
            root,
            "testsuite",
            name=group,
            timestamp=results.began.strftime("%Y-%m-%dT%H:%M:%S"),
            hostname=escape_for_xml(results.base_url),
            **_totals(outcomes, sum(outcome.seconds for outcome in outcomes)),
        )
        for outcome in outcomes:
            check, failure, name = outcome.check, outcome.failure, outcome.check.name.removeprefix(f"{group}/")
            class_name = f"onrecord.conformance.{group}"
            case = ET.SubElement(suite, "testcase", classname=class_name, name=name, time=f"{outcome.seconds:.3f}")
            if outcome.outcome == SKIPPED:
                ET.SubElement(case, "skipped", message=escape_for_xml(outcome.reason))
            if failure is not None:
                lines = [f"{part}: {text}" for part, text in failure.parts.items()]
                element = ET.SubElement(case, "failure", type=check.source.title, message=check.statement)
                element.text = escape_for_xml("\n".join([*lines, check.advice]).rstrip())
    ET.indent(root)
    return typing.cast("bytes", ET.tostring(root, encoding="utf-8", xml_declaration=True))


def _totals(outcomes: Sequence[Outcome], seconds: float) -> dict[str, typing.Any]:
    names = [outcome.outcome for outcome in outcomes]
    return {
        "tests": str(len(names)),
        "failures": str(names.count(FAILED)),
        "errors": "0",
        "skipped": str(names.count(SKIPPED)),
        "time": f"{seconds:.3f}",
    }


def escape_for_xml(text: str) -> str:
    r"""Return a text with escapes for characters that XML cannot contain.

    >>> escape_for_xml("a\x00b")
    'a\\x00b'
    """
    return _NOT_XML.sub(lambda match: ascii(match[0])[1:-1], text)
