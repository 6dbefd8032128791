"""Sliding-window limits: at most N messages in any period of a given length, wherever it begins."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Self

Clock = Callable[[], float]  # seconds, monotonic

GROUP_PERIOD = 60.0  # seconds
OVERALL_PERIOD = 1.0  # seconds


@dataclass(frozen=True)
class SendLimits:
    """How many messages may be sent; Telegram publishes "about" these numbers and no more.

    Attributes:
        burst: Messages to one chat at once, and again after as many seconds; an album counts as one.
            Telegram says "avoid more than one a second"; short bursts may pass, and may not.
        group: Messages to a group in a minute; each photo of an album counts.
        overall: Messages to all chats in a second, counted in the same way.
    """

    burst: int = 1
    group: int = 20
    overall: int = 30


@dataclass(slots=True)
class Batch:
    """Messages sent by one request.

    Attributes:
        messages: How many they are.
        arrived_at: When they arrived, by the window's clock; infinite while they are in flight.
    """

    messages: int
    arrived_at: float = math.inf


@dataclass(slots=True)
class SlidingWindow:
    """At most `limit` messages in any `period` seconds.

    A token bucket lets up to twice as many through in a period that begins at the right moment; a sliding
    window does not. Messages count from the start of the request until `period` seconds after they arrived,
    because it is unknown when in between Telegram counts them.
    """

    limit: int
    period: float
    clock: Clock
    blocked_until: float = -math.inf
    batches: list[Batch] = field(default_factory=list)

    @property
    def idle(self) -> bool:
        """Return whether forgetting this window would change nothing."""
        self._drop_expired()
        return not self.batches and self.blocked_until <= self.clock()

    def delay(self, messages: int) -> float:
        """Return the seconds until more messages fit.

        Args:
            messages: How many are to be sent.

        Returns:
            0.0 if they fit now; infinity if messages in flight have to arrive first.
        """
        self._drop_expired()
        excess = sum(batch.messages for batch in self.batches) + messages - self.limit
        delay = self.blocked_until - self.clock()
        for batch in sorted(self.batches, key=lambda batch: batch.arrived_at):
            if excess <= 0:
                break
            excess -= batch.messages
            delay = max(delay, batch.arrived_at + self.period - self.clock())
        return max(delay, 0.0)

    def block(self, seconds: float) -> None:
        """Let nothing through for some seconds."""
        self.blocked_until = max(self.blocked_until, self.clock() + seconds)

    @contextmanager
    def count(self, messages: int) -> Iterator[None]:
        """Count messages that are in flight while the block runs and have arrived at its end."""
        batch = Batch(messages)
        self.batches.append(batch)
        try:
            yield
        finally:
            batch.arrived_at = self.clock()

    def count_past(self, messages: int, seconds_ago: float) -> None:
        """Count messages that arrived some seconds ago."""
        self.batches.append(Batch(messages, self.clock() - seconds_ago))

    def _drop_expired(self) -> None:
        self.batches = [batch for batch in self.batches if batch.arrived_at + self.period > self.clock()]


def is_private(chat: int | str) -> bool:
    """Return whether a chat is one with a person, by its id."""
    return isinstance(chat, int) and chat >= 0


@dataclass
class ChatThrottle:
    """The limits of one chat, and the lock that keeps its messages in order.

    Attributes:
        windows: The first counts an album as one message; a group's second one counts each photo.
        lock: Held by the message that is being sent.
    """

    windows: tuple[SlidingWindow, ...]
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)

    @property
    def idle(self) -> bool:
        """Return whether forgetting this chat would change nothing."""
        return not self.lock.locked() and all(window.idle for window in self.windows)

    @classmethod
    def for_chat(cls, limits: SendLimits, clock: Clock, *, private: bool) -> Self:
        """Build the throttle of a chat to which nothing has been sent."""
        burst = SlidingWindow(limits.burst, limits.burst, clock)
        if private:
            return cls((burst,))
        return cls((burst, SlidingWindow(limits.group, GROUP_PERIOD, clock)))
