"""Sending images of the gallery."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from telegram import InputMediaPhoto, Message
from telegram.constants import ChatAction

from engine.results import Match
from handlers.context import Context
from handlers.progress import sign_of_life


async def send_matches(message: Message, context: Context, matches: Sequence[Match], caption: str) -> None:
    """Reply with the images of the matches under one caption.

    An album takes two to ten items: a single match is sent as a photo, none as words only.
    """
    if not matches:
        await message.reply_text(caption)
        return
    async with sign_of_life(message, ChatAction.UPLOAD_PHOTO):
        pictures = await asyncio.gather(*(context.engine.picture(match.image) for match in matches))
        if len(pictures) == 1:
            await message.reply_photo(pictures[0], caption=caption)
        else:
            await message.reply_media_group(
                [InputMediaPhoto(picture) for picture in pictures], caption=caption
            )
