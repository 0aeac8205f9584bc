"""Passage through proxies: links, request ids, sizes, connections."""

from __future__ import annotations

import contextlib
import gzip
import re
import uuid

import httpx
import orjson

from api.contract.conformance.check import check, promise, rfc
from api.contract.conformance.client import CheckFailed, CheckSkipped, TargetResponse
from api.contract.conformance.target import LIST, Target


@check(
    "passage/links",
    "Links have the origin of the request",
    promise("lists-hold-still"),
    advice="Set ONRECORD_PUBLIC_URL to the URL that clients use, and check that URL.",
)
def links(target: Target) -> None:
    front = target.get("/", {"Accept": "application/json"})
    _require_same_origin(target, front, front.field("openapi"))
    missing = target.get("/no/such/path")
    _require_same_origin(target, missing, missing.field("type"))
    if len(target.claims) > 1:
        page = target.get(f"{LIST}?limit=1")
        _require_same_origin(target, page, page.field("page", "next"))
    with contextlib.suppress(CheckSkipped):
        created = target.create_article()
        _require_same_origin(target, created, created.headers.get("Location", "none"))


def _require_same_origin(target: Target, response: TargetResponse, link: object) -> None:
    base_url = target.base_url
    response.require(isinstance(link, str) and _origin(link) == _origin(base_url), f"a link to {base_url}", str(link))


def _origin(url: str) -> tuple[str, str, int | None] | None:
    """Return scheme, host and port. httpx omits the default port."""
    try:
        parts = httpx.URL(url)
    except httpx.InvalidURL:
        return None
    return parts.scheme, parts.host, parts.port


@check(
    "passage/request-id",
    "A response has the X-Request-Id of its request, or a new one if that is missing or invalid",
    promise("paths-stay"),
    advice="Proxies must pass X-Request-Id in both directions.",
)
def request_id(target: Target) -> None:
    own = f"conformance-{uuid.uuid4().hex}"
    received: list[str] = []
    for sent in (own, None, None, "not a valid id"):
        response = target.get(f"{LIST}?limit=1", {"X-Request-Id": sent})
        id_ = response.headers.get("X-Request-Id", "")
        valid = re.fullmatch("[A-Za-z0-9._-]{1,64}", id_) is not None and id_ not in received
        passed = id_ == own if sent == own else valid
        expected = own if sent == own else "a new id of 1 to 64 letters, digits and ._-"
        response.require(passed, f"X-Request-Id: {expected}", response.header("X-Request-Id"))
        received.append(id_)
    failed = target.get("/no/such/path", {"X-Request-Id": own})
    failed.require(failed.field("request_id") == own, f"the request_id {own}", str(failed.field("request_id")))


@check(
    "passage/long-addresses",
    "A URL of more than 8 kB is accepted: 100 ids of 80 characters, as the document allows",
    promise("what-was-taken-is-taken"),
    advice="Accept URLs of the same length as the server, 32 kB (nginx: large_client_header_buffers 4 40k).",
)
def long_addresses(target: Target) -> None:
    query = "&".join(f"id=no-such-claim-here-{number:061}" for number in range(100))
    target.get(f"{LIST}?{query}").require_status(200)


@check(
    "passage/large-bodies",
    "A body of 1.2 MB is accepted, plain and as gzip: an import of two articles with their texts",
    promise("what-was-taken-is-taken"),
    advice="Accept bodies of the same size as the server: 8 MiB, more for imports (nginx: client_max_body_size).",
)
def large_bodies(target: Target) -> None:
    target.create_article()
    text = "A conformance check created this article. " * 14_000
    articles = [
        {"type": "article", "id": f"{target.article_id}-{name}", **target.new_article(), "text": text}
        for name in ("one", "two")
    ]
    lines = b"\n".join(map(orjson.dumps, articles))
    for encoding, body in ((None, lines), ("gzip", gzip.compress(lines, 1))):
        headers = {"Content-Type": "application/x-ndjson", "Content-Encoding": encoding}
        response = target.write("POST", "/v1/imports?dry_run=true", headers, content=body)
        response.require_status(200)
        created = response.field("counts", "created")
        response.require(created == 2, "counts.created of 2", str(created))


@check(
    "passage/connections",
    "After an error, a connection accepts the next request, unless the response has Connection: close",
    rfc(9112, "9.3"),
)
def connections(target: Target) -> None:
    headers = {"Content-Type": "application/json", "Content-Length": "2"}
    # The body is late, so that the server responds before it has read the body.
    late = b"{}" + target.encode("GET", "/healthz", {"Connection": "close"})
    for _ in range(3):
        received, closed = target.send_raw(target.encode("POST", "/v1/articles", headers), late)
        announced = re.search(rb"(?i)\nConnection:[^\r\n]*close", received.partition(b"\r\n\r\n")[0]) is not None
        # A server that neither responds to the second request nor closes the connection is slow, which is allowed.
        if closed and not announced and len(re.findall(rb"HTTP/1\.[01] [0-9]{3} ", received)) < 2:
            expected = "Connection: close, or a response to the next request"
            raise CheckFailed("POST /v1/articles", expected, "neither")
