"""Counting messages against limits: never more than so many in any while, wherever it begins."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

Clock = Callable[[], float]


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

    def _forget(self) -> None:
        self.taken = [one for one in self.taken if one.at + self.seconds > self.clock()]
