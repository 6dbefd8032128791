"""A clock for tests of several things that wait beside each other."""

from __future__ import annotations

import asyncio
import heapq
import itertools

TURNS = 50  # of the event loop, in which everything that can go on without the clock does


class SteppedClock:
    """A clock that goes from one end of a sleep to the next, in order.

    Attributes:
        now: The time in seconds.
    """

    def __init__(self) -> None:
        self.now = 0.0
        self._numbers = itertools.count()
        self._sleeps: list[tuple[float, int, asyncio.Future[None]]] = []

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        """Sleep until the clock is stepped to the end."""
        future = asyncio.get_running_loop().create_future()
        heapq.heappush(self._sleeps, (self.now + seconds, next(self._numbers), future))
        await future

    async def wait(self, event: asyncio.Event, seconds: float) -> None:
        """Wait for an event, or until as many seconds of this clock are over."""
        waits = [asyncio.ensure_future(one) for one in (self.sleep(seconds), event.wait())]
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for one in waits:
                one.cancel()

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
