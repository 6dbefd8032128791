"""Pictures in messages: which there are, and their bytes."""

from __future__ import annotations

from pathlib import PurePath

from telegram import Animation, Document, Message, PhotoSize, Sticker, Video, VideoNote
from telegram.error import BadRequest
from telegram.ext.filters import MessageFilter

from engine.errors import BadInputError, PhotoTooLargeError

MAX_DOWNLOAD = 20 * 2**20  # bytes: Telegram's getFile refuses more
EXTENSIONS = frozenset({".jpg", ".jpeg", ".png", ".webp"})  # for files whose sender named no type


def picture_in(message: Message) -> PhotoSize | Document | Sticker | None:
    """Give the picture a message carries.

    A photo at its largest, an image file, a sticker; of what moves, the still that Telegram made of it.
    """
    if message.photo:
        return max(message.photo, key=lambda size: size.width * size.height)
    if moving := moving_in(message):
        return moving.thumbnail
    if message.sticker:
        return message.sticker
    if message.document and _is_image(message.document):
        return message.document
    return None


def pictured(message: Message) -> Message | None:
    """Give the message with a still picture that this one replies to."""
    original = message.reply_to_message
    return original if original and picture_in(original) else None


def moving_in(message: Message) -> Video | Animation | VideoNote | Sticker | None:
    """Give what moves in a message: a video, round or not, an animation, a sticker that moves."""
    sticker = message.sticker
    if sticker and (sticker.is_animated or sticker.is_video):
        return sticker
    return message.video or message.animation or message.video_note


class HasPicture(MessageFilter):
    """Lets messages through that carry a picture."""

    def filter(self, message: Message) -> bool:
        """Tell whether there is one."""
        return picture_in(message) is not None


class InAlbum(MessageFilter):
    """Lets messages through that are part of an album."""

    def filter(self, message: Message) -> bool:
        """Tell whether it is."""
        return message.media_group_id is not None


def _is_image(document: Document) -> bool:
    named = PurePath(document.file_name or "").suffix.lower()
    return (document.mime_type or "").startswith("image/") or named in EXTENSIONS


async def download(message: Message) -> bytes:
    """Fetch the picture that a message carries.

    Raises:
        PhotoTooLarge: Telegram does not hand out so large a file.
        BadInput: Telegram does not hand it out, for now or any more.
    """
    picture = picture_in(message)
    if picture is None:
        raise TypeError("the handler of photos was given a message without one")
    if (picture.file_size or 0) > MAX_DOWNLOAD:
        raise PhotoTooLargeError(key="file-too-large")
    try:
        file = await picture.get_file()
    except BadRequest as error:
        if "too big" in error.message:
            raise PhotoTooLargeError(key="file-too-large") from error
        raise BadInputError(key="not-fetched") from error
    return bytes(await file.download_as_bytearray())
