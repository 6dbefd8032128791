"""Preprocessing: from image bytes to a tensor. Training, indexing and queries all use it.

Untrusted photos are decoded in a separate process (`engine.photos.decoder_pool`), which imports this module
and must stay small: torch and NumPy are imported only where a tensor is made.
"""

from __future__ import annotations

import io
import warnings
from typing import TYPE_CHECKING, NamedTuple

from PIL import Image, ImageOps

from engine.errors import PhotoTooLargeError, UnreadablePhotoError

if TYPE_CHECKING:
    import torch

MAX_BYTES = 20 * 2**20  # the limit of Telegram's getFile
MAX_PIXELS = 25_000_000  # a 10 KB PNG can unfold to gigabytes; phones' photos stay below this
# What `to_tensor` does. It is stored with the weights, and weights trained otherwise are refused.
TRANSFORM = {"resize": "squashed to a square, bicubic", "range": [-1.0, 1.0], "colours": "RGB"}
JPEG_QUALITY = 82  # of thumbnails: small, without visible artefacts
FORMATS = ("JPEG", "PNG", "WEBP")  # decoders exposed to hostile bytes: as few as possible
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
        photo: JPEG, PNG or WebP bytes.
        side: pixels a side of the network's input.
        for_display: whether to return the image for people, too.

    Raises:
        PhotoTooLargeError, UnreadablePhotoError: see `decode`.
    """
    image = decode(photo, side)
    square = resize_to_square(image, side)
    if not for_display:
        return DecodedPhoto(square)
    image.thumbnail((DISPLAY_SIZE, DISPLAY_SIZE))
    return DecodedPhoto(square, image)


def decode(photo: bytes, side: int) -> Image.Image:
    """Decode image bytes into an upright RGB image.

    Only the first frame of an animation is decoded. EXIF data is dropped once the rotation is applied.

    Args:
        photo: JPEG, PNG or WebP bytes.
        side: pixels a side that are needed; a JPEG may be decoded at a smaller scale, but not below this.

    Raises:
        PhotoTooLargeError: over `MAX_BYTES` or `MAX_PIXELS`; decided before any pixel is decoded.
        UnreadablePhotoError: not a complete JPEG, PNG or WebP image.
    """
    check_size(photo)
    try:
        with warnings.catch_warnings():
            # Pillow warns of damage and of sizes; our own limit below refuses the latter.
            warnings.simplefilter("ignore")
            image = Image.open(io.BytesIO(photo), formats=FORMATS)
            if image.width * image.height > MAX_PIXELS:
                raise PhotoTooLargeError(
                    key="photo-too-wide", width=str(image.width), height=str(image.height)
                )
            # libjpeg can decode at 1/2, 1/4, 1/8: a phone's photo costs a fraction of the time. The factor
            # 3/2 lets Telegram's 1280 x 960 be decoded at a half.
            image.draft("RGB", (3 * side // 2, 3 * side // 2))
            return _on_white(ImageOps.exif_transpose(image))
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise UnreadablePhotoError(key="unreadable-photo") from error


def _on_white(image: Image.Image) -> Image.Image:
    """Convert to RGB; transparent pixels become white, because the colours below them are never visible."""
    if not image.has_transparency_data:
        return image.convert("RGB")
    layer = image.convert("RGBA")
    return Image.alpha_composite(Image.new("RGBA", layer.size, "white"), layer).convert("RGB")


def check_size(photo: bytes) -> None:
    """Refuse more than `MAX_BYTES`, whatever they hold.

    Raises:
        PhotoTooLargeError: the photo is over the limit.
    """
    if len(photo) > MAX_BYTES:
        raise PhotoTooLargeError(key="file-too-large")


def resize_to_square(image: Image.Image, side: int) -> Image.Image:
    """Resize an image to a square of `side` pixels.

    The aspect ratio is not kept: training images were resized the same way, and nothing is cropped.
    """
    return image if image.size == (side, side) else image.resize((side, side), Image.Resampling.BICUBIC)


def to_tensor(image: Image.Image, side: int) -> torch.Tensor:
    """Return an image as a square tensor (3, side, side), float32 in [-1, 1]."""
    import numpy as np
    import torch

    pixels = torch.from_numpy(np.array(resize_to_square(image, side)))  # (side, side, 3) uint8
    return pixels.permute(2, 0, 1).float().div_(127.5).sub_(1)


def decode_to_tensor(photo: bytes, side: int) -> torch.Tensor:
    """Decode image bytes to a tensor (3, side, side). Raises the errors of `decode`."""
    return to_tensor(decode(photo, side), side)


def thumbnail(photo: bytes, side: int) -> bytes:
    """Shrink an image to at most `side` pixels a side, as JPEG without metadata. Raises as `decode` does."""
    image = decode(photo, side)
    image.thumbnail((side, side))
    file = io.BytesIO()
    image.save(file, "JPEG", quality=JPEG_QUALITY)
    return file.getvalue()
