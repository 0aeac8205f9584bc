"""The database of the peers: one table with a column for each field of a casualty report."""

from __future__ import annotations

import sqlite3
import typing
from collections.abc import Iterable
from pathlib import Path

import orjson

# Columns for the filter and the order of lists. Lists and objects are JSON.
_EXTRA = ("claimant_name", "on_record_from", "on_record_order")


def write(lines: Iterable[bytes], file: Path) -> None:
    """Store documents in their order."""
    connection = sqlite3.connect(file)
    with connection:
        for number, line in enumerate(lines):
            document = orjson.loads(line)
            if not number:
                columns = ", ".join(f'"{name}" {_type(name)}' for name in (*document, *_EXTRA))
                connection.execute(f"CREATE TABLE casualty_report ({columns})")
                insert = f"INSERT INTO casualty_report VALUES ({', '.join('?' * (len(document) + len(_EXTRA)))})"
            connection.execute(insert, [*map(_value, document.values()), *_extra(document)])
        connection.execute("CREATE INDEX of_claimant ON casualty_report (claimant_name, on_record_from DESC, id DESC)")
        connection.execute("CREATE INDEX of_claimant_in_order ON casualty_report (claimant_name, on_record_order DESC)")
        connection.execute("ANALYZE")
    connection.close()


def _type(name: str) -> str:
    if name in ("count", "low", "high", "version"):
        return "INTEGER"
    return "TEXT PRIMARY KEY" if name == "id" else "TEXT"


def _value(value: typing.Any) -> typing.Any:
    return orjson.dumps(value).decode() if isinstance(value, (dict, list)) else value


def _extra(document: dict[str, typing.Any]) -> tuple[str, str, str]:
    day = document["on_record"]["earliest"]
    # Datasette sorts by one column.
    return document["claimant"]["name"], day, f"{day} {document['id']}"
