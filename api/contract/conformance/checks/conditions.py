"""Conditional requests: entity tags that save answers, and that keep writers from overwriting each other."""

from __future__ import annotations

import re
from collections.abc import Callable

from api.contract.conformance.check import Concern, promise, rfc
from api.contract.conformance.response import Exchange
from api.contract.conformance.target import Server

CONDITIONS = Concern("conditions", "Conditional requests")

_TAG = re.compile(r'(W/)?"[\x21\x23-\x7e\x80-\xff]*"')
_STALE = '"of-another-time"'


def _asked_again(server: Server, target: str, told: Callable[[str], str]) -> tuple[Exchange, Exchange]:
    """A whole answer, and the one to whoever has it already; lists change, so a 200 is worth another try."""
    for _ in range(3):
        whole = server.get(target).status_is(200)
        again = server.get(target, {"If-None-Match": told(whole.tag)})
        if again.status == 304:
            break
    return whole, again


@CONDITIONS.asks(
    "unchanged",
    "Who sends the tag of what is there as If-None-Match is answered 304, and who sends another one the whole",
    rfc(9110, "13.1.2"),
    advice="Let ETag and If-None-Match pass through every proxy as they are.",
)
def unchanged(server: Server) -> None:
    for target in server.readable:
        _, again = _asked_again(server, target, lambda tag: tag)
        again.status_is(304)
    server.get(server.readable[0], {"If-None-Match": _STALE}).status_is(200)


@CONDITIONS.asks("weakly", "A tag is known again when it comes weak, among others, or as *", rfc(9110, "8.8.3.2"))
def weakly(server: Server) -> None:
    ways: tuple[Callable[[str], str], ...] = (
        lambda tag: "W/" + tag.removeprefix("W/"),
        lambda tag: f"{_STALE}, {tag}",
        lambda _: "*",
    )
    for way in ways:
        _, again = _asked_again(server, server.readable[-1], way)
        again.status_is(304)


@CONDITIONS.asks(
    "headers-of-304", "A 304 carries the ETag, Cache-Control and Vary of the whole answer", rfc(9110, "15.4.5")
)
def headers_of_304(server: Server) -> None:
    for target in server.readable:
        whole, again = _asked_again(server, target, lambda tag: tag)
        again.status_is(304)
        for name in ("ETag", "Cache-Control", "Vary"):
            first = whole.words(name)
            # A proxy that packs adds to Vary where it does.
            again.must(bool(first) and first <= again.words(name), whole.told(name), again.told(name))


@CONDITIONS.asks(
    "strong",
    "Entity tags are well-formed, and strong where nothing was packed",
    rfc(9110, "8.8.3"),
    advice="A proxy that rewrites answers makes their tags weak, and with a weak tag nothing can be changed.",
)
def strong(server: Server) -> None:
    for target in server.readable:
        answer = server.get(target).status_is(200)
        answer.must(_TAG.fullmatch(answer.tag) is not None, 'a tag in quotation marks, "…"', answer.tag)
        answer.must(not answer.tag.startswith("W/"), "a strong tag", answer.tag)


@CONDITIONS.asks(
    "caches",
    "What is data is kept to be asked for again before it is used, and what is a failure is not kept",
    rfc(9111, "5.2.2.4"),
    advice="Let no proxy set Cache-Control, Expires or Age of its own on what is under /v1.",
)
def caches(server: Server) -> None:
    for target in (*server.readable, "/v1/claims/no-such-claim-here"):
        answer = server.get(target)
        told = {word.lower() for word in answer.words("Cache-Control")}
        wanted = "no-store" if answer.status >= 400 else "no-cache"
        shared = any(word.startswith("s-maxage") for word in told)
        answer.must(wanted in told and not shared, f"Cache-Control: {wanted}", answer.told("Cache-Control"))


@CONDITIONS.asks(
    "stale",
    "Who changes, replaces or deletes what has changed since, or says a weak tag, is answered 412",
    rfc(9110, "13.1.1"),
)
def stale(server: Server) -> None:
    path = server.trial.another()
    seen = server.get(path).status_is(200)
    changed = server.trial.patch(path, "*", {"place": "a place"}).status_is(200)
    for tag in (seen.tag, _STALE, f"W/{changed.tag.removeprefix('W/')}"):
        server.trial.patch(path, tag, {"place": "nowhere"}).is_problem(412, "precondition-failed")
    server.ask("DELETE", path, {"If-Match": seen.tag}, keyed=True).is_problem(412, "precondition-failed")
    claim = server.trial.claim()
    server.ask("PUT", path, {"If-Match": seen.tag}, json=claim, keyed=True).is_problem(412, "precondition-failed")
    now = server.get(path).status_is(200)
    now.must(now.of("place") == "a place", "nothing to have changed", f"place: {now.of('place')}")


@CONDITIONS.asks(
    "unseen",
    "Who writes over what they have not seen is answered 428, or 412 where they said If-None-Match: *",
    promise("no-lost-updates"),
)
def unseen(server: Server) -> None:
    path = server.trial.another()
    patch = {"Content-Type": "application/merge-patch+json"}
    server.ask("PATCH", path, patch, json={}, keyed=True).is_problem(428, "precondition-required")
    server.ask("DELETE", path, keyed=True).is_problem(428, "precondition-required")
    claim = server.trial.claim()
    server.ask("PUT", path, json=claim, keyed=True).is_problem(428, "precondition-required")
    server.ask("PUT", path, {"If-None-Match": "*"}, json=claim, keyed=True).is_problem(412, "precondition-failed")
    now = server.get(path).status_is(200)
    now.must(now.of("version") == 1, "nothing to have changed", f"version {now.of('version')}")
