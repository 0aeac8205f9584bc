"""The tracker against the mock. The tests pass with and without chaos."""

from __future__ import annotations

import pytest
from onrecord_client.api.articles import create_article
from onrecord_client.api.casualty_reports import get_casualty_report
from onrecord_client.models import (
    Article,
    ArticleInput,
    CasualtyReport,
    CasualtyReportInput,
    CasualtyReportInputHarm,
    CasualtyReportInputPopulation,
    CasualtyReportInputQualifier,
    PartyInput,
    PartyInputKind,
    SpanInput,
)
from tracker import ApiError, claims, create_report, line, parse_response, reader, reports, writer

KNOWN = [
    "the article says more than 1000 killed",
    "Russia says up to 5000 killed",
    "Azerbaijan does not say how many casualties",
    "Azerbaijan says 91 killed",
    "Armenia says 1166 killed",
    "Armenia says 45 killed",
]
WORDS = "The ministry of Norland said three soldiers were killed"


def test_all_reports_of_a_conflict_are_shown(mock: str) -> None:
    with reader(mock) as client:
        assert [line(report) for report in reports(client, "nagorno-karabakh")] == KNOWN


def test_reports_of_other_conflicts_are_shown(mock: str) -> None:
    with reader(mock) as client:
        lines = [line(report) for report in reports(client)]
    assert lines[: len(KNOWN)] == KNOWN
    assert all(len(text.split()) > 2 for text in lines)


def test_a_created_report_is_stored_once(mock: str, key: str) -> None:
    article = ArticleInput(headline="Three soldiers killed (an invented article)", text=f"{WORDS} on Friday.")
    with writer(mock, key) as client:
        of = parse_response(
            create_article.sync_detailed(client=client, body=article, idempotency_key="article-1"), Article
        )
        stored = create_report(client, report_of(of.id, 3), "report-1")
        assert create_report(client, report_of(of.id, 3), "report-1").id == stored.id

        read = parse_response(get_casualty_report.sync_detailed(stored.id, client=client), CasualtyReport)
        assert (read.count, read.low, read.high) == (3, 3, 3)
        assert [span.start for span in read.evidence] == [0]

    with reader(mock) as anybody:
        first, *others = claims(anybody, of.id)
    assert line(first) == "Norland says 3 killed"
    # A claim of a later kind has its claimant and its evidence, too.
    assert all(line(claim).startswith("Norland, ") and line(claim).endswith(WORDS) for claim in others)


def test_a_claim_without_matching_evidence_is_rejected_with_its_code(mock: str, key: str) -> None:
    with writer(mock, key) as client, pytest.raises(ApiError) as error:
        create_report(client, report_of("karabakh-2020-11-01", 4), "report-2")
    assert error.value.code == "not-grounded"


def report_of(article_id: str, count: int) -> CasualtyReportInput:
    return CasualtyReportInput(
        article_id=article_id,
        claimant=PartyInput(name="Norland", kind=PartyInputKind.GOVERNMENT),
        harm=CasualtyReportInputHarm.KILLED,
        population=CasualtyReportInputPopulation.COMBATANT,
        qualifier=CasualtyReportInputQualifier.EXACT,
        count=count,
        evidence=[SpanInput(exact=WORDS, start=0, end=len(WORDS))],
    )
