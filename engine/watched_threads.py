"""Threads that work for the event loop, and are watched: whether they hang, and how much waits for them."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

from engine.errors import BusyError

T = TypeVar("T")


class WatchedThreads:
    """An executor that records whether its tasks come to an end.

    Attributes:
        executor: for tasks that nobody waits for; they are not watched.
    """

    def __init__(self, name: str, *, max_pending: int, workers: int = 1) -> None:
        """Start no thread yet.

        Args:
            name: prefix of the threads' names.
            max_pending: tasks that may wait or run before `BusyError` is raised.
            workers: the number of threads.
        """
        self.executor = ThreadPoolExecutor(workers, thread_name_prefix=name)
        self._max_pending = max_pending
        self._pending = 0  # tasks, waiting or running
        self._last_answer = time.monotonic()  # or when the first task came after an idle time
        self._running: dict[object, float] = {}  # monotonic times when the tasks that run began

    @property
    def stalled_for(self) -> float:
        """Seconds since the last answer while a task is pending, or that one task has run; 0.0 while none is.

        Of several threads one may hang while others answer.
        """
        if not self._pending:
            return 0.0
        return time.monotonic() - min([self._last_answer, *self._running.copy().values()])

    async def run(self, task: Callable[[], T]) -> T:
        """Run a task in a thread, and record for `stalled_for` that it is pending.

        If the caller is cancelled meanwhile, the task stays pending until its thread is done with it.

        Raises:
            BusyError: too many tasks are waiting.
        """
        if self._pending >= self._max_pending:
            raise BusyError
        loop, future = asyncio.get_running_loop(), self.executor.submit(self._timed, task)
        if not self._pending:
            self._last_answer = time.monotonic()
        self._pending += 1
        future.add_done_callback(lambda done: loop.call_soon_threadsafe(self._record_answer, done))
        return await asyncio.wrap_future(future)

    def _timed(self, task: Callable[[], T]) -> T:
        """Run a task in this thread, and record since when it runs."""
        key = object()
        self._running[key] = time.monotonic()
        try:
            return task()
        finally:
            del self._running[key]

    def _record_answer(self, future: Future[T]) -> None:
        self._pending -= 1
        if not future.cancelled():  # a cancelled task never started, so it proves nothing about the thread
            self._last_answer = time.monotonic()
