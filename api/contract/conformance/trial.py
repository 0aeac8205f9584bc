"""An invented article with a few claims, to try on what a deployment does when it is written to.

All of it is taken off the record again. Its ids stay taken, and the feed tells that they came and went.
"""

from __future__ import annotations

import contextlib
import typing
import uuid

from api.contract.conformance.check import Undecided
from api.contract.conformance.client import Asking
from api.contract.conformance.response import Exchange

Record = dict[str, typing.Any]

MERGE_PATCH = "application/merge-patch+json"
CLAIMS = "/v1/casualty-reports"

_DAYS = ("May 3, 2031", "May 1, 2031", "May 5, 2031", "May 2, 2031", "")


def _sentence(number: int, day: str) -> str:
    when = f" on {day}" if day else ""
    return f"The ministry of Norland said{when} that {number} soldiers were killed"


# Sentences enough for what every question puts on record: no two claims may say the same.
_SENTENCES = [_sentence(11 + number, _DAYS[number % len(_DAYS)]) for number in range(40)]
_TEXT = "This article was invented by a check of conformance. " + ". ".join(_SENTENCES) + "."


class Trial:
    """The article, its claims, and whatever else questions put on record; `paths` is all of it, in order."""

    def __init__(self, ask: Asking):
        self._ask = ask
        self.mark = uuid.uuid4().hex[:12]
        self.article_id = f"conformance-check-{self.mark}"
        self.paths: list[str] = []
        self.claims: list[str] = []
        # Ids that were given out stay so, whatever became of their records.
        self._ids = 0
        self.created: list[Exchange] = []
        self._said = 0

    def begin(self) -> None:
        """Put the article and its claims on record; raises Broken or NotAsked where that cannot be done."""
        self.put(f"/v1/articles/{self.article_id}", {**self.article(), "text": _TEXT})
        for _ in range(5):
            path = f"{CLAIMS}/{self.new_id()}"
            self.put(path, self.claim())
            self.claims.append(path)

    def article(self) -> Record:
        """An article as it is sent, that nobody takes for a real one."""
        return {"headline": f"Invented by a check of conformance ({self.mark}), and gone in a moment", "language": "en"}

    def claim(self) -> Record:
        """Another claim of the article, as it is sent."""
        sentence = _SENTENCES[self._said]
        day = _DAYS[self._said % len(_DAYS)]
        claim: Record = {
            "article_id": self.article_id,
            "claimant": {"name": "Norland", "kind": "government"},
            "harm": "killed",
            "population": "combatant",
            "count": 11 + self._said,
            "qualifier": "exact",
            "evidence": [{"exact": sentence}],
        }
        if day:
            claim["claimed_on"] = f"2031-05-0{day[4]}"
        self._said += 1
        return claim

    def new_id(self) -> str:
        """An id that nothing has."""
        self._ids += 1
        return f"{self.article_id}-{self._ids}"

    def put(self, path: str, record: Record) -> Exchange:
        """Put a record where there is none."""
        # Noted before it is sent: of what is not answered, nobody knows whether it was done.
        self.paths.append(path)
        answer = self._ask("PUT", path, {"If-None-Match": "*"}, json=record, keyed=True)
        if 400 <= answer.status < 500:
            self.paths.remove(path)
        answer.status_is(201)
        self.created.append(answer)
        return answer

    def another(self) -> str:
        """The path of another claim, put on record for one question alone."""
        path = f"{CLAIMS}/{self.new_id()}"
        self.put(path, self.claim())
        return path

    def patch(self, path: str, tag: str, patch: Record) -> Exchange:
        """Change a record that was seen as this tag."""
        return self._ask("PATCH", path, {"If-Match": tag, "Content-Type": MERGE_PATCH}, json=patch, keyed=True)

    def end(self) -> list[str]:
        """Take all of it off the record, the last first; what could not be is given back."""
        left = []
        for path in reversed(self.paths):
            status = None
            with contextlib.suppress(Undecided):
                status = self._ask("DELETE", path, {"If-Match": "*"}, keyed=True).status
            if status not in (204, 404, 410):
                left.append(path)
        return left
