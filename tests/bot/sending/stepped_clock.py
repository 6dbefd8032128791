"""A clock for tests of several things that wait beside each other."""

from __future__ import annotations

import asyncio
import heapq
import itertools

from tests.bot.sending.clock import Clock

TURNS = 50  # of the event loop, in which everything that can go on without the clock does


class SteppedClock(Clock):
    """A clock that goes from one end of a sleep to the next, in order.

    Attributes:
        now: The time in seconds.
    """

    def __init__(self) -> None:
        self.now = 0.0
        self._numbers = itertools.count()
        self._sleeps: list[tuple[float, int, asyncio.Future[None]]] = []

    async def sleep(self, seconds: float) -> None:
        """Sleep until the clock is stepped to the end."""
        future = asyncio.get_running_loop().create_future()
        heapq.heappush(self._sleeps, (self.now + seconds, next(self._numbers), future))
        await future

    async def run(self, until: float) -> None:
        """Step from sleep to sleep, until a time."""
        while True:
            for _ in range(TURNS):
                await asyncio.sleep(0)
            if not self._sleeps or self._sleeps[0][0] > until:
                break
            end, _, future = heapq.heappop(self._sleeps)
            if not future.done():
                self.now = max(self.now, end)
                future.set_result(None)
        self.now = until
