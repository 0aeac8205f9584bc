"""Periodic checks in long computations. The caller's check raises an exception to stop the computation."""

from __future__ import annotations

import typing
from collections.abc import Callable, Iterable, Iterator

Check = Callable[[], None]
T = typing.TypeVar("T")

# 100 items take a few milliseconds.
_STEP = 100


def unchecked() -> None:
    """Do nothing. The default check of computations without a time limit."""


def checked(items: Iterable[T], check: Check) -> Iterator[T]:
    """Yield the items, and call `check` before the first one and after every hundred.

    >>> list(checked("ab", lambda: print("checked")))
    checked
    ['a', 'b']
    """
    for number, item in enumerate(items):
        if number % _STEP == 0:
            check()
        yield item
