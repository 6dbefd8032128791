"""How much each of many may ask for, and how often."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

REMEMBERED: Final = 10_000  # of those who ask, at once; about a megabyte
ROUNDING: Final = 1e-6  # seconds: sixty times a sixtieth is not quite one


class TokenBucket:
    """So many requests at once for each client, and so many a second after that."""

    def __init__(self, burst: float, rate: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._burst, self._rate, self._clock = burst, rate, clock
        self._debts: dict[str | int, float] = {}  # when each client will have paid for all its requests

    def take(self, client: str | int, cost: float = 1.0) -> float:
        """Take the cost of a request from a client's allowance.

        Returns:
            0, or how many seconds are missing; then nothing was taken.
        """
        now = self._clock()
        paid = max(now, self._debts.get(client, now)) + cost / self._rate
        missing = paid - now - self._burst / self._rate
        if missing > ROUNDING:
            return missing
        self._debts.pop(client, None)
        self._debts[client] = paid
        while len(self._debts) > REMEMBERED:
            del self._debts[next(iter(self._debts))]  # who has been silent longest
        return 0.0
