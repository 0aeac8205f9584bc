"""Versions of the API, each under its own path prefix, and the version of a request."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

from flask import Blueprint, Flask

from api.http.context import current_app, current_request


@dataclass(frozen=True)
class Version:
    """A version of the API: its major number, its contract's `info.version`, and the factory of its blueprints."""

    number: int
    semver: str
    blueprints: Callable[[Version], Iterable[Blueprint]]

    def __post_init__(self) -> None:
        if self.semver.partition(".")[0] != str(self.number):
            raise ValueError(f"The major number of {self.semver} must be {self.number}, as in {self.name}.")

    @cached_property
    def name(self) -> str:
        """Its name, such as v1."""
        return f"v{self.number}"

    @cached_property
    def prefix(self) -> str:
        """The first segment of its paths."""
        return f"/{self.name}"


def register(app: Flask, versions: Sequence[Version]) -> None:
    """Set the versions that the app serves. Raises ValueError if one is repeated, or if the list is empty."""
    numbers = sorted(version.number for version in versions)
    if not numbers or len(set(numbers)) < len(numbers):
        raise ValueError(f"An app serves at least one version, and each once. Got {numbers}.")
    app.extensions["versions"] = tuple(sorted(versions, key=lambda version: version.number))


def served_versions() -> tuple[Version, ...]:
    """Return the versions that the app serves, the oldest first."""
    versions: tuple[Version, ...] = current_app().extensions["versions"]
    return versions


def current_version() -> Version:
    """Return the version of this request, or the newest if its path belongs to no version."""
    versions = served_versions()
    if len(versions) == 1:
        return versions[0]
    first = current_request().path[1:].partition("/")[0]
    return next((version for version in versions if version.name == first), versions[-1])
