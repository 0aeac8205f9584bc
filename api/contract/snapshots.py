"""The contract as files: the current document of version 1, and each released one."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path

import orjson

from api.contract.diff.change import Change, Level
from api.contract.diff.documents import differences
from api.contract.diff.node import Document
from api.promise import EXCEPTED_CHANGES, ExceptedChange
from schemas.json_pointer import lookup

_VERSION = re.compile(r"([0-9]+)\.([0-9]+)\.([0-9]+)")


def folder() -> Traversable:
    """Return the folder with the documents of version 1."""
    return resources.files("schemas") / "contract" / "v1"


def document() -> bytes:
    """Return the current document of version 1, which the service serves byte for byte."""
    return (folder() / "openapi.json").read_bytes()


def released() -> dict[str, bytes]:
    """Return the released documents by version, oldest first."""
    files = {file.name.removesuffix(".json"): file for file in folder().iterdir()}
    versions = sorted(filter(_VERSION.fullmatch, files), key=parse_version)
    return {version: files[version].read_bytes() for version in versions}


def parse_version(version: str) -> tuple[int, int, int]:
    """Return the numbers of a semantic version.

    >>> parse_version("1.12.0")
    (1, 12, 0)
    """
    match = _VERSION.fullmatch(version)
    if match is None:
        raise ValueError(f"{version!r} is not a version. A version has three numbers, such as 1.2.0.")
    major, minor, patch = map(int, match.groups())
    return major, minor, patch


def write(rendered: bytes, *, release: bool) -> Iterator[Path]:
    """Write a document as the current one, and with `release` also under its version. Yield the written files.

    Raises ValueError if another document was released under the same version.
    """
    version = orjson.loads(rendered)["info"]["version"]
    existing = released().get(version)
    if existing not in (None, rendered):
        raise ValueError(f"{version} was released and cannot change. Raise the version in api/version.py.")
    names = ["openapi.json", *([f"{version}.json"] * (release and existing is None))]
    for name in names:
        path = Path(str(folder() / name))
        path.write_bytes(rendered)
        yield path


def changes(old: Document, new: Document) -> list[Change]:
    """Return every change from one document to another. A change that the promise excepts is safe."""
    reasons = {
        excepted.pointer: f"Excepted from {excepted.clause} since {excepted.since}: {excepted.reason}"
        for excepted in EXCEPTED_CHANGES
        if _has_its_values(excepted, old, new)
    }
    return [
        replace(change, level=Level.SAFE, exception=reasons[change.pointer])
        if change.breaking and change.pointer in reasons
        else change
        for change in differences(old, new)
    ]


def _has_its_values(excepted: ExceptedChange, old: Document, new: Document) -> bool:
    try:
        before, after = (lookup(document, excepted.pointer) for document in (old, new))
    except ValueError:
        # One of the documents has the enumeration in another place.
        return False
    return (before, after) == (list(excepted.before), list(excepted.after))


def excepted_changes(rendered: bytes) -> Iterator[str]:
    """Yield the changes since each release that the promise excepts."""
    for version, snapshot in released().items():
        for change in changes(orjson.loads(snapshot), orjson.loads(rendered)):
            if change.exception:
                yield f"Since {version}, {change}"


def violations(rendered: bytes) -> Iterator[str]:
    """Yield the rules that a document violates as the next state of the contract."""
    if document() != rendered:
        yield "The service renders another document than the contract. Correct it, or run `onrecord contract write`."
    new = orjson.loads(rendered)
    releases = released()
    required = "0.0.0"
    for version, snapshot in releases.items():
        since = changes(orjson.loads(snapshot), new)
        yield from (f"Since {version}, {change}" for change in since if change.breaking)
        required = version if snapshot == rendered else required_version(version, since)
    version = new["info"]["version"]
    if parse_version(version) < parse_version(required):
        newest = list(releases)[-1]
        yield f"info.version is {version}, but the changes since {newest} require {required} or later (api/version.py)."


def required_version(version: str, since: list[Change]) -> str:
    """Return the lowest version that the changes since a version require.

    >>> required_version("1.2.3", [Change("/paths/~1v1~1new", Level.SAFE, "The path is new.")])
    '1.3.0'
    """
    major, minor, patch = parse_version(version)
    level = max((change.level for change in since), default=Level.TEXT)
    if level is Level.BREAKING:
        return f"{major + 1}.0.0"
    return f"{major}.{minor + 1}.0" if level is Level.SAFE else f"{major}.{minor}.{patch + 1}"
