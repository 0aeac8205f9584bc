"""Compression by the server or by a proxy."""

from __future__ import annotations

from api.contract.conformance.check import check, promise, rfc
from api.contract.conformance.target import DOCUMENT, Target

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
