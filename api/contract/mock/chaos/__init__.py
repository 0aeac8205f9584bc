"""Chaos: the changes that the promise of version 1 allows, made on purpose, each under its clause's name."""

from __future__ import annotations

from collections.abc import Callable
from functools import reduce

from api.contract.checking.described import Described
from api.contract.mock.calling import Answered, Ask, Asked
from api.contract.mock.chaos.change import Change
from api.contract.mock.chaos.more_fields import MoreFields
from api.contract.mock.chaos.retrying import REFUSAL, RetryOnce
from api.contract.mock.chaos.slowness import Slow
from api.contract.mock.chaos.small_pages import SmallPages
from api.contract.mock.chaos.unheard_words import UnheardWords

__all__ = ["CHANGES", "REFUSAL", "Chaos"]

# The innermost first: what changes a page's records comes after what cuts it.
CHANGES: dict[str, Callable[[Described, str, tuple[str, ...]], Change]] = {
    "page-size-1": SmallPages,
    "new-enum-values": UnheardWords,
    "add-fields": MoreFields,
    "retry-once": RetryOnce,
    "slow": Slow,
}


class Chaos:
    """The changes of some names, in the order in which they get along."""

    def __init__(self, names: tuple[str, ...], described: Described, root: str):
        self._changes = [make(described, root, names) for name, make in CHANGES.items() if name in names]

    def around(self, ask: Ask) -> Ask:
        """What asks, and changes what is answered."""
        return reduce(_around, self._changes, ask)

    def clear(self) -> None:
        """Begin anew."""
        for change in self._changes:
            change.clear()


def _around(ask: Ask, change: Change) -> Ask:
    def changed(asked: Asked) -> Answered:
        return change(asked, ask)

    return changed
