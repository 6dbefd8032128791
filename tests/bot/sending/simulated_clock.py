"""A clock for tests of whatever waits."""

from __future__ import annotations

import asyncio
import math


class SimulatedClock:
    """A clock whose sleeps end at once: time jumps to the end of each sleep, unless the clock is stopped.

    Attributes:
        now: The time in seconds.
        sleeps: How many sleeps were begun.
    """

    def __init__(self) -> None:
        self.now = 1_000_000.0
        self.sleeps = 0
        self._running = asyncio.Event()
        self._running.set()

    def __call__(self) -> float:
        return self.now

    def stop(self) -> None:
        """Let no sleep end until `start`."""
        self._running.clear()

    def start(self) -> None:
        """Let sleeps end again."""
        self._running.set()

    async def sleep(self, seconds: float) -> None:
        """Jump to the end of the sleep; an infinite one never ends."""
        self.sleeps += 1
        end = self.now + seconds
        await asyncio.sleep(0)
        await self._running.wait()
        if math.isinf(end):
            await asyncio.Event().wait()
        self.now = max(self.now, end)

    async def wait(self, event: asyncio.Event, seconds: float) -> None:
        """Wait for an event, or until as many seconds of this clock are over."""
        waits = [asyncio.ensure_future(one) for one in (self.sleep(seconds), event.wait())]
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for one in waits:
                one.cancel()
