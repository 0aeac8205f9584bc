"""Imports of many records, checked without a lock and stored in one short transaction."""

from __future__ import annotations

import logging
import typing
from codecs import BOM_UTF8
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from itertools import islice

import marshmallow as ma
import orjson
from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from api.kinds import record_input as records
from api.kinds.collections import RECORD_TYPES
from api.store import idempotency, timeouts
from api.store.database import Store
from api.store.errors import ConcurrentWrite, RecordRejected, circle, duplicate, invalid
from api.store.import_report import REJECTED_LINES_MAX, STOPPED, Report, TooManyRejected, place_of
from api.store.lookup import STORED, ClaimContext, RecordLookup, last_sequence
from api.store.prepare import Row, prepare, prepare_claim
from api.store.staging import IMPORTED_IDS, LEVELS_MAX, STAGED, Line, Staged, Staging, line_row, staged
from api.store.workers import Task, Workers
from schemas import strict_json
from schemas.fields import did_you_mean, is_identifier

# The maximum length of a line: a text of a mebibyte with every character escaped, and the other fields.
LINE_BYTES_MAX = 8 * 1_048_576

_BATCH = 200
# With fewer lines, the start of processes takes longer than they save.
_PARALLEL_MIN = 1000
# The maximum number of lines that a process checks at once. A chunk ends early after a mebibyte of lines or texts.
_CHUNK, _CHUNK_LENGTH_MAX = 50, 1_048_576
_COUNTED = {"created": "created", "updated": "replaced", "unchanged": "unchanged"}
# The maximum number of rounds that check the other lines against the stored versions of rejected lines.
_ROUNDS_MAX = 10
# The maximum number of times that an import is prepared, because other writers change the same articles.
_ATTEMPTS_MAX = 5

_FAILED = (
    "The server failed to check this record. The reason is in its log. Report it to the operator, or omit the record."
)

# The logger of the app.
_log = logging.getLogger("onrecord")

Progress = Callable[[int], None]
# A line: its bytes, or the JSON value of a record.
Raw = bytes | typing.Any
Value = typing.TypeVar("Value")
# A line that is not blank, with its source and number.
_Read = tuple[str, int, Raw]


def import_lines(
    store: Store,
    sources: Iterable[tuple[str, Iterable[Raw]]],
    *,
    atomic: bool = True,
    keep: bool = True,
    progress: Progress = lambda _: None,
    once: idempotency.Request[Report] | None = None,
    processes: int = 1,
) -> Report:
    """Create or replace the records in the lines of named sources. If one line is rejected, nothing is stored.

    A line is one JSON object, parsed or not, with a `type`, which is article or a kind, and an `id`. Lines can be in
    any order. A record that does not differ from the stored one is unchanged. Without `atomic`, the other lines are
    stored if a line is rejected. Without `keep`, nothing is stored. `progress` is called with the number of lines read
    or checked. The response to `once` is stored with the records. With more than one of `processes`, other processes
    check the lines of a large import and prepare its claims.

    Raises ConcurrentWrite if the same articles change in each of several attempts, and idempotency.Replayed if the
    request was carried out before.
    """
    with store.aside() as connection, Workers(processes, _PARALLEL_MIN) as workers:
        staging, read = Staging(connection), Report()
        with _phase(connection, read):
            _read_lines(staging, sources, read, progress, workers)
        if read.unfinished:
            return read
        if once is not None:
            with connection.begin():
                idempotency.check(connection, once)
        for _ in range(_ATTEMPTS_MAX):
            report = Report(Counter(read.counts), list(read.rejected_lines))
            with _phase(connection, report):
                since = last_sequence(connection)
                _prepare_lines(staging, report, progress, workers, atomic=atomic)
            if report.unfinished or (atomic and report.counts["refused"]):
                # The other lines are valid, but are not stored.
                del report.counts["created"], report.counts["replaced"]
                return report
            if not keep:
                return report
            with _phase(connection, report), store.sorting(connection):
                staging.count_values()
            with store.writing(connection):
                if once is not None:
                    idempotency.check(connection, once)
                if not staging.overtaken(since):
                    timeouts.unlimited(connection)
                    staging.merge()
                    report.stored = True
                    if once is not None:
                        idempotency.remember(connection, once, report, idempotency.IMPORT)
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
    except TooManyRejected:
        report.unfinished = STOPPED
    report.rejected_lines.sort(key=lambda line: (line.source, line.line))


def _read_lines(
    staging: Staging,
    sources: Iterable[tuple[str, Iterable[Raw]]],
    report: Report,
    progress: Progress,
    workers: Workers,
) -> None:
    batch: list[Row] = []
    for lines, rows in workers.map(_row, _chunks(sources, progress, workers)):
        for (source, number, raw), row_of_worker in zip(lines, rows, strict=True):
            row = row_of_worker or _row_or_rejection(source, number, raw, report)
            if row is not None:
                batch.append({"source": source, "line": number, **row})
        if len(batch) >= _BATCH:
            staging.add(batch)
            batch = []
    staging.add(batch)
    for place, (source, number) in staging.repeated(REJECTED_LINES_MAX):
        message = f"{place[2]!r} is in {place_of(source, number)} already. Send it once."
        report.reject(*place, RecordRejected(("/id", message)))
    for place, ids in staging.assign_levels(REJECTED_LINES_MAX):
        report.reject(*place, circle("/restates", ids) if ids[-1] in ids[:-1] else _too_long(ids))


def _chunks(
    sources: Iterable[tuple[str, Iterable[Raw]]], progress: Progress, workers: Workers
) -> Iterator[tuple[list[_Read], list[Task]]]:
    """Yield the lines that are not blank in chunks, each with the tasks for a worker.

    Without workers, each line is checked before the next one is read.
    """
    lines: list[_Read] = []
    length = 0
    for source, raws in sources:
        for number, raw in enumerate(raws, start=1):
            progress(1)
            if isinstance(raw, bytes):
                if not raw.removeprefix(BOM_UTF8).strip():
                    continue
                length += len(raw)
            lines.append((source, number, raw))
            if not workers.started or len(lines) == _CHUNK or length > _CHUNK_LENGTH_MAX:
                yield lines, [(raw,) for *_, raw in lines]
                lines, length = [], 0
    yield lines, [(raw,) for *_, raw in lines]


def _row(raw: Raw) -> Row:
    """Return the row of a line, or raise RecordRejected."""
    return line_row(_record(_object(raw)))


def _row_or_rejection(source: str, number: int, raw: Raw, report: Report) -> Row | None:
    """Return the row of a line. If it is rejected, add it to the report and return None."""
    id_ = None
    try:
        fields = _check_line(_object, raw)
        id_ = fields.get("id")
        return line_row(_check_line(_record, fields))
    except RecordRejected as error:
        report.reject(source, number, id_ if isinstance(id_, str) and is_identifier(id_) else None, error)
        return None


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


def _object(raw: Raw) -> dict[str, typing.Any]:
    value = _parsed(raw) if isinstance(raw, bytes) else raw
    if not isinstance(value, dict):
        raise RecordRejected(("", "The record must be one JSON object."))
    return value


def _parsed(line: bytes) -> typing.Any:
    if len(line) > LINE_BYTES_MAX:
        raise RecordRejected(("", f"The line is longer than {LINE_BYTES_MAX:,} bytes. Shorten it."))
    try:
        return strict_json.loads(line)
    except ValueError as error:
        raise RecordRejected(("", str(error))) from None


def _record(fields: dict[str, typing.Any]) -> records.RecordInput:
    type_ = fields.get("type")
    if type_ not in RECORD_TYPES:
        hint = did_you_mean(type_, RECORD_TYPES) if isinstance(type_, str) else ""
        raise RecordRejected(("/type", f"Must be one of {', '.join(RECORD_TYPES)}.{hint}"))
    try:
        record = records.parse_record(type_, {name: value for name, value in fields.items() if name != "type"})
    except ma.ValidationError as error:
        raise invalid(error) from None
    if "id" not in record.record:
        raise RecordRejected(("/id", "Required, so that a repeated import changes nothing."))
    return record


def _prepare_lines(staging: Staging, report: Report, progress: Progress, workers: Workers, *, atomic: bool) -> None:
    """Prepare all lines that are not rejected.

    Without `atomic`, the stored version of a rejected line stays, and the other lines are checked against it.
    """
    rejected: list[int] = []
    for _ in range(_ROUNDS_MAX):
        staging.clear(rejected)
        if not _prepare_levels(staging, report, progress, rejected, workers) or atomic:
            break
    else:
        report.unfinished = (
            "The stored versions of rejected lines conflict with other lines, again and again. Fix the rejected lines."
        )
    outcomes = staging.outcomes()
    report.counts += Counter({_COUNTED[outcome]: number for outcome, number in outcomes.items()})


def _prepare_levels(
    staging: Staging, report: Report, progress: Progress, rejected: list[int], workers: Workers
) -> bool:
    """Prepare the lines level by level. Reject a line that cannot be stored, and lines that depend on it.

    Add the numbers of the rejected lines, and return whether their stored versions can conflict with other lines.
    """
    again = False
    for level in staging.levels():
        lookup = RecordLookup(staging.connection, STAGED, STORED, imported_ids=IMPORTED_IDS)
        results = _results(staging, lookup, level, workers)
        while batch := list(islice(results, _BATCH)):
            prepared: list[tuple[int, list[Staged]]] = []
            for line, result in batch:
                if isinstance(result, RecordRejected):
                    report.reject(line.source, line.line, line.id, result)
                    rejected.append(line.number)
                    again = again or (level > 0 and lookup.claim(line.id) is not None)
                else:
                    prepared.append((line.number, result))
            staging.set_outcomes((record.outcome, record.said, number) for number, (record, *_) in prepared)
            staging.stage([record for _, records_of_line in prepared for record in records_of_line])
            progress(len(batch))
    duplicates = staging.duplicates(REJECTED_LINES_MAX)
    for number, place, other in duplicates:
        report.reject(*place, duplicate(*other))
        rejected.append(number)
    staging.set_outcomes((None, None, number) for number, *_ in duplicates)
    return again or bool(duplicates)


def _results(
    staging: Staging, lookup: RecordLookup, level: int, workers: Workers
) -> Iterator[tuple[Line, list[Staged] | RecordRejected]]:
    """Yield the lines of a level in their order, each with its prepared records or its error.

    The lines of a level do not depend on one another, so `workers` can prepare them while others are stored.
    """
    batches = _batches(staging, lookup, level)
    chunks: Iterable[tuple[list[tuple[Line, bool]], list[Staged | None]]]
    if level and workers.started:
        chunks = workers.map(_claim, (chunk for batch in batches for chunk in _with_tasks(lookup, batch)))
    else:
        chunks = ((batch, [None] * len(batch)) for batch in batches)
    for lines, claims in chunks:
        for (line, follows), claim in zip(lines, claims, strict=True):
            yield line, _prepared(lookup, line, follows) if claim is None else [claim]


def _claim(type_: str, record: str, context: ClaimContext, follows: bool) -> Staged:
    return staged(prepare_claim(records.RecordInput(type_, orjson.loads(record)), *context), follows=follows)


def _batches(staging: Staging, lookup: RecordLookup, level: int) -> Iterator[list[tuple[Line, bool]]]:
    """Look up and yield the lines of a level in batches, each with whether the import changes its article."""
    for batch in staging.batches(level, _BATCH):
        article_ids = {line.article_id for line in batch}
        claim_ids = {id_ for line in batch for id_ in (line.id, line.restates) if id_} if level else set()
        lookup.look_up(article_ids, claim_ids)
        changed = staging.changed(article_ids) if level else set()
        yield [(line, line.article_id in changed) for line in batch]


def _prepared(lookup: RecordLookup, line: Line, follows: bool) -> list[Staged] | RecordRejected:
    try:
        return [staged(record, follows=follows) for record in _check_line(prepare, lookup, line.record_input)]
    except RecordRejected as error:
        return error


def _with_tasks(
    lookup: RecordLookup, batch: list[tuple[Line, bool]]
) -> Iterator[tuple[list[tuple[Line, bool]], list[Task]]]:
    """Yield a batch of claims in chunks, each with the tasks for a worker. Their number and texts are limited."""
    lines: list[tuple[Line, bool]] = []
    tasks: list[Task] = []
    length, last_text = 0, None
    for line, follows in batch:
        context = _context(lookup, line)
        if context is not None and (text := context[1]) is not last_text:
            length, last_text = length + len(text or ""), text
        lines.append((line, follows))
        tasks.append(None if context is None else (line.type, line.record, context, follows))
        if len(lines) == _CHUNK or length > _CHUNK_LENGTH_MAX:
            yield lines, tasks
            lines, tasks, length, last_text = [], [], 0, None
    if lines:
        yield lines, tasks


def _context(lookup: RecordLookup, line: Line) -> ClaimContext | None:
    """Return the stored records that a claim depends on, or None if an error of the claim must be reported."""
    try:
        return lookup.claim_context(line.type, line.id, line.article_id, line.restates)
    except SQLAlchemyError:
        raise
    except Exception:
        return None
