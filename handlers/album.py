"""Sending: words with buttons, and images of the gallery, which Telegram stores once."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from telegram import InlineKeyboardMarkup, InputMediaPhoto, Message
from telegram.constants import ChatAction
from telegram.error import BadRequest

from engine.results import Match
from handlers.context import Context
from handlers.progress import sign_of_life
from handlers.store import Preferences

# How Telegram says that it does not know a file any more, whatever the method.
LOST = ("file identifier", "file_id", "file_reference")


def preferences_of(context: Context) -> Preferences:
    """Give what the person chose in /settings."""
    return getattr(context, "preferences", None) or Preferences()


async def say(
    message: Message, context: Context, text: str, keyboard: InlineKeyboardMarkup | None = None
) -> Message:
    """Reply with words, quoting the message: buttons find the question there."""
    quiet = preferences_of(context).quiet
    return await message.reply_text(text, reply_markup=keyboard, do_quote=True, disable_notification=quiet)


async def send_album(
    message: Message, context: Context, matches: Sequence[Match], caption: str, *, quote: bool = False
) -> None:
    """Send the images of one to ten matches under one caption; `quote` says what it belongs to."""
    async with sign_of_life(message, ChatAction.UPLOAD_PHOTO):
        pictures = await asyncio.gather(*(context.engine.picture(match.image) for match in matches))
        known = await context.store.file_ids(pictures)
        photos = [file or picture for file, picture in zip(known, pictures, strict=True)]
        try:
            sent = await _send(message, context, photos, caption, quote)
        except BadRequest as error:
            if not any(known) or not any(words in error.message.lower() for words in LOST):
                raise
            await context.store.forget_file_ids([file for file in known if file])
            known = (None,) * len(pictures)
            sent = await _send(message, context, pictures, caption, quote)
        await _remember(context, pictures, known, sent)


async def _send(
    message: Message, context: Context, photos: Sequence[bytes | str], caption: str, quote: bool
) -> tuple[Message, ...]:
    """Send one to ten photos; an album takes two at least."""
    quiet = preferences_of(context).quiet
    if len(photos) == 1:
        photo = await message.reply_photo(
            photos[0], caption=caption, do_quote=quote or None, disable_notification=quiet
        )
        return (photo,)
    return await message.reply_media_group(
        [InputMediaPhoto(photo) for photo in photos],
        caption=caption,
        do_quote=quote or None,  # None: in groups all the same
        disable_notification=quiet,
    )


async def _remember(
    context: Context, pictures: Sequence[bytes], known: Sequence[str | None], sent: Sequence[Message]
) -> None:
    new = {
        picture: _largest(one) for picture, file, one in zip(pictures, known, sent, strict=True) if not file
    }
    await context.store.keep_file_ids(list(new), list(new.values()))
    if counter := getattr(context, "counter", None):
        counter.reused(len(pictures) - len(new), len(new))


def _largest(message: Message) -> str:
    return max(message.photo, key=lambda size: size.width * size.height).file_id
