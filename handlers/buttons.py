"""The sample buttons under the greeting, and what a press does."""

from __future__ import annotations

import time
from contextlib import suppress

from telegram import CallbackQuery, InlineKeyboardButton, InlineKeyboardMarkup, Message, Update
from telegram.error import BadRequest

from handlers import queries
from handlers.answers import answer
from handlers.context import Context

PREFIX = "try:"
SAMPLES = {"word": "boy", "riddle": "man:men::woman:?", "scene": "find a dog running"}
SAMPLE_KEYBOARD = InlineKeyboardMarkup(
    [[InlineKeyboardButton(text, callback_data=PREFIX + name)] for name, text in SAMPLES.items()]
)


async def press(update: Update, context: Context) -> None:
    """Answer a press on a sample; a press within a moment of another is only acknowledged."""
    pressed = update.callback_query
    if pressed is None:
        raise TypeError("the handler of presses was given another kind of update")
    data = pressed.data or ""
    sample = SAMPLES.get(data.removeprefix(PREFIX)) if data.startswith(PREFIX) else None
    message = pressed.message
    if sample is None or not isinstance(message, Message) or not message.is_accessible:
        await _acknowledge(pressed, context.texts("expired"))
        return
    await _acknowledge(pressed)
    if context.presses.is_new(message.chat_id, message.message_id, data, time.monotonic()):
        await answer(message, context, queries.parse(sample))


async def _acknowledge(pressed: CallbackQuery, alert: str | None = None) -> None:
    with suppress(BadRequest):  # "query is too old": the press still counts
        await pressed.answer(alert, show_alert=alert is not None)
