"""Counting what clients asked, in this process: a sliding window of two counts, as `limits` has it in Redis.

The library's own storage in memory starts a thread a hundred times a second to look through all clients, which cost
more than all the rest of a limit; this one forgets them once a window.
"""

from __future__ import annotations

import threading
import time

from limits.storage.base import SlidingWindowCounterSupport


class MemorySlidingWindow(SlidingWindowCounterSupport):
    """What each client asked in this window and in the one before, of which as much counts as is not yet over."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._window = 0
        self._before: dict[str, int] = {}
        self._now: dict[str, int] = {}

    def acquire_sliding_window_entry(self, key: str, limit: int, expiry: int, amount: int = 1) -> bool:
        """Add an amount to a client's count, unless that would be past the limit; a negative one is given back."""
        with self._lock:
            before, before_left, now, _ = self._read(key, expiry)
            if int(before * before_left / expiry) + now + amount > limit:
                return False
            self._now[key] = now + amount
            return True

    def get_sliding_window(self, key: str, expiry: int) -> tuple[int, float, int, float]:
        """The count of the window before, and the seconds until it is nothing; the same of this window."""
        with self._lock:
            return self._read(key, expiry)

    def _read(self, key: str, expiry: int) -> tuple[int, float, int, float]:
        moment = time.time()
        window = int(moment // expiry)
        if window != self._window:
            self._before = self._now if window == self._window + 1 else {}
            self._now = {}
            self._window = window
        left = (window + 1) * expiry - moment
        return self._before.get(key, 0), left, self._now.get(key, 0), left + expiry

    def clear_sliding_window(self, key: str, expiry: int) -> None:
        """Forget what a client asked."""
        with self._lock:
            self._before.pop(key, None)
            self._now.pop(key, None)
