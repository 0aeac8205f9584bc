"""Five trackers that each ignore one rule of the promise. They fail when the API makes an allowed change."""

from __future__ import annotations

import dataclasses
import typing

import httpx
from patience import Patient

Record = dict[str, typing.Any]


@dataclasses.dataclass
class Party:
    """The fields of a party in version 1.0.0."""

    name: str
    kind: str
    country: str | None
    title: str | None
    same_as: str | None


def add_fields(root: str) -> list[str]:
    """Reject new fields."""
    return [f"{Party(**report['claimant']).name} {report['count']}" for report in reports(root)]


def new_enum_values(root: str) -> list[str]:
    """Reject new enum values."""
    texts = {"killed": "dead", "casualties": "hit"}
    return [line for report in reports(root) for line in lines([report]) if texts[report["harm"]]]


def page_size_1(root: str) -> list[str]:
    """Read only the first page."""
    return lines(reports(root, pages=1))


def retry_once(root: str) -> list[str]:
    """Send each request once, without a retry."""
    return lines(reports(root, transport=httpx.HTTPTransport()))


def slow(root: str) -> list[str]:
    """Use a short timeout."""
    return lines(reports(root, timeout=0.2))


def reports(
    root: str, pages: int = 1000, timeout: float = 30, transport: httpx.BaseTransport | None = None
) -> list[Record]:
    """Return the reports on so many pages."""
    records: list[Record] = []
    with httpx.Client(base_url=root, timeout=timeout, transport=transport or Patient()) as client:
        url = "/v1/casualty-reports"
        while url and pages:
            page = client.get(url).raise_for_status().json()
            records += page["data"]
            url, pages = page["page"]["next"], pages - 1
    return records


def lines(records: list[Record]) -> list[str]:
    return [f"{record['claimant']['name']} {record['count']}" for record in records]
