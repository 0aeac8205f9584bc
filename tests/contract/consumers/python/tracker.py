"""A casualty tracker: what each side says, a line a claim; and a report put on record.

It does what the promise at /contract advises: it goes on to the last page, waits where it is told to, and shows the
words and kinds of claims that it does not know as they are.
"""

from __future__ import annotations

import typing
from collections.abc import Iterator

import httpx
from onrecord_client import AuthenticatedClient, Client
from onrecord_client.api.article_claims import list_article_claims
from onrecord_client.api.casualty_reports import create_casualty_report, list_casualty_reports
from onrecord_client.models import (
    CasualtyReport,
    CasualtyReportInput,
    CasualtyReportPage,
    Ceasefire,
    ClaimPage,
    OtherClaim,
    Problem,
    Quote,
    Resolution,
)
from onrecord_client.types import UNSET, Response
from patience import Patient

# How a figure is worded. Words that are not here will come.
WORDINGS = {
    "exact": "says {count}",
    "about": "says about {count}",
    "at_least": "says at least {count}",
    "more_than": "says more than {count}",
    "up_to": "says up to {count}",
    "fewer_than": "says fewer than {count}",
    "range": "says {low} to {high}",
    "vague": "says {wording}",
    "undisclosed": "does not say how many",
}
SECONDS = 30

Claim = CasualtyReport | Ceasefire | OtherClaim | Quote | Resolution
Page = typing.TypeVar("Page", CasualtyReportPage, ClaimPage)
Shape = typing.TypeVar("Shape")


class Refused(Exception):
    """What was asked for was not done; `code` says why, and stays the same."""

    def __init__(self, status: int, code: str, detail: str) -> None:
        super().__init__(f"{status} {code}: {detail}")
        self.status, self.code = status, code


def reader(root: str) -> Client:
    """Reading needs no key."""
    return Client(base_url=root, timeout=httpx.Timeout(SECONDS), httpx_args={"transport": Patient()})


def writer(root: str, key: str) -> AuthenticatedClient:
    """Writing does."""
    transport = {"transport": Patient()}
    return AuthenticatedClient(base_url=root, token=key, timeout=httpx.Timeout(SECONDS), httpx_args=transport)


def reports(client: Client, conflict: str | None = None) -> Iterator[CasualtyReport]:
    """All reports, or those of a conflict."""
    answer = list_casualty_reports.sync_detailed(client=client, conflict=UNSET if conflict is None else [conflict])
    for page in pages(client, told(answer, CasualtyReportPage)):
        yield from page.data


def claims(client: Client, article_id: str) -> Iterator[Claim]:
    """What an article puts on record, in reading order."""
    for page in pages(client, told(list_article_claims.sync_detailed(article_id, client=client), ClaimPage)):
        yield from page.data


def put_on_record(client: AuthenticatedClient, report: CasualtyReportInput, idempotency_key: str) -> CasualtyReport:
    """Put a report on record, once, however often it has to be sent."""
    return told(
        create_casualty_report.sync_detailed(client=client, body=report, idempotency_key=idempotency_key),
        CasualtyReport,
    )


def line(claim: Claim) -> str:
    """A claim in a line: always who says it, and of a kind that is not known what all kinds have."""
    who = claim.claimant.name
    if isinstance(claim, CasualtyReport):
        wording = WORDINGS.get(claim.qualifier, "says {count} ({qualifier})").format_map(vars_of(claim))
        return f"{who} {wording} {claim.harm}"
    if isinstance(claim, Quote):
        return f"{who} says: {claim.text}"
    return f"{who}, {claim.type_}: {claim.evidence[0].exact}"


def vars_of(report: CasualtyReport) -> dict[str, object]:
    """What a wording may speak of."""
    return {name: getattr(report, name) for name in ("count", "low", "high", "wording", "qualifier")}


def pages(client: Client, page: Page) -> Iterator[Page]:
    """A page and those after it. Their addresses are followed as they come."""
    yield page
    while page.page.next_:
        answer = client.get_httpx_client().get(page.page.next_).raise_for_status()
        page = type(page).from_dict(answer.json())
        yield page


def told(answer: Response[typing.Any], shape: type[Shape]) -> Shape:
    """What was answered, where it is what was asked for. A status that nobody has heard of is a refusal too."""
    if isinstance(answer.parsed, shape):
        return answer.parsed
    if isinstance(answer.parsed, Problem):
        raise Refused(answer.status_code, answer.parsed.code, answer.parsed.detail)
    raise Refused(answer.status_code, "unknown", answer.content.decode(errors="replace"))
