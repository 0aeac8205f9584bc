"""Checks between the steps of a view, so that its caller can end it. The caller's check raises to do so."""

from __future__ import annotations

import typing
from collections.abc import Callable, Iterable, Iterator

Check = Callable[[], None]
T = typing.TypeVar("T")

# So many items are a few milliseconds of work.
_STEP = 100


def unchecked() -> None:
    """Do nothing: the check of a computation that may take as long as it needs."""


def checked(items: Iterable[T], check: Check) -> Iterator[T]:
    """Yield the items, with a call of `check` before the first and after every hundred.

    >>> list(checked("ab", lambda: print("checked")))
    checked
    ['a', 'b']
    """
    for number, item in enumerate(items):
        if number % _STEP == 0:
            check()
        yield item
