"""A check: a statement about a deployment, its source, and a function that raises if the statement is false."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from api.contract.conformance.target import Target
from api.promise import CLAUSES

CheckFunction = Callable[[Target], None]


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
