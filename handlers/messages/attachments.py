"""Pictures attached to messages, and their download."""

from __future__ import annotations

from pathlib import PurePath

from telegram import Animation, Document, ExternalReplyInfo, Message, PhotoSize, Sticker, Video, VideoNote
from telegram.error import BadRequest
from telegram.ext.filters import MessageFilter

from engine.errors import BadInputError, PhotoTooLargeError
from handlers.messages.downloads import MAX_DOWNLOAD_BYTES, content_of

# Documents that the engine decodes; of other images the preview that Telegram makes is taken.
DECODED_TYPES = frozenset(
    {"jpeg", "jpg", "pjpeg", "png", "webp", "heic", "heif", "avif", "gif", "bmp", "tiff", "tif"}
)
IMAGE_SUFFIXES = frozenset({f".{name}" for name in DECODED_TYPES} | {".jpe", ".jfif"})


Picture = PhotoSize | Document | Sticker


def attached_picture(message: Message | ExternalReplyInfo) -> Picture | None:
    """Return the picture attached to a message.

    This is a photo in its largest size, an image document, a sticker, or the thumbnail of a video,
    animation, moving sticker, or image document in a format that is not decoded.
    """
    if message.photo:
        return max(message.photo, key=lambda size: size.width * size.height)
    if moving := attached_video(message):
        return moving.thumbnail
    if message.sticker:
        return message.sticker
    if message.document and _is_image(message.document):
        return message.document if _is_decoded(message.document) else message.document.thumbnail
    return None


def subject_picture(message: Message) -> Picture | None:
    """Return the picture attached to a message, or to the one in another chat that it replies to."""
    return attached_picture(message) or _external_picture(message)


def _external_picture(message: Message) -> Picture | None:
    return attached_picture(message.external_reply) if message.external_reply else None


def replied_picture_message(message: Message) -> Message | None:
    """Return the message with the picture that this message replies to.

    What is in another chat cannot be replied to: its picture is this message's `subject_picture`.
    """
    original = message.reply_to_message
    if original and attached_picture(original):
        return original
    return message if _external_picture(message) else None


def attached_video(message: Message | ExternalReplyInfo) -> Video | Animation | VideoNote | Sticker | None:
    """Return the video, video note, animation or moving sticker of a message."""
    sticker = message.sticker
    if sticker and (sticker.is_animated or sticker.is_video):
        return sticker
    return message.video or message.animation or message.video_note


class HasPicture(MessageFilter):
    """Passes messages with a picture."""

    def filter(self, message: Message) -> bool:
        """Return whether the message has a picture."""
        return attached_picture(message) is not None


class InMediaGroup(MessageFilter):
    """Passes messages of a media group."""

    def filter(self, message: Message) -> bool:
        """Return whether the message belongs to a media group."""
        return message.media_group_id is not None


def _is_image(document: Document) -> bool:
    suffix = PurePath(document.file_name or "").suffix.lower()
    return (document.mime_type or "").startswith("image/") or suffix in IMAGE_SUFFIXES


def _is_decoded(document: Document) -> bool:
    """Return whether the engine decodes a document's format, or there is no preview to take instead."""
    kind = (document.mime_type or "").removeprefix("image/").removeprefix("x-").removeprefix("ms-")
    suffix = PurePath(document.file_name or "").suffix.lower()
    return kind in DECODED_TYPES or suffix in IMAGE_SUFFIXES or document.thumbnail is None


async def download(message: Message) -> bytes:
    """Download the picture of a message.

    Returns:
        The bytes of the encoded file, `MAX_DOWNLOAD_BYTES` at most.

    Raises:
        PhotoTooLargeError: the file exceeds Telegram's download limit.
        BadInputError: Telegram does not serve the file now, or not any more.
    """
    picture = subject_picture(message)
    if picture is None:
        raise TypeError("a handler for pictures received a message without one")
    if (picture.file_size or 0) > MAX_DOWNLOAD_BYTES:
        raise PhotoTooLargeError(key="file-too-large")
    try:
        file = await picture.get_file()
    except BadRequest as error:
        if "too big" in error.message:
            raise PhotoTooLargeError(key="file-too-large") from error
        raise BadInputError(key="download-failed") from error
    return await content_of(file)
