"""Plain text, and everything the bot cannot take."""

from __future__ import annotations

from telegram import Update

from handlers import queries
from handlers.answers import answer
from handlers.context import Context, question
from handlers.groups import spoken
from handlers.photo import describe_picture
from handlers.pictures import pictured


async def read_text(update: Update, context: Context) -> None:
    """Answer plain text with the verb it is meant for."""
    message = question(update)
    if not (words := spoken(message)) and (original := pictured(message)):  # "@bot", in reply to a photo
        await describe_picture(original, context)
        return
    await answer(message, context, queries.parse(words), hint=True)


async def decline(update: Update, context: Context) -> None:
    """Say kindly what can be sent instead."""
    await question(update).reply_text(context.texts("cannot-take"))
