"""Retries after the time in `Retry-After`, as the clause retry-once of the promise allows."""

from __future__ import annotations

import time

import httpx

ATTEMPTS = 5
_REPEATABLE = ("GET", "HEAD", "OPTIONS", "PUT", "DELETE")
# A repeated POST creates a second record, unless it has an idempotency key. A repeated change fails with If-Match.
_MAKES_REPEATABLE = ("Idempotency-Key", "If-Match")


class Patient(httpx.BaseTransport):
    """A transport with retries, for httpx and for the generated client."""

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
    return request.method in _REPEATABLE or any(name in request.headers for name in _MAKES_REPEATABLE)
