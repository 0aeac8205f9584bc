"""The goals: measured values, and the bounds that they must reach."""

from __future__ import annotations

import re
import statistics
import typing
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

Values = Mapping[str, Sequence[float]]

PAGE = Path(__file__).parents[2] / "docs" / "performance.md"
# The processor time of an import with the write lock in version 1.0.0. The unit is that of parsing its lines ten times.
LOCK_BEFORE = 1.14


@dataclass(frozen=True)
class Goal:
    """A bound for a measured value. `measure` returns the value of each round, or an empty list if it is missing."""

    section: str
    text: str
    measure: Callable[[Values], Sequence[float]]
    bound: float
    unit: str = "×"
    is_minimum: bool = True

    def is_met(self, values: Values) -> bool | None:
        """Return whether the median reaches the bound, or None without a measurement."""
        measured = self.measure(values)
        if not measured:
            return None
        median = statistics.median(measured)
        return median >= self.bound if self.is_minimum else median <= self.bound


def ratio(one: str, other: str) -> Callable[[Values], list[float]]:
    """Return a measure that divides the values of each round.

    >>> ratio("a", "b")({"a": [3.0, 8.0], "b": [1.0, 2.0]})
    [3.0, 4.0]
    """
    return lambda values: [a / b for a, b in zip(values[one], values[other], strict=True)]


def rates(one: str, other: str) -> Callable[[Values], list[float]]:
    return ratio(f"{one}/rate", f"{other}/rate")


def value(name: str) -> Callable[[Values], Sequence[float]]:
    return lambda values: values[name]


def _worst_tail(suffix: str) -> Callable[[Values], list[float]]:
    """Return a measure of p99 divided by p50 in the worst of four workloads."""

    def measure(values: Values) -> list[float]:
        names = [f"onrecord/{name}{suffix}" for name in ("item_hot", "item_cold", "page_hot", "page_cold")]
        return max((ratio(f"{name}/p99", f"{name}/p50")(values) for name in names), key=statistics.median)

    return measure


def _slowest_facet(values: Values) -> Sequence[float]:
    facets = [measured for name, measured in values.items() if name.startswith("facet/")]
    return max(facets, key=statistics.median)


def _lock(values: Values) -> list[float]:
    return [part / LOCK_BEFORE for part in ratio("import/import/locked", "import/parse/processor")(values)]


def _growth(_: Values) -> list[float]:
    """Return the worst factor of the last run of the growth benchmark, which writes it into the page."""
    page = PAGE.read_text() if PAGE.exists() else ""
    block = page.partition("<!-- benchmark:growth -->")[2].partition("<!-- /benchmark:growth -->")[0]
    return [float(factor) for factor in re.findall(r"Worst: ([\d.]+) ×", block)[:1]]


def _at_most(section: str, text: str, measure: typing.Any, bound: float, unit: str = "×") -> Goal:
    return Goal(section, text, measure, bound, unit, is_minimum=False)


HOT, COLD, OTHER = "hot", "cold", "other"
ITEM, PAGE_HOT, PAGE_COLD = "onrecord/item_hot", "onrecord/page_hot", "onrecord/page_cold"

GOALS = (
    Goal(HOT, "item, of Litestar + msgspec", rates(ITEM, "litestar/item_hot"), 2),
    Goal(HOT, "item, of the bare WSGI function", rates(ITEM, "bare_wsgi/item_hot"), 0.4),
    Goal(HOT, "page of 20, of Litestar + msgspec", rates(PAGE_HOT, "litestar/page_hot"), 3),
    Goal(HOT, "page of 20, of FastAPI + SQLAlchemy", rates(PAGE_HOT, "fastapi/page_hot"), 15),
    Goal(HOT, "page of 20, of Datasette", rates(PAGE_HOT, "datasette/page_hot"), 25),
    Goal(HOT, "304, of an item of the bare WSGI function", rates("onrecord/unchanged", "bare_wsgi/item_hot"), 0.4),
    Goal(COLD, "item, of the bare Flask route", rates("onrecord/item_cold", "bare_flask/item_cold"), 0.75),
    Goal(COLD, "page of 20, of the bare Flask route", rates(PAGE_COLD, "bare_flask/page_cold"), 0.5),
    Goal(COLD, "page of 20, of FastAPI + SQLAlchemy", rates(PAGE_COLD, "fastapi/page_cold"), 4),
    Goal(COLD, "page of 20, of flask-smorest + ORM", rates(PAGE_COLD, "smorest/page_cold"), 5),
    Goal(COLD, "page with `fields=`, of the whole page", rates("onrecord/fields_cold", PAGE_COLD), 1),
    _at_most("latency", "p99 of p50, 8 connections, worst of four", _worst_tail(""), 5),
    _at_most("latency", "p99 of p50, 64 connections, worst of four", _worst_tail("_64"), 5),
    Goal("import", "lines per second, with texts and grounding", value("import/import"), 2000, "/s"),
    Goal("import", "without grounding, of `schema.load` alone", ratio("import/ungrounded", "import/load"), 0.5),
    _at_most("import", "processor time with the write lock, of that in version 1.0.0", _lock, 1),
    Goal("export", "NDJSON, of sqlite3 alone", ratio("export/onrecord", "export/sqlite3"), 0.5),
    _at_most("export", "memory over idle", value("export/memory"), 50, "MB"),
    _at_most("growth", "worst request, 1,000,000 of 1,000 claims", _growth, 1.3),
    _at_most("growth", "slowest facet over all claims", _slowest_facet, 5, "ms"),
    _at_most("disk", "a claim with its text and history", value("disk"), 3, "kB"),
    _at_most("process", "start with a migrated database", value("onrecord/start"), 1, "s"),
    _at_most("process", "memory of the worker after the requests", value("onrecord/memory"), 120, "MB"),
)
