"""Passage: what proxies most often get wrong between a client and the server."""

from __future__ import annotations

import gzip
import re
import time
import uuid
from urllib.parse import urlsplit

import orjson

from api.contract.conformance.check import Concern, promise, rfc
from api.contract.conformance.response import Exchange
from api.contract.conformance.target import LIST, Server

PASSAGE = Concern("passage", "Passage")

_PORTS = {"http": 80, "https": 443}
_NDJSON = "application/x-ndjson"

# Seconds that a body comes after its headers, and how often.
_LATE = 0.1
_TRIES = 3


@PASSAGE.asks(
    "links",
    "Links lead back to the address that was asked",
    promise("lists-hold-still"),
    advice="Set ONRECORD_PUBLIC_URL to the address that clients use, and ask this of that address.",
)
def links(server: Server) -> None:
    front = server.get("/", {"Accept": "application/json"})
    _leads_back(server, front, front.of("openapi"))
    missing = server.get("/no/such/path")
    _leads_back(server, missing, missing.of("type"))
    if len(server.paths) > 1:
        page = server.get(f"{LIST}?limit=1")
        _leads_back(server, page, page.of("page", "next"))
    for created in server.created[:1]:
        _leads_back(server, created, created.headers.get("Location", "none"))


def _leads_back(server: Server, answer: Exchange, link: object) -> None:
    answer.must(
        isinstance(link, str) and _origin(link) == _origin(server.ask.root), f"a link to {server.ask.root}", str(link)
    )


def _origin(url: str) -> tuple[str, str, int | None]:
    try:
        parts = urlsplit(url)
        return parts.scheme, parts.hostname or "", parts.port or _PORTS.get(parts.scheme)
    except ValueError:
        return "", "", None


@PASSAGE.asks(
    "request-id",
    "X-Request-Id comes back as it was sent, and is a new one where none or no usable one was",
    promise("paths-stay"),
    advice="Let X-Request-Id through in both directions.",
)
def request_id(server: Server) -> None:
    mine = f"conformance-{uuid.uuid4().hex}"
    told = []
    for sent in (mine, None, None, "no usable one"):
        answer = server.get(f"{LIST}?limit=1", {"X-Request-Id": sent} if sent else None)
        id_ = answer.headers.get("X-Request-Id", "none")
        told.append(id_)
        answer.must(sent != mine or id_ == mine, f"X-Request-Id: {mine}", f"X-Request-Id: {id_}")
        answer.must(
            "X-Request-Id" in answer.headers and re.fullmatch("[A-Za-z0-9._-]{1,64}", id_) is not None,
            "an X-Request-Id of 1 to 64 letters, digits and ._-",
            f"X-Request-Id: {id_}",
        )
        answer.must(told.count(id_) == 1, "an X-Request-Id that no other answer has", f"X-Request-Id: {id_}")
    failed = server.get("/no/such/path", {"X-Request-Id": mine})
    failed.must(failed.of("request_id") == mine, f"the request_id {mine}", str(failed.of("request_id")))


@PASSAGE.asks(
    "long-addresses",
    "An address of more than 8 kB is taken: a hundred ids of 80 characters, as the document allows",
    promise("what-was-taken-is-taken"),
    advice="Let addresses be as long as the server takes them, 32 kB (nginx: large_client_header_buffers 4 40k).",
)
def long_addresses(server: Server) -> None:
    query = "&".join(f"id=no-such-claim-here-{number:061}" for number in range(100))
    server.get(f"{LIST}?{query}").status_is(200)


@PASSAGE.asks(
    "large-bodies",
    "A body of 1.2 MB is taken, plain and as gzip: an import of two articles with their texts",
    promise("what-was-taken-is-taken"),
    advice="Let bodies be as large as the server takes them: 8 MiB, more for imports (nginx: client_max_body_size).",
)
def large_bodies(server: Server) -> None:
    text = "This article was invented by a check of conformance. " * 11_500
    articles = [
        {"type": "article", "id": f"{server.trial.article_id}-{name}", **server.trial.article(), "text": text}
        for name in ("one", "two")
    ]
    lines = b"\n".join(map(orjson.dumps, articles))
    for more, body in (({}, lines), ({"Content-Encoding": "gzip"}, gzip.compress(lines, 1))):
        headers = {"Content-Type": _NDJSON, **more}
        answer = server.ask("POST", "/v1/imports?dry_run=true", headers, content=body, keyed=True).status_is(200)
        answer.must(answer.of("counts", "created") == 2, "two records as they would be", str(answer.json))


@PASSAGE.asks(
    "connections",
    "A connection on which a request was refused serves the next, unless Connection: close says that it does not",
    rfc(9112, "9.3"),
)
def connections(server: Server) -> None:
    # The body comes late: who answers before it does may close the connection instead of reading it, or may not.
    headers = {"Content-Type": "application/json", "Content-Length": "2"}
    for _ in range(_TRIES):
        with server.ask.line() as line:
            line.send("POST", "/v1/articles", headers)
            time.sleep(_LATE)
            line.send_more(b"{}")
            line.send("GET", "/healthz", {"Connection": "close"})
            refused = line.answer("POST", "/v1/articles", headers)
        closes = "close" in refused.headers.get("Connection", "").lower()
        served = re.search(rb"HTTP/1\.1 [0-9]{3} ", refused.raw) is not None
        # Who neither answers nor closes is slow, which is allowed.
        lost = line.closed and not served
        refused.must(closes or not lost, "Connection: close, or an answer to the request after it", "neither")
