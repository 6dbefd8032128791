"""Plain text, and everything the bot cannot take."""

from __future__ import annotations

from telegram import Update

from handlers.answers import answer, answer_photo
from handlers.context import Context, question
from handlers.groups import spoken
from handlers.messages.attachments import pictured
from handlers.queries import parsing
from handlers.queries.translation import read_words


async def read_text(update: Update, context: Context) -> None:
    """Answer plain text with the verb it is meant for; in reply to a picture, it says what matters there.

    A word without a vector is a description; a bare "@bot" in reply to a picture asks what it shows.
    """
    message = question(update)
    words, picture = spoken(message), pictured(message)
    if picture and not words:
        await answer_photo(picture, context)
        return
    query = parsing.parse(words)
    if picture and not isinstance(query, parsing.Analogy):
        wanted = await read_words(parsing.clean(words), context)
        await answer_photo(picture, context, wanted.text, notes=wanted.notes(context.texts))
        return
    await answer(message, context, query, hint=True)


async def decline(update: Update, context: Context) -> None:
    """Say kindly what can be sent instead."""
    await question(update).reply_text(context.texts("cannot-take"))
