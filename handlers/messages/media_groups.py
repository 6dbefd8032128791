"""Collecting media groups (albums): their messages arrive one by one, without a count or an end mark."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from telegram import Message
from telegram.constants import MediaGroupLimit

QUIET_PERIOD = 1.2  # seconds without a new message: the media group is complete
MAX_WAIT = 4.0  # seconds: the answer is not delayed longer, even if messages still arrive
MAX_MESSAGES = int(MediaGroupLimit.MAX_MEDIA_LENGTH)


class MediaGroup:
    """A media group that is being collected."""

    def __init__(self, first: Message) -> None:
        """Begin with the first message to arrive."""
        self.first = first
        self.answered = asyncio.Event()
        self._messages = [first]
        self._changed = asyncio.Event()
        self._closed = False

    async def messages(self) -> tuple[Message, ...]:
        """Wait until the group is complete, and return its messages in the order they were sent."""
        with suppress(TimeoutError):
            async with asyncio.timeout(MAX_WAIT):
                while len(self._messages) < MAX_MESSAGES:
                    self._changed.clear()
                    async with asyncio.timeout(QUIET_PERIOD):
                        await self._changed.wait()
        self._closed = True
        return tuple(sorted(self._messages, key=lambda message: message.message_id))

    def add(self, message: Message) -> bool:
        """Add a message, unless the group is closed or full; return whether it was added."""
        if self._closed or len(self._messages) >= MAX_MESSAGES:
            return False
        self._messages.append(message)
        self._changed.set()
        return True


class MediaGroupCollector:
    """The media groups that are being collected or answered."""

    def __init__(self) -> None:
        """Begin with none."""
        self._groups: dict[tuple[int, str], MediaGroup] = {}

    @asynccontextmanager
    async def collect(self, message: Message) -> AsyncIterator[MediaGroup | None]:
        """Add a message to its media group.

        Yields the group to its first message only; the block of that message answers the whole group. The
        other messages get None and return after that answer. A message that comes too late opens a new
        group.
        """
        key = message.chat_id, message.media_group_id or ""
        group = self._groups.get(key)
        if group is not None and group.add(message):
            yield None
            await group.answered.wait()
            return
        group = self._groups[key] = MediaGroup(message)
        try:
            yield group
        finally:
            group.answered.set()
            if self._groups.get(key) is group:  # a late message may have replaced it
                del self._groups[key]
