"""Photos, image files and stickers: caption first, look-alikes second."""

from __future__ import annotations

from telegram import Message, Update
from telegram.constants import ChatAction

from handlers.album import send_matches
from handlers.context import Context, question
from handlers.pictures import download
from handlers.progress import sign_of_life
from handlers.replies import photos


async def describe(update: Update, context: Context) -> None:
    """Say what a photo shows, then show the images most like it."""
    await describe_picture(question(update), context)


async def describe_picture(message: Message, context: Context) -> None:
    """Answer a message that carries a picture, whoever sent it."""
    async with sign_of_life(message, ChatAction.TYPING):
        description = await context.engine.describe(await download(message))
    said = photos.description(context.texts, description, context.engine.gallery)
    await message.reply_text(said, do_quote=True)
    if matches := description.matches:
        await send_matches(message, context, matches, photos.lookalikes(context.texts, matches))
