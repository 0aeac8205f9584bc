"""Many records at once: lines of JSON, checked beside everybody and then stored in one short transaction."""

from __future__ import annotations

import logging
import typing
from codecs import BOM_UTF8
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

import marshmallow as ma
from sqlalchemy import Connection, func, select
from sqlalchemy.exc import SQLAlchemyError

from api.kinds import record_input as records
from api.kinds.collections import RECORD_TYPES
from api.store import timeouts
from api.store.database import Store
from api.store.errors import ConcurrentWrite, Part, RecordRejected, circle, invalid
from api.store.lookup import STORED, RecordLookup
from api.store.prepare import Prepared, duplicate, prepare
from api.store.staging import BROUGHT, MOST_TURNS, STAGED, Line, Staging
from schemas import strict_json
from schemas.fields import is_identifier, suggest

# No record is longer: a text of a mebibyte, each character of it escaped, and what stands around it.
LONGEST_LINE = 8 * 1_048_576

# How many refused lines are told, and how many parts of each; the others are only counted, for whoever has made one
# mistake a thousand times has one.
LINES_TOLD = 1000
_PARTS_TOLD = 10

# After so many refused lines nothing more is read: whoever sent them mends those first.
MOST_REFUSED = 10_000

_BATCH = 200
_COUNTED = {"created": "created", "updated": "replaced", "unchanged": "unchanged"}
# How often the lines that are not refused are checked anew, because what is refused leaves something in their way.
_ROUNDS = 10
# How often an import is made ready anew because somebody wrote to the same articles meanwhile.
_ATTEMPTS = 5

_STOPPED = f"It was stopped after {MOST_REFUSED:,} refused lines; the rest was not read or not checked."

_FAILED = "The server failed to check this line. The reason is in its log. Report it to the operator, or omit the line."

# The logger of the app.
_log = logging.getLogger("onrecord")

Progress = Callable[[int], None]
Value = typing.TypeVar("Value")


@dataclass(frozen=True)
class Refusal:
    """A rejected line: its place, its id, and one of `RecordRejected.parts`."""

    source: str
    line: int
    id: str | None
    part: Part

    def __str__(self) -> str:
        place = f" {self.part['pointer']}" if self.part["pointer"] else ""
        named = f" ({self.id})" if self.id else ""
        claim = f" of its claim {self.part['claim']}" if "claim" in self.part else ""
        return f"{self.source}, line {self.line}{named}{place}{claim}: {self.part['detail']}"


@dataclass
class Report:
    """What an import came to: how many lines were created, replaced, unchanged and refused, and some refusals.

    `stored` says whether anything was to be kept of it. `unfinished` says why not every line was
    checked to the end; nothing is stored then.
    """

    counts: Counter[str] = field(default_factory=Counter)
    refusals: list[Refusal] = field(default_factory=list)
    stored: bool = False
    unfinished: str = ""

    def refuse(self, source: str, line: int, id_: str | None, refused: RecordRejected) -> None:
        """Note that a line is refused."""
        self.counts["refused"] += 1
        if self.counts["refused"] <= LINES_TOLD:
            parts = refused.parts[:_PARTS_TOLD]
            if more := len(refused.parts) - len(parts):
                parts.append({"pointer": "", "detail": f"{more:,} more things are wrong with it."})
            self.refusals += [Refusal(source, line, id_, part) for part in parts]
        if self.counts["refused"] >= MOST_REFUSED:
            raise _Enough

    @property
    def untold(self) -> int:
        """How many refused lines are counted, and no more is said of them."""
        return max(0, self.counts["refused"] - LINES_TOLD)

    @property
    def why_nothing(self) -> str:
        """Why nothing was to be stored, where lines were refused: in words, with what is not told of them."""
        told = f"{self.counts['refused']:,} of the lines are refused, so nothing was stored."
        if self.unfinished:
            told += f" {self.unfinished}"
        if self.untold:
            told += f" {LINES_TOLD:,} of them are told here, {self.untold:,} are not."
        return told

    def stopped(self) -> Report:
        """This report, of an import that has too many refused lines to go on."""
        self.unfinished = _STOPPED
        self.refusals.sort(key=lambda refusal: (refusal.source, refusal.line))
        return self

    def copy(self) -> Report:
        return Report(Counter(self.counts), list(self.refusals))


def import_lines(
    store: Store,
    sources: Iterable[tuple[str, Iterable[bytes]]],
    *,
    atomic: bool = True,
    keep: bool = True,
    progress: Progress = lambda _: None,
) -> Report:
    """Put on record what the lines of named sources hold; where one line is refused, nothing is stored.

    A line is one JSON object with its `type`, an article's or a kind's, and its `id`; articles and claims come in
    any order. A record that is there already and says the same is left as it is. Unless `atomic`, the lines that are
    not refused are stored; without `keep`, none is. `progress` is told how many lines were read or checked.

    Raises ConcurrentWrite where others go on writing to the same articles.
    """
    with store.aside() as connection:
        staging, read = Staging(connection), Report()
        try:
            with _untimed(connection):
                _take_in(staging, sources, read, progress)
        except _Enough:
            return read.stopped()
        for _ in range(_ATTEMPTS):
            report = read.copy()
            try:
                with _untimed(connection):
                    since = _last_change(connection)
                    _make_ready(staging, report, progress, atomic=atomic)
            except _Enough:
                return report.stopped()
            report.refusals.sort(key=lambda refusal: (refusal.source, refusal.line))
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
    r"""The lines of a stream of bytes; of one that is too long, no more than shows it.

    >>> list(lines_of([b"one", b" more", b" line\nand an", b"other"]))
    [b'one more line', b'and another']
    """
    kept, length = list[bytes](), 0
    for chunk in chunks:
        rest, *lines = chunk.split(b"\n")
        if length <= LONGEST_LINE:
            kept.append(rest)
            length += len(rest)
        for line in lines:
            yield b"".join(kept)
            kept, length = [line], len(line)
    yield b"".join(kept)


@contextmanager
def _untimed(connection: Connection) -> Iterator[None]:
    """A transaction whose statements are about thousands of lines, and may take longer than others."""
    with connection.begin():
        timeouts.unlimited(connection)
        yield


class _Enough(Exception):
    """So many lines are refused that no more is read."""


def _take_in(
    staging: Staging, sources: Iterable[tuple[str, Iterable[bytes]]], report: Report, progress: Progress
) -> None:
    batch: list[Line] = []
    for source, lines in sources:
        for number, raw in enumerate(lines, start=1):
            progress(1)
            if raw.removeprefix(BOM_UTF8).strip():
                try:
                    fields = _check_line(_object, raw)
                except RecordRejected as refused:
                    report.refuse(source, number, None, refused)
                    continue
                id_ = fields.get("id")
                try:
                    batch.append(Line(source, number, _check_line(_record, fields)))
                except RecordRejected as refused:
                    report.refuse(source, number, id_ if isinstance(id_, str) and is_identifier(id_) else None, refused)
            if len(batch) >= _BATCH:
                staging.add(batch)
                batch = []
    staging.add(batch)
    for place, first in staging.repeated(MOST_REFUSED):
        told = f"{place.id!r} stands at {first.source}, line {first.line} already. Send it once."
        report.refuse(*place, RecordRejected(("/id", told)))
    for place, ids in staging.without_turn(MOST_REFUSED):
        report.refuse(*place, circle("/restates", ids) if ids[-1] in ids[:-1] else _too_long(ids))


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
    told = f"One restates the other, over more than {MOST_TURNS} steps or in a circle: {' → '.join(ids)} …"
    return RecordRejected(("/restates", f"{told} Send them in several imports, those first that the others restate."))


def _object(raw: bytes) -> dict[str, typing.Any]:
    if len(raw) > LONGEST_LINE:
        raise RecordRejected(("", f"Longer than {LONGEST_LINE:,} bytes, which no record is."))
    try:
        fields = strict_json.loads(raw)
    except ValueError as error:
        raise RecordRejected(("", str(error))) from None
    if not isinstance(fields, dict):
        raise RecordRejected(("", "A line is one JSON object."))
    return fields


def _record(fields: dict[str, typing.Any]) -> records.RecordInput:
    type_ = fields.pop("type", None)
    if type_ not in RECORD_TYPES:
        meant = suggest(type_, RECORD_TYPES) if isinstance(type_, str) else None
        hint = f" Did you mean {meant}?" if meant else ""
        raise RecordRejected(("/type", f"Must be one of {', '.join(RECORD_TYPES)}.{hint}"))
    try:
        record = records.parse_record(type_, fields)
    except ma.ValidationError as error:
        raise invalid(error) from None
    if "id" not in record.record:
        raise RecordRejected(("/id", "Required, so that importing twice changes nothing."))
    return record


def _make_ready(staging: Staging, report: Report, progress: Progress, *, atomic: bool) -> None:
    """Prepare every line that is not refused.

    Unless `atomic`, what is stored in place of a refused line stays, and the others are held against that.
    """
    staging.let_all_in()
    for _ in range(_ROUNDS):
        refused, again = _turns(staging, report, progress)
        if atomic or not again:
            break
        staging.let_out(refused)
    else:
        report.unfinished = (
            "What was stored in the place of refused lines collides with others, again and again. Mend those first."
        )
    outcomes = staging.outcomes()
    report.counts += Counter({_COUNTED[outcome]: number for outcome, number in outcomes.items()})


def _turns(staging: Staging, report: Report, progress: Progress) -> tuple[list[int], bool]:
    """Prepare every line in its turn; what cannot be stored is refused, and so is what depends on it.

    Gives the numbers of the refused lines, and whether others may be in the way of what these leave as it is.
    """
    staging.clear()
    refused: list[int] = []
    again = False
    for level in staging.levels():
        lookup = RecordLookup(staging.connection, STAGED, STORED, brought=BROUGHT)
        for batch in staging.batches(level, _BATCH):
            lookup.look_up(line.record_input for line in batch)
            moved = staging.changed({line.record_input.record["article_id"] for line in batch}) if level else set()
            ready: list[tuple[int, list[Prepared]]] = []
            for line in batch:
                try:
                    ready.append((line.number, _check_line(_prepared, lookup, line, moved)))
                except RecordRejected as error:
                    report.refuse(line.source, line.line, line.record_input.id, error)
                    refused.append(line.number)
                    again = again or (level > 0 and lookup.claim(line.record_input.id) is not None)
            staging.note([(number, prepared[0]) for number, prepared in ready])
            staging.stage([each for _, prepared in ready for each in prepared])
            progress(len(batch))
    for number, place, other in staging.duplicates(MOST_REFUSED):
        report.refuse(*place, duplicate(*other))
        refused.append(number)
        staging.refuse(number)
        again = True
    return refused, again


def _prepared(lookup: RecordLookup, line: Line, moved: set[str]) -> list[Prepared]:
    """What comes of a line; a claim of an article that changes is indexed anew, even where it says the same."""
    prepared = prepare(lookup, line.record_input)
    if line.record_input.record.get("article_id") in moved:
        return [replace(each, follows=True) for each in prepared]
    return prepared


def _last_change(connection: Connection) -> int:
    return connection.execute(select(func.max(STORED.change.c.sequence))).scalar_one() or 0
