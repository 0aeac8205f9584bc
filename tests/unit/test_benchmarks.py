"""The benchmark: its claims, its goals and its report. `make bench` itself checks that all servers return the same."""

from __future__ import annotations

import re
from collections import defaultdict

import pytest

from api.kinds.collections import COLLECTIONS
from api.store.read import ListQuery
from schemas.page import LIMIT_MAX
from tests.benchmarks import data, goals, growth, report
from tests.benchmarks.__main__ import SIZES
from tests.benchmarks.contenders import CONTENDERS
from tests.benchmarks.goals import GOALS, Goal, value
from tests.benchmarks.growth import Case, Cost
from tests.benchmarks.workloads import CLAIMANTS, WORKLOADS, Stored
from tests.support.demo import grounded, source
from tests.unit.test_prose import find_faults

ROUNDS = 3
PROFILE = {
    "calls": 5.0,
    "microseconds": 9.0,
    "parts": [("flask", 0.5), ("api.store", 0.01)],
    "functions": [("api.store.read.page", 1.0, 0.25)],
}


@pytest.fixture
def values():
    """Return a value in each round for each measurement of a run."""
    measured = defaultdict(list)
    names = [f"facet/{name}" for name in ("harm", "place")]
    rates = ("load", "ungrounded", "ungrounded_alone", "import", "whole", "parse/processor", "import/locked")
    names += [f"import/{name}" for name in rates]
    names += [f"export/{name}" for name in ("onrecord", "memory", "sqlite3")]
    for contender in CONTENDERS:
        names += [f"{contender.name}/{name}" for name in ("start", "memory")]
        for workload in WORKLOADS:
            if contender in workload.contenders:
                names += [f"{contender.name}/{workload.name}/{name}" for name in ("rate", "p50", "p99", "size")]
    return measured | {name: [1.0 + number for number in range(ROUNDS)] for name in ["disk", *names]}


def test_the_evidence_of_generated_claims_passes_every_check():
    for article, claims in data.articles(400):
        for claim in claims:
            grounding = grounded(claim, source(article))
            assert grounding.failures == []
            assert grounding.report["status"] == "verified"


def test_generated_claims_are_the_same_each_time_and_differ_from_one_another():
    claims = [claim for _, own in data.articles(400) for claim in own]
    assert claims == [claim for _, own in data.articles(400) for claim in own]
    assert len({claim["evidence"][0]["exact"] for claim in claims}) == len({claim["id"] for claim in claims}) == 400


def test_each_claimant_of_a_workload_has_a_full_page_in_a_full_run():
    names = [claim["claimant"]["name"] for _, own in data.articles(20_000) for claim in own]
    shares = {name: names.count(name) / len(names) for name in CLAIMANTS}
    assert min(shares.values()) * SIZES["full"].claims > 2 * LIMIT_MAX


@pytest.mark.parametrize("workload", [each for each in WORKLOADS if not each.hot], ids=lambda each: each.name)
def test_a_cold_workload_requests_no_url_twice(workload):
    stored = Stored([f"report-{number}" for number in range(2000)], [f"/v1/claims?cursor={n}" for n in range(50)])
    for contender in workload.contenders:
        requests = workload.requests(contender, stored, None)
        assert len(set(requests)) == len(requests) > 40


def test_cold_workloads_do_not_share_urls():
    stored = Stored([f"report-{number}" for number in range(2000)], ["/v1/claims?cursor=1"])
    requests = [
        request
        for workload in WORKLOADS
        if not workload.hot
        for request in workload.requests(workload.contenders[0], stored, None)
    ]
    assert len(set(requests)) == len(requests)


def test_the_report_shows_every_goal_and_its_blocks_have_places(values):
    blocks = report.blocks(values, {"an item": PROFILE}, SIZES["full"])
    page, readme = report.PAGE.read_text(), report.README.read_text()
    assert set(re.findall(r"<!-- benchmark:(\w+) -->", page)) == {"run", "growth", *blocks}
    assert re.findall(r"<!-- benchmark:(\w+) -->", readme) == ["chart"]
    assert len(re.findall(r"\| (?:met|\*\*not met\*\*|not measured) \|$", blocks["goals"], re.MULTILINE)) == len(GOALS)
    assert all(goal.text in blocks["goals"] for goal in GOALS)
    written = report.written(readme, blocks)
    assert blocks["chart"] in written
    assert len(written.splitlines()) <= 150


def test_the_written_pages_are_in_plain_language(values):
    blocks = report.blocks(values, {"an item": PROFILE}, SIZES["full"])
    for page in (report.PAGE, report.README):
        assert find_faults(report.written(page.read_text(), blocks)) == []


@pytest.mark.parametrize(
    ("bound", "is_minimum", "measured", "is_met"),
    [
        (2, True, [1.0, 2.0, 9.0], True),
        (2, True, [1.0, 1.9, 9.0], False),
        (2, False, [1.0, 2.0, 9.0], True),
        (2, False, [1.0, 2.1, 9.0], False),
        (2, False, [], None),
    ],
)
def test_a_goal_is_met_by_the_median_of_its_rounds(bound, is_minimum, measured, is_met):
    assert Goal("hot", "an item", value("item"), bound, is_minimum=is_minimum).is_met({"item": measured}) is is_met


def test_the_worst_of_the_growth_benchmark_is_read_from_its_block(monkeypatch, tmp_path):
    (goal,) = [goal for goal in GOALS if goal.text.startswith("worst request")]
    page = tmp_path / "performance.md"
    monkeypatch.setattr(goals, "PAGE", page)
    page.write_text("<!-- benchmark:growth -->\n<!-- /benchmark:growth -->")
    assert goal.measure({}) == []
    query = ListQuery(COLLECTIONS[0])
    seconds = {"item": (0.001, 0.0011), "page": (0.001, 0.25), "facet": (0.1, 90.0)}
    cases = [Case("item", query, id="a"), Case("page", query), Case("facet", query, COLLECTIONS[0].filters[0])]
    costs = {name: [Cost(100, time, 20) for time in times] for name, times in seconds.items()}
    page.write_text(report.written(page.read_text(), {"growth": growth.block((1000, 2000), cases, costs)}))
    assert goal.measure({}) == [250]
    text = page.read_text()
    assert find_faults(text) == []
    assert "| 2,000 | 250 ms | 250 ms | 250 ms | 90,000 ms |" in text
    assert "Of 2 items and pages, 1 take less than 10 ms" in text
