"""The results as Markdown tables, and a chart of bars, for docs/performance.md and README.md."""

from __future__ import annotations

import os
import platform
import sqlite3
import statistics
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path

from tests.benchmarks.contenders import CONTENDERS, FASTAPI, LITESTAR
from tests.benchmarks.goals import GOALS, Goal, rates
from tests.benchmarks.measurements import Profile, Size, Values
from tests.benchmarks.workloads import WORKLOADS, Workload

_ROOT = Path(__file__).parents[2]
PAGE, README = _ROOT / "docs" / "performance.md", _ROOT / "README.md"
_PACKAGES = (
    "onrecord",
    "granian",
    "flask",
    "flask-smorest",
    "litestar",
    "msgspec",
    "fastapi",
    "pydantic",
    "sqlalchemy",
)
_BAR = 20
# The minimum share of a part of the code in a profile.
_PART_MIN = 0.02


def blocks(values: Values, profiles: dict[str, Profile], size: Size) -> dict[str, str]:
    """Return the Markdown of each block with measurements by its name."""
    return {
        "chart": chart(values),
        "goals": goals(values),
        "rates": request_rates(values),
        "latencies": latencies(values),
        "sizes": sizes(values),
        "other": other(values, size),
        "facets": facets(values),
        "profile": "\n\n".join(_profile(name, profile) for name, profile in profiles.items()),
    }


def written(text: str, contents: dict[str, str]) -> str:
    r"""Return a page with the content of its blocks written anew.

    >>> print(written("<!-- benchmark:a -->\nold\n<!-- /benchmark:a -->", {"a": "new", "b": ""}))
    <!-- benchmark:a -->
    new
    <!-- /benchmark:a -->
    """
    for name, content in contents.items():
        start, end = f"<!-- benchmark:{name} -->", f"<!-- /benchmark:{name} -->"
        if start in text:
            before, _, rest = text.partition(start)
            text = f"{before}{start}\n{content}\n{end}{rest.partition(end)[2]}"
    return text


def write(contents: dict[str, str]) -> None:
    """Write the blocks into docs/performance.md and README.md."""
    for page in (PAGE, README):
        page.write_text(written(page.read_text(), contents))


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _number(value: float) -> str:
    """Return a number with three digits at least.

    >>> [_number(value) for value in (1234.5, 99.44, 4.5678, 0.0321)]
    ['1,234', '99', '4.57', '0.03']
    """
    return f"{value:,.0f}" if value >= 10 else f"{value:.2f}"


def _spread(values: Sequence[float], unit: str = "") -> str:
    """Return the median, and the least and the greatest value.

    >>> _spread([4.0, 12.0, 5.0], " ms"), _spread([3.0])
    ('5.00 ms (4.00–12)', '3.00')
    """
    if not values:
        return "–"
    median = f"{_number(statistics.median(values))}{unit}"
    return f"{median} ({_number(min(values))}–{_number(max(values))})" if len(values) > 1 else median


def run(size: Size, seconds: float) -> str:
    """Return a paragraph about the machine and the run."""
    versions = ", ".join(f"{package} {metadata.version(package)}" for package in _PACKAGES)
    rounds = f"{size.rounds} round{'s' if size.rounds > 1 else ''}"
    return (
        f"Measured on {datetime.now(UTC):%Y-%m-%d} in {seconds / 60:.0f} minutes: {size.claims:,} claims, {rounds}, "
        f"{size.seconds} seconds for each load.\n"
        f"Machine: {_processor()}, {os.cpu_count()} cores, Python {platform.python_version()}, "
        f"SQLite {sqlite3.sqlite_version}.\n"
        f"Versions: {versions}."
    )


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()


def chart(values: Values) -> str:
    """Return the rates of a page of 20 as bars, and three ratios."""
    servers = [contender for contender in CONTENDERS if contender.is_filtering]
    medians = [
        [statistics.median(values[f"{server.name}/page_{kind}/rate"]) for kind in ("hot", "cold")] for server in servers
    ]
    longest = max(map(max, medians))
    rows = [
        [server.title, *(f"{'█' * max(1, round(rate / longest * _BAR))} {rate:,.0f}" for rate in pair)]
        for server, pair in zip(servers, medians, strict=True)
    ]
    ratios = []
    for name, kind, contender in (
        ("Litestar + msgspec", "hot", LITESTAR),
        ("Litestar + msgspec", "cold", LITESTAR),
        ("FastAPI + SQLAlchemy", "cold", FASTAPI),
    ):
        ratio = statistics.median(rates(f"onrecord/page_{kind}", f"{contender.name}/page_{kind}")(values))
        ratios.append(f"{_number(ratio)} × {name} ({kind})")
    head = ["pages of 20 claims per second, one worker on one core", "hot", "cold"]
    return f"{table(head, rows)}\n\nMedians of the ratios in each round: {', '.join(ratios)}."


def goals(values: Values) -> str:
    """Return the table of the goals."""
    return table(["", "goal", "bound", "measured", ""], [_goal(goal, values) for goal in GOALS])


def _goal(goal: Goal, values: Values) -> list[str]:
    met = {True: "met", False: "**not met**", None: "not measured"}[goal.is_met(values)]
    bound = f"{'≥' if goal.is_minimum else '≤'} {goal.bound:,g} {goal.unit}"
    return [goal.section, goal.text, bound, _spread(goal.measure(values), f" {goal.unit}"), met]


def _rows_of(workloads: Iterable[Workload], values: Values, name: str) -> list[list[str]]:
    return [
        [
            workload.title,
            *(_spread(values.get(f"{contender.name}/{workload.name}/{name}", [])) for contender in CONTENDERS),
        ]
        for workload in workloads
    ]


def _titles() -> list[str]:
    return ["", *(contender.title for contender in CONTENDERS)]


def request_rates(values: Values) -> str:
    """Return the requests per second over 8 connections."""
    common = [workload for workload in WORKLOADS if len(workload.contenders) > 1]
    own = [workload for workload in WORKLOADS if len(workload.contenders) == 1 and workload.connections == 8]
    own_rows = [
        [workload.title, *(_spread(values[f"onrecord/{workload.name}/{name}"]) for name in ("rate", "p50", "p99"))]
        for workload in own
    ]
    return (
        f"{table(_titles(), _rows_of(common, values, 'rate'))}\n\n"
        f"{table(['only onrecord', 'requests per second', 'p50 in ms', 'p99 in ms'], own_rows)}"
    )


def latencies(values: Values) -> str:
    """Return the latencies of an item and of a page over 8 and over 64 connections."""
    rows = []
    for workload in WORKLOADS:
        if workload.name.startswith(("item", "page_hot", "page_cold")):
            measured = [values[f"onrecord/{workload.name}/{name}"] for name in ("rate", "p50", "p99")]
            ratios = [p99 / p50 for p50, p99 in zip(*measured[1:], strict=True)]
            rows.append([workload.title, str(workload.connections), *map(_spread, measured), _spread(ratios, " ×")])
    head = ["onrecord", "connections", "requests per second", "p50 in ms", "p99 in ms", "p99 of p50"]
    return table(head, rows)


def sizes(values: Values) -> str:
    """Return the mean bytes of the bodies."""
    rows = [
        [workload.title, *(f"{values[f'{contender.name}/{workload.name}/size'][0]:,.0f}" for contender in CONTENDERS)]
        for workload in WORKLOADS
        if len(workload.contenders) > 1 and workload.hot
    ]
    return table(_titles(), rows)


def other(values: Values, size: Size) -> str:
    """Return the table of imports, exports, disk and processes."""
    rows = [
        (f"import of {size.lines:,} lines with texts and grounding", _spread(values["import/import"], " lines/s")),
        ("the same import without grounding", _spread(values["import/ungrounded"], " lines/s")),
        ("the same without grounding, in one process", _spread(values["import/ungrounded_alone"], " lines/s")),
        ("`schema.load` of the same lines alone, in one process", _spread(values["import/load"], " lines/s")),
        (
            "processor time of an import with the write lock, for each line",
            _spread(values["import/import/locked"], " µs"),
        ),
        (f"`onrecord import` of {size.claims:,} claims", _spread(values["import/whole"], " lines/s")),
        ("NDJSON export", _spread(values["export/onrecord"], " claims/s")),
        ("sqlite3 alone, the same rows", _spread(values["export/sqlite3"], " claims/s")),
        ("memory of the worker over idle during an export", _spread(values["export/memory"], " MB")),
        ("disk for each claim, with its text and history", _spread(values["disk"], " kB")),
    ]
    # The bare functions have all documents in memory.
    for contender in [contender for contender in CONTENDERS if contender.is_filtering]:
        rows.append((f"start of {contender.title}", _spread(values[f"{contender.name}/start"], " s")))
        rows.append(
            (f"memory of {contender.title} after the requests", _spread(values[f"{contender.name}/memory"], " MB"))
        )
    return table(["measured", "median (range)"], rows)


def facets(values: Values) -> str:
    """Return the milliseconds of a response with each facet of all claims, the slowest first."""
    measured = {name.removeprefix("facet/"): times for name, times in values.items() if name.startswith("facet/")}
    ordered = sorted(measured.items(), key=lambda item: -statistics.median(item[1]))
    return table(["facet", "ms"], [(f"`{name}`", _spread(times)) for name, times in ordered])


def _profile(name: str, profile: Profile) -> str:
    rows = [
        (f"`{function}`", f"{calls:,.1f}", f"{share:.1%}".replace("%", " %"))
        for function, calls, share in profile["functions"]
    ]
    parts = [(name, f"{share:.0%}".replace("%", " %")) for name, share in profile["parts"] if share >= _PART_MIN]
    return (
        f"A cold request for {name} makes {profile['calls']:,.0f} function calls. "
        f"It takes {profile['microseconds']:,.0f} µs with the profiler.\n\n"
        f"{table(['part', 'own time'], parts)}\n\n"
        f"{table(['function', 'calls', 'own time'], rows)}"
    )
