"""Preprocessing: from image bytes to pixels. Training, indexing and queries all use it.

Untrusted photos are decoded in a separate process (`engine.photos.decoder_pool`), which imports this module
and must stay small: NumPy is imported only where an array is made.
"""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, NamedTuple

from PIL import Image

from engine.photos.decoding import decode

if TYPE_CHECKING:
    import numpy as np

# What `to_pixels` does. It is stored with the weights, and weights trained otherwise are refused.
TRANSFORM = {"resize": "squashed to a square, bicubic", "range": [-1.0, 1.0], "colours": "RGB"}
JPEG_QUALITY = 82  # of thumbnails: small, without visible artefacts
ALBUM_SIZE = 1280  # pixels a side at most of a photo as Telegram keeps it
ALBUM_QUALITY = 87  # what Telegram's own copies have, about
MAX_RATIO = 20  # of a photo's longer to its shorter side
DISPLAY_SIZE = 1080  # pixels a side at most of a picture for people: a phone's width


class DecodedPhoto(NamedTuple):
    """A decoded photo.

    Attributes:
        square: RGB image of the network's input size.
        display: RGB image for people, at most `DISPLAY_SIZE` pixels a side; None if it was not requested.
    """

    square: Image.Image
    display: Image.Image | None = None


def decode_photo(photo: bytes, side: int, *, for_display: bool = False) -> DecodedPhoto:
    """Decode a photo and resize it for the network and, on request, for people.

    Args:
        photo: bytes of an image, see `engine.photos.decoding`.
        side: pixels a side of the network's input.
        for_display: whether to return the image for people, too.

    Raises:
        PhotoTooLargeError, UnreadablePhotoError: see `engine.photos.decoding.decode`.
    """
    image = decode(photo, side)
    square = resize_to_square(image, side)
    if not for_display:
        return DecodedPhoto(square)
    image.thumbnail((DISPLAY_SIZE, DISPLAY_SIZE))
    return DecodedPhoto(square, image)


def resize_to_square(image: Image.Image, side: int) -> Image.Image:
    """Resize an image to a square of `side` pixels.

    The aspect ratio is not kept: training images were resized the same way, and nothing is cropped.
    """
    return image if image.size == (side, side) else image.resize((side, side), Image.Resampling.BICUBIC)


def to_pixels(image: Image.Image, side: int) -> np.ndarray:
    """Return an image as a square array (3, side, side), float32 in [-1, 1]."""
    import numpy as np

    stored = np.asarray(resize_to_square(image, side))  # (side, side, 3) uint8
    pixels = stored.transpose(2, 0, 1).astype(np.float32, order="C")
    pixels /= np.float32(127.5)
    pixels -= np.float32(1)
    return pixels


def decode_to_pixels(photo: bytes, side: int) -> np.ndarray:
    """Decode image bytes to an array (3, side, side). Raises the errors of `decode`."""
    return to_pixels(decode(photo, side), side)


def album_jpeg(photo: bytes) -> bytes:
    """Fit an image to Telegram's limits for photos, as JPEG without metadata. Raises as `decode` does.

    Telegram refuses photos over 10 MB, with more than 10,000 pixels in both sides together, or thinner than
    1:20 (https://core.telegram.org/bots/api#sendphoto), and keeps them at most `ALBUM_SIZE` pixels a side.
    """
    image = decode(photo, ALBUM_SIZE)
    image.thumbnail((ALBUM_SIZE, ALBUM_SIZE))
    shortest = -(-max(image.size) // MAX_RATIO)
    if min(image.size) < shortest:
        padded = Image.new("RGB", (max(image.width, shortest), max(image.height, shortest)), "white")
        padded.paste(image, ((padded.width - image.width) // 2, (padded.height - image.height) // 2))
        image = padded
    return _jpeg(image, ALBUM_QUALITY)


def thumbnail(photo: bytes, side: int) -> bytes:
    """Shrink an image to at most `side` pixels a side, as JPEG without metadata. Raises as `decode` does."""
    image = decode(photo, side)
    image.thumbnail((side, side))
    return _jpeg(image, JPEG_QUALITY)


def _jpeg(image: Image.Image, quality: int) -> bytes:
    file = io.BytesIO()
    image.save(file, "JPEG", quality=quality)
    return file.getvalue()
