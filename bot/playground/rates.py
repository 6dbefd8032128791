"""How fast the bot sends: counted always, and held to Telegram's limits on request."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from bot.playground.telegram.api_errors import too_many
from bot.playground.telegram.limits import (
    CHAT_PER_SECOND,
    GROUP_PER_MINUTE,
    OVERALL_PER_SECOND,
    RATE_SLACK,
    RATES_KEPT,
)


@dataclass(frozen=True)
class Sent:
    """A message on its way: an album's items share its name."""

    at: float
    chat_id: int
    album: str


@dataclass(frozen=True)
class Allowance:
    """So many messages within so many seconds."""

    name: str
    count: int
    seconds: float
    whole_albums: bool  # whether an album counts as one


CHAT: Final = Allowance("a chat", CHAT_PER_SECOND, 1, whole_albums=True)  # or no album would ever fit
GROUP: Final = Allowance("a group", GROUP_PER_MINUTE, 60, whole_albums=False)
OVERALL: Final = Allowance("all chats", OVERALL_PER_SECOND, 1, whole_albums=False)


class Rates:
    """The messages a bot sent, and whether they came too fast."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self.enforced = False  # whether what is too fast is refused with 429
        self.sent: list[Sent] = []
        self._clock = clock

    def take(self, chat_id: int, messages: int, album: str) -> None:
        """Count messages, or refuse them all if they come too fast and limits are enforced."""
        if self.enforced:
            wait = max(self._wait(limit, chat, messages) for limit, chat in _limits_of(chat_id))
            if wait > 0:
                raise too_many(math.ceil(wait))
        self.sent += [Sent(self._clock(), chat_id, album)] * messages
        del self.sent[:-RATES_KEPT]

    def by_second(self, chat_id: int | None = None) -> Counter[int]:
        """Count messages by the second of the clock, in one chat or in all."""
        return Counter(int(sent.at) for sent in self.sent if chat_id in (None, sent.chat_id))

    def most(self, seconds: float, chat_id: int | None = None, *, whole_albums: bool = False) -> int:
        """Count the messages of the busiest such while, wherever it begins."""
        times = self._times(chat_id, whole_albums)
        return max((bisect_left(times, at + seconds) - first for first, at in enumerate(times)), default=0)

    def breaches(self) -> list[str]:
        """Say which limits were broken; an empty list: none."""
        applied = {pair for chat_id in {sent.chat_id for sent in self.sent} for pair in _limits_of(chat_id)}
        said = []
        for limit, chat in applied:
            most = self.most(limit.seconds - RATE_SLACK, chat, whole_albums=limit.whole_albums)
            if most > limit.count:
                said.append(f"{limit.name} ({chat}): {most} in {limit.seconds:g} s, not {limit.count}")
        return sorted(said)

    def _wait(self, limit: Allowance, chat_id: int | None, messages: int) -> float:
        """Seconds until so many more may be sent."""
        now, size = self._clock(), limit.seconds - RATE_SLACK
        recent = [at for at in self._times(chat_id, limit.whole_albums) if at > now - size]
        over = len(recent) + (1 if limit.whole_albums else messages) - limit.count
        return recent[min(over, len(recent)) - 1] + limit.seconds - now if over > 0 and recent else 0

    def _times(self, chat_id: int | None, whole_albums: bool) -> list[float]:
        here = [sent for sent in self.sent if chat_id in (None, sent.chat_id)]
        if not whole_albums:
            return [sent.at for sent in here]
        first = {sent.album: sent.at for sent in reversed(here) if sent.album}
        return sorted([*first.values(), *(sent.at for sent in here if not sent.album)])


def _limits_of(chat_id: int) -> Iterator[tuple[Allowance, int | None]]:
    yield CHAT, chat_id
    if chat_id < 0:
        yield GROUP, chat_id
    yield OVERALL, None
