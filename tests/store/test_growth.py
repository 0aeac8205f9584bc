"""The work for a page does not grow with the database, whether its filters match many records, few or none.

The work is counted in steps of SQLite, so no test depends on the machine.
"""

from __future__ import annotations

import pytest

from api.kinds.collections import COLLECTION_BY_NAME
from api.store import plan
from api.store.filter_sql import Condition
from api.store.read import ListQuery
from tests.benchmarks.growth import Case, Meter, database

pytestmark = pytest.mark.slow

SIZES = (1_000, 10_000)
# A page has 20 records, and a condition with few matches has at most FEW.
FEW = 30
STEPS_MAX = 9_000
POSITION = ("2015-01-01", "m")
OLD = ("2005-06-01", "m")


@pytest.fixture(scope="module")
def meters(tmp_path_factory):
    """Return meters on a small and on a large database."""
    folder = tmp_path_factory.mktemp("growth")
    meters = [Meter(database(folder, size)) for size in SIZES]
    yield meters
    for meter in meters:
        meter.store.close()


def case_of(name, conditions, position):
    """Return the case of a page in the default order."""
    collection = COLLECTION_BY_NAME[name]
    chosen = []
    for key, value in conditions.items():
        filter_name, _, operator = key.rstrip("]").partition("[")
        chosen.append(Condition(collection.by_name[filter_name], operator or "is", value))
    sort = ((next(iter(collection.by_name[collection.default_sort[1:]].columns)), True),)
    return Case("", ListQuery(collection, tuple(chosen), sort, 20, position))


@pytest.mark.parametrize("position", [None, POSITION, OLD])
@pytest.mark.parametrize(
    ("name", "conditions"),
    [
        ("casualty_report", {"claimant": ["nobody"]}),
        ("casualty_report", {"claimant": ["nobody"], "harm": ["killed"]}),
        ("casualty_report", {"claimant": ["party 0"], "claimant_country": ["FRA"]}),
        ("claim", {"claimant": ["rare party"]}),
        ("claim", {"claimant": ["old party 0"]}),
        ("claim", {"party": ["old party 0"]}),
        ("claim", {"party_country": ["YUG"]}),
        ("claim", {"party": ["rare party"], "conflict": ["conflict-0"]}),
        ("casualty_report", {"affected": ["nobody"]}),
        ("casualty_report", {"claimant_kind": ["person"]}),
        ("claim", {"claimant_kind": ["person"], "grounding[not]": ["unverified"]}),
        ("casualty_report", {"affected": ["https://parties.example/party-0"]}),
        ("casualty_report", {"count[gte]": 4990}),
        ("casualty_report", {"count[gte]": 4990, "claimant": ["party 0"]}),
        ("casualty_report", {"count[is]": 5000}),
        ("casualty_report", {"low[gte]": 999_999}),
        ("casualty_report", {"on_record[gte]": "2090"}),
        ("casualty_report", {"claimant": ["party 0"], "on_record[lte]": "2005-06"}),
        ("casualty_report", {"subgroups": ["soldiers"], "on_record[is]": "2005"}),
        ("article", {"inferred": ["published_on"], "published_on[lte]": "2005"}),
        ("casualty_report", {"on_record[is]": "1990"}),
        ("casualty_report", {"as_of[lte]": "1990"}),
        ("casualty_report", {"as_of[gte]": "2090"}),
        ("claim", {"claimed_on[gte]": "2090", "grounding[not]": ["unverified"]}),
        ("claim", {"published_on[is]": "1990"}),
        ("ceasefire", {"effective_on[gte]": "2090"}),
        ("casualty_report", {"subgroups": ["nothing"]}),
        ("casualty_report", {"harm": ["casualties"]}),
        ("claim", {"grounding[not]": ["partial", "verified"]}),
        ("claim", {"conflict": ["conflict-old"]}),
        ("claim", {"conflict": ["conflict-old", "conflict-rare"]}),
        ("claim", {"inferred": ["nothing"], "publisher": ["publisher-0"]}),
        ("resolution", {"symbol": ["nothing"]}),
        ("article", {"conflict": ["conflict-old"]}),
        ("article", {"publisher": ["nothing"]}),
        ("article", {"published_on[gte]": "2090"}),
        ("article", {"inferred": ["nothing"]}),
    ],
    ids=str,
)
def test_a_page_takes_the_same_steps_in_a_large_database(meters, monkeypatch, name, conditions, position):
    monkeypatch.setattr(plan, "few_of", lambda _: FEW)
    case = case_of(name, conditions, position)
    small, large = (meter.cost(case) for meter in meters)
    assert large.steps <= max(STEPS_MAX, 1.3 * small.steps), (small, large)


@pytest.mark.parametrize(
    ("name", "conditions"),
    [
        ("claim", {"on_record[gte]": "2022"}),
        ("casualty_report", {"on_record[gte]": "2022", "grounding[not]": ["unverified"]}),
        ("claim", {"claimant": ["party 0"], "on_record[gte]": "2022"}),
        ("ceasefire", {"grounding[not]": ["unverified"]}),
    ],
    ids=str,
)
def test_a_page_in_the_order_of_an_index_reads_no_other_match(meters, monkeypatch, name, conditions):
    # More than the matches, which would be looked up in any other order. They are counted once.
    monkeypatch.setattr(plan, "few_of", lambda _: 2_000)
    case = case_of(name, conditions, None)
    large = meters[1].cost(case)
    assert large.records == 20
    assert large.steps <= 45_000, large
