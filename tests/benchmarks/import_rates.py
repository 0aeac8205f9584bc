"""Rates of an import, of one without the checks of its evidence, and of the schemas alone, each in its own process."""

from __future__ import annotations

import json
import sys
import tempfile
import time
import typing
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import orjson

from api.grounding import checks
from api.grounding.case import CheckedFields, Source
from schemas.documents import Fields

if sys.argv[1:2] in (["ungrounded"], ["ungrounded_alone"]):

    def _accept(claim: Fields, _sent: frozenset[str], _checked: CheckedFields, _source: Source) -> checks.Grounding:
        return checks.Grounding(list(claim["evidence"]), {"status": "unverified", "checks": []}, [])

    # The store imports the function by name, so it is replaced before the store is loaded. The processes that an import
    # starts run this module, too.
    checks.ground = _accept

from api.kinds.record_input import parse_record
from api.store.database import Store
from api.store.imports import import_lines
from api.store.workers import available_processes, collect_less_garbage

_locked = 0.0


class _TimedStore(Store):
    """A store that measures the processor time in which it holds the write lock."""

    @contextmanager
    def writing(self, *arguments: typing.Any, **options: typing.Any) -> Iterator[typing.Any]:
        global _locked  # noqa: PLW0603
        with super().writing(*arguments, **options) as connection:
            begin = time.thread_time()
            yield connection
        _locked += time.thread_time() - begin


class _Times:
    """The seconds and the processor seconds since its creation."""

    def __init__(self) -> None:
        self._begin = time.perf_counter(), time.thread_time()

    def elapsed(self) -> dict[str, float]:
        begin, processor = self._begin
        return {"seconds": time.perf_counter() - begin, "processor": time.thread_time() - processor}


def _import(lines: list[bytes], status: str, processes: int) -> dict[str, float]:
    """Import lines. Their claims must have this status of grounding."""
    with tempfile.TemporaryDirectory() as folder:
        store = _TimedStore(f"sqlite:///{folder}/onrecord.db", seconds=60)
        store.upgrade()
        global _locked  # noqa: PLW0603
        _locked = 0.0
        times = _Times()
        report = import_lines(store, [("lines", iter(lines))], processes=processes)
        elapsed = times.elapsed()
        if report.counts["created"] != len(lines):
            raise ValueError(f"Only {report.counts['created']:,} of {len(lines):,} records were created.")
        with store.engine.connect() as connection:
            statement = "SELECT DISTINCT grounding FROM claim"
            statuses = {row[0] for row in connection.exec_driver_sql(statement)}
        store.close()
    if statuses != {status}:
        raise ValueError(f"The claims are {', '.join(sorted(statuses))}, not {status}.")
    return elapsed


def _load(lines: list[bytes]) -> dict[str, float]:
    records = [orjson.loads(line) for line in lines]
    types = [record.pop("type") for record in records]
    times = _Times()
    for type_, record in zip(types, records, strict=True):
        parse_record(type_, record)
    return times.elapsed()


def _parse(lines: list[bytes]) -> dict[str, float]:
    times = _Times()
    for _ in range(10):
        for line in lines:
            json.loads(line)
    return times.elapsed()


def main(mode: str, file: str, lines_max: str) -> None:
    """Print the seconds that the first lines of an import take, and the processor time with the write lock.

    The mode `parse` has the processor time of a fixed task on this machine.
    """
    with Path(file).open("rb") as source:
        lines = [line for _, line in zip(range(int(lines_max)), source, strict=False)]
    modes: dict[str, Callable[[], dict[str, float]]] = {
        "import": lambda: _import(lines, "verified", available_processes()),
        "ungrounded": lambda: _import(lines, "unverified", available_processes()),
        "ungrounded_alone": lambda: _import(lines, "unverified", 1),
        "load": lambda: _load(lines),
        "parse": lambda: _parse(lines),
    }
    # As `onrecord import` does.
    collect_less_garbage()
    elapsed = modes[mode]()
    print(json.dumps({"lines": len(lines), "locked": _locked, **elapsed}))


if __name__ == "__main__":
    main(*sys.argv[1:])
