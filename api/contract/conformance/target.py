"""The server that is asked: how to ask it, and what there is on record to ask for."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from urllib.parse import urlsplit

from api.contract.conformance.check import NotAsked, Undecided
from api.contract.conformance.client import Asking, Headers
from api.contract.conformance.response import Exchange
from api.contract.conformance.trial import Trial

LIST = "/v1/claims"
FEED = "/v1/changes"
DOCUMENT = "/v1/openapi.json"

# Records enough to be walked through in pages of two.
_ENOUGH = 9


class Server:
    """A server with its exchanges, and with records that questions can be asked of.

    With a key those are invented ones; without, whatever is on record.
    """

    def __init__(self, ask: Asking, *, origin: str):
        self.ask, self.origin = ask, origin
        self._trial: Trial | None = None
        self._no_trial: Undecided | None = None

    def get(self, target: str, headers: Headers | None = None) -> Exchange:
        return self.ask("GET", target, headers)

    @property
    def trial(self) -> Trial:
        """The invented article, put on record when it is first asked for; NotAsked where it cannot be."""
        if self.ask.key is None:
            raise NotAsked("it needs a key")
        if self._trial is None:
            self._trial = Trial(self.ask)
            try:
                self._trial.begin()
            except Undecided as error:
                self._no_trial = error
        if self._no_trial is not None:
            raise NotAsked("the invented article could not be put on record (writing/put)") from self._no_trial
        return self._trial

    @property
    def created(self) -> list[Exchange]:
        """The answers to what was put on record, of which there are none without a key."""
        try:
            return self.trial.created
        except NotAsked:
            return []

    def end(self) -> list[str]:
        """Take off the record what was put on it; what could not be is given back."""
        return self._trial.end() if self._trial else []

    @cached_property
    def paths(self) -> list[str]:
        """The paths of some claims, as many as there are of those wanted."""
        if self.ask.key is not None:
            try:
                return self.trial.claims
            except NotAsked:
                # Whoever may not write can still read.
                pass
        found: list[str] = []
        for page in self.pages(f"{LIST}?limit={_ENOUGH}", most=_ENOUGH):
            found += [f"{LIST}/{record['id']}" for record in page.of("data")]
            if len(found) >= _ENOUGH:
                break
        return found[:_ENOUGH]

    @property
    def item(self) -> str:
        """The path of a claim."""
        if not self.paths:
            raise NotAsked("nothing is on record")
        return self.paths[0]

    @property
    def several(self) -> str:
        """A list of a handful of claims, however many there are on record."""
        if len(self.paths) < 3:
            raise NotAsked("fewer than three claims are on record")
        return f"{LIST}?" + "&".join(f"id={path.rpartition('/')[2]}" for path in self.paths)

    @property
    def readable(self) -> list[str]:
        """Targets of each sort that has an entity tag."""
        return [f"{LIST}?limit=1", f"{FEED}?limit=1", DOCUMENT, *self.paths[:1]]

    @cached_property
    def tour(self) -> list[Exchange]:
        """Answers of all sorts, for what has to hold of every one."""
        asked = ["/", f"{LIST}?limit=2", f"{FEED}?limit=2", DOCUMENT, *self.paths[:1]]
        refused = [f"{LIST}/no-such-claim-here", "/no/such/path", f"{LIST}?limit=none"]
        return [self.get(target) for target in (*asked, *refused)] + [self.ask("DELETE", LIST)]

    def pages(self, target: str | None, *, most: int, relation: str = "next") -> Iterator[Exchange]:
        """Pages by their links, from this one, and Broken where there are more than `most`.

        Links are followed on the server that is asked, wherever they say that it is: that is a question of its own.
        """
        count = 0
        while target is not None:
            page = self.get(target).status_is(200)
            count += 1
            page.must(count <= most, f"an end of the list within {most} pages", "pages without end")
            yield page
            link = page.of("page", relation)
            page.must(link is None or isinstance(link, str), f"page.{relation} a link or null", str(link))
            target = None if link is None else here(link)


def here(url: str) -> str:
    """The target of an address, to ask for it on the server that is asked, whatever host it names."""
    parts = urlsplit(url)
    return (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
