"""/map: a two-dimensional map of the words or of the gallery's images."""

from __future__ import annotations

from contextlib import suppress

from telegram import Message, Update
from telegram.constants import ChatAction
from telegram.error import BadRequest

from handlers.context import Context, new_message
from handlers.messages.chat_action import DELAY, chat_action
from handlers.queries.parsing import MapKind, parse_map
from handlers.store import optional_storage


async def draw_map(update: Update, context: Context) -> None:
    """Send the map that the arguments name."""
    kind = parse_map(" ".join(context.args or ()), context.texts)
    await show_map(new_message(update), context, kind)


async def show_map(message: Message, context: Context, kind: MapKind) -> None:
    """Reply with a map; its file id is stored, so that each map is drawn and uploaded once."""
    async with chat_action(message, ChatAction.UPLOAD_PHOTO, delay=DELAY):
        name = await _map_name(context, kind)
        if file_id := await context.store.drawing(name):
            with suppress(BadRequest):  # the file id is stale
                await _send_map(message, context, kind, file_id)
                return
        sent = await _send_map(message, context, kind, await _draw(message, context, kind))
        if name == await _map_name(context, kind):  # the gallery has not changed meanwhile
            with optional_storage():
                await context.store.keep_drawing(name, sent.photo[-1].file_id)


async def _map_name(context: Context, kind: str) -> bytes:
    """Return the name of a drawing: another network or gallery has another map."""
    engine = context.engine
    return repr(await (engine.word_points() if kind == "words" else engine.image_points())).encode()


async def _draw(message: Message, context: Context, kind: MapKind) -> bytes:
    """Draw a map as a picture, and announce it, as it takes longer than any other answer."""
    notice = await message.reply_text(context.texts("map-rendering"), disable_notification=True)
    try:
        return await (context.engine.word_map() if kind == "words" else context.engine.image_map())
    finally:
        with suppress(BadRequest):  # an attempt that a crash ended has deleted it
            await notice.delete()


async def _send_map(message: Message, context: Context, kind: str, photo: str | bytes) -> Message:
    caption, quiet = context.texts(f"map-of-{kind}"), context.preferences.quiet
    return await message.reply_photo(photo, caption=caption, disable_notification=quiet)
