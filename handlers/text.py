"""Plain text, and everything the bot cannot take."""

from __future__ import annotations

from telegram import Update

from handlers import queries
from handlers.answers import answer
from handlers.context import Context, question


async def read_text(update: Update, context: Context) -> None:
    """Answer plain text with the verb it is meant for; a word without a vector is a description."""
    message = question(update)
    query = queries.parse(message.text or "")
    if isinstance(query, queries.Similar) and not await context.engine.knows(query.word):
        query = queries.Find(query.word)
    await answer(message, context, query, hint=True)


async def decline(update: Update, context: Context) -> None:
    """Say kindly what can be sent instead."""
    await question(update).reply_text(context.texts("cannot-take"))
