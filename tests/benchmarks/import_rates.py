"""Rates of an import, of one without the checks of its evidence, and of the schemas alone, each in its own process."""

from __future__ import annotations

import json
import sys
import tempfile
import time
import typing
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import orjson

from api.grounding import checks
from api.grounding.case import CheckedFields, Source
from schemas.documents import Fields

if sys.argv[1:2] == ["ungrounded"]:

    def _accept(claim: Fields, _sent: frozenset[str], _checked: CheckedFields, _source: Source) -> checks.Grounding:
        return checks.Grounding(list(claim["evidence"]), {"status": "unverified", "checks": []}, [])

    # The store imports the function by name, so it is replaced before the store is loaded.
    checks.ground = _accept

from api.kinds.record_input import parse_record
from api.store.database import Store
from api.store.imports import import_lines

_locked = 0.0


class _TimedStore(Store):
    """A store that measures the seconds in which it holds the write lock."""

    @contextmanager
    def writing(self, *arguments: typing.Any, **options: typing.Any) -> Iterator[typing.Any]:
        global _locked  # noqa: PLW0603
        with super().writing(*arguments, **options) as connection:
            begin = time.perf_counter()
            yield connection
        _locked += time.perf_counter() - begin


def _import(lines: list[bytes], status: str) -> float:
    with tempfile.TemporaryDirectory() as folder:
        store = _TimedStore(f"sqlite:///{folder}/onrecord.db", seconds=60)
        store.upgrade()
        global _locked  # noqa: PLW0603
        _locked = 0.0
        begin = time.perf_counter()
        report = import_lines(store, [("lines", iter(lines))])
        seconds = time.perf_counter() - begin
        if report.counts["created"] != len(lines):
            raise ValueError(f"Only {report.counts['created']:,} of {len(lines):,} records were created.")
        with store.engine.connect() as connection:
            statement = "SELECT DISTINCT grounding FROM claim"
            statuses = {row[0] for row in connection.exec_driver_sql(statement)}
        store.close()
    if statuses != {status}:
        raise ValueError(f"The claims are {', '.join(sorted(statuses))}, not {status}.")
    return seconds


def _load(lines: list[bytes]) -> float:
    records = [orjson.loads(line) for line in lines]
    types = [record.pop("type") for record in records]
    begin = time.perf_counter()
    for type_, record in zip(types, records, strict=True):
        parse_record(type_, record)
    return time.perf_counter() - begin


def main(mode: str, file: str, lines_max: str) -> None:
    """Print the seconds that the first lines of an import take, and those in which the write lock is held."""
    with Path(file).open("rb") as source:
        lines = [line for _, line in zip(range(int(lines_max)), source, strict=False)]
    statuses = {"import": "verified", "ungrounded": "unverified"}
    seconds = _load(lines) if mode == "load" else _import(lines, statuses[mode])
    print(json.dumps({"lines": len(lines), "seconds": seconds, "locked": _locked}))


if __name__ == "__main__":
    main(*sys.argv[1:])
