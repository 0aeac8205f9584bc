"""The round trip of a record: the records to send, and the steps that each generated client implements."""

from __future__ import annotations

import json
import typing

WIKIDATA = "https://www.wikidata.org/entity/Q42"
WORDS = "The ministry of Norland said three soldiers were killed"


class RoundTrip(typing.Protocol):
    """A generated client."""

    def create(self, article: str, report: str) -> str:
        """Create an article, and a report about it. Return the id of the report."""

    def read(self, report: str) -> tuple[int | None, str]:
        """Return the number of killed of a report, and its entity tag."""

    def patch(self, report: str, tag: str) -> list[str]:
        """Set `same_as` of a report to WIKIDATA. Return the stored list."""

    def list_claims(self, article: str) -> tuple[list[str], list[str]]:
        """Return the ids of the reports of an article, and the types of all its claims."""

    def import_(self, article: str) -> int:
        """Import an article. Return the number of created records."""

    def export(self, article: str) -> list[str]:
        """Return the ids of the exported reports of an article."""


def article_of(id: str) -> dict[str, typing.Any]:
    """Return an article with a text."""
    return {"id": id, "headline": "Three soldiers killed (an invented article)", "text": f"{WORDS} on Friday."}


def report_of(id: str, article_id: str) -> dict[str, typing.Any]:
    """Return a report that the text of the article states."""
    return {
        "id": id,
        "article_id": article_id,
        "claimant": {"name": "Norland", "kind": "government"},
        "harm": "killed",
        "population": "combatant",
        "qualifier": "exact",
        "count": 3,
        "evidence": [{"exact": WORDS, "start": 0, "end": len(WORDS)}],
    }


def ids_of(lines: str) -> list[str]:
    """Return the ids of the records in an export, which has one record on each line."""
    return [json.loads(line)["id"] for line in lines.splitlines()]
