"""Message rates of the bot: always counted, and limited as on Telegram on request."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from bot.playground.telegram.api_errors import too_many_requests
from bot.playground.telegram.limits import (
    CHAT_PER_SECOND,
    GROUP_PER_MINUTE,
    OVERALL_PER_SECOND,
    RATE_SLACK,
    RATES_KEPT,
)


@dataclass(frozen=True)
class SentMessage:
    """A sent message: when, in seconds of the clock, where, and its media_group_id or ""."""

    sent_at: float
    chat_id: int
    album: str


@dataclass(frozen=True)
class RateLimit:
    """At most `count` messages in any `seconds`; an album may count as one message."""

    name: str
    count: int
    seconds: float
    whole_albums: bool


CHAT: Final = RateLimit("a chat", CHAT_PER_SECOND, 1, whole_albums=True)  # or no album would ever fit
GROUP: Final = RateLimit("a group", GROUP_PER_MINUTE, 60, whole_albums=False)
OVERALL: Final = RateLimit("all chats", OVERALL_PER_SECOND, 1, whole_albums=False)


class Rates:
    """The messages a bot sent, and whether they exceeded the limits.

    Attributes:
        enforced: whether messages beyond a limit are refused with error 429
        sent: the latest RATES_KEPT messages
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self.enforced = False
        self.sent: list[SentMessage] = []
        self._clock = clock

    def take(self, chat_id: int, messages: int, album: str) -> None:
        """Count messages.

        Raises:
            ApiError: limits are enforced and the messages exceed one; none of them is counted.
        """
        if self.enforced:
            wait = max(self._wait(limit, chat, messages) for limit, chat in _limits_of(chat_id))
            if wait > 0:
                raise too_many_requests(math.ceil(wait))
        self.sent += [SentMessage(self._clock(), chat_id, album)] * messages
        del self.sent[:-RATES_KEPT]

    def most(self, seconds: float, chat_id: int | None = None, *, whole_albums: bool = False) -> int:
        """Return the highest number of messages in any window of this many seconds."""
        times = self._times(chat_id, whole_albums)
        return max((bisect_left(times, at + seconds) - first for first, at in enumerate(times)), default=0)

    def breaches(self) -> list[str]:
        """Return a description of each limit that was exceeded."""
        applied = {pair for chat_id in {sent.chat_id for sent in self.sent} for pair in _limits_of(chat_id)}
        exceeded = []
        for limit, chat in applied:
            most = self.most(limit.seconds - RATE_SLACK, chat, whole_albums=limit.whole_albums)
            if most > limit.count:
                exceeded.append(f"{limit.name} ({chat}): {most} in {limit.seconds:g} s, not {limit.count}")
        return sorted(exceeded)

    def _wait(self, limit: RateLimit, chat_id: int | None, messages: int) -> float:
        """Return the seconds until so many more messages may be sent."""
        now, size = self._clock(), limit.seconds - RATE_SLACK
        recent = [at for at in self._times(chat_id, limit.whole_albums) if at > now - size]
        over = len(recent) + (1 if limit.whole_albums else messages) - limit.count
        return recent[min(over, len(recent)) - 1] + limit.seconds - now if over > 0 and recent else 0

    def _times(self, chat_id: int | None, whole_albums: bool) -> list[float]:
        here = [sent for sent in self.sent if chat_id in (None, sent.chat_id)]
        if not whole_albums:
            return [sent.sent_at for sent in here]
        first = {sent.album: sent.sent_at for sent in reversed(here) if sent.album}
        return sorted([*first.values(), *(sent.sent_at for sent in here if not sent.album)])


def _limits_of(chat_id: int) -> Iterator[tuple[RateLimit, int | None]]:
    yield CHAT, chat_id
    if chat_id < 0:
        yield GROUP, chat_id
    yield OVERALL, None
