"""The round trip with httpx and the pydantic models of datamodel-code-generator."""

from __future__ import annotations

import contextlib
import typing

import httpx
from onrecord_models import (
    ArticleInput,
    ArticleRecord,
    CasualtyReport,
    CasualtyReportInput,
    CasualtyReportPage,
    CasualtyReportPatch,
    Claim,
    ClaimPage,
    ImportInput,
    ImportReport,
    KnownClaim,
)
from patience import Patient
from pydantic import BaseModel
from round_trip import WIKIDATA, RoundTrip, article_of, report_of

Page = typing.TypeVar("Page", CasualtyReportPage, ClaimPage)


@contextlib.contextmanager
def pydantic_models(root: str, key: str) -> typing.Iterator[RoundTrip]:
    """Yield a client with a key."""
    headers = {"Authorization": f"Bearer {key}"}
    with httpx.Client(base_url=root, headers=headers, timeout=30, transport=Patient()) as client:
        yield PydanticModels(client)


def type_of(claim: Claim) -> str:
    """Return the type of a claim, which has one of the known kinds or a later one."""
    return claim.root.root.type if isinstance(claim.root, KnownClaim) else claim.root.type


class PydanticModels:
    """The steps with models that validate each request and response."""

    def __init__(self, client: httpx.Client) -> None:
        self._client = client

    def create(self, article: str, report: str) -> str:
        self._send("POST", "/v1/articles", ArticleInput(**article_of(article)), {"Idempotency-Key": article})
        body = CasualtyReportInput.model_validate(report_of(report, article))
        response = self._send("POST", "/v1/casualty-reports", body, {"Idempotency-Key": report})
        return CasualtyReport.model_validate_json(response.content).id

    def read(self, report: str) -> tuple[int | None, str]:
        response = self._client.get(f"/v1/casualty-reports/{report}").raise_for_status()
        return CasualtyReport.model_validate_json(response.content).count, response.headers["ETag"]

    def patch(self, report: str, tag: str) -> list[str]:
        body = CasualtyReportPatch.model_validate({"same_as": [WIKIDATA]})
        response = self._send("PATCH", f"/v1/casualty-reports/{report}", body, {"If-Match": tag})
        return [str(subject.root) for subject in CasualtyReport.model_validate_json(response.content).same_as]

    def list_claims(self, article: str) -> tuple[list[str], list[str]]:
        reports = self._pages(f"/v1/casualty-reports?article_id={article}", CasualtyReportPage)
        claims = self._pages(f"/v1/articles/{article}/claims", ClaimPage)
        types = [type_of(claim) for page in claims for claim in page.data]
        return [report.id for page in reports for report in page.data], types

    def import_(self, article: str) -> int:
        record = ArticleRecord(**article_of(article), type="article")
        body = ImportInput.model_validate({"records": [record]})
        response = self._send("POST", "/v1/imports", body, {"Idempotency-Key": article})
        return ImportReport.model_validate_json(response.content).counts.created

    def export(self, article: str) -> list[str]:
        url = f"/v1/casualty-reports/export?article_id={article}"
        text = self._client.get(url).raise_for_status().text
        return [CasualtyReport.model_validate_json(line).id for line in text.splitlines()]

    def _send(self, method: str, path: str, body: BaseModel, headers: dict[str, str]) -> httpx.Response:
        """Send the fields of a model that are set, as JSON."""
        content = body.model_dump(mode="json", exclude_unset=True, by_alias=True)
        return self._client.request(method, path, json=content, headers=headers).raise_for_status()

    def _pages(self, url: str, model: type[Page]) -> typing.Iterator[Page]:
        """Yield the pages of a list, by following their URLs unchanged."""
        following: str | None = url
        while following:
            page = model.model_validate_json(self._client.get(following).raise_for_status().content)
            following = str(page.page.next) if page.page.next else None
            yield page
