"""slow: each response is delayed."""

from __future__ import annotations

import time

from werkzeug.wrappers import Request, Response

from api.contract.mock.chaos.middleware import Middleware
from api.contract.mock.wsgi import Handler

SECONDS = 0.25


class Slow(Middleware):
    """Waits before it calls the handler."""

    def __call__(self, request: Request, handler: Handler) -> Response:
        if self.operation(request) is not None:
            time.sleep(SECONDS)
        return handler(request)
