"""retry-once: each distinct request is refused once, with 429 or 503 and `Retry-After`, and then carried out."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from threading import Lock

from api.contract.mock.chaos.middleware import Change
from api.contract.mock.wsgi import Answered, Ask, Asked
from api.contract.validator.spec import Described

# Where in the environment of a request it stands that, and how, it is to be refused.
REFUSAL = "onrecord.refusal"


@dataclass(frozen=True)
class Refusal:
    """A problem that the app is to answer with."""

    slug: str
    detail: str
    # At once: a test is to show that it asks again, and not how long it can wait.
    retry_after: str = "0"


_REFUSALS = (
    Refusal("too-many-requests", "Chaos: this request is refused once. Ask again."),
    Refusal("unavailable", "Chaos: nothing answers this request at first. Ask again."),
)


class RetryOnce(Change):
    """Requests are the same that have the same method, address, key, body and Idempotency-Key."""

    def __init__(self, described: Described, root: str, names: tuple[str, ...]):
        super().__init__(described, root, names)
        self._lock = Lock()
        self._seen: set[bytes] = set()

    def __call__(self, asked: Asked, ask: Ask) -> Answered:
        if self.operation(asked) is None:
            return ask(asked)
        environ = asked.environ
        told = (asked.method, asked.path, asked.query, *(environ.get(name, "") for name in _TOLD_APART))
        request = hashlib.sha256(repr(told).encode() + asked.body).digest()
        with self._lock:
            seen = request in self._seen
            self._seen.add(request)
        if seen:
            return ask(asked)
        # The same request is refused in the same way in every run.
        refusal = _REFUSALS[request[0] % len(_REFUSALS)]
        return ask(replace(asked, environ={**environ, REFUSAL: refusal}))

    def clear(self) -> None:
        with self._lock:
            self._seen.clear()


_TOLD_APART = ("HTTP_AUTHORIZATION", "HTTP_IDEMPOTENCY_KEY", "HTTP_IF_MATCH", "HTTP_IF_NONE_MATCH", "HTTP_ACCEPT")
