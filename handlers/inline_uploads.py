"""Bringing pictures of the gallery to Telegram before anybody is shown them: to the host's storage chat."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Sequence

from telegram import InputMediaPhoto, Message
from telegram.error import TelegramError

from handlers.context import Context

logger = logging.getLogger(__name__)

PATIENCE = 1.5  # seconds: who types does not wait longer; what arrives later is there for the next query
STALE = 10.0  # seconds: a query is not answered any more, and nobody waits for its pictures


async def upload_for_inline(context: Context, images: Sequence[str]) -> tuple[str | None, ...]:
    """Give the file ids of images of the gallery, at most an album of them; None where there is none yet."""
    pictures = await asyncio.gather(*map(context.engine.picture, images))
    ids = await context.store.file_ids(pictures)
    missing = [picture for picture, file_id in zip(pictures, ids, strict=True) if file_id is None]
    context.counter.reused(len(ids) - len(missing), len(missing))
    if missing and context.host.storage_chat is not None:
        bringing = context.application.create_task(_bring(context, context.host.storage_chat, missing))
        await asyncio.wait([bringing], timeout=PATIENCE)
        ids = await context.store.file_ids(pictures)
    return ids


async def _bring(context: Context, chat: int, pictures: Sequence[bytes]) -> None:
    """Send pictures, silently, and keep the ids under which Telegram has them; one album after the other."""
    asked = time.monotonic()
    async with context.uploads:
        known = await context.store.file_ids(pictures)  # the letter typed before may have brought them
        missing = [picture for picture, file_id in zip(pictures, known, strict=True) if file_id is None]
        if not missing or time.monotonic() - asked > STALE:
            return
        try:
            sent = await _send(context, chat, missing)
        except TelegramError as error:
            logger.warning("KINDRED_STORAGE_CHAT takes no photos: %s: %s", type(error).__name__, error)
            return
        await context.store.keep_file_ids(missing, [message.photo[-1].file_id for message in sent])


async def _send(context: Context, chat: int, pictures: Sequence[bytes]) -> Sequence[Message]:
    if len(pictures) == 1:  # an album takes two at least
        return [await context.bot.send_photo(chat, pictures[0], disable_notification=True)]
    album = [InputMediaPhoto(picture) for picture in pictures]
    return await context.bot.send_media_group(chat, album, disable_notification=True)
