"""A check: a statement about a deployment, its source, and a function that raises if the statement is false.

CheckError
├── CheckFailed   the statement is false
└── CheckSkipped  the statement cannot be checked here
"""

from __future__ import annotations

import typing
from collections.abc import Callable
from dataclasses import dataclass

from api.promise import CLAUSES

if typing.TYPE_CHECKING:
    from api.contract.conformance.target import Target

CheckFunction = Callable[["Target"], None]


class CheckError(Exception):
    """A check that did not pass."""


class CheckFailed(CheckError):
    """A response differs from the expected one."""

    def __init__(self, request: str, expected: str, received: str):
        super().__init__(f"{request}: expected {expected}, received {received}")
        self.request, self.expected, self.received = request, expected, received
        self.parts = {"request": request, "expected": expected, "received": received}


class CheckSkipped(CheckError):
    """The check cannot run here. The message is the reason."""


@dataclass(frozen=True)
class Reference:
    """The source of a statement. A URL that begins with / is on the deployment itself."""

    title: str
    url: str


def rfc(number: int, section: str) -> Reference:
    """Return a section of an RFC."""
    return Reference(
        f"RFC {number}, section {section}", f"https://www.rfc-editor.org/rfc/rfc{number}#section-{section}"
    )


def fetch(title: str, anchor: str) -> Reference:
    """Return a section of the Fetch standard, which browsers follow."""
    return Reference(f"Fetch, {title}", f"https://fetch.spec.whatwg.org/#{anchor}")


def promise(slug: str) -> Reference:
    """Return a clause of the promise of version 1."""
    return Reference(f"promise, {CLAUSES[slug].slug}", f"/contract#{slug}")


@dataclass(frozen=True)
class Check:
    """One check. `advice` is for operators: the usual cause and its fix."""

    name: str
    statement: str
    source: Reference
    run: CheckFunction
    advice: str

    @property
    def group(self) -> str:
        return self.name.partition("/")[0]


CHECKS: list[Check] = []


def check(
    name: str, statement: str, source: Reference, *, advice: str = ""
) -> Callable[[CheckFunction], CheckFunction]:
    """Register a function as a check. Its name begins with its group."""

    def register(run: CheckFunction) -> CheckFunction:
        CHECKS.append(Check(name, statement, source, run, advice))
        return run

    return register
