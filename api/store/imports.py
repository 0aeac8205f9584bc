"""Many records at once: lines of JSON, checked first and then stored, all or none."""

from __future__ import annotations

import typing
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field

import marshmallow as ma
from sqlalchemy import Connection

from api.kinds.article import SHAPE as ARTICLE_SHAPE
from api.kinds.collections import KIND_BY_NAME, RECORD_TYPES
from api.store.engine import Store
from api.store.writing import Refused, put_article, put_claim
from schemas import strict_json
from schemas.pointers import pointed
from schemas.values import closest


@dataclass(frozen=True)
class Refusal:
    """A line that was refused: where it stands, whose it is, where in it and what is wrong."""

    source: str
    line: int
    id: str | None
    pointer: str
    detail: str

    def __str__(self) -> str:
        place = f" {self.pointer}" if self.pointer else ""
        return f"{self.source}, line {self.line}{f' ({self.id})' if self.id else ''}{place}: {self.detail}"


@dataclass
class Report:
    """What an import came to."""

    counts: Counter[str] = field(default_factory=Counter)
    refusals: list[Refusal] = field(default_factory=list)


class _NothingStored(Exception):
    """Ends the transaction of an import that was refused."""


@dataclass(frozen=True)
class _Line:
    source: str
    number: int
    type: str
    record: dict[str, typing.Any]
    sent: frozenset[str]

    def refused(self, problems: Iterable[tuple[str, str]]) -> list[Refusal]:
        return [Refusal(self.source, self.number, self.record["id"], *problem) for problem in problems]


def import_lines(store: Store, sources: Iterable[tuple[str, Iterable[bytes]]]) -> Report:
    """Put on record what the lines of named sources hold; where one line is refused, nothing is stored.

    A line is one JSON object with its `type`, an article's or a kind's, and its `id`; articles and claims come in
    any order. A record that is there already and says the same is left as it is.
    """
    report = Report()
    lines = list(_read(sources, report))
    report.refusals += [*_repeated(lines), *_circular(lines)]
    if report.refusals:
        return report
    with suppress(_NothingStored), store.writing() as connection:
        for line in _in_order(lines):
            try:
                report.counts[_put(connection, line)] += 1
            except Refused as refusal:
                report.refusals += line.refused(refusal.problems)
        if report.refusals:
            report.counts.clear()
            raise _NothingStored
    return report


def _read(sources: Iterable[tuple[str, Iterable[bytes]]], report: Report) -> Iterator[_Line]:
    for source, lines in sources:
        for number, raw in enumerate(lines, start=1):
            if not raw.strip():
                continue
            try:
                type_, record, sent = _parse(raw)
            except Refused as refusal:
                report.refusals += [Refusal(source, number, None, *problem) for problem in refusal.problems]
            else:
                yield _Line(source, number, type_, record, sent)


def _parse(raw: bytes) -> tuple[str, dict[str, typing.Any], frozenset[str]]:
    try:
        given = strict_json.loads(raw)
    except ValueError as error:
        raise Refused(("", str(error))) from None
    if not isinstance(given, dict):
        raise Refused(("", "A line is one JSON object."))
    type_ = given.pop("type", None)
    if type_ not in RECORD_TYPES:
        meant = closest(type_, RECORD_TYPES) if isinstance(type_, str) else None
        hint = f" Did you mean {meant}?" if meant else ""
        raise Refused(("/type", f"Must be one of {', '.join(RECORD_TYPES)}.{hint}"))
    shape = ARTICLE_SHAPE if type_ == "article" else KIND_BY_NAME[type_].shape
    try:
        record = typing.cast("dict[str, typing.Any]", shape.load(given))
    except ma.ValidationError as error:
        raise Refused(*pointed(error.messages)) from None
    if "id" not in record:
        raise Refused(("/id", "Required, so that importing twice changes nothing."))
    return type_, record, frozenset(given)


def _repeated(lines: list[_Line]) -> Iterator[Refusal]:
    """The lines whose record an earlier line is already: which of the two is meant, only the sender knows."""
    first: dict[tuple[bool, str], _Line] = {}
    for line in lines:
        key = (line.type == "article", line.record["id"])
        earlier = first.setdefault(key, line)
        if earlier is not line:
            place = f"{earlier.source}, line {earlier.number}"
            yield from line.refused([("/id", f"{line.record['id']!r} stands at {place} already. Send it once.")])


def _circular(lines: list[_Line]) -> Iterator[Refusal]:
    """The lines whose claims restate one another in a circle."""
    restated = {line.record["id"]: line.record["restates"] for line in lines if line.type != "article"}
    for line in lines:
        chain = [line.record["id"]] if line.type != "article" else []
        while chain and restated.get(chain[-1]) in restated and restated[chain[-1]] not in chain:
            chain.append(restated[chain[-1]])
        if chain and restated[chain[-1]] == chain[0]:
            told = " → ".join([*chain, chain[0]])
            yield from line.refused([("/restates", f"Claims would restate one another in a circle: {told}.")])


def _in_order(lines: list[_Line]) -> Iterator[_Line]:
    """Articles before claims, and a claim that is restated before those that restate it."""
    yield from (line for line in lines if line.type == "article")
    claims = {line.record["id"]: line for line in lines if line.type != "article"}
    done: set[str] = set()
    for first in claims:
        chain = [first]
        while (restated := claims[chain[-1]].record["restates"]) in claims and restated not in chain:
            chain.append(restated)
        for id_ in reversed(chain):
            if id_ not in done:
                done.add(id_)
                yield claims[id_]


def _put(connection: Connection, line: _Line) -> str:
    if line.type == "article":
        return put_article(connection, line.record)
    return put_claim(connection, KIND_BY_NAME[line.type], line.record, line.sent)
