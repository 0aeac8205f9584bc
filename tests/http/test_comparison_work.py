"""The work of a comparison is proportional to its claims, and ends at its timeout."""

from __future__ import annotations

from dataclasses import replace

import orjson
import pytest

from api.charts import timeline as timeline_picture
from api.comparison.claims import ComparableClaim, in_time
from api.comparison.timeline import timeline
from api.pages.article_page import text_segments
from api.store.imports import import_lines
from tests.conftest import borrowed
from tests.support.call_counts import count_calls
from tests.support.conflict_generator import CONFLICT, dispute, truces

CLAIMANT = {"name": "Norland", "kind": "government", "country": None, "title": None, "same_as": None}


class Name(str):
    """A name with a comparison method in Python, which makes comparisons countable."""

    __slots__ = ()

    def __eq__(self, other):
        return str.__eq__(self, other)

    def __lt__(self, other):
        return str.__lt__(self, other)

    __hash__ = str.__hash__


def truce(number, **more):
    """Return a ceasefire as a comparable claim."""
    document = {
        "id": f"truce-{number:05}",
        "article_id": "the-article",
        "claimant": CLAIMANT,
        "accused": [],
        "status": "held",
        "ceasefire": "the-truce",
        "name": None,
        "count": 1,
        "claimed_on": None,
        "restates": None,
        "created_at": "2031-06-01T00:00:00.000Z",
        "on_record": {"earliest": "2031-05-01", "latest": "2031-05-01", "basis": "published_on"},
    }
    return ComparableClaim(document | more, "hill-war", ("2031-05-01", "2031-05-01"))


CLAIMS = {
    "one chain": lambda number: truce(number, restates=f"truce-{number - 1:05}" if number else None),
    "one chain backwards": lambda number: truce(number, restates=f"truce-{number + 1:05}"),
    "names": lambda number: truce(number, name=Name(f"Truce {number}")),
    "ceasefires": lambda number: truce(number, ceasefire=f"truce-{number}"),
    "articles": lambda number: truce(number, article_id=f"article-{number}"),
    "claimants": lambda number: truce(number, claimant=CLAIMANT | {"name": f"Party {number}"}),
}
WORK = {
    "order": in_time,
    "timeline": timeline,
    "picture": lambda claims: timeline_picture.draw(timeline(claims), ""),
}


@pytest.mark.parametrize("work", WORK.values(), ids=WORK)
@pytest.mark.parametrize("claim_of", CLAIMS.values(), ids=CLAIMS)
def test_the_work_of_a_timeline_grows_with_its_claims_and_no_faster(claim_of, work):
    few, many, first = ([claim_of(number) for number in range(count)] for count in (300, 1200, 1))
    work(first)
    # Sorting makes it a little more than four times.
    assert count_calls(work, many) < 5 * count_calls(work, few)


def test_the_work_of_the_page_of_an_article_grows_with_its_evidence_and_no_faster():
    def work(count):
        claims = [{"evidence": [{"start": 10 * number, "end": 10 * number + 8}]} for number in range(count)]
        return count_calls(lambda: list(text_segments("x" * 10 * count, claims)))

    assert work(2000) < 5 * work(500)


def test_a_chain_of_restatements_precedes_the_restated_claim():
    later = {"earliest": "2031-05-09", "latest": "2031-05-09", "basis": "published_on"}
    chain = [truce(0), truce(1, restates="truce-00000", on_record=later), truce(2, restates="truce-00001")]
    other = truce(3, on_record={"earliest": "2031-05-02", "latest": "2031-05-02", "basis": "published_on"})
    assert [claim.id for claim in in_time([other, *chain])] == [
        "truce-00002",
        "truce-00001",
        "truce-00000",
        "truce-00003",
    ]


def test_restatements_in_a_circle_come_to_an_end():
    claims = [truce(number, restates=f"truce-{(number + 1) % 3:05}") for number in range(3)]
    assert {claim.id for claim in in_time(claims)} == {"truce-00000", "truce-00001", "truce-00002"}


def test_a_timeline_is_ended_by_its_check_between_steps():
    class Ended(Exception):
        """The error that the check raises."""

    checks = []

    def check():
        checks.append(1)
        if len(checks) == 8:
            raise Ended

    with pytest.raises(Ended):
        timeline([truce(number) for number in range(1000)], check)


@pytest.fixture(scope="module")
def hurried(databases):
    """Return a client of an app with a millisecond for each comparison and the default time for queries."""
    records, _ = dispute(600)
    ceasefires, _ = truces(600)
    with borrowed(databases, "empty") as app:
        report = import_lines(app.extensions["onrecord"], [("lines", map(orjson.dumps, [*records, *ceasefires]))])
        assert not report.rejected_lines, report.rejected_lines[:3]
        settings = app.config["ONRECORD"]
        app.config["ONRECORD"] = replace(settings, query_seconds="0.001")
        yield app.test_client()
        app.config["ONRECORD"] = settings


@pytest.mark.parametrize("media_type", ["application/json", "image/svg+xml"])
@pytest.mark.parametrize("path", ["casualty-reports/compare", "casualty-reports/series", "ceasefires/timeline"])
def test_a_view_that_takes_too_long_is_a_503(hurried, path, media_type):
    response = hurried.get(f"/v1/{path}?conflict={CONFLICT}", headers={"Accept": media_type})
    assert (response.status_code, response.json["code"]) == (503, "unavailable")
    assert int(response.headers["Retry-After"]) > 0
    assert "Narrow the filters" in response.json["detail"]
