"""Photo sizes as Telegram stores them: upright JPEG. Everything here blocks: call it in a thread."""

from __future__ import annotations

import io
from dataclasses import dataclass

from PIL import Image

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
from engine.photos import containers, decoding

JPEG_QUALITY = 87  # about what Telegram's apps use
FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "BMP")


@dataclass(frozen=True)
class ImageFile:
    """An encoded image: its width and height in pixels, and its bytes."""

    width: int
    height: int
    content: bytes


class NotAPhotoError(ValueError):
    """Bytes that cannot become a photo."""


def photo_from_upload(content: bytes) -> tuple[ImageFile, ...]:
    """Return the sizes of a photo that a bot uploads.

    Raises:
        ApiError: it is too large, too long and narrow, or no image.
    """
    if len(content) > PHOTO_UPLOAD_BYTES:
        size = f"file of size {len(content)} bytes is too big for a photo"
        raise bad_request(f"{size}; the maximum size is {PHOTO_UPLOAD_BYTES} bytes")
    try:
        width, height = image_size(content)
        if width + height > PHOTO_SIDES_SUM or max(width, height) > PHOTO_RATIO * min(width, height):
            raise bad_request("PHOTO_INVALID_DIMENSIONS")
        return _photo_sizes(content)
    except NotAPhotoError as error:
        raise bad_request("IMAGE_PROCESS_FAILED") from error


def photo_from_person(content: bytes) -> tuple[ImageFile, ...]:
    """Return the sizes of a photo that a person sends: their app shrinks it first.

    Raises:
        NotAPhotoError: it is no image, or the app would send it as a file.
    """
    width, height = image_size(content)
    if width * height > PERSON_PIXELS or max(width, height) > PHOTO_RATIO * min(width, height):
        raise NotAPhotoError(f"{width} x {height} goes as a file")
    return _photo_sizes(content)


def sticker_image(content: bytes) -> ImageFile:
    """Return an image as a static sticker, as an app converts it."""
    return _resized(content, STICKER_SIDE, "WEBP")


def thumbnail_image(content: bytes) -> ImageFile:
    """Return an image as the thumbnail of a video."""
    return _resized(content, THUMBNAIL_SIDE, "JPEG")


def image_size(content: bytes) -> tuple[int, int]:
    """Return width and height in pixels from the header of an image, without decoding it."""
    try:
        with Image.open(io.BytesIO(content), formats=FORMATS) as image:
            return image.size
    except (OSError, ValueError, Image.DecompressionBombError) as error:  # what Pillow raises for odd files
        raise NotAPhotoError(str(error)) from error


def _photo_sizes(content: bytes) -> tuple[ImageFile, ...]:
    upright = _on_white(_upright(content))
    longest = max(upright.size)
    sides = [side for side in PHOTO_SIDES if side < longest] + [min(longest, PHOTO_SIDES[-1])]
    return tuple(_encode(upright, side, "JPEG") for side in sorted(set(sides)))


def _resized(content: bytes, side: int, kind: str) -> ImageFile:
    image = _upright(content)
    return _encode(_on_white(image) if kind == "JPEG" else image.convert("RGBA"), side, kind)


def _upright(content: bytes) -> Image.Image:
    try:
        with Image.open(io.BytesIO(content), formats=FORMATS) as image:
            orientation = containers.orientation(image.info.get("exif", b""))
            image.load()
            return decoding.turn(image.copy(), orientation)
    except (OSError, SyntaxError, ValueError) as error:  # what Pillow's decoders raise on broken files
        raise NotAPhotoError(str(error)) from error


def _on_white(image: Image.Image) -> Image.Image:
    if not image.has_transparency_data:
        return image.convert("RGB")
    background = Image.new("RGBA", image.size, "white")
    return Image.alpha_composite(background, image.convert("RGBA")).convert("RGB")


def _encode(image: Image.Image, side: int, kind: str) -> ImageFile:
    small = image.copy()
    small.thumbnail((side, side))
    buffer = io.BytesIO()
    small.save(buffer, kind, quality=JPEG_QUALITY)
    return ImageFile(*small.size, buffer.getvalue())
