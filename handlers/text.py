"""Plain text, and messages that the bot does not support."""

from __future__ import annotations

from telegram import Update

from handlers.answers import answer_photo, answer_query
from handlers.context import Context, new_message
from handlers.messages.attachments import replied_picture_message
from handlers.middleware.groups import text_without_mention
from handlers.queries import parsing
from handlers.queries.translation import translate_text


async def answer_text(update: Update, context: Context) -> None:
    """Answer plain text as the query it is parsed as; in reply to a picture, it steers the search.

    A word without a vector is a description. A bare "@bot" in reply to a picture asks for its caption.
    """
    message = new_message(update)
    text, original = text_without_mention(message), replied_picture_message(message)
    if original and not text:
        await answer_photo(original, context)
        return
    query = parsing.parse(text)
    if original and not isinstance(query, parsing.Analogy):
        translated = await translate_text(parsing.clean(text), context.language)
        await answer_photo(original, context, translated.text, notes=translated.notes(context.texts))
        return
    await answer_query(message, context, query, plain=True)


async def reject_unsupported(update: Update, context: Context) -> None:
    """Reply which kinds of message the bot supports."""
    await new_message(update).reply_text(context.texts("unsupported-message"))
