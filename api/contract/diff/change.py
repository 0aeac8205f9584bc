"""Change: one difference between two documents, and what it means for the apps that call."""

from __future__ import annotations

import enum
import typing
from collections.abc import Iterable
from dataclasses import dataclass

Document = dict[str, typing.Any]


class Level(enum.IntEnum):
    """How much a change asks of apps: of the version, its patch, minor or major number counts up."""

    WORDS = 0
    SAFE = 1
    BREAKING = 2

    @property
    def number(self) -> str:
        """The number of a version that it counts up."""
        return ("patch", "minor", "major")[self]


@dataclass(frozen=True, order=True)
class Change:
    """A difference: where it is (a JSON Pointer into the newer document; into the older for what is gone), and why."""

    pointer: str
    level: Level
    reason: str
    # The reason why the promise excepts the change, if it does.
    exception: str = ""

    @property
    def breaking(self) -> bool:
        return self.level is Level.BREAKING

    def __str__(self) -> str:
        if self.exception:
            return f"excepted  {self.pointer}\n          {self.reason}\n          {self.exception}"
        return f"{'breaking' if self.breaking else 'safe'}  {self.pointer}\n          {self.reason}"


def worst(changes: Iterable[Change]) -> Level | None:
    """The level of the gravest change, None where there is none."""
    return max((change.level for change in changes), default=None)


def escaped(step: object) -> str:
    """A step of a JSON Pointer (RFC 6901).

    >>> escaped("/v1/quotes")
    '~1v1~1quotes'
    """
    return str(step).replace("~", "~0").replace("/", "~1")
