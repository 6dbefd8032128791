"""Outbox: each message that answers an update is sent once, however often the update is processed."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from contextvars import ContextVar

from bot.storage.inbox import Inbox, Reply
from handlers.context import is_retry

NO_MESSAGE = frozenset({"sendchataction"})  # the only "send..." method that leaves no message


class Outbox:
    """The messages sent for one update.

    A handler sends in the same order each time, so the n-th success of a method identifies a message. One
    that was recorded before a crash is not sent again; its recorded reply is returned. A message that was
    sent but not yet recorded when the process crashed is sent twice: the Bot API has no idempotency key.
    """

    def __init__(self, inbox: Inbox, update_id: int, *, retried: bool) -> None:
        """Begin with nothing sent; see `use_outbox`."""
        self._inbox = inbox
        self._update_id = update_id
        self._suspected = retried
        self._replies: defaultdict[str, deque[Reply]] = defaultdict(deque)

    async def restore(self) -> bool:
        """Load what earlier attempts at the update sent, and return whether there was anything."""
        replies = await self._inbox.recorded_replies(self._update_id)
        for method, reply in replies:
            self._replies[method].append(reply)
        return bool(replies)

    async def send_once(self, method: str, send: Callable[[], Awaitable[Reply]]) -> Reply:
        """Send a message unless an earlier attempt did, and return Telegram's reply."""
        if replies := self._replies[method]:
            return replies.popleft()
        if self._suspected:
            self._suspected = False
            await self._inbox.clear_suspicion(self._update_id)
        reply = await send()
        await self._inbox.record_reply(self._update_id, method, reply)
        return reply

    async def record_sending(self, chat: int | str, messages: int) -> None:
        """Record messages that are about to be sent, for the rate limits after a restart."""
        await self._inbox.record_sending(chat, messages)


# The outbox of the update that the current task answers.
current_outbox: ContextVar[Outbox | None] = ContextVar("current_outbox", default=None)


def leaves_message(method: str) -> bool:
    """Return whether a Bot API method puts a message into a chat."""
    name = method.lower()
    return name.startswith(("send", "copy", "forward")) and name not in NO_MESSAGE


@asynccontextmanager
async def use_outbox(inbox: Inbox, update_id: int, *, retried: bool) -> AsyncIterator[None]:
    """Send the block's messages through an outbox.

    Args:
        inbox: holds what was sent.
        update_id: of the update that is answered.
        retried: whether an earlier attempt at it is known. On a full disk attempts are not counted.
    """
    outbox = Outbox(inbox, update_id, retried=retried)
    retried |= await outbox.restore()
    tokens = current_outbox.set(outbox), is_retry.set(retried)
    try:
        yield
    finally:
        current_outbox.reset(tokens[0])
        is_retry.reset(tokens[1])
