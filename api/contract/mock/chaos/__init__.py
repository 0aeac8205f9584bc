"""Chaos: the changes that the promise of version 1 allows, made on purpose, each under its clause's name."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import reduce

from api.contract.mock.chaos.add_fields import MoreFields
from api.contract.mock.chaos.middleware import Change
from api.contract.mock.chaos.new_enum_values import UnheardWords
from api.contract.mock.chaos.page_size_1 import SmallPages
from api.contract.mock.chaos.retry_once import REFUSAL, RetryOnce
from api.contract.mock.chaos.slow import Slow
from api.contract.mock.wsgi import Answered, Ask, Asked
from api.contract.validator.spec import Described

__all__ = ["CHANGES", "REFUSAL", "Chaos"]

Make = Callable[[Described, str, tuple[str, ...]], Change]

# The innermost first: what changes a page's records comes after what cuts it.
_OF_ANSWERS: dict[str, Make] = {
    "page-size-1": SmallPages,
    "new-enum-values": UnheardWords,
    "add-fields": MoreFields,
}
_OF_EXCHANGES: dict[str, Make] = {"retry-once": RetryOnce, "slow": Slow}
CHANGES = {**_OF_ANSWERS, **_OF_EXCHANGES}


class Chaos:
    """The changes of some names, in the order in which they get along."""

    def __init__(self, names: tuple[str, ...], described: Described, root: str):
        self._of_answers, self._of_exchanges = (
            [make(described, root, names) for name, make in changes.items() if name in names]
            for changes in (_OF_ANSWERS, _OF_EXCHANGES)
        )

    def around(self, ask: Ask) -> Ask:
        """What asks, and changes what is answered."""
        if self._of_answers:
            ask = _with_heads(reduce(_around, self._of_answers, ask))
        return reduce(_around, self._of_exchanges, ask)

    def clear(self) -> None:
        """Begin anew."""
        for change in (*self._of_answers, *self._of_exchanges):
            change.clear()


def _around(ask: Ask, change: Change) -> Ask:
    def changed(asked: Asked) -> Answered:
        return change(asked, ask)

    return changed


def _with_heads(ask: Ask) -> Ask:
    """What answers HEAD with the headers of the answer to GET, for only that one is changed."""

    def asking(asked: Asked) -> Answered:
        if asked.method != "HEAD":
            return ask(asked)
        return replace(ask(replace(asked, environ={**asked.environ, "REQUEST_METHOD": "GET"})), body=b"")

    return asking
