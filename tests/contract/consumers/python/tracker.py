"""A casualty tracker: a line for each claim of each side, and a new report.

It follows the advice of the promise at /contract. It reads all pages and waits for the time in `Retry-After`. It shows
unknown enum values and kinds of claims unchanged.
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

# The phrase for each qualifier. Later versions may add qualifiers.
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


class ApiError(Exception):
    """An error response. `code` identifies the problem and never changes."""

    def __init__(self, status: int, code: str, detail: str) -> None:
        super().__init__(f"{status} {code}: {detail}")
        self.status, self.code = status, code


def reader(root: str) -> Client:
    """Return a client without a key, for reading."""
    return Client(base_url=root, timeout=httpx.Timeout(SECONDS), httpx_args={"transport": Patient()})


def writer(root: str, key: str) -> AuthenticatedClient:
    """Return a client with a key, for writing."""
    transport = {"transport": Patient()}
    return AuthenticatedClient(base_url=root, token=key, timeout=httpx.Timeout(SECONDS), httpx_args=transport)


def reports(client: Client, conflict: str | None = None) -> Iterator[CasualtyReport]:
    """Yield all reports, or those of a conflict."""
    response = list_casualty_reports.sync_detailed(client=client, conflict=UNSET if conflict is None else [conflict])
    for page in pages(client, parse_response(response, CasualtyReportPage)):
        yield from page.data


def claims(client: Client | AuthenticatedClient, article_id: str) -> Iterator[Claim]:
    """Yield the claims of an article in reading order."""
    for page in pages(client, parse_response(list_article_claims.sync_detailed(article_id, client=client), ClaimPage)):
        yield from page.data


def create_report(client: AuthenticatedClient, report: CasualtyReportInput, idempotency_key: str) -> CasualtyReport:
    """Create a report exactly once, also if the request is retried."""
    return parse_response(
        create_casualty_report.sync_detailed(client=client, body=report, idempotency_key=idempotency_key),
        CasualtyReport,
    )


def line(claim: Claim) -> str:
    """Return a claim as a line with its claimant. For an unknown kind, use the fields that all kinds have."""
    who = claim.claimant.name
    if isinstance(claim, CasualtyReport):
        wording = WORDINGS.get(claim.qualifier, "says {count} ({qualifier})").format_map(vars_of(claim))
        return f"{who} {wording} {claim.harm}"
    if isinstance(claim, Quote):
        return f"{who} says: {claim.text}"
    return f"{who}, {claim.type_}: {claim.evidence[0].exact}"


def vars_of(report: CasualtyReport) -> dict[str, object]:
    """Return the fields that a wording can use."""
    return {name: getattr(report, name) for name in ("count", "low", "high", "wording", "qualifier")}


def pages(client: Client | AuthenticatedClient, page: Page) -> Iterator[Page]:
    """Yield a page and the pages after it, by following their URLs unchanged."""
    yield page
    while page.page.next_:
        response = client.get_httpx_client().get(page.page.next_).raise_for_status()
        page = type(page).from_dict(response.json())
        yield page


def parse_response(response: Response[typing.Any], shape: type[Shape]) -> Shape:
    """Return the body of a successful response. Raise ApiError for errors and for unknown statuses."""
    if isinstance(response.parsed, shape):
        return response.parsed
    if isinstance(response.parsed, Problem):
        raise ApiError(response.status_code, response.parsed.code, response.parsed.detail)
    raise ApiError(response.status_code, "unknown", response.content.decode(errors="replace"))
