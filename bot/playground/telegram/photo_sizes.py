"""Photos as Telegram keeps them: JPEG, turned upright, in a few sizes. Blocking: call in a thread."""

from __future__ import annotations

import io
from dataclasses import dataclass

from PIL import Image, ImageOps, UnidentifiedImageError

from bot.playground.telegram.api_errors import bad_request
from bot.playground.telegram.limits import (
    PERSON_PIXELS,
    PHOTO_RATIO,
    PHOTO_SIDES,
    PHOTO_SIDES_SUM,
    PHOTO_UPLOAD_BYTES,
    STICKER_SIDE,
    THUMBNAIL_SIDE,
)

QUALITY = 87  # about what Telegram's apps use
FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "BMP")


@dataclass(frozen=True)
class Copy:
    """One size of a photo."""

    width: int
    height: int
    content: bytes


class NoPicture(ValueError):
    """Bytes that no photo can be made of."""


def copies_of_upload(content: bytes) -> tuple[Copy, ...]:
    """Make the sizes of a photo a bot uploads, or refuse it as Telegram does."""
    if len(content) > PHOTO_UPLOAD_BYTES:
        words = f"file of size {len(content)} bytes is too big for a photo; the maximum size is"
        raise bad_request(f"{words} {PHOTO_UPLOAD_BYTES} bytes")
    try:
        width, height = measure(content)
        if width + height > PHOTO_SIDES_SUM or max(width, height) > PHOTO_RATIO * min(width, height):
            raise bad_request("PHOTO_INVALID_DIMENSIONS")
        return _copies(content)
    except NoPicture as error:
        raise bad_request("IMAGE_PROCESS_FAILED") from error


def copies_of_person(content: bytes) -> tuple[Copy, ...]:
    """Make the sizes of a photo a person sends: their app shrinks it first, whatever its size."""
    width, height = measure(content)
    if width * height > PERSON_PIXELS or max(width, height) > PHOTO_RATIO * min(width, height):
        raise NoPicture(f"{width} x {height} goes as a file")
    return _copies(content)


def sticker_of(content: bytes) -> Copy:
    """Make a static sticker of an image, as an app does."""
    return _shrunk(content, STICKER_SIDE, "WEBP")


def thumbnail_of(content: bytes) -> Copy:
    """Make the small picture that stands for a video until it is played."""
    return _shrunk(content, THUMBNAIL_SIDE, "JPEG")


def measure(content: bytes) -> tuple[int, int]:
    """Read width and height from the head of an image, decoding nothing."""
    try:
        with Image.open(io.BytesIO(content), formats=FORMATS) as image:
            return image.size
    except (UnidentifiedImageError, OSError, Image.DecompressionBombError) as error:
        raise NoPicture(str(error)) from error


def _copies(content: bytes) -> tuple[Copy, ...]:
    upright = _on_white(_upright(content))
    longest = max(upright.size)
    sides = [side for side in PHOTO_SIDES if side < longest] + [min(longest, PHOTO_SIDES[-1])]
    return tuple(_copy(upright, side, "JPEG") for side in sorted(set(sides)))


def _shrunk(content: bytes, side: int, kind: str) -> Copy:
    image = _upright(content)
    return _copy(_on_white(image) if kind == "JPEG" else image.convert("RGBA"), side, kind)


def _upright(content: bytes) -> Image.Image:
    try:
        with Image.open(io.BytesIO(content), formats=FORMATS) as image:
            return ImageOps.exif_transpose(image)
    except (OSError, SyntaxError, ValueError) as error:  # what Pillow's decoders raise on broken files
        raise NoPicture(str(error)) from error


def _on_white(image: Image.Image) -> Image.Image:
    if not image.has_transparency_data:
        return image.convert("RGB")
    paper = Image.new("RGBA", image.size, "white")
    return Image.alpha_composite(paper, image.convert("RGBA")).convert("RGB")


def _copy(image: Image.Image, side: int, kind: str) -> Copy:
    small = image.copy()
    small.thumbnail((side, side))
    buffer = io.BytesIO()
    small.save(buffer, kind, quality=QUALITY)
    return Copy(*small.size, buffer.getvalue())
