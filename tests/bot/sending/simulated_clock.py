"""A clock for tests of whatever waits."""

from __future__ import annotations

import asyncio
import math

from tests.bot.sending.clock import Clock


class SimulatedClock(Clock):
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
