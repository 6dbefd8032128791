"""Events of a chat, to whoever looks at it: pages and the people of tests."""

from __future__ import annotations

import asyncio
import contextlib
from collections import defaultdict
from collections.abc import Iterator

from bot.playground.telegram.parameters import Json

Inbox = asyncio.Queue[Json | None]  # None: the playground closes


class Feed:
    """Hands every event to every listener of its chat."""

    def __init__(self) -> None:
        self._inboxes: defaultdict[int, set[Inbox]] = defaultdict(set)

    def tell(self, chat_id: int, event: Json) -> None:
        """Tell the listeners of one chat."""
        for inbox in self._inboxes[chat_id]:
            inbox.put_nowait(event)

    def tell_all(self, event: Json | None) -> None:
        """Tell the listeners of every chat."""
        for inboxes in self._inboxes.values():
            for inbox in inboxes:
                inbox.put_nowait(event)

    @contextlib.contextmanager
    def listen(self, chat_id: int) -> Iterator[Inbox]:
        """Open an inbox for as long as the block runs."""
        inbox: Inbox = asyncio.Queue()
        self._inboxes[chat_id].add(inbox)
        try:
            yield inbox
        finally:
            self._inboxes[chat_id].discard(inbox)
