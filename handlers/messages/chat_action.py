"""Chat actions ("typing ...") while an answer is computed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from telegram import Message
from telegram.constants import ChatAction
from telegram.error import TelegramError

RENEWAL_INTERVAL = 4.0  # seconds: Telegram shows a chat action for at most five
DELAY = 0.3  # seconds: a faster answer needs no chat action
REQUEST_TIMEOUT = 3.0  # seconds: a chat action that takes longer is useless


@asynccontextmanager
async def chat_action(message: Message, action: ChatAction, delay: float = 0.0) -> AsyncIterator[None]:
    """Show a chat action in a message's chat until the block ends.

    A request on its way is awaited, not cancelled: the action must not arrive after the answer, and a
    cancelled request would cost its connection.

    Args:
        message: a message of the chat.
        action: the chat action.
        delay: seconds before the action is shown.
    """
    done = asyncio.Event()
    task = asyncio.create_task(_keep_showing(message, action, delay, done))
    try:
        yield
    finally:
        done.set()
        await asyncio.wait([task])


async def _keep_showing(message: Message, action: ChatAction, delay: float, done: asyncio.Event) -> None:
    pause = delay
    while not await _is_set_within(done, pause):
        with suppress(TelegramError):  # the answer itself will report what is wrong
            await message.reply_chat_action(
                action, read_timeout=REQUEST_TIMEOUT, connect_timeout=REQUEST_TIMEOUT
            )
        pause = RENEWAL_INTERVAL


async def _is_set_within(event: asyncio.Event, seconds: float) -> bool:
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await event.wait()
    return event.is_set()
