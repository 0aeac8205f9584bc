"""CORS: pages of other origins may read."""

from __future__ import annotations

from api.contract.conformance.check import Concern, NotAsked, fetch
from api.contract.conformance.response import Exchange
from api.contract.conformance.target import LIST, Server

CORS = Concern("cors", "Pages of other origins")

_ALLOW, _EXPOSE = "Access-Control-Allow-Headers", "Access-Control-Expose-Headers"

# What a page needs to see, to keep the advice of the promise.
_NEEDED = {"api-version", "etag", "link", "retry-after", "x-request-id"}


def _may_read(server: Server, answer: Exchange) -> None:
    told = answer.headers.get("Access-Control-Allow-Origin")
    if told is None and "origin" in answer.headers.get("Vary", "").lower():
        raise NotAsked(f"pages of {server.origin} may not read here; --origin can say one whose pages may")
    answer.must(
        told in ("*", server.origin), f"Access-Control-Allow-Origin: * or {server.origin}", f"{answer.status}, {told}"
    )
    count = len(answer.headers.get_list("Access-Control-Allow-Origin"))
    answer.must(count == 1, "Access-Control-Allow-Origin once", f"{count} times")


@CORS.asks(
    "reading",
    "A page of another origin may read what is answered, failures and 304 too, and the headers that it needs",
    fetch("Access-Control-Allow-Origin", "http-access-control-allow-origin"),
    advice="The server says this itself (ONRECORD_CORS_ORIGINS); a proxy must neither add to it nor take it away.",
)
def reading(server: Server) -> None:
    origin = {"Origin": server.origin}
    for target in (*server.readable, f"{LIST}/no-such-claim-here", f"{LIST}?limit=none"):
        answer = server.get(target, origin)
        _may_read(server, answer)
    target = server.readable[-1]
    _may_read(server, server.get(target, {**origin, "If-None-Match": server.get(target).tag}))
    seen = {word.lower() for word in answer.words(_EXPOSE)}
    answer.must(seen >= _NEEDED, f"{_EXPOSE}: {', '.join(sorted(_NEEDED))}", answer.told(_EXPOSE))


@CORS.asks(
    "preflight",
    "A browser that asks first whether a page may send If-None-Match is told that it may",
    fetch("CORS-preflight fetch", "cors-preflight-fetch"),
    advice="Let OPTIONS through to the server, and answer it nowhere else.",
)
def preflight(server: Server) -> None:
    asked = {
        "Origin": server.origin,
        "Access-Control-Request-Method": "GET",
        "Access-Control-Request-Headers": "if-none-match",
    }
    answer = server.ask("OPTIONS", LIST, asked)
    answer.must(200 <= answer.status < 300, "a status of 200 to 299")
    _may_read(server, answer)
    allowed = {word.lower() for word in answer.words(_ALLOW)}
    answer.must("if-none-match" in allowed, f"{_ALLOW}: If-None-Match", answer.told(_ALLOW))
