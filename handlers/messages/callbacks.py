"""Callback queries: what a press of a button carries, and its acknowledgement."""

from __future__ import annotations

from contextlib import suppress

from telegram import CallbackQuery, Message, Update
from telegram.error import BadRequest


def callback_query(update: Update) -> CallbackQuery:
    """Return the callback query of an update; the application's handlers pass no other updates."""
    if update.callback_query is None:
        raise TypeError("the handler of callback queries received another kind of update")
    return update.callback_query


def pressed_message(query: CallbackQuery) -> Message | None:
    """Return the message whose button was pressed; None if it is too old to be accessible."""
    message = query.message
    return message if isinstance(message, Message) and message.is_accessible else None


async def acknowledge(query: CallbackQuery, text: str | None = None, *, alert: bool = False) -> None:
    """Acknowledge a press, with a text that the user is shown for a moment, or until they close it."""
    with suppress(BadRequest):  # "query is too old": the press still counts
        await query.answer(text, show_alert=alert)
