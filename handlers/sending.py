"""Sending replies, and images of the gallery, which are uploaded once and then sent by file id."""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace

from telegram import InlineKeyboardMarkup, InputMediaPhoto, Message
from telegram.constants import ChatAction
from telegram.error import BadRequest, TelegramError

from engine.errors import BadInputError, PhotosAwayError
from engine.results import Match
from handlers.context import Context, is_retry
from handlers.messages.chat_action import DELAY, chat_action
from handlers.store import optional_storage

logger = logging.getLogger(__name__)

AlbumCaption = Callable[[Sequence[Match]], str]
AlbumKeyboard = Callable[[Sequence[Match]], InlineKeyboardMarkup | None]
REJECTED_ITEM = re.compile(r"failed to send message #(\d+)", re.IGNORECASE)  # of a media group, from 1
# Parts of Telegram's messages about a file id that it no longer accepts, whatever the method.
STALE_FILE_ID_MESSAGES = ("file identifier", "file_id", "file_reference")


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer with images.

    Attributes:
        matches: the images, ten at most; there may be none.
        caption: returns the caption of the album for the matches that are sent.
        text: the message under the album.
        keyboard: returns its buttons for the matches that are surely shown, see `send_album`.
    """

    matches: Sequence[Match]
    caption: AlbumCaption
    text: str
    keyboard: AlbumKeyboard


async def send_answer(message: Message, context: Context, answer: Answer) -> None:
    """Send an album, and then the text with its buttons: it is on the screen at the end, under the thumb.

    If the album does not arrive, the text still does: it is what was asked for.
    """
    shown: Sequence[Match] = ()
    try:
        if answer.matches:
            shown = await send_album(message, context, answer.matches, answer.caption)
    except (TelegramError, PhotosAwayError):
        await reply_text(message, context, answer.text, answer.keyboard(shown))
        raise
    async with chat_action(message, ChatAction.TYPING, delay=DELAY):  # a chat may get one message a second
        await reply_text(message, context, answer.text, answer.keyboard(shown))


async def reply_text(
    message: Message, context: Context, text: str, keyboard: InlineKeyboardMarkup | None = None
) -> Message:
    """Reply with a text that quotes the message: its buttons find the query there."""
    quiet = context.preferences.quiet
    return await message.reply_text(text, reply_markup=keyboard, do_quote=True, disable_notification=quiet)


async def send_album(
    message: Message, context: Context, matches: Sequence[Match], caption: AlbumCaption
) -> Sequence[Match]:
    """Send the images of one to ten matches under one caption; in a group they quote the message.

    An image that cannot be read any more, or that Telegram refuses, costs only itself.

    Args:
        message: the message to reply to.
        context: the context of the update.
        matches: the images.
        caption: returns Telegram's HTML for the matches that are sent.

    Returns:
        The matches that are shown; none if an earlier attempt may have sent the album, with other images.

    Raises:
        PhotosAwayError: none of the images can be sent.
    """
    async with chat_action(message, ChatAction.UPLOAD_PHOTO):
        photos = await _open_photos(context, matches)
        while True:
            photos = await _fit_uploads(context, photos)
            if not photos:
                raise PhotosAwayError
            try:
                text = caption([photo.match for photo in photos])
                sent = await _send_photos(message, context, [photo.media for photo in photos], text)
                break
            except BadRequest as error:
                photos = await _without_rejected(context, photos, error)
        if is_retry.get():
            return ()
        await _store_file_ids(context, photos, sent)
        return [photo.match for photo in photos]


@dataclass(frozen=True)
class _AlbumPhoto:
    """An image of an album.

    Attributes:
        match: the match it shows.
        picture: its file's content, by which the storage knows it.
        file_id: the id under which Telegram has it; None if it has to be uploaded.
        upload: JPEG bytes within Telegram's limits; None until they are needed.
    """

    match: Match
    picture: bytes
    file_id: str | None
    upload: bytes | None = None

    @property
    def media(self) -> bytes | str:
        """Return what is handed to Telegram."""
        return self.file_id or self.upload or self.picture


async def _open_photos(context: Context, matches: Sequence[Match]) -> list[_AlbumPhoto]:
    """Read the images of matches, and look up which of them Telegram has."""
    pictures = [unless_gone(match.image, context.engine.picture(match.image)) for match in matches]
    read = await asyncio.gather(*pictures)  # side by side: a bucket may be far away
    found = [(match, picture) for match, picture in zip(matches, read, strict=True) if picture is not None]
    file_ids = await _stored_file_ids(context, [picture for _, picture in found])
    return [_AlbumPhoto(*one, file_id) for one, file_id in zip(found, file_ids, strict=True)]


async def _fit_uploads(context: Context, photos: Sequence[_AlbumPhoto]) -> list[_AlbumPhoto]:
    """Make the JPEGs of images that have to be uploaded; leave out those that cannot be decoded."""
    fitted = []
    for photo in photos:
        if photo.file_id or photo.upload:
            fitted.append(photo)
        elif upload := await unless_gone(photo.match.image, context.engine.album_photo(photo.match.image)):
            fitted.append(replace(photo, upload=upload))
    return fitted


async def unless_gone(image: str, reading: Awaitable[bytes]) -> bytes | None:
    """Await the content of an image of the gallery; None if its file is gone or damaged."""
    try:
        return await reading
    except (BadInputError, KeyError, OSError) as error:
        logger.warning("%r cannot be sent: %s: %s", image, type(error).__name__, error)
        return None


async def _without_rejected(
    context: Context, photos: Sequence[_AlbumPhoto], error: BadRequest
) -> list[_AlbumPhoto]:
    """Return what to send after a refusal: new uploads for stale file ids, or all but the rejected image.

    Raises:
        BadRequest: the refusal is not about the images.
    """
    file_ids = [photo.file_id for photo in photos if photo.file_id]
    if file_ids and is_stale_file_id(error):
        with optional_storage():
            await context.store.forget_file_ids(file_ids)
        return [replace(photo, file_id=None) for photo in photos]
    rejected = REJECTED_ITEM.search(error.message)
    if rejected is None or not 1 <= int(rejected[1]) <= len(photos):
        raise error
    position = int(rejected[1]) - 1
    logger.warning("Telegram refuses %s: %s", photos[position].match.image, error.message)
    return [photo for place, photo in enumerate(photos) if place != position]


def is_stale_file_id(error: BadRequest) -> bool:
    """Return whether Telegram rejected a request because of a file id."""
    return any(part in error.message.lower() for part in STALE_FILE_ID_MESSAGES)


async def _send_photos(
    message: Message, context: Context, photos: Sequence[bytes | str], caption: str
) -> tuple[Message, ...]:
    """Send one to ten photos; a media group takes at least two."""
    quiet = context.preferences.quiet
    if len(photos) == 1:
        photo = await message.reply_photo(photos[0], caption=caption, disable_notification=quiet)
        return (photo,)
    return await message.reply_media_group(
        [InputMediaPhoto(photo) for photo in photos],
        caption=caption,
        disable_notification=quiet,
    )


async def _stored_file_ids(context: Context, pictures: Sequence[bytes]) -> tuple[str | None, ...]:
    with optional_storage():
        return await context.store.file_ids(pictures)
    return (None,) * len(pictures)


async def _store_file_ids(context: Context, photos: Sequence[_AlbumPhoto], sent: Sequence[Message]) -> None:
    uploaded = {
        photo.picture: _largest_file_id(message)
        for photo, message in zip(photos, sent, strict=True)
        if not photo.file_id
    }
    with optional_storage():
        await context.store.keep_file_ids(list(uploaded), list(uploaded.values()))
    context.usage.reused(len(photos) - len(uploaded), len(uploaded))


def _largest_file_id(message: Message) -> str:
    return max(message.photo, key=lambda size: size.width * size.height).file_id
