"""retry-once: each request is rejected once, with 429 or 503 and `Retry-After`, and accepted when it is retried."""

from __future__ import annotations

import hashlib
from threading import Lock

from werkzeug.wrappers import Request, Response

from api.contract.mock.chaos.middleware import Middleware
from api.contract.mock.wsgi import Handler
from api.contract.validator.spec import Spec
from api.http.problems import Problem

# The environ key of a problem that the app must raise.
PROBLEM = "onrecord.problem"

_PROBLEMS = (
    ("too-many-requests", "Chaos: this request is rejected once. Retry it."),
    ("unavailable", "Chaos: the service is unavailable for this request once. Retry it."),
)
_IDENTIFYING_HEADERS = ("Authorization", "Idempotency-Key", "If-Match", "If-None-Match", "Accept")


class RetryOnce(Middleware):
    """Rejects a request if none with the same method, URL, identifying headers and body was sent before."""

    def __init__(self, spec: Spec, base_url: str, names: tuple[str, ...]):
        super().__init__(spec, base_url, names)
        self._lock = Lock()
        self._seen: set[bytes] = set()

    def __call__(self, request: Request, handler: Handler) -> Response:
        if self.operation(request) is None:
            return handler(request)
        headers = [request.headers.get(name) for name in _IDENTIFYING_HEADERS]
        identity = repr((request.method, request.path, request.query_string, headers)).encode() + request.get_data()
        digest = hashlib.sha256(identity).digest()
        with self._lock:
            seen = digest in self._seen
            self._seen.add(digest)
        if not seen:
            # A request is rejected in the same way in each run. Tests need not wait, so the delay is 0.
            slug, detail = _PROBLEMS[digest[0] % len(_PROBLEMS)]
            request.environ[PROBLEM] = Problem(detail, slug=slug, headers={"Retry-After": "0"})
        return handler(request)

    def reset(self) -> None:
        with self._lock:
            self._seen.clear()
