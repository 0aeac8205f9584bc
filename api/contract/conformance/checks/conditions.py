"""Conditional requests and compression: ETags avoid repeated responses and lost updates."""

from __future__ import annotations

import re

from api.contract.conformance.check import check, promise, rfc
from api.contract.conformance.client import TargetResponse
from api.contract.conformance.target import DOCUMENT, Target

_ETAG = re.compile(r'(W/)?"[\x21\x23-\x7e\x80-\xff]*"')
_OTHER_ETAG = '"another-etag"'


def _revalidate(target: Target, url: str) -> tuple[TargetResponse, TargetResponse]:
    """Return a full response and a 304. Lists can change, so a 200 is retried."""
    for _ in range(3):
        full = target.get(url).require_status(200)
        not_modified = target.get(url, {"If-None-Match": full.etag})
        if not_modified.status == 304:
            break
    return full, not_modified.require_status(304)


@check(
    "conditions/unchanged",
    "If-None-Match with the current ETag returns 304, and with another ETag the full response",
    rfc(9110, "13.1.2"),
    advice="Proxies must pass ETag and If-None-Match unchanged.",
)
def unchanged(target: Target) -> None:
    for url in target.cacheable:
        _revalidate(target, url)
    target.get(target.cacheable[0], {"If-None-Match": _OTHER_ETAG}).require_status(200)


@check(
    "conditions/headers-of-304", "A 304 has the ETag, Cache-Control and Vary of the full response", rfc(9110, "15.4.5")
)
def headers_of_304(target: Target) -> None:
    for url in target.cacheable:
        full, not_modified = _revalidate(target, url)
        for name in ("ETag", "Cache-Control", "Vary"):
            full.require(name in full.headers, name, f"{full.status} without {name}")
            # A proxy that compresses extends Vary.
            not_modified.require_members(name, full.members(name))


@check(
    "conditions/strong",
    "ETags are well-formed, and strong if the response is not compressed",
    rfc(9110, "8.8.3"),
    advice="A proxy that rewrites responses makes their ETags weak, and a weak ETag allows no change.",
)
def strong(target: Target) -> None:
    for url in target.cacheable:
        response = target.get(url).require_status(200)
        etag = response.etag
        response.require(_ETAG.fullmatch(etag) is not None, 'an ETag in quotation marks, "…"', etag)
        response.require(not etag.startswith("W/"), "a strong ETag", etag)


@check(
    "conditions/caches",
    "Data has Cache-Control: no-cache, and errors have no-store",
    rfc(9111, "5.2.2.4"),
    advice="Proxies must not set Cache-Control, Expires or Age for paths under /v1.",
)
def caches(target: Target) -> None:
    for url in (*target.cacheable, "/v1/claims/no-such-claim-here"):
        response = target.get(url)
        response.require_members("Cache-Control", {"no-store" if response.status >= 400 else "no-cache"})
        shared = "s-maxage" in response.headers["Cache-Control"].lower()
        response.require(not shared, "Cache-Control without s-maxage", response.header("Cache-Control"))


@check(
    "conditions/stale",
    "A change, replacement or deletion with an old, wrong or weak ETag returns 412",
    rfc(9110, "13.1.1"),
)
def stale(target: Target) -> None:
    path = target.create_claim()
    old = target.get(path).require_status(200).etag
    current = target.patch(path, "*", {"place": "a place"}).require_status(200).etag
    rejected = [
        *(target.patch(path, etag, {"place": "b"}) for etag in (old, _OTHER_ETAG, f"W/{current.removeprefix('W/')}")),
        target.write("DELETE", path, {"If-Match": old}),
        target.write("PUT", path, {"If-Match": old}, json=target.new_claim()),
    ]
    for response in rejected:
        response.require_problem(412, "precondition-failed")
    stored = target.get(path).require_status(200)
    stored.require(stored.field("place") == "a place", "an unchanged item", f"place: {stored.field('place')}")


_GZIP = {"Accept-Encoding": "gzip"}


@check(
    "compression/unpacks",
    "A response is compressed only if the client accepts it, and decompresses to the same body",
    rfc(9110, "8.4"),
)
def unpacks(target: Target) -> None:
    for url in (DOCUMENT, *target.claims[:1]):
        plain = target.get(url).require_status(200)
        compressed = target.get(url, _GZIP).require_status(200)
        for response, allowed in ((plain, ("identity",)), (compressed, ("identity", "gzip"))):
            encoding = response.headers.get("Content-Encoding", "identity")
            response.require(encoding in allowed, f"a Content-Encoding of {' or '.join(allowed)}", encoding)
        compressed.require(compressed.json == plain.json, "the body of the uncompressed response", "another body")


@check(
    "compression/tag-comes-back",
    "If-None-Match with the ETag of a compressed response returns 304",
    rfc(9110, "8.8.3.3"),
    advice="A proxy that compresses may make an ETag weak (W/), but it must not append to it.",
)
def tag_comes_back(target: Target) -> None:
    for url in (DOCUMENT, *target.claims[:1]):
        compressed = target.get(url, _GZIP).require_status(200)
        target.get(url, {**_GZIP, "If-None-Match": compressed.etag}).require_status(304)


@check(
    "compression/tag-is-good-for-writing",
    "If-Match with the ETag of a compressed item allows a change",
    promise("no-lost-updates"),
    advice="A proxy that compresses makes ETags weak, and a weak ETag never matches If-Match (RFC 9110, section "
    "13.1.1). Clients cannot change items then. Do not compress application/json (nginx: omit it from gzip_types).",
)
def tag_is_good_for_writing(target: Target) -> None:
    path = target.create_claim()
    compressed = target.get(path, _GZIP).require_status(200)
    target.patch(path, compressed.etag, {"place": "a place"}).require_status(200)
