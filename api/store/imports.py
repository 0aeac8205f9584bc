"""Imports of many records: JSON lines, checked without a lock and stored in one short transaction."""

from __future__ import annotations

import logging
import typing
from codecs import BOM_UTF8
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

import marshmallow as ma
from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from api.kinds import record_input as records
from api.kinds.collections import RECORD_TYPES
from api.store import timeouts
from api.store.database import Store
from api.store.errors import ConcurrentWrite, Part, RecordRejected, circle, duplicate, invalid
from api.store.lookup import STORED, RecordLookup, last_sequence
from api.store.prepare import Prepared, prepare
from api.store.staging import IMPORTED_IDS, LEVELS_MAX, STAGED, Line, Staging
from schemas import strict_json
from schemas.fields import did_you_mean, is_identifier

# The maximum length of a line: a text of a mebibyte with every character escaped, and the other fields.
LINE_BYTES_MAX = 8 * 1_048_576

# The maximum number of rejected lines that are reported, and of parts of each. Further lines are only counted, because
# they mostly repeat the same mistake.
REPORTED_LINES_MAX = 1000
_PARTS_MAX = 10

# An import stops after this many rejected lines.
REJECTED_LINES_MAX = 10_000

_BATCH = 200
_COUNTED = {"created": "created", "updated": "replaced", "unchanged": "unchanged"}
# The maximum number of rounds that check the other lines against the stored versions of rejected lines.
_ROUNDS_MAX = 10
# The maximum number of times that an import is prepared, because other writers change the same articles.
_ATTEMPTS_MAX = 5

_STOPPED = (
    f"The import stopped after {REJECTED_LINES_MAX:,} rejected lines. The other lines were not read or not checked."
)

_FAILED = "The server failed to check this line. The reason is in its log. Report it to the operator, or omit the line."

# The logger of the app.
_log = logging.getLogger("onrecord")

Progress = Callable[[int], None]
Value = typing.TypeVar("Value")


@dataclass(frozen=True)
class RejectedLine:
    """A rejected line: its source, number and id, and one of `RecordRejected.parts`."""

    source: str
    line: int
    id: str | None
    part: Part

    def __str__(self) -> str:
        pointer = f" {self.part['pointer']}" if self.part["pointer"] else ""
        id_ = f" ({self.id})" if self.id else ""
        claim = f" of its claim {self.part['claim']}" if "claim" in self.part else ""
        return f"{self.source}, line {self.line}{id_}{pointer}{claim}: {self.part['detail']}"


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
            parts = error.parts[:_PARTS_MAX]
            if more := len(error.parts) - len(parts):
                parts.append({"pointer": "", "detail": f"The line has {more:,} more problems."})
            self.rejected_lines += [RejectedLine(source, line, id_, part) for part in parts]
        if self.counts["refused"] >= REJECTED_LINES_MAX:
            raise _TooManyRejected

    @property
    def omitted(self) -> int:
        """Number of rejected lines that are counted but not reported."""
        return max(0, self.counts["refused"] - REPORTED_LINES_MAX)

    @property
    def message(self) -> str:
        """Message for an import that stored nothing because of rejected lines."""
        count = self.counts["refused"]
        message = f"{count:,} {'line was' if count == 1 else 'lines were'} rejected, so nothing was stored."
        if self.unfinished:
            message += f" {self.unfinished}"
        if self.omitted:
            message += f" The first {REPORTED_LINES_MAX:,} are reported, {self.omitted:,} are omitted."
        return message


def import_lines(
    store: Store,
    sources: Iterable[tuple[str, Iterable[bytes]]],
    *,
    atomic: bool = True,
    keep: bool = True,
    progress: Progress = lambda _: None,
) -> Report:
    """Create or replace the records in the lines of named sources. If one line is rejected, nothing is stored.

    A line is one JSON object with a `type`, which is article or a kind, and an `id`. Lines can be in any order. A
    record that does not differ from the stored one is unchanged. Without `atomic`, the other lines are stored if a line
    is rejected. Without `keep`, nothing is stored. `progress` is called with the number of lines read or checked.

    Raises ConcurrentWrite if the same articles change in each of several attempts.
    """
    with store.aside() as connection:
        staging, read = Staging(connection), Report()
        with _phase(connection, read):
            _read_lines(staging, sources, read, progress)
        if read.unfinished:
            return read
        for _ in range(_ATTEMPTS_MAX):
            report = Report(Counter(read.counts), list(read.rejected_lines))
            with _phase(connection, report):
                since = last_sequence(connection)
                _prepare_lines(staging, report, progress, atomic=atomic)
            if not keep or report.unfinished or (atomic and report.counts["refused"]):
                return report
            with store.writing(connection):
                if not staging.overtaken(since):
                    timeouts.unlimited(connection)
                    staging.merge()
                    report.stored = True
                    return report
    raise ConcurrentWrite


def lines_of(chunks: Iterable[bytes]) -> Iterator[bytes]:
    r"""Split a stream of bytes into lines. Of a line that is too long, only the beginning is kept.

    >>> list(lines_of([b"one", b" more", b" line\nand an", b"other"]))
    [b'one more line', b'and another']
    """
    parts, length = list[bytes](), 0
    for chunk in chunks:
        rest, *lines = chunk.split(b"\n")
        if length <= LINE_BYTES_MAX:
            parts.append(rest)
            length += len(rest)
        for line in lines:
            yield b"".join(parts)
            parts, length = [line], len(line)
    yield b"".join(parts)


@contextmanager
def _phase(connection: Connection, report: Report) -> Iterator[None]:
    """Open a transaction that adds rejected lines to a report, and ends if they are too many.

    It has no timeouts, because its statements process thousands of lines.
    """
    try:
        with connection.begin():
            timeouts.unlimited(connection)
            yield
    except _TooManyRejected:
        report.unfinished = _STOPPED
    report.rejected_lines.sort(key=lambda line: (line.source, line.line))


class _TooManyRejected(Exception):
    """The number of rejected lines reached its maximum."""


def _read_lines(
    staging: Staging, sources: Iterable[tuple[str, Iterable[bytes]]], report: Report, progress: Progress
) -> None:
    batch: list[Line] = []
    for source, lines in sources:
        for number, raw in enumerate(lines, start=1):
            progress(1)
            if raw.removeprefix(BOM_UTF8).strip():
                id_ = None
                try:
                    fields = _check_line(_object, raw)
                    id_ = fields.get("id")
                    batch.append(Line(source, number, _check_line(_record, fields)))
                except RecordRejected as error:
                    report.reject(source, number, id_ if isinstance(id_, str) and is_identifier(id_) else None, error)
            if len(batch) >= _BATCH:
                staging.add(batch)
                batch = []
    staging.add(batch)
    for place, (source, number) in staging.repeated(REJECTED_LINES_MAX):
        message = f"{place[2]!r} is in {source}, line {number} already. Send it once."
        report.reject(*place, RecordRejected(("/id", message)))
    for place, ids in staging.assign_levels(REJECTED_LINES_MAX):
        report.reject(*place, circle("/restates", ids) if ids[-1] in ids[:-1] else _too_long(ids))


def _check_line(check: Callable[..., Value], *arguments: typing.Any) -> Value:
    """Return the result of a check of one line. Raise RecordRejected if the check fails unexpectedly; log the error.

    The error of one line must not fail the import. An error of the database concerns all lines.
    """
    try:
        return check(*arguments)
    except (RecordRejected, SQLAlchemyError):
        raise
    except Exception:
        _log.exception("the check of a line of an import failed")
        raise RecordRejected(("", _FAILED)) from None


def _too_long(ids: list[str]) -> RecordRejected:
    message = f"Claims restate one another in a circle or over more than {LEVELS_MAX} steps: {' → '.join(ids)} …"
    return RecordRejected(("/restates", f"{message} Split them into several imports, with the restated claims first."))


def _object(raw: bytes) -> dict[str, typing.Any]:
    if len(raw) > LINE_BYTES_MAX:
        raise RecordRejected(("", f"The line is longer than {LINE_BYTES_MAX:,} bytes. Shorten it."))
    try:
        fields = strict_json.loads(raw)
    except ValueError as error:
        raise RecordRejected(("", str(error))) from None
    if not isinstance(fields, dict):
        raise RecordRejected(("", "The line must be one JSON object."))
    return fields


def _record(fields: dict[str, typing.Any]) -> records.RecordInput:
    type_ = fields.get("type")
    if type_ not in RECORD_TYPES:
        hint = did_you_mean(type_, RECORD_TYPES) if isinstance(type_, str) else ""
        raise RecordRejected(("/type", f"Must be one of {', '.join(RECORD_TYPES)}.{hint}"))
    try:
        record = records.parse_record(type_, fields)
    except ma.ValidationError as error:
        raise invalid(error) from None
    if "id" not in record.record:
        raise RecordRejected(("/id", "Required, so that a repeated import changes nothing."))
    return record


def _prepare_lines(staging: Staging, report: Report, progress: Progress, *, atomic: bool) -> None:
    """Prepare all lines that are not rejected.

    Without `atomic`, the stored version of a rejected line stays, and the other lines are checked against it.
    """
    rejected: list[int] = []
    for _ in range(_ROUNDS_MAX):
        staging.clear(rejected)
        if not _prepare_levels(staging, report, progress, rejected) or atomic:
            break
    else:
        report.unfinished = (
            "The stored versions of rejected lines conflict with other lines, again and again. Fix the rejected lines."
        )
    outcomes = staging.outcomes()
    report.counts += Counter({_COUNTED[outcome]: number for outcome, number in outcomes.items()})


def _prepare_levels(staging: Staging, report: Report, progress: Progress, rejected: list[int]) -> bool:
    """Prepare the lines level by level. Reject a line that cannot be stored, and lines that depend on it.

    Add the numbers of the rejected lines, and return whether their stored versions can conflict with other lines.
    """
    again = False
    for level in staging.levels():
        lookup = RecordLookup(staging.connection, STAGED, STORED, imported_ids=IMPORTED_IDS)
        for batch in staging.batches(level, _BATCH):
            lookup.look_up(line.record_input for line in batch)
            changed_articles = (
                staging.changed({line.record_input.record["article_id"] for line in batch}) if level else set()
            )
            batch_prepared: list[tuple[int, list[Prepared]]] = []
            for line in batch:
                try:
                    batch_prepared.append((line.number, _check_line(_prepared, lookup, line, changed_articles)))
                except RecordRejected as error:
                    report.reject(line.source, line.line, line.record_input.id, error)
                    rejected.append(line.number)
                    again = again or (level > 0 and lookup.claim(line.record_input.id) is not None)
            staging.set_outcomes(
                (number, record.outcome, record.row.get("said")) for number, (record, *_) in batch_prepared
            )
            staging.stage([record for _, prepared in batch_prepared for record in prepared])
            progress(len(batch))
    duplicates = staging.duplicates(REJECTED_LINES_MAX)
    for number, place, other in duplicates:
        report.reject(*place, duplicate(*other))
        rejected.append(number)
    staging.set_outcomes((number, None, None) for number, *_ in duplicates)
    return again or bool(duplicates)


def _prepared(lookup: RecordLookup, line: Line, changed_articles: set[str]) -> list[Prepared]:
    """Prepare a line. Even an unchanged claim follows its article if that changes."""
    prepared = prepare(lookup, line.record_input)
    if line.record_input.record.get("article_id") in changed_articles:
        return [replace(record, follows=True) for record in prepared]
    return prepared
