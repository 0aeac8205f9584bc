"""Lists: pages that lead through all there is, in order, once."""

from __future__ import annotations

import re
import typing

from api.contract.conformance.check import Broken, Concern, promise, rfc
from api.contract.conformance.response import Exchange
from api.contract.conformance.target import LIST, Server

LISTS = Concern("lists", "Lists")

_LINK = re.compile(r'<([^>]*)>((?:\s*;\s*[A-Za-z*]+\s*=\s*(?:"[^"]*"|[^\s";,]+))*)')
_LIMIT = 2


def _ids(pages: typing.Iterable[Exchange]) -> list[str]:
    return [str(record["id"]) for page in pages for record in page.of("data")]


def _whole(server: Server, sort: str = "") -> list[str]:
    """The ids of the list as it is had in as few pages as can be."""
    return _ids(server.pages(f"{server.several}&limit=200{sort}", most=2 * len(server.paths)))


@LISTS.asks(
    "forward",
    "Who follows page.next to its end sees every record once, in the order of the list, and no page over its limit",
    promise("lists-hold-still"),
)
def forward(server: Server) -> None:
    before = _whole(server)
    pages = list(server.pages(f"{server.several}&limit={_LIMIT}", most=2 * len(server.paths)))
    # What others take off the record meanwhile may be seen or not.
    still = set(_whole(server))
    expected = [id_ for id_ in before if id_ in still]
    walked = [id_ for id_ in _ids(pages) if id_ in still or id_ not in before]
    pages[-1].must(walked == expected, f"on {len(pages)} pages {' '.join(expected)}", " ".join(walked) or "nothing")
    for page in pages:
        count = len(page.of("data"))
        page.must(count <= _LIMIT, f"at most {_LIMIT} records", f"{count}")


@LISTS.asks("backward", "page.prev leads back through the same records", promise("lists-hold-still"))
def backward(server: Server) -> None:
    pages = list(server.pages(f"{server.several}&limit={_LIMIT}", most=2 * len(server.paths)))
    most = len(pages) + len(server.paths)
    back = list(server.pages(pages[-1].target, most=most, relation="prev"))
    there, here_again = _ids(pages), _ids(reversed(back))
    back[-1].must(here_again == there, f"from the last page back {' '.join(there)}", " ".join(here_again))
    first = pages[0].of("page", "prev")
    pages[0].must(first is None, "no page.prev on the first page", str(first))


@LISTS.asks("link-header", "The Link header says the same as page.next and page.prev", rfc(8288, "3"))
def link_header(server: Server) -> None:
    for page in server.pages(f"{server.several}&limit={_LIMIT}", most=2 * len(server.paths)):
        told = _links(page)
        for relation in ("next", "prev"):
            link = page.of("page", relation)
            page.must(
                told.get(relation) == link,
                f'rel="{relation}" to {link or "nowhere"}',
                f"Link: {page.headers.get('Link', 'none')}",
            )


def _links(page: Exchange) -> dict[str, str]:
    """The links of a header, by relation."""
    links: dict[str, str] = {}
    for target, parameters in _LINK.findall(page.headers.get("Link", "")):
        if (found := re.search(r'rel\s*=\s*"?([^";]+)', parameters)) is not None:
            links |= dict.fromkeys(found[1].split(), target)
    return links


@LISTS.asks(
    "cursors", "A cursor that is garbled, or another list's, is refused and not guessed at", promise("problems-stay")
)
def cursors(server: Server) -> None:
    first = server.get(f"{server.several}&limit=1").status_is(200)
    next_ = first.of("page", "next")
    first.must(isinstance(next_, str) and "cursor=" in next_, "page.next with a cursor", str(next_))
    cursor = next_.partition("cursor=")[2].partition("&")[0]
    middle = len(cursor) // 2
    garbled = cursor[:middle] + cursor[middle + 1 :]
    for target in (
        f"{LIST}?limit=1&cursor=garbled",
        f"{server.several}&limit=1&cursor={garbled}",
        # The same cursor with another order, and of another list.
        f"{server.several}&limit=1&sort=id&cursor={cursor}",
        f"/v1/quotes?limit=1&cursor={cursor}",
    ):
        answer = server.get(target).is_problem(422, "invalid-parameters")
        answer.must(answer.of("errors", 0, "parameter") == "cursor", "an error that names cursor")


@LISTS.asks("order", "Lists are in the order asked for, by default the latest on record first", promise("same-answers"))
def order(server: Server) -> None:
    falling, rising = _whole(server, "&sort=-id"), _whole(server, "&sort=id")
    if rising != sorted(rising) or falling != sorted(falling, reverse=True):
        raise Broken(f"GET {server.several}&sort=id and -id", " ".join(sorted(rising)), f"{rising} and {falling}")
    target = f"{server.several}&limit=200"
    days = [_day(record) for page in server.pages(target, most=2 * len(server.paths)) for record in page.of("data")]
    if days != sorted(days, reverse=True):
        raise Broken(f"GET {target}", "on_record falling, what has none last", f"{[day for _, day in days]}")


def _day(record: dict[str, typing.Any]) -> tuple[bool, str]:
    """What a claim is ordered by: whether it has a date, and the first day that it can be."""
    days = record["on_record"]
    return days["basis"] is not None, days["earliest"] or ""
