"""Plain text, and messages that the bot does not support."""

from __future__ import annotations

from telegram import Update

from handlers import intents
from handlers.answers import answer_photo
from handlers.context import Context, new_message
from handlers.messages.attachments import replied_picture_message
from handlers.middleware.groups import text_without_mention


async def answer_text(update: Update, context: Context) -> None:
    """Answer plain text by what it asks for; in reply to a picture, a description steers the search.

    A bare "@bot" in reply to a picture asks for its caption.
    """
    message = new_message(update)
    text, original = text_without_mention(message), replied_picture_message(message)
    if original and not text:
        await answer_photo(original, context)
        return
    await intents.answer_text(message, context, text, original)


async def reject_unsupported(update: Update, context: Context) -> None:
    """Reply which kinds of message the bot supports."""
    await new_message(update).reply_text(context.texts("unsupported-message"))
