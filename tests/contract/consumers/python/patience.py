"""Waiting as long as one is told to, and asking again: what the promise of the contract says under retry-once."""

from __future__ import annotations

import time

import httpx

ATTEMPTS = 5
# A POST is done twice where it is sent twice, unless it has a key.
_REPEATABLE = ("GET", "HEAD", "OPTIONS", "PUT", "DELETE")


class Patient(httpx.BaseTransport):
    """A transport for any client of httpx, and so for the generated one."""

    def __init__(self) -> None:
        self._inner = httpx.HTTPTransport()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        for _ in range(ATTEMPTS - 1):
            response = self._inner.handle_request(request)
            if response.status_code not in (429, 503) or not _may_be_repeated(request):
                return response
            response.close()
            time.sleep(float(response.headers.get("Retry-After", "1")))
        return self._inner.handle_request(request)

    def close(self) -> None:
        self._inner.close()


def _may_be_repeated(request: httpx.Request) -> bool:
    return request.method in _REPEATABLE or "Idempotency-Key" in request.headers
