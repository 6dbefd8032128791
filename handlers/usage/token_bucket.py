"""Rate limits by token bucket, one bucket a client."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

MAX_CLIENTS: Final = 10_000  # about a megabyte
TOLERANCE: Final = 1e-6  # seconds: 60 * (1 / 60) is not exactly 1


class TokenBucket:
    """Allows each client a burst of requests, and then a steady rate."""

    def __init__(self, burst: float, rate: float, clock: Callable[[], float] = time.monotonic) -> None:
        """Set the limits.

        Args:
            burst: the cost that a full bucket covers at once.
            rate: the cost that is refilled per second.
            clock: returns the time in seconds.
        """
        self._burst, self._rate, self._clock = burst, rate, clock
        self._full_at: dict[str | int, float] = {}  # when the bucket of each client is full again

    def take(self, client: str | int, cost: float = 1.0) -> float:
        """Take the cost of a request from a client's bucket.

        Returns:
            0, or the seconds to wait; then nothing was taken.
        """
        now = self._clock()
        full_at = max(now, self._full_at.get(client, now)) + cost / self._rate
        wait = full_at - now - self._burst / self._rate
        if wait > TOLERANCE:
            return wait
        self._full_at.pop(client, None)
        self._full_at[client] = full_at
        while len(self._full_at) > MAX_CLIENTS:
            del self._full_at[next(iter(self._full_at))]  # the least recently seen client
        return 0.0
