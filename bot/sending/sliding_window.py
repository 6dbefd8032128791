"""Counting messages against limits: never more than so many in any while, wherever it begins."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Self

Clock = Callable[[], float]


@dataclass(frozen=True)
class Limits:
    """Messages that may be sent; of all these, Telegram publishes "about" and no more.

    Attributes:
        burst: to a chat at once, and again for each so many seconds; an album is one. "Avoid more than one
            a second" is Telegram's word; short bursts may pass, and may not.
        group: to a group in a minute, each photo of an album being one.
        overall: in a second, counted in the same way.
    """

    burst: int = 1
    group: int = 20
    overall: int = 30


@dataclass(slots=True)
class Taken:
    """Messages on their way, or arrived at some moment."""

    messages: int
    at: float = math.inf


@dataclass(slots=True)
class Window:
    """So many messages in so many seconds.

    A bucket that refills evenly would let twice as many through in a while that begins well; here every
    while counts. Messages count from when they are begun until `seconds` after they arrived: when in
    between Telegram counts them is not known.
    """

    count: int
    seconds: float
    clock: Clock
    closed_until: float = -math.inf
    taken: list[Taken] = field(default_factory=list)

    @property
    def idle(self) -> bool:
        """Whether nothing is remembered here that matters."""
        self._forget()
        return not self.taken and self.closed_until <= self.clock()

    def pause(self, messages: int, reserve: int = 0) -> float:
        """Seconds until so many more may be sent beside a reserve; infinite: others have to arrive first."""
        self._forget()
        over = sum(one.messages for one in self.taken) + messages - (self.count - reserve)
        pause = self.closed_until - self.clock()
        for one in sorted(self.taken, key=lambda taken: taken.at):
            if over <= 0:
                break
            over -= one.messages
            pause = max(pause, one.at + self.seconds - self.clock())
        return max(pause, 0.0)

    def close(self, seconds: float) -> None:
        """Let nothing through for a while."""
        self.closed_until = max(self.closed_until, self.clock() + seconds)

    @contextmanager
    def taking(self, messages: int) -> Iterator[None]:
        """Count messages that are sent while the block runs."""
        one = Taken(messages)
        self.taken.append(one)
        try:
            yield
        finally:
            one.at = self.clock()

    def remember(self, messages: int, ago: float) -> None:
        """Count messages that arrived so many seconds ago."""
        self.taken.append(Taken(messages, self.clock() - ago))

    def _forget(self) -> None:
        self.taken = [one for one in self.taken if one.at + self.seconds > self.clock()]


@dataclass
class Chat:
    """What is sent to one chat: one thing after the other, in order."""

    windows: tuple[Window, ...]  # the first counts an album as one message
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)

    @property
    def idle(self) -> bool:
        """Whether nothing would change if it were forgotten."""
        return not self.turn.locked() and all(window.idle for window in self.windows)

    @classmethod
    def within(cls, limits: Limits, clock: Clock, *, private: bool) -> Self:
        """Make a chat to which nothing was sent yet."""
        each = Window(limits.burst, limits.burst, clock)
        return cls((each,) if private else (each, Window(limits.group, 60, clock)))
