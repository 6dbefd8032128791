"""A sign of life while people wait."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from telegram import Message
from telegram.constants import ChatAction
from telegram.error import TelegramError

RENEWED_EVERY = 4.0  # seconds: Telegram shows a chat action for at most five
PATIENCE = 0.3  # seconds: an answer that comes sooner needs no sign of life
GIVEN_UP_AFTER = 3.0  # seconds: a sign that takes longer is none


@asynccontextmanager
async def chat_action(message: Message, action: ChatAction, after: float = 0.0) -> AsyncIterator[None]:
    """Show a chat action where the message was sent, from `after` seconds on until the block ends.

    A sign on its way is waited for, not cut off: it must not arrive after the answer, and cutting it
    off would cost the connection.
    """
    over = asyncio.Event()
    signs = asyncio.create_task(_show(message, action, after, over))
    try:
        yield
    finally:
        over.set()
        await asyncio.wait([signs])


async def _show(message: Message, action: ChatAction, after: float, over: asyncio.Event) -> None:
    pause = after
    while not await _set_within(over, pause):
        with suppress(TelegramError):  # only a sign: the answer itself will tell what is wrong
            await message.reply_chat_action(
                action, read_timeout=GIVEN_UP_AFTER, connect_timeout=GIVEN_UP_AFTER
            )
        pause = RENEWED_EVERY


async def _set_within(event: asyncio.Event, seconds: float) -> bool:
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await event.wait()
    return event.is_set()
