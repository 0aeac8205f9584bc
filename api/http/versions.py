"""Versions of the API: what one is, and which one a request is for.

The stored document is the record, and that of version 1. A later version is a function of it: it shows some kinds of
claims in shapes of its own, under a prefix of its own, beside the others.
"""

from __future__ import annotations

import typing
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

from flask import Flask, current_app

from api.http.context import current_request
from api.kinds.collections import COLLECTIONS
from api.kinds.kind import Collection, as_stored

if typing.TYPE_CHECKING:
    from api.openapi.smorest import Blueprint


@dataclass(frozen=True)
class Version:
    """A version of the API: its major number, what `info.version` says of it, its endpoints, and what they list.

    One whose documents are not those that are stored only reads: what is sent is of the stored shape, and whoever
    writes does so in version 1.
    """

    number: int
    semver: str
    blueprints: Callable[[Version], Iterable[Blueprint]]
    collections: tuple[Collection, ...] = COLLECTIONS

    def __post_init__(self) -> None:
        if self.semver.partition(".")[0] != str(self.number):
            raise ValueError(f"{self.semver} is no version of {self.name}. Its major number is to be {self.number}.")

    @cached_property
    def name(self) -> str:
        return f"v{self.number}"

    @cached_property
    def prefix(self) -> str:
        """What its paths begin with."""
        return f"/{self.name}"

    @cached_property
    def writes(self) -> bool:
        """Whether it takes records, and does not only show them."""
        return all(collection.show is as_stored for collection in self.collections)

    @cached_property
    def marks(self) -> tuple[str, ...]:
        """What sets its tags and cursors apart from those of version 1, which have no such mark."""
        return () if self.number == 1 else (self.name,)

    def __getitem__(self, name: str) -> Collection:
        """A collection by name, as it is listed here."""
        return self._by_name[name]

    @cached_property
    def _by_name(self) -> dict[str, Collection]:
        return {collection.name: collection for collection in self.collections}


def register(app: Flask, versions: Sequence[Version]) -> None:
    """Tell the app which versions it serves; raises ValueError where two have one number, or there is none."""
    numbers = sorted(version.number for version in versions)
    if not numbers or len(set(numbers)) < len(numbers):
        raise ValueError(f"An app serves at least one version, and each once, not {numbers}.")
    app.extensions["versions"] = tuple(sorted(versions, key=lambda version: version.number))


def served_versions() -> tuple[Version, ...]:
    """The versions that the app serves, the oldest first."""
    return typing.cast("tuple[Version, ...]", current_app.extensions["versions"])


def current_version() -> Version:
    """The version that this request is for: of a page that is none's, the newest."""
    versions: tuple[Version, ...] = current_app.extensions["versions"]
    if len(versions) == 1:
        return versions[0]
    first = current_request().path[1:].partition("/")[0]
    return next((version for version in versions if version.name == first), versions[-1])
