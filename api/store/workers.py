"""Processes that check the lines of a large import and prepare its claims. Only one of them uses the database."""

from __future__ import annotations

import gc
import os
import signal
import typing
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from multiprocessing import get_context
from multiprocessing.connection import Connection

# More processes wait for the process that reads and writes the database.
PROCESSES_MAX = 4
# The maximum number of chunks of a process that are in progress or wait, and of all chunks that are not yielded.
_CHUNKS_OF_WORKER_MAX, _CHUNKS_PENDING_MAX = 6, 16

# Python's default of 700 new objects is about one claim.
_COLLECT_AFTER = 10_000

# The arguments of one call of a function, or None for no call.
Task = tuple[typing.Any, ...] | None
Chunk = typing.TypeVar("Chunk")
Result = typing.TypeVar("Result")


def available_processes() -> int:
    """Return the number of processes that can run at the same time, at most PROCESSES_MAX."""
    count = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return min(count, PROCESSES_MAX)


def collect_less_garbage() -> None:
    """Exclude the loaded objects from garbage collection, and collect new ones after more of them.

    For a process that only imports. Its modules stay until the end, and few of its new objects are in cycles.
    """
    gc.freeze()
    gc.set_threshold(_COLLECT_AFTER)


class Workers:
    """Processes that call functions in addition to this one. They end with this process.

    They start after `start_after` tasks, because the start takes longer than it saves for a small import. With fewer
    than two of `processes`, which include this one, they never start.
    """

    def __init__(self, processes: int, start_after: int):
        self._number = processes - 1
        self._tasks_left = start_after
        self._workers: list[_Worker] = []

    @property
    def started(self) -> bool:
        return bool(self._workers)

    def __enter__(self) -> Workers:
        return self

    def __exit__(self, *_: object) -> None:
        """End the processes, with the tasks in progress."""
        for worker in self._workers:
            worker.end()

    def map(
        self, function: Callable[..., Result], chunks: Iterable[tuple[Chunk, list[Task]]]
    ) -> Iterator[tuple[Chunk, list[Result | None]]]:
        """Yield the chunks in their order, each with the results of its tasks. Only a few chunks are in memory.

        This process calls the function, too, while the others have enough tasks. A result is None without a task, if
        the function raised an error, if its process failed, or before a process is ready.
        """
        pending: deque[tuple[Chunk, Future[list[Result | None]]]] = deque()
        for chunk, tasks in chunks:
            self._start_if_large(len(tasks))
            ready = [worker for worker in self._workers if worker.is_ready]
            if not ready:
                yield chunk, [None] * len(tasks)
                continue
            worker = min(ready, key=_Worker.chunks)
            is_idle = worker.chunks() < _CHUNKS_OF_WORKER_MAX
            pending.append((chunk, worker.call(function, tasks) if is_idle else _call(function, tasks)))
            while pending and (pending[0][1].done() or len(pending) > _CHUNKS_PENDING_MAX):
                first, future = pending.popleft()
                yield first, future.result()
        for chunk, future in pending:
            yield chunk, future.result()

    def _start_if_large(self, tasks: int) -> None:
        if self._workers or self._number < 1:
            return
        self._tasks_left -= tasks
        if self._tasks_left >= 0:
            return
        # A new process inherits the mask, so that Ctrl+C interrupts only this process.
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        try:
            for _number in range(self._number):
                self._workers.append(_Worker())
        finally:
            signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})


class _Worker:
    """A process that calls functions, and the two threads that exchange messages with it.

    Its pipe has no other writer. So a process that is killed ends its pipe, also within a message. A
    ProcessPoolExecutor can wait for the rest of the message forever.
    """

    def __init__(self) -> None:
        # A copy of a process with threads, or with an open database, can fail.
        context = get_context("spawn")
        self._connection, end = context.Pipe()
        self._process = context.Process(target=_work, args=(end,), daemon=True)
        self._process.start()
        end.close()
        self._sender, self._receiver = ThreadPoolExecutor(1), ThreadPoolExecutor(1)
        self._ready: Future[None] = self._receiver.submit(self._connection.recv)
        self._calls: deque[Future[typing.Any]] = deque()

    @property
    def is_ready(self) -> bool:
        return self._ready.done() and self._ready.exception() is None

    def chunks(self) -> int:
        """Return the number of chunks that are in progress or wait."""
        while self._calls and self._calls[0].done():
            self._calls.popleft()
        return len(self._calls)

    def call(self, function: Callable[..., Result], tasks: list[Task]) -> Future[list[Result | None]]:
        """Send tasks. They are complete in the order in which they were sent."""
        sent = self._sender.submit(self._connection.send, (function, tasks))
        self._calls.append(self._receiver.submit(self._receive, sent, len(tasks)))
        return self._calls[-1]

    def _receive(self, sent: Future[None], tasks: int) -> list[typing.Any]:
        try:
            sent.result()
            return typing.cast("list[typing.Any]", self._connection.recv())
        except (EOFError, OSError):
            return [None] * tasks

    def end(self) -> None:
        """End the process and its threads."""
        self._process.kill()
        self._process.join()
        self._sender.shutdown(cancel_futures=True)
        self._receiver.shutdown(cancel_futures=True)
        self._connection.close()


def _work(connection: Connection) -> None:
    """Call functions until the other process closes the pipe, or ends."""
    collect_less_garbage()
    with suppress(EOFError, OSError):
        connection.send(None)
        while True:
            connection.send(_results(*connection.recv()))


def _call(function: Callable[..., Result], tasks: list[Task]) -> Future[list[Result | None]]:
    """Call a function in this process."""
    future = Future[list[Result | None]]()
    future.set_result(_results(function, tasks))
    return future


def _results(function: Callable[..., Result], tasks: list[Task]) -> list[Result | None]:
    return [None if task is None else _result_or_none(function, task) for task in tasks]


def _result_or_none(function: Callable[..., Result], task: tuple[typing.Any, ...]) -> Result | None:
    """Return the result of a task, or None if it fails. The process that reports the error repeats the task."""
    try:
        return function(*task)
    except Exception:
        return None
