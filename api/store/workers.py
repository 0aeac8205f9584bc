"""Processes that check the lines of a large import and prepare its claims. They do not use the database."""

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
from multiprocessing.context import SpawnProcess
from queue import SimpleQueue

# More processes wait for the process that reads and writes the database.
WORKERS_MAX = 4
# The number of chunks for each process that are in progress or wait.
_AHEAD = 3

# Python's default of 700 new objects is about one claim.
_COLLECT_AFTER = 10_000

# The arguments of one call of a function, or None for no call.
Task = tuple[typing.Any, ...] | None
Chunk = typing.TypeVar("Chunk")
Result = typing.TypeVar("Result")


def available_processes() -> int:
    """Return the number of processes that can run at the same time, at most WORKERS_MAX."""
    count = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return min(count, WORKERS_MAX)


def collect_less_garbage() -> None:
    """Exclude the loaded objects from garbage collection, and collect new ones after more of them.

    For a process that only imports. Its modules stay until the end, and few of its new objects are in cycles.
    """
    gc.freeze()
    gc.set_threshold(_COLLECT_AFTER)


class Workers:
    """Processes that call functions. They end with this process.

    They start after `start_after` tasks, because the start takes longer than it saves for a small import. With fewer
    than two of `processes`, they never start.

    Each has a pipe of its own, with no other writer. So a process that is killed ends its pipe, also within a message.
    A ProcessPoolExecutor can wait for the rest of the message forever.
    """

    def __init__(self, processes: int, start_after: int):
        self._number = processes
        self._tasks_left = start_after
        self._processes: list[SpawnProcess] = []
        self._idle: SimpleQueue[Connection] = SimpleQueue()
        self._threads = ThreadPoolExecutor(max(processes, 1))

    @property
    def started(self) -> bool:
        return bool(self._processes)

    def __enter__(self) -> Workers:
        return self

    def __exit__(self, *_: object) -> None:
        """Wait for the tasks in progress, and end the processes."""
        self._threads.shutdown(cancel_futures=True)
        for _process in self._processes:
            self._idle.get().close()
        for process in self._processes:
            process.join()

    def map(
        self, function: Callable[..., Result], chunks: Iterable[tuple[Chunk, list[Task]]]
    ) -> Iterator[tuple[Chunk, list[Result | None]]]:
        """Yield the chunks in their order, each with the results of its tasks. Only a few chunks are in memory.

        A result is None without a task, if the function raised an error, if its process failed, or before the start.
        """
        pending: deque[tuple[Chunk, Future[list[Result | None]]]] = deque()
        for chunk, tasks in chunks:
            if not self.started and self._number > 1:
                self._tasks_left -= len(tasks)
                if self._tasks_left < 0:
                    self._start()
            if not self.started:
                yield chunk, [None] * len(tasks)
                continue
            pending.append((chunk, self._threads.submit(self._call, function, tasks)))
            if len(pending) > _AHEAD * self._number:
                first, future = pending.popleft()
                yield first, future.result()
        for chunk, future in pending:
            yield chunk, future.result()

    def _start(self) -> None:
        # A copy of a process with threads, or with an open database, can fail.
        context = get_context("spawn")
        # A new process inherits the mask, so that Ctrl+C interrupts only this process.
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        try:
            for _number in range(self._number):
                connection, end = context.Pipe()
                process = context.Process(target=_work, args=(end,), daemon=True)
                process.start()
                end.close()
                self._processes.append(process)
                self._idle.put(connection)
        finally:
            signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})

    def _call(self, function: Callable[..., Result], tasks: list[Task]) -> list[Result | None]:
        connection = self._idle.get()
        try:
            connection.send((function, tasks))
            return typing.cast("list[Result | None]", connection.recv())
        except (EOFError, OSError):
            return [None] * len(tasks)
        finally:
            self._idle.put(connection)


def _work(connection: Connection) -> None:
    """Call functions until the other process closes the pipe, or ends."""
    collect_less_garbage()
    with suppress(EOFError, OSError):
        while True:
            function, tasks = connection.recv()
            connection.send([None if task is None else _result_or_none(function, task) for task in tasks])


def _result_or_none(function: Callable[..., Result], task: tuple[typing.Any, ...]) -> Result | None:
    """Return the result of a task, or None if it fails. The process that reports the error repeats the task."""
    try:
        return function(*task)
    except Exception:
        return None
