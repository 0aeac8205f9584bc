"""Change: a difference between two OpenAPI documents, and its effect on client apps."""

from __future__ import annotations

import enum
import typing
from dataclasses import dataclass

import orjson


class Level(enum.IntEnum):
    """The effect of a change. A patch, minor or major version can contain it."""

    TEXT = 0
    SAFE = 1
    BREAKING = 2

    @property
    def version_part(self) -> str:
        """The part of a version that the change raises."""
        return ("patch", "minor", "major")[self]


@dataclass(frozen=True, order=True)
class Change:
    """A change. Its JSON Pointer leads into the newer document, or into the older one if the part was removed."""

    pointer: str
    level: Level
    reason: str
    # Why the promise excepts the change, if it does.
    exception: str = ""

    @property
    def breaking(self) -> bool:
        return self.level is Level.BREAKING

    def __str__(self) -> str:
        if self.exception:
            return f"excepted  {self.pointer}\n          {self.reason}\n          {self.exception}"
        return f"{'breaking' if self.breaking else 'safe'}  {self.pointer}\n          {self.reason}"


def shown(value: typing.Any) -> str:
    """Return a value of a document as text."""
    if value is None:
        return "none"
    if isinstance(value, list):
        return ", ".join(sorted(map(shown, value))) or "none"
    return value if isinstance(value, str) else orjson.dumps(value, option=orjson.OPT_SORT_KEYS).decode()
