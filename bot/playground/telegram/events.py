"""Events of chats, published to pages and to the people of tests."""

from __future__ import annotations

import asyncio
import contextlib
from collections import defaultdict
from collections.abc import Iterator

from bot.playground.telegram.parameters import Json

EventQueue = asyncio.Queue[Json | None]  # None: the playground closes


class Events:
    """Publishes every event of a chat to all its subscribers."""

    def __init__(self) -> None:
        self._subscribers: defaultdict[int, set[EventQueue]] = defaultdict(set)

    def publish(self, chat_id: int, event: Json) -> None:
        """Publish an event of one chat."""
        for queue in self._subscribers[chat_id]:
            queue.put_nowait(event)

    def publish_everywhere(self, event: Json | None) -> None:
        """Publish an event to the subscribers of every chat."""
        for queues in self._subscribers.values():
            for queue in queues:
                queue.put_nowait(event)

    @contextlib.contextmanager
    def subscribe(self, chat_id: int) -> Iterator[EventQueue]:
        """Open a queue of a chat's events for the duration of the block."""
        queue: EventQueue = asyncio.Queue()
        self._subscribers[chat_id].add(queue)
        try:
            yield queue
        finally:
            self._subscribers[chat_id].discard(queue)
