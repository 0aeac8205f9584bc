"""Methods: HEAD, OPTIONS, and those that a path does not answer."""

from __future__ import annotations

from api.contract.conformance.check import Concern, rfc
from api.contract.conformance.response import Exchange
from api.contract.conformance.target import LIST, Server

METHODS = Concern("methods", "Methods")

_SAME = ("Content-Type", "ETag", "Cache-Control", "Vary", "Link", "API-Version")


@METHODS.asks("head", "HEAD answers with the status and the headers of GET", rfc(9110, "9.3.2"))
def head(server: Server) -> None:
    for target in (*server.readable, "/", "/no/such/path"):
        for _ in range(3):
            # A list may change between the two.
            got, asked = server.get(target), server.ask("HEAD", target)
            if (unlike := _unlike(got, asked)) is None:
                break
        asked.must(unlike is None, f"what GET has: {unlike and unlike[0]}", unlike[1] if unlike else "")


def _unlike(got: Exchange, asked: Exchange) -> tuple[str, str] | None:
    """The first thing that HEAD says otherwise than GET: what that says, and what HEAD does."""
    if asked.status != got.status:
        return str(got.status), str(asked.status)
    # The length may be left out, but not be another one.
    names = _SAME if "Content-Length" not in asked.headers else (*_SAME, "Content-Length")
    for name in names:
        first, second = got.headers.get(name, "none"), asked.headers.get(name, "none")
        if name == "Content-Length":
            first = got.headers.get(name, str(len(got.raw)))
        # A problem's page has its own request in it, but no length that varies.
        if first != second:
            return f"{name}: {first}", f"{name}: {second}"
    return None


@METHODS.asks("no-body", "Neither HEAD nor 304 is followed by a body", rfc(9112, "6.3"))
def no_body(server: Server) -> None:
    target = server.readable[-1]
    tag = server.get(target).status_is(200).tag
    for method, headers in (("HEAD", {}), ("GET", {"If-None-Match": tag})):
        answer = server.ask.bare(method, target, headers)
        if method == "HEAD" or answer.status == 304:
            answer.must(
                not answer.raw, "nothing after the headers", f"{answer.status} and {len(answer.raw)} bytes more"
            )


@METHODS.asks("allow", "OPTIONS and 405 list in Allow what a path answers", rfc(9110, "10.2.1"))
def allow(server: Server) -> None:
    answer = server.ask("OPTIONS", LIST).status_is(200, 204)
    _lists(answer, {"GET", "HEAD", "OPTIONS"})
    _lists(server.ask("OPTIONS", "/v1/articles").status_is(200, 204), {"GET", "HEAD", "OPTIONS", "POST"})
    refused = server.ask("DELETE", LIST).status_is(405)
    _lists(refused, {"GET", "HEAD", "OPTIONS"})


def _lists(answer: Exchange, methods: set[str]) -> None:
    told = answer.words("Allow")
    # There may be new methods, but not the one that was just refused.
    refused = answer.status == 405 and answer.method in told
    answer.must(methods <= told and not refused, f"Allow: {', '.join(sorted(methods))}", answer.told("Allow"))
