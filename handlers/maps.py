"""/map: how words, or images of the gallery, lie beside each other."""

from __future__ import annotations

from contextlib import suppress

from telegram import Message, Update
from telegram.constants import ChatAction
from telegram.error import BadRequest

from handlers.context import Context, question
from handlers.messages.chat_action import PATIENCE, chat_action
from handlers.queries import parsing
from handlers.queries.translation import read_words


async def draw_map(update: Update, context: Context) -> None:
    """Show a map; Telegram keeps it, so that each is drawn and sent once."""
    message, asked = question(update), " ".join(context.args or ())[: parsing.MAX_LENGTH]
    of = parsing.parse_map((await read_words(asked, context)).text)
    async with chat_action(message, ChatAction.UPLOAD_PHOTO, after=PATIENCE):
        points = await (context.engine.word_points() if of == "words" else context.engine.image_points())
        name = repr(points).encode()  # another network or gallery: another map
        if known := await context.store.drawing(name):
            with suppress(BadRequest):  # Telegram has lost it
                await _show(message, context, of, known)
                return
        shown = await _show(message, context, of, await _draw(message, context, of))
        await context.store.keep_drawing(name, shown.photo[-1].file_id)


async def _draw(message: Message, context: Context, of: str) -> bytes:
    """Draw a map, and say so meanwhile: it takes longer than anything else."""
    note = await message.reply_text(context.texts("map-in-work"), disable_notification=True)
    try:
        return await (context.engine.word_map() if of == "words" else context.engine.image_map())
    finally:
        await note.delete()


async def _show(message: Message, context: Context, of: str, picture: str | bytes) -> Message:
    told, quiet = context.texts(f"map-of-{of}"), context.preferences.quiet
    return await message.reply_photo(picture, caption=told, disable_notification=quiet)
