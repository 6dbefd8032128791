"""Telegram's limits over all processes of a bot: their windows are computed from what all of them sent."""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from bot.sending.sliding_window import OVERALL_PERIOD, ChatThrottle, SendLimits, SlidingWindow, is_private

if TYPE_CHECKING:
    from bot.storage.postgres.send_log import Entry, SendLog, Sent

MAX_AGE = 2.0  # seconds: after an older answer, others may have taken over what this process sends
MAX_PAUSE = 0.1  # seconds between two looks: how soon the messages in flight arrive is unknown


class SharedLimits:
    """Holds back what would exceed a limit together with what other processes send.

    A request first waits for its chat's limits. Then it is entered in the log, and waits until all that was
    entered before leaves room in the overall limit: a line in which nobody is overtaken, albums included.
    """

    def __init__(self, limits: SendLimits, log: SendLog) -> None:
        """Take the limits, and the log of what was sent."""
        self._limits = limits
        self._log = log
        self._line = asyncio.Lock()  # one request of this process at a time looks for room

    @asynccontextmanager
    async def counted(self, chat: int | str | None, messages: int) -> AsyncIterator[None]:
        """Wait until messages exceed no limit, and count them; they are in flight while the block runs."""
        entry = await self._enter(chat or 0, messages)
        try:
            yield
        finally:
            await self._log.arrived(entry)

    async def _enter(self, chat: int | str, messages: int) -> Entry:
        while True:
            async with self._line:
                entered = await self._log.enter(
                    str(chat), messages, lambda sent: self._chat_delay(chat, messages, sent)
                )
                if not isinstance(entered, float):
                    return await self._wait_for_overall(entered, messages)
            await asyncio.sleep(min(entered, MAX_PAUSE))

    async def _wait_for_overall(self, entry: Entry, messages: int) -> Entry:
        try:
            while True:
                asked_at = time.monotonic()
                seconds = self._overall_delay(messages, await self._log.ahead(entry))
                if seconds > 0:
                    await asyncio.sleep(min(seconds, MAX_PAUSE))
                elif time.monotonic() - asked_at < MAX_AGE:
                    return entry
        except asyncio.CancelledError:
            await self._log.arrived(entry)
            raise

    def _chat_delay(self, chat: int | str, messages: int, sent: Sequence[Sent]) -> float:
        burst, *per_message = ChatThrottle.for_chat(
            self._limits, time.monotonic, private=is_private(chat)
        ).windows
        for one in sent:
            burst.count_past(1, _age(one))
            for window in per_message:
                window.count_past(one.messages, _age(one))
        return max(burst.delay(1), *(window.delay(messages) for window in per_message), 0.0)

    def _overall_delay(self, messages: int, ahead: Sequence[Sent]) -> float:
        overall = SlidingWindow(self._limits.overall, OVERALL_PERIOD, time.monotonic)
        for one in ahead:
            overall.count_past(one.messages, _age(one))
        return overall.delay(messages)


def _age(sent: Sent) -> float:
    return -math.inf if sent.seconds_ago is None else sent.seconds_ago
