"""Processes that prepare the claims of a large import. They do not use the database."""

from __future__ import annotations

import copyreg
import gc
import os
import signal
import threading
import typing
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import connection, get_context, parent_process

from api.kinds.collections import COLLECTION_BY_NAME
from api.kinds.kind import Collection
from api.kinds.record_input import RecordInput
from api.store.lookup import ClaimContext
from api.store.prepare import Prepared, prepare_claim

# More processes wait for the process that reads and writes the database.
WORKERS_MAX = 4
# The number of chunks for each process that are prepared or wait.
_AHEAD = 3

ClaimTask = tuple[RecordInput, ClaimContext]
Results = list[Prepared | None]
Chunk = typing.TypeVar("Chunk")


def available_processes() -> int:
    """Return the number of processes that can run at the same time, at most WORKERS_MAX."""
    count = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return min(count, WORKERS_MAX)


class Workers:
    """Processes that prepare claims. They end with this process."""

    def __init__(self, processes: int):
        # A copy of a process with threads, or with an open database, can fail.
        self._executor = ProcessPoolExecutor(processes, get_context("spawn"), _begin)
        self._ahead = _AHEAD * processes

    def close(self) -> None:
        """Wait for the claims in progress, and end the processes."""
        self._executor.shutdown(cancel_futures=True)

    def prepare(self, chunks: Iterable[tuple[Chunk, list[ClaimTask | None]]]) -> Iterator[tuple[Chunk, Results]]:
        """Yield the chunks in their order, each with its prepared claims. Only a few chunks are in memory.

        A claim is None if it has no task, if it is rejected, or if its process failed.
        """
        pending: deque[tuple[Chunk, list[ClaimTask | None], Future[Results] | None]] = deque()
        for chunk, tasks in chunks:
            pending.append((chunk, tasks, self._submit(tasks)))
            if len(pending) > self._ahead:
                yield _finished(*pending.popleft())
        while pending:
            yield _finished(*pending.popleft())

    def _submit(self, tasks: list[ClaimTask | None]) -> Future[Results] | None:
        # A new process inherits the mask, so that Ctrl+C interrupts only this process.
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        try:
            return self._executor.submit(_prepare, tasks)
        except BrokenProcessPool:
            return None
        finally:
            signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})


def _finished(chunk: Chunk, tasks: list[ClaimTask | None], future: Future[Results] | None) -> tuple[Chunk, Results]:
    try:
        return chunk, future.result() if future is not None else [None] * len(tasks)
    except BrokenProcessPool:
        return chunk, [None] * len(tasks)


def _begin() -> None:
    """Prepare a new process, so that it ends with the process that started it."""
    # The loaded modules stay until the end, so garbage collection need not visit them.
    gc.freeze()
    parent = parent_process()
    if parent is not None:
        threading.Thread(target=_end_after, args=(parent.sentinel,), daemon=True).start()


def _end_after(sentinel: int) -> None:
    connection.wait([sentinel])
    os._exit(1)


def _prepare(tasks: list[ClaimTask | None]) -> Results:
    return [None if task is None else _prepare_or_none(*task) for task in tasks]


def _prepare_or_none(record_input: RecordInput, context: ClaimContext) -> Prepared | None:
    """Prepare a claim, or return None if it is rejected. The process that reports the error prepares it again."""
    try:
        return prepare_claim(record_input, *context)
    except Exception:
        return None


def _collection(name: str) -> Collection:
    return COLLECTION_BY_NAME[name]


def _reduce(collection: Collection) -> tuple[typing.Any, ...]:
    return _collection, (collection.name,)


# A collection has functions, so a process sends its name.
copyreg.pickle(Collection, _reduce)
