"""Plain text, and everything the bot cannot take."""

from __future__ import annotations

from telegram import Update

from handlers import queries
from handlers.answers import answer, answer_photo
from handlers.context import Context, question
from handlers.pictures import picture_in


async def read_text(update: Update, context: Context) -> None:
    """Answer plain text with the verb it is meant for; in reply to a picture, it says what matters there.

    A word without a vector is a description.
    """
    message = question(update)
    query = queries.parse(message.text or "")
    picture = message.reply_to_message
    if picture and picture_in(picture) and not isinstance(query, queries.Analogy):
        words = query.word if isinstance(query, queries.Similar) else query.text
        await answer_photo(picture, context, words)
        return
    if isinstance(query, queries.Similar) and not await context.engine.knows(query.word):
        query = queries.Find(query.word)
    await answer(message, context, query, hint=True)


async def decline(update: Update, context: Context) -> None:
    """Say kindly what can be sent instead."""
    await question(update).reply_text(context.texts("cannot-take"))
