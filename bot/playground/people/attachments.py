"""What a person attaches: photos, files, stickers, videos, voices, places."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Final, Literal

from bot.playground.people.client import Impossible, Seat, caption_of
from bot.playground.telegram.limits import ALBUM_MAX
from bot.playground.telegram.parameters import Json, Upload
from bot.playground.telegram.photo_sizes import Copy, NoPicture, copies_of_person, sticker_of, thumbnail_of

StickerKind = Literal["static", "animated", "video"]
ClipKind = Literal["video", "animation"]

STICKERS: Final = {  # how each kind is kept
    "static": (".webp", "image/webp"),
    "animated": (".tgs", "application/x-tgsticker"),
    "video": (".webm", "video/webm"),
}
STICKER: Final = (512, 512)  # pixels, where nothing tells them
CLIP: Final = (640, 360)


async def send_files(
    seat: Seat, uploads: Sequence[Upload], caption: str = "", as_file: bool = False, reply_to: int = 0
) -> list[Json]:
    """Send images or other files; two or more make an album, whose first item has the caption."""
    if not 1 <= len(uploads) <= ALBUM_MAX:
        raise Impossible(f"one message holds 1 to {ALBUM_MAX} files")
    said = caption_of(caption)
    files = [await _attached(seat, upload, as_file) for upload in uploads]
    if len({next(iter(file)) for file in files}) > 1:  # one of them is no photo: all go as files
        files = [await _attached(seat, upload, as_file=True) for upload in uploads]
    group = {"media_group_id": seat.cloud.new_group_id()} if len(files) > 1 else {}
    contents = [group | file | (said if number == 0 else {}) for number, file in enumerate(files)]
    return [seat.post(content, reply_to) for content in contents]


async def send_sticker(seat: Seat, content: bytes, kind: StickerKind, thumbnail: bytes = b"") -> Json:
    """Send a sticker: a static one is made of any image, the others are kept as they are."""
    width, height = STICKER
    if kind == "static":
        still = await _made(sticker_of, content)
        content, width, height = still.content, still.width, still.height
    looks = {"type": "regular", "width": width, "height": height, "emoji": "🙂"}
    moves = {"is_animated": kind == "animated", "is_video": kind == "video"}
    small = await _small(seat, thumbnail)
    sticker = seat.cloud.shelf.add("sticker", content, *STICKERS[kind], looks | moves | small)
    return seat.post({"sticker": sticker})


async def send_clip(
    seat: Seat, kind: ClipKind, content: bytes, thumbnail: bytes = b"", caption: str = ""
) -> Json:
    """Send a video, or an animation: a video without sound that plays by itself."""
    said, small = caption_of(caption), await _small(seat, thumbnail)
    width, height = CLIP
    named = {"file_name": f"{kind}.mp4", "mime_type": "video/mp4"}
    looks = {"width": width, "height": height, "duration": 3}
    clip = seat.cloud.shelf.add(kind, content, ".mp4", named["mime_type"], named | looks | small)
    # Telegram tells old bots of an animation as of a file, too.
    also = {"document": {k: v for k, v in clip.items() if k not in looks}} if kind == "animation" else {}
    return seat.post({kind: clip} | also | said)


def send_voice(seat: Seat, content: bytes, seconds: int = 1) -> Json:
    """Send a voice message."""
    kind = "audio/ogg"
    fields = {"duration": seconds, "mime_type": kind}
    return seat.post({"voice": seat.cloud.shelf.add("voice", content, ".oga", kind, fields)})


def send_location(seat: Seat, latitude: float, longitude: float) -> Json:
    """Send a place."""
    if not (abs(latitude) <= 90 and abs(longitude) <= 180):
        raise Impossible("there is no such place on earth")
    return seat.post({"location": {"latitude": latitude, "longitude": longitude}})


async def _attached(seat: Seat, upload: Upload, as_file: bool) -> Json:
    if not as_file:
        try:
            copies = await asyncio.to_thread(copies_of_person, upload.content)
            return {"photo": seat.cloud.shelf.add_photo(copies)}
        except NoPicture:
            pass  # an app that cannot show it sends it as a file
    return {"document": seat.cloud.shelf.add_document(upload.content, upload.name, upload.mime_type)}


async def _small(seat: Seat, content: bytes) -> Json:
    if not content:
        return {}
    return {"thumbnail": seat.cloud.shelf.add_thumbnail(await _made(thumbnail_of, content))}


async def _made(maker: Callable[[bytes], Copy], content: bytes) -> Copy:
    try:
        return await asyncio.to_thread(maker, content)
    except NoPicture as error:
        raise Impossible("this is no picture") from error
