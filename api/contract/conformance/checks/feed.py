"""The feed: every change in order, for ever resumable."""

from __future__ import annotations

import typing

from api.contract.conformance.check import Concern, NotAsked, promise
from api.contract.conformance.response import Exchange
from api.contract.conformance.target import FEED, LIST, Server

FEED_OF_CHANGES = Concern("feed", "The feed")

_SOME = 6
# Others write, too.
_MOST_PAGES = 60


def _changes(pages: typing.Iterable[Exchange], most: int) -> list[tuple[int, str, str]]:
    told: list[tuple[int, str, str]] = []
    for page in pages:
        told += [(change["sequence"], change["action"], change["id"]) for change in page.of("data")]
        if len(told) >= most:
            break
    return told[:most]


@FEED_OF_CHANGES.asks(
    "tokens",
    "Who asks on from page.since, however small the pages, is told every change once, in rising order",
    promise("feed-tells-all"),
)
def tokens(server: Server) -> None:
    there = bool(server.paths)
    whole = _changes(server.pages(f"{FEED}?limit={_SOME}", most=_SOME), _SOME)
    if not whole and not there:
        raise NotAsked("nothing was ever on record")
    told: list[tuple[int, str, str]] = []
    since = 0
    for _ in range(_SOME):
        page = server.get(f"{FEED}?since={since}&limit=2").status_is(200)
        told += _changes([page], _SOME)
        since = page.of("page", "since")
        page.must(isinstance(since, int), "page.since, a number", str(since))
        if page.of("page", "next") is None or len(told) >= len(whole):
            break
    told = told[: len(whole)]
    page.must(told == whole and bool(whole), f"{whole}", f"{told}")
    numbers = [number for number, _, _ in whole]
    page.must(numbers == sorted(set(numbers)), "sequences that rise", f"{numbers}")


@FEED_OF_CHANGES.asks(
    "tells-all",
    "What is created, changed and deleted is told as that, in order, from where the feed was before",
    promise("feed-tells-all"),
)
def tells_all(server: Server) -> None:
    # An export says where the feed is; of an id that there is not, it is a short one.
    export = server.get(f"{LIST}?id=no-such-claim-here&format=ndjson").status_is(200)
    since = export.headers.get("Change-Sequence", "")
    export.must(since.isdecimal(), "a Change-Sequence", since or "none")
    path = server.trial.another()
    server.trial.patch(path, "*", {"place": "a place"}).status_is(200)
    server.ask("DELETE", path, {"If-Match": "*"}, keyed=True).status_is(204)
    mine = path.rpartition("/")[2]
    told, last = [], None
    for last in server.pages(f"{FEED}?since={since}&limit=200", most=_MOST_PAGES):
        told += [(change["action"], change["version"]) for change in last.of("data") if change["id"] == mine]
    expected = [("created", 1), ("updated", 2), ("deleted", 3)]
    assert last is not None  # noqa: S101 - there is always a first page
    last.must(told == expected, f"of {mine} {expected}", f"{told}")
