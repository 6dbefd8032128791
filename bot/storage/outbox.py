"""What is sent in answering one update, each thing once, however often the update is taken up."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from contextvars import ContextVar

from bot.storage.inbox import Inbox, Reply

SILENT = frozenset({"sendchataction"})  # the only method named so that leaves no message


class Outbox:
    """The messages sent for one update.

    A handler sends in the same order each time, so the n-th success of a method names a message. One that
    was noted before a crash is not sent again: its reply is given. What was sent but could not be noted
    any more, in the moment of the crash, is sent once more: Telegram takes no number to know it by.
    """

    def __init__(self, inbox: Inbox, update: int) -> None:
        """Begin with nothing sent; see `answering`."""
        self._inbox = inbox
        self._update = update
        self._suspected = False
        self._noted: defaultdict[str, deque[Reply]] = defaultdict(deque)

    async def recall(self) -> None:
        """Look up what was sent when the update was taken up before."""
        self._suspected = True
        for method, reply in await self._inbox.noted(self._update):
            self._noted[method].append(reply)

    async def once(self, method: str, send: Callable[[], Awaitable[Reply]]) -> Reply:
        """Send something, unless that was done before; give Telegram's reply."""
        if replies := self._noted[method]:
            return replies.popleft()
        if self._suspected:
            self._suspected = False
            await self._inbox.vouch(self._update)
        reply = await send()
        await self._inbox.note(self._update, method, reply)
        return reply

    async def sending(self, chat: int | str, messages: int) -> None:
        """Note what is about to be sent, for the limits after a restart."""
        await self._inbox.sending(chat, messages)


current: ContextVar[Outbox | None] = ContextVar("effects", default=None)  # of the update being answered


def leaves_message(method: str) -> bool:
    """Tell whether a method puts a message into a chat."""
    name = method.lower()
    return name.startswith(("send", "copy", "forward")) and name not in SILENT


@asynccontextmanager
async def answering(inbox: Inbox, update: int, *, again: bool) -> AsyncIterator[None]:
    """Remember what the block sends; `again`: the update was taken up before."""
    effects = Outbox(inbox, update)
    if again:
        await effects.recall()
    token = current.set(effects)
    try:
        yield
    finally:
        current.reset(token)
