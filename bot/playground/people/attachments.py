"""What a person attaches: photos, files, stickers, videos, voice messages, locations."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Final, Literal

from bot.playground.people.client import Session, caption_fields
from bot.playground.telegram.api_errors import ImpossibleActionError
from bot.playground.telegram.limits import ALBUM_MAX
from bot.playground.telegram.parameters import Json, Upload
from bot.playground.telegram.photo_sizes import (
    ImageFile,
    NotAPhotoError,
    photo_from_person,
    sticker_image,
    thumbnail_image,
)

StickerKind = Literal["static", "animated", "video"]
ClipKind = Literal["video", "animation"]

STICKER_FORMATS: Final = {  # suffix and MIME type of each kind
    "static": (".webp", "image/webp"),
    "animated": (".tgs", "application/x-tgsticker"),
    "video": (".webm", "video/webm"),
}
STICKER_SIZE: Final = (512, 512)  # pixels, as reported for what is not decoded
CLIP_SIZE: Final = (640, 360)


async def send_files(
    session: Session, uploads: Sequence[Upload], caption: str = "", as_file: bool = False, reply_to: int = 0
) -> list[Json]:
    """Send images or other files; several become an album, whose first item has the caption."""
    if not 1 <= len(uploads) <= ALBUM_MAX:
        raise ImpossibleActionError(f"one message holds 1 to {ALBUM_MAX} files")
    fields = caption_fields(caption)
    files = [await _attached(session, upload, as_file) for upload in uploads]
    if len({next(iter(file)) for file in files}) > 1:  # if one of them is no photo, all go as files
        files = [await _attached(session, upload, as_file=True) for upload in uploads]
    group = {"media_group_id": session.state.new_media_group_id()} if len(files) > 1 else {}
    contents = [group | file | (fields if number == 0 else {}) for number, file in enumerate(files)]
    return [session.post(content, reply_to) for content in contents]


async def send_document(session: Session, upload: Upload, caption: str = "", preview: bytes = b"") -> Json:
    """Send a file unaltered; Telegram makes a preview of images that it can read, given as any image here."""
    document = session.state.files.add_document(upload.content, upload.name, upload.mime_type)
    thumb = await _thumbnail(session, preview)
    return session.post({"document": document | thumb} | caption_fields(caption))


async def send_sticker(session: Session, content: bytes, kind: StickerKind, thumbnail: bytes = b"") -> Json:
    """Send a sticker: a static one is converted from any image, the others are sent unaltered."""
    width, height = STICKER_SIZE
    if kind == "static":
        still = await _converted(sticker_image, content)
        content, width, height = still.content, still.width, still.height
    size = {"type": "regular", "width": width, "height": height, "emoji": "🙂"}
    flags = {"is_animated": kind == "animated", "is_video": kind == "video"}
    thumb = await _thumbnail(session, thumbnail)
    sticker = session.state.files.add("sticker", content, *STICKER_FORMATS[kind], size | flags | thumb)
    return session.post({"sticker": sticker})


async def send_clip(
    session: Session, kind: ClipKind, content: bytes, thumbnail: bytes = b"", caption: str = ""
) -> Json:
    """Send a video, or an animation: a video without sound that plays by itself."""
    fields, thumb = caption_fields(caption), await _thumbnail(session, thumbnail)
    width, height = CLIP_SIZE
    named = {"file_name": f"{kind}.mp4", "mime_type": "video/mp4"}
    size = {"width": width, "height": height, "duration": 3}
    clip = session.state.files.add(kind, content, ".mp4", named["mime_type"], named | size | thumb)
    # For old bots, Telegram describes an animation as a document, too.
    document = {"document": {k: v for k, v in clip.items() if k not in size}} if kind == "animation" else {}
    return session.post({kind: clip} | document | fields)


def send_voice(session: Session, content: bytes, seconds: int = 1) -> Json:
    """Send a voice message."""
    kind = "audio/ogg"
    fields = {"duration": seconds, "mime_type": kind}
    return session.post({"voice": session.state.files.add("voice", content, ".oga", kind, fields)})


def send_location(session: Session, latitude: float, longitude: float) -> Json:
    """Send a location in degrees."""
    if not (abs(latitude) <= 90 and abs(longitude) <= 180):
        raise ImpossibleActionError("there is no such place on earth")
    return session.post({"location": {"latitude": latitude, "longitude": longitude}})


async def _attached(session: Session, upload: Upload, as_file: bool) -> Json:
    if not as_file:
        try:
            sizes = await asyncio.to_thread(photo_from_person, upload.content)
            return {"photo": session.state.files.add_photo(sizes)}
        except NotAPhotoError:
            pass  # an app sends it as a file
    return {"document": session.state.files.add_document(upload.content, upload.name, upload.mime_type)}


async def _thumbnail(session: Session, content: bytes) -> Json:
    if not content:
        return {}
    return {"thumbnail": session.state.files.add_thumbnail(await _converted(thumbnail_image, content))}


async def _converted(convert: Callable[[bytes], ImageFile], content: bytes) -> ImageFile:
    try:
        return await asyncio.to_thread(convert, content)
    except NotAPhotoError as error:
        raise ImpossibleActionError("this is no picture") from error
