"""Questions: a sentence that has to hold of a server, where it is written, and a function that finds out.

A function that ends has found that it holds. Otherwise it raises one of

Undecided
├── Broken     it does not hold: what was asked, what had to come, and what came instead
└── NotAsked   nobody can tell here, and why
"""

from __future__ import annotations

import typing
from collections.abc import Callable
from dataclasses import dataclass, field

from api.promise import CLAUSES

if typing.TYPE_CHECKING:
    from api.contract.conformance.server import Server

Find = Callable[["Server"], None]


class Undecided(Exception):
    """The end of a question that was not found to hold."""


class Broken(Undecided):
    """What a question claims does not hold."""

    def __init__(self, asked: str, expected: str, came: str):
        super().__init__(f"{asked}: {expected}, not {came}")
        self.asked, self.expected, self.came = asked, expected, came


class NotAsked(Undecided):
    """What a question claims cannot be told here; the message says why."""


@dataclass(frozen=True)
class Source:
    """Where it is written that a claim has to hold; an address that begins with / is on the server itself."""

    title: str
    url: str


def rfc(number: int, section: str) -> Source:
    """A section of an RFC."""
    return Source(f"RFC {number}, section {section}", f"https://www.rfc-editor.org/rfc/rfc{number}#section-{section}")


def fetch(title: str, anchor: str) -> Source:
    """A part of the Fetch standard, which browsers go by."""
    return Source(f"Fetch, {title}", f"https://fetch.spec.whatwg.org/#{anchor}")


def promise(slug: str) -> Source:
    """A clause of the promise of version 1."""
    return Source(f"promise, {CLAUSES[slug].slug}", f"/contract#{slug}")


@dataclass(frozen=True)
class Question:
    """One claim about a server; `advice` is for whoever runs it, where there is a usual way to break it."""

    name: str
    claim: str
    source: Source
    find: Find
    advice: str = ""


@dataclass(frozen=True)
class Concern:
    """What several questions are about."""

    name: str
    title: str
    questions: list[Question] = field(default_factory=list)

    def asks(self, name: str, claim: str, source: Source, *, advice: str = "") -> Callable[[Find], Find]:
        """Let a function be a question of this concern."""

        def register(find: Find) -> Find:
            self.questions.append(Question(f"{self.name}/{name}", claim, source, find, advice))
            return find

        return register
