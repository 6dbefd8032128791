"""An event loop whose clock stands still until a test turns it on, so that no test waits for a deadline."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any


class FrozenLoop(asyncio.SelectorEventLoop):
    """An event loop with a clock of its own.

    Attributes:
        now: What its clock shows, in seconds.
    """

    def __init__(self) -> None:
        super().__init__()
        self.now = 1_000.0

    def time(self) -> float:
        """See `asyncio.AbstractEventLoop.time`."""
        return self.now

    async def advance(self, seconds: float) -> None:
        """Turn the clock on, and let happen what is due then."""
        await settle()
        self.now += seconds
        await settle()


async def settle() -> None:
    """Let tasks and connections go as far as they get without a later time."""
    for _ in range(50):
        await asyncio.sleep(0)


def run_frozen(test: Callable[[FrozenLoop], Coroutine[Any, Any, None]]) -> None:
    """Run a test in a loop whose clock stands still."""
    loop = FrozenLoop()
    with asyncio.Runner(loop_factory=lambda: loop) as runner:
        runner.run(test(loop))
