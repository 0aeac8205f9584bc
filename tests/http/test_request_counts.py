"""The work of a request, counted as function calls and SQL statements, stays as the committed figures have it."""

from __future__ import annotations

import pytest

from tests.support.request_counts import WORKLOADS, counted_app, measure, read

FIX = (
    "Remove the additional work. If it is necessary, or if it became less, run: python -m tests.support.request_counts "
    "--write"
)
FIGURES = read()

pytestmark = pytest.mark.slow


def test_the_figures_are_those_of_the_workloads():
    assert list(FIGURES) == list(WORKLOADS)


@pytest.mark.parametrize("workload", WORKLOADS)
def test_the_work_of_a_request_is_that_of_the_committed_figures(databases, workload):
    with counted_app(databases, workload) as (app, count_statements):
        database, figures = app.extensions["onrecord"].url.get_backend_name(), FIGURES[workload]
        calls, statements = measure(app, count_statements, workload)
    assert statements == figures[database], FIX
    # Versions of Python differ by less than 5 %.
    if database == "sqlite":
        assert 0.85 <= calls / figures["calls"] <= 1.15, f"{figures['calls']} calls became {calls}. {FIX}"
