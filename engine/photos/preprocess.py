"""The one way from bytes to a tensor: training, indexing and queries all go through here.

Strangers' photos are read in a process of their own (`engine.photos.decoder_pool`), which imports this and must stay
small: torch and NumPy come in only where a tensor is made.
"""

from __future__ import annotations

import io
import warnings
from typing import TYPE_CHECKING, NamedTuple

from PIL import Image, ImageOps

from engine.errors import PhotoTooLargeError, UnreadablePhotoError

if TYPE_CHECKING:
    import torch

MAX_BYTES = 20 * 2**20  # what Telegram's getFile hands to a bot
MAX_PIXELS = 25_000_000  # a 10 KB PNG can unfold to gigabytes; phones' photos stay below this
# What `to_tensor` does, in words that travel with the weights: other words, other weights.
TRANSFORM = {"resize": "squashed to a square, bicubic", "range": [-1.0, 1.0], "colours": "RGB"}
JPEG_QUALITY = 82  # of thumbnails: small, and nothing to be seen of it
FORMATS = ("JPEG", "PNG", "WEBP")  # decoders that see hostile bytes: no more than people need
SHOWN = 1080  # pixels a side at most, where people see the photo again: a phone's width


class Picture(NamedTuple):
    """A photo that has been read.

    Attributes:
        square: what the network sees: RGB, of its size.
        shown: what people see, at most `SHOWN` pixels a side; None where nobody asked for it.
    """

    square: Image.Image
    shown: Image.Image | None = None


def read(photo: bytes, side: int, *, shown: bool = False) -> Picture:
    """Decode a photo and make it ready for the network, and for people's eyes, too. Errors as in `decode`."""
    image = decode(photo, side)
    square = squash(image, side)
    if not shown:
        return Picture(square)
    image.thumbnail((SHOWN, SHOWN))
    return Picture(square, image)


def decode(photo: bytes, side: int) -> Image.Image:
    """Decode image bytes into an upright RGB picture, at least `side` pixels a side where it was.

    Only the first frame of an animation is read and EXIF is dropped once it has been applied.

    Raises:
        PhotoTooLarge: over `MAX_BYTES` or `MAX_PIXELS`; decided before any pixel is decoded.
        UnreadablePhoto: not a whole JPEG, PNG or WebP image.
    """
    check_size(photo)
    try:
        with warnings.catch_warnings():
            # Of damage nobody can mend, and of sizes: those we refuse by our own limit below.
            warnings.simplefilter("ignore")
            image = Image.open(io.BytesIO(photo), formats=FORMATS)
            if image.width * image.height > MAX_PIXELS:
                raise PhotoTooLargeError(
                    key="photo-too-wide", width=str(image.width), height=str(image.height)
                )
            # libjpeg can decode at 1/2, 1/4, 1/8: a phone's photo costs a fraction of the time. Half as much
            # again as the network sees is left, so that Telegram's 1280 x 960 still come at a half.
            image.draft("RGB", (3 * side // 2, 3 * side // 2))
            return _opaque(ImageOps.exif_transpose(image))
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise UnreadablePhotoError(key="unreadable-photo") from error


def _opaque(image: Image.Image) -> Image.Image:
    """In RGB, on white where it is see-through: the colours that lie hidden there are nobody's picture."""
    if not image.has_transparency_data:
        return image.convert("RGB")
    shown = image.convert("RGBA")
    return Image.alpha_composite(Image.new("RGBA", shown.size, "white"), shown).convert("RGB")


def check_size(photo: bytes) -> None:
    """Refuse bytes over `MAX_BYTES`, whatever they are.

    Raises:
        PhotoTooLarge: they are.
    """
    if len(photo) > MAX_BYTES:
        raise PhotoTooLargeError(key="file-too-large")


def squash(image: Image.Image, side: int) -> Image.Image:
    """Make a picture a square.

    The aspect is not kept: the training images were squashed the same way, and nothing is cut off.
    """
    return image if image.size == (side, side) else image.resize((side, side), Image.Resampling.BICUBIC)


def to_tensor(image: Image.Image, side: int) -> torch.Tensor:
    """Squash a picture to a square tensor, (3, side, side), float32 in [-1, 1]."""
    import numpy as np
    import torch

    pixels = torch.from_numpy(np.array(squash(image, side)))  # (side, side, 3) uint8
    return pixels.permute(2, 0, 1).float().div_(127.5).sub_(1)


def load(photo: bytes, side: int) -> torch.Tensor:
    """Decode and transform in one step: bytes to (3, side, side). Errors as in `decode`."""
    return to_tensor(decode(photo, side), side)


def thumbnail(photo: bytes, side: int) -> bytes:
    """Shrink a picture to at most `side` pixels a side, as JPEG without metadata. Errors as in `decode`."""
    image = decode(photo, side)
    image.thumbnail((side, side))
    file = io.BytesIO()
    image.save(file, "JPEG", quality=JPEG_QUALITY)
    return file.getvalue()
