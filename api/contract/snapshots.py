"""The contract as it is kept: the document of version 1, and each of its released versions beside it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path

import orjson

from api.contract.diff.change import Change, Document, Level, worst
from api.contract.diff.documents import differences
from api.contract.diff.schema_node import target
from api.promise import EXCEPTED_CHANGES, ExceptedChange

_RELEASED = re.compile(r"[0-9]+\.[0-9]+\.[0-9]+\.json")


def folder() -> Traversable:
    """Where version 1 is kept."""
    return resources.files("schemas") / "contract" / "v1"


def document() -> bytes:
    """The document of version 1: what the service serves, byte for byte."""
    return (folder() / "openapi.json").read_bytes()


def released() -> dict[str, bytes]:
    """The released documents by version, oldest first."""
    found = {
        file.name.removesuffix(".json"): file.read_bytes()
        for file in folder().iterdir()
        if _RELEASED.fullmatch(file.name)
    }
    return {version: found[version] for version in sorted(found, key=numbers)}


def numbers(version: str) -> tuple[int, int, int]:
    """The numbers of a version (semver).

    >>> numbers("1.12.0")
    (1, 12, 0)
    """
    if not re.fullmatch(r"[0-9]+\.[0-9]+\.[0-9]+", version):
        raise ValueError(f"{version!r} is no version: it has to be three numbers, as in 1.2.0.")
    major, minor, patch = version.split(".")
    return int(major), int(minor), int(patch)


def write(rendered: bytes, *, release: bool) -> Iterator[Path]:
    """Keep a document as the contract and, for a release, under its version; says which files were written.

    Raises ValueError for a version that was released and says something else.
    """
    version = orjson.loads(rendered)["info"]["version"]
    known = released().get(version)
    if known not in (None, rendered):
        raise ValueError(f"{version} was released and can no longer change. Raise it (api/version.py).")
    names = ["openapi.json", *([f"{version}.json"] * (release and known is None))]
    for name in names:
        path = Path(str(folder() / name))
        path.write_bytes(rendered)
        yield path


def changes(old: Document, new: Document) -> list[Change]:
    """Return every change from one document to another; a change that the promise excepts is marked and safe."""
    return [_marked(change, old, new) for change in differences(old, new)]


def _marked(change: Change, old: Document, new: Document) -> Change:
    for excepted in EXCEPTED_CHANGES:
        if change.breaking and change.pointer == excepted.pointer and _has_its_values(excepted, old, new):
            reason = f"Excepted from {excepted.clause} since {excepted.since}: {excepted.reason}"
            return replace(change, level=Level.SAFE, exception=reason)
    return change


def _has_its_values(excepted: ExceptedChange, old: Document, new: Document) -> bool:
    try:
        before, after = (target(document, f"#{excepted.pointer}") for document in (old, new))
    except ValueError:
        # The enumeration is elsewhere in one of the documents.
        return False
    return (before, after) == (list(excepted.before), list(excepted.after))


def excepted_changes(rendered: bytes) -> Iterator[str]:
    """Yield the changes since each release that the promise excepts."""
    for version, kept in released().items():
        for change in changes(orjson.loads(kept), orjson.loads(rendered)):
            if change.exception:
                yield f"Since {version}, {change}"


def broken_rules(rendered: bytes) -> Iterator[str]:
    """What is wrong with a document as the next state of the contract."""
    if document() != rendered:
        yield "The service renders another document than the contract. See to it, or: onrecord contract write"
    new = orjson.loads(rendered)
    for version, kept in released().items():
        since = changes(orjson.loads(kept), new)
        yield from (f"Since {version}, {change}" for change in since if change.breaking)
    yield from _unfit(new, rendered)


def _unfit(new: dict[str, dict[str, str]], rendered: bytes) -> Iterator[str]:
    """What is wrong with `info.version`, going by what changed since the newest release."""
    said = new["info"]["version"]
    if not released():
        return
    newest, kept = list(released().items())[-1]
    if rendered == kept:
        return
    wanted = fitting(newest, changes(orjson.loads(kept), new))
    if numbers(said) < numbers(wanted):
        yield f"info.version is {said}, and what changed since {newest} makes it {wanted} or later (api/version.py)."


def fitting(version: str, since: list[Change]) -> str:
    """The version that follows one, by what has changed since.

    >>> fitting("1.2.3", [Change("/paths/~1v1~1new", Level.SAFE, "The path is new.")])
    '1.3.0'
    """
    major, minor, patch = numbers(version)
    level = worst(since)
    if level is Level.BREAKING:
        return f"{major + 1}.0.0"
    return f"{major}.{minor + 1}.0" if level is Level.SAFE else f"{major}.{minor}.{patch + 1}"
