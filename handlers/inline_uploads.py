"""Uploading gallery images to the operator's storage chat, so that inline mode can show them."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Collection, Mapping, Sequence

from telegram import InputMediaPhoto, Message
from telegram.error import TelegramError

from handlers.context import Context
from handlers.sending import unless_gone
from handlers.store import optional_storage

logger = logging.getLogger(__name__)

UPLOAD_TIMEOUT = 1.5  # seconds that a user who types is kept waiting; later uploads serve the next query
MAX_QUEUE_TIME = 10.0  # seconds after which a query is no longer answered, and its pictures not needed


async def upload_for_inline(context: Context, images: Sequence[str]) -> tuple[str | None, ...]:
    """Return the file ids of gallery images, one media group at most; None where there is none (yet)."""
    pictures = await asyncio.gather(*(unless_gone(image, context.engine.picture(image)) for image in images))
    names = {picture: image for picture, image in zip(pictures, images, strict=True) if picture is not None}
    file_ids = await _file_ids(context, names)
    missing = {picture: image for picture, image in names.items() if file_ids[picture] is None}
    context.usage.reused(len(names) - len(missing), len(missing))
    storage_chat = context.operator.storage_chat
    if missing and storage_chat is not None:
        upload = context.application.create_task(_upload(context, storage_chat, missing))
        await asyncio.wait([upload], timeout=UPLOAD_TIMEOUT)
        file_ids = await _file_ids(context, names)
    return tuple(None if picture is None else file_ids[picture] for picture in pictures)


async def _file_ids(context: Context, pictures: Collection[bytes]) -> dict[bytes, str | None]:
    return dict(zip(pictures, await context.store.file_ids(list(pictures)), strict=True))


async def _upload(context: Context, chat_id: int, images: Mapping[bytes, str]) -> None:
    """Upload images, by their files' contents, and store their file ids; one media group after the other."""
    queued_at = time.monotonic()
    async with context.upload_lock:
        known = await _file_ids(context, images)  # the previous query may have uploaded them
        if time.monotonic() - queued_at > MAX_QUEUE_TIME:
            return
        fitted = {
            picture: upload
            for picture, image in images.items()
            if known[picture] is None
            and (upload := await unless_gone(image, context.engine.album_photo(image))) is not None
        }
        if not fitted:
            return
        try:
            sent = await _send_photos(context, chat_id, list(fitted.values()))
        except TelegramError as error:
            logger.warning("KINDRED_STORAGE_CHAT takes no photos: %s: %s", type(error).__name__, error)
            return
        with optional_storage():
            await context.store.keep_file_ids(list(fitted), [message.photo[-1].file_id for message in sent])


async def _send_photos(context: Context, chat_id: int, pictures: Sequence[bytes]) -> Sequence[Message]:
    if len(pictures) == 1:  # a media group takes at least two
        return [await context.bot.send_photo(chat_id, pictures[0], disable_notification=True)]
    media = [InputMediaPhoto(picture) for picture in pictures]
    return await context.bot.send_media_group(chat_id, media, disable_notification=True)
