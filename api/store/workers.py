"""Processes that prepare the claims of a large import. They do not use the database."""

from __future__ import annotations

import copyreg
import gc
import os
import signal
import typing
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from multiprocessing import get_context
from multiprocessing.connection import Connection
from queue import SimpleQueue

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
Tasks = list[ClaimTask | None]
Results = list[Prepared | None]
Chunk = typing.TypeVar("Chunk")


def available_processes() -> int:
    """Return the number of processes that can run at the same time, at most WORKERS_MAX."""
    count = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return min(count, WORKERS_MAX)


class Workers:
    """Processes that prepare claims. They end with this process.

    Each has a pipe of its own, with no other writer. So a process that is killed ends its pipe, also within a message.
    A ProcessPoolExecutor can wait for the rest of the message forever.
    """

    def __init__(self, processes: int):
        # A copy of a process with threads, or with an open database, can fail.
        context = get_context("spawn")
        pipes = [context.Pipe() for _ in range(processes)]
        self._processes = [context.Process(target=_work, args=(end,), daemon=True) for _, end in pipes]
        self._idle: SimpleQueue[Connection] = SimpleQueue()
        # A new process inherits the mask, so that Ctrl+C interrupts only this process.
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        try:
            for process, (connection, end) in zip(self._processes, pipes, strict=True):
                process.start()
                end.close()
                self._idle.put(connection)
        finally:
            signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
        self._threads = ThreadPoolExecutor(processes)
        self._ahead = _AHEAD * processes

    def close(self) -> None:
        """Wait for the claims in progress, and end the processes."""
        self._threads.shutdown(cancel_futures=True)
        for _ in self._processes:
            self._idle.get().close()
        for process in self._processes:
            process.join()

    def prepare(self, chunks: Iterable[tuple[Chunk, Tasks]]) -> Iterator[tuple[Chunk, Results]]:
        """Yield the chunks in their order, each with its prepared claims. Only a few chunks are in memory.

        A claim is None if it has no task, if it is rejected, or if its process failed.
        """
        pending: deque[tuple[Chunk, Future[Results]]] = deque()
        for chunk, tasks in chunks:
            pending.append((chunk, self._threads.submit(self._prepare, tasks)))
            if len(pending) > self._ahead:
                first, future = pending.popleft()
                yield first, future.result()
        for chunk, future in pending:
            yield chunk, future.result()

    def _prepare(self, tasks: Tasks) -> Results:
        connection = self._idle.get()
        try:
            connection.send(tasks)
            return typing.cast("Results", connection.recv())
        except (EOFError, OSError):
            return [None] * len(tasks)
        finally:
            self._idle.put(connection)


def _work(connection: Connection) -> None:
    """Prepare claims until the other process closes the pipe, or ends."""
    # The loaded modules stay until the end, so garbage collection need not visit them.
    gc.freeze()
    with suppress(EOFError, OSError):
        while True:
            tasks: Tasks = connection.recv()
            connection.send([None if task is None else _prepare_or_none(*task) for task in tasks])


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
