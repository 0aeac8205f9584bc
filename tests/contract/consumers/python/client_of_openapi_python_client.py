"""The round trip with the client of openapi-python-client."""

from __future__ import annotations

import contextlib
import typing

from onrecord_client import AuthenticatedClient
from onrecord_client.api.articles import create_article
from onrecord_client.api.casualty_reports import (
    create_casualty_report,
    export_casualty_reports,
    get_casualty_report,
    list_casualty_reports,
    patch_casualty_report,
)
from onrecord_client.api.imports import import_records
from onrecord_client.models import (
    Article,
    ArticleInput,
    ArticleRecord,
    CasualtyReport,
    CasualtyReportInput,
    CasualtyReportPage,
    CasualtyReportPatch,
    ImportInput,
    ImportReport,
)
from round_trip import WIKIDATA, RoundTrip, article_of, ids_of, report_of
from tracker import claims, pages, parse_response, writer


@contextlib.contextmanager
def openapi_python_client(root: str, key: str) -> typing.Iterator[RoundTrip]:
    """Yield a client with a key."""
    with writer(root, key) as client:
        yield OpenAPIPythonClient(client)


class OpenAPIPythonClient:
    """The steps with functions and classes of the client."""

    def __init__(self, client: AuthenticatedClient) -> None:
        self._client = client

    def create(self, article: str, report: str) -> str:
        body = ArticleInput.from_dict(article_of(article))
        created = create_article.sync_detailed(client=self._client, body=body, idempotency_key=article)
        parse_response(created, Article)
        response = create_casualty_report.sync_detailed(
            client=self._client,
            body=CasualtyReportInput.from_dict(report_of(report, article)),
            idempotency_key=report,
        )
        return parse_response(response, CasualtyReport).id

    def read(self, report: str) -> tuple[int | None, str]:
        response = get_casualty_report.sync_detailed(report, client=self._client)
        return parse_response(response, CasualtyReport).count, response.headers["ETag"]

    def patch(self, report: str, tag: str) -> list[str]:
        body = CasualtyReportPatch(same_as=[WIKIDATA])
        response = patch_casualty_report.sync_detailed(report, client=self._client, body=body, if_match=tag)
        return parse_response(response, CasualtyReport).same_as

    def list_claims(self, article: str) -> tuple[list[str], list[str]]:
        response = list_casualty_reports.sync_detailed(client=self._client, article_id=[article])
        reports = pages(self._client, parse_response(response, CasualtyReportPage))
        types = [claim.type_ for claim in claims(self._client, article)]
        return [report.id for page in reports for report in page.data], types

    def import_(self, article: str) -> int:
        record = ArticleRecord.from_dict({**article_of(article), "type": "article"})
        body = ImportInput(records=[record])
        response = import_records.sync_detailed(client=self._client, body=body, idempotency_key=article)
        return parse_response(response, ImportReport).counts.created

    def export(self, article: str) -> list[str]:
        response = export_casualty_reports.sync_detailed(client=self._client, article_id=[article])
        return ids_of(parse_response(response, str))
