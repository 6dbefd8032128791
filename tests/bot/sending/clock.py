"""What the clocks of these tests have in common."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod


class Clock(ABC):
    """A clock of its own.

    Attributes:
        now: The time in seconds.
    """

    now: float

    def __call__(self) -> float:
        return self.now

    @abstractmethod
    async def sleep(self, seconds: float) -> None:
        """Sleep until as many seconds of this clock are over."""

    async def wait(self, event: asyncio.Event, seconds: float) -> None:
        """Wait for an event, or until as many seconds of this clock are over."""
        waits = [asyncio.ensure_future(one) for one in (self.sleep(seconds), event.wait())]
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for one in waits:
                one.cancel()
