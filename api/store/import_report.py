"""Reports of imports: the number of lines by outcome, and the rejected lines with their places."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from api.store.errors import Part, RecordRejected

# The maximum number of rejected lines that are reported, and of parts of each. Further lines are only counted, because
# they mostly repeat the same mistake.
REPORTED_LINES_MAX = 1000
_PARTS_MAX = 10

# An import stops after this many rejected lines.
REJECTED_LINES_MAX = 10_000

# The source of the records of a JSON import. Each one is named by its JSON Pointer instead of a line.
RECORDS = "/records"

STOPPED = f"The import stopped after {REJECTED_LINES_MAX:,} rejected records. The others were not read or not checked."


class TooManyRejected(Exception):
    """The number of rejected lines reached its maximum."""


@dataclass(frozen=True)
class RejectedLine:
    """A rejected line: its source, number from 1 and id, and one of `RecordRejected.parts`."""

    source: str
    line: int
    id: str | None
    part: Part

    def __str__(self) -> str:
        pointer = f" {self.part['pointer']}" if self.part["pointer"] else ""
        id_ = f" ({self.id})" if self.id else ""
        claim = f" of its claim {self.part['claim']}" if "claim" in self.part else ""
        return f"{place_of(self.source, self.line)}{id_}{pointer}{claim}: {self.part['detail']}"


@dataclass
class Report:
    """Result of an import: the number of lines by outcome, and the first rejected lines.

    `stored` is true if the import was committed. `unfinished` has the reason if the check stopped before the last line.
    Nothing is stored then.
    """

    counts: Counter[str] = field(default_factory=Counter)
    rejected_lines: list[RejectedLine] = field(default_factory=list)
    stored: bool = False
    unfinished: str = ""

    def reject(self, source: str, line: int, id_: str | None, error: RecordRejected) -> None:
        """Add a rejected line."""
        self.counts["refused"] += 1
        if self.counts["refused"] <= REPORTED_LINES_MAX:
            parts = error.parts
            if len(parts) > _PARTS_MAX:
                more = len(parts) - _PARTS_MAX + 1
                parts = [*parts[:-more], {"pointer": "", "detail": f"The record has {more:,} more problems."}]
            self.rejected_lines += [RejectedLine(source, line, id_, part) for part in parts]
        if self.counts["refused"] >= REJECTED_LINES_MAX:
            raise TooManyRejected

    @property
    def omitted(self) -> int:
        """Number of rejected lines that are counted but not reported."""
        return max(0, self.counts["refused"] - REPORTED_LINES_MAX)

    @property
    def message(self) -> str:
        """Message for an import that stored nothing because of rejected lines."""
        count = self.counts["refused"]
        message = f"{count:,} {'record was' if count == 1 else 'records were'} rejected, so nothing was stored."
        if self.unfinished:
            message += f" {self.unfinished}"
        if self.omitted:
            message += f" The first {REPORTED_LINES_MAX:,} are reported, {self.omitted:,} are omitted."
        return message


def place_of(source: str, line: int) -> str:
    """Return the place of a line for people.

    >>> place_of("body", 1), place_of(RECORDS, 1)
    ('body, line 1', '/records/0')
    """
    return f"{source}/{line - 1}" if source == RECORDS else f"{source}, line {line}"
