"""Sending: words with buttons, and images of the gallery, which Telegram stores once."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from telegram import InlineKeyboardMarkup, InputMediaPhoto, Message
from telegram.constants import ChatAction
from telegram.error import BadRequest

from engine.results import Match
from handlers.context import Context
from handlers.messages.chat_action import chat_action
from handlers.store import StoreUnavailableError

logger = logging.getLogger(__name__)

# How Telegram says that it does not know a file any more, whatever the method.
LOST = ("file identifier", "file_id", "file_reference")


async def say(
    message: Message, context: Context, text: str, keyboard: InlineKeyboardMarkup | None = None
) -> Message:
    """Reply with words, quoting the message: buttons find the question there."""
    quiet = context.preferences.quiet
    return await message.reply_text(text, reply_markup=keyboard, do_quote=True, disable_notification=quiet)


async def send_album(
    message: Message, context: Context, matches: Sequence[Match], caption: str, *, quote: bool = False
) -> None:
    """Send the images of one to ten matches under one caption; `quote` says what it belongs to."""
    async with chat_action(message, ChatAction.UPLOAD_PHOTO):
        pictures = await asyncio.gather(*(context.engine.picture(match.image) for match in matches))
        known = await _known(context, pictures)
        photos = [file or picture for file, picture in zip(known, pictures, strict=True)]
        try:
            sent = await _send(message, context, photos, caption, quote)
        except BadRequest as error:
            if not any(known) or not any(words in error.message.lower() for words in LOST):
                raise
            with _dispensable():
                await context.store.forget_file_ids([file for file in known if file])
            known = (None,) * len(pictures)
            sent = await _send(message, context, pictures, caption, quote)
        await _remember(context, pictures, known, sent)


async def _send(
    message: Message, context: Context, photos: Sequence[bytes | str], caption: str, quote: bool
) -> tuple[Message, ...]:
    """Send one to ten photos; an album takes two at least."""
    quiet = context.preferences.quiet
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


async def _known(context: Context, pictures: Sequence[bytes]) -> tuple[str | None, ...]:
    with _dispensable():
        return await context.store.file_ids(pictures)
    return (None,) * len(pictures)


async def _remember(
    context: Context, pictures: Sequence[bytes], known: Sequence[str | None], sent: Sequence[Message]
) -> None:
    new = {
        picture: _largest(one) for picture, file, one in zip(pictures, known, sent, strict=True) if not file
    }
    with _dispensable():
        await context.store.keep_file_ids(list(new), list(new.values()))
    context.counter.reused(len(pictures) - len(new), len(new))


def _largest(message: Message) -> str:
    return max(message.photo, key=lambda size: size.width * size.height).file_id


@contextmanager
def _dispensable() -> Iterator[None]:
    """Go on where the store cannot be used: a photo is sent again then, and nobody misses it."""
    try:
        yield
    except StoreUnavailableError as error:
        logger.warning("File ids cannot be remembered: %s", error)
