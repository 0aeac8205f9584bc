"""An ASGI function that returns stored bytes: the minimum for a server with timeouts for slow clients."""

from __future__ import annotations

from tests.benchmarks.peers.stored_responses import ITEMS, PAGES


async def app(scope, _receive, send):
    id_ = scope["path"].rpartition("/")[2]
    body = ITEMS.get(id_) or PAGES["100" if b"limit=100" in scope["query_string"] else "20"]
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})
