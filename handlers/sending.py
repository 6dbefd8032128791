"""Sending replies, and images of the gallery, which are uploaded once and then sent by file id."""

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

# Parts of Telegram's messages about a file id that it no longer accepts, whatever the method.
STALE_FILE_ID_MESSAGES = ("file identifier", "file_id", "file_reference")


async def reply_text(
    message: Message, context: Context, text: str, keyboard: InlineKeyboardMarkup | None = None
) -> Message:
    """Reply with a text that quotes the message: its buttons find the query there."""
    quiet = context.preferences.quiet
    return await message.reply_text(text, reply_markup=keyboard, do_quote=True, disable_notification=quiet)


async def send_album(
    message: Message, context: Context, matches: Sequence[Match], caption: str, *, quote: bool = False
) -> None:
    """Send the images of one to ten matches under one caption.

    Args:
        message: the message to reply to.
        context: the context of the update.
        matches: the images.
        caption: Telegram's HTML.
        quote: whether the album quotes the message in a private chat; in a group it always does.
    """
    async with chat_action(message, ChatAction.UPLOAD_PHOTO):
        pictures = await asyncio.gather(*(context.engine.picture(match.image) for match in matches))
        file_ids = await _stored_file_ids(context, pictures)
        photos = [file_id or picture for file_id, picture in zip(file_ids, pictures, strict=True)]
        try:
            sent = await _send_photos(message, context, photos, caption, quote)
        except BadRequest as error:
            if not any(file_ids) or not is_stale_file_id(error):
                raise
            with _optional_storage():
                await context.store.forget_file_ids([file_id for file_id in file_ids if file_id])
            file_ids = (None,) * len(pictures)
            sent = await _send_photos(message, context, pictures, caption, quote)
        await _store_file_ids(context, pictures, file_ids, sent)


def is_stale_file_id(error: BadRequest) -> bool:
    """Return whether Telegram rejected a request because of a file id."""
    return any(part in error.message.lower() for part in STALE_FILE_ID_MESSAGES)


async def _send_photos(
    message: Message, context: Context, photos: Sequence[bytes | str], caption: str, quote: bool
) -> tuple[Message, ...]:
    """Send one to ten photos; a media group takes at least two."""
    quiet = context.preferences.quiet
    if len(photos) == 1:
        photo = await message.reply_photo(
            photos[0], caption=caption, do_quote=quote or None, disable_notification=quiet
        )
        return (photo,)
    return await message.reply_media_group(
        [InputMediaPhoto(photo) for photo in photos],
        caption=caption,
        do_quote=quote or None,  # None still quotes in groups
        disable_notification=quiet,
    )


async def _stored_file_ids(context: Context, pictures: Sequence[bytes]) -> tuple[str | None, ...]:
    with _optional_storage():
        return await context.store.file_ids(pictures)
    return (None,) * len(pictures)


async def _store_file_ids(
    context: Context, pictures: Sequence[bytes], file_ids: Sequence[str | None], sent: Sequence[Message]
) -> None:
    uploaded = {
        picture: _largest_file_id(message)
        for picture, file_id, message in zip(pictures, file_ids, sent, strict=True)
        if not file_id
    }
    with _optional_storage():
        await context.store.keep_file_ids(list(uploaded), list(uploaded.values()))
    context.usage.reused(len(pictures) - len(uploaded), len(uploaded))


def _largest_file_id(message: Message) -> str:
    return max(message.photo, key=lambda size: size.width * size.height).file_id


@contextmanager
def _optional_storage() -> Iterator[None]:
    """Continue without the storage where it is unavailable: the photos are then uploaded again."""
    try:
        yield
    except StoreUnavailableError as error:
        logger.warning("File ids cannot be remembered: %s", error)
