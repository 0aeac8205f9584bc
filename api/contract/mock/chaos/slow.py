"""slow: every answer takes its time."""

from __future__ import annotations

import time

from api.contract.mock.chaos.middleware import Change
from api.contract.mock.wsgi import Answered, Ask, Asked

SECONDS = 0.25


class Slow(Change):
    """Waits before it asks."""

    def __call__(self, asked: Asked, ask: Ask) -> Answered:
        if self.operation(asked) is not None:
            time.sleep(SECONDS)
        return ask(asked)
