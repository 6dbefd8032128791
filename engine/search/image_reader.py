"""Reading and encoding the images of a gallery: a file that cannot be used costs only itself.

Decoders and the network may raise anything at all for a file of somebody's disk. Whatever it is becomes a
`LeftOut`, a value that names the reason, and indexing goes on.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import torch

from data.gallery import Gallery
from engine.errors import BadInputError, PhotoTooLargeError
from engine.model.layers import ImageFeatures
from engine.model.network import Network
from engine.photos import decoding, preprocess
from engine.photos.preprocess import DecodedPhoto

Decoder = Callable[[bytes, int], DecodedPhoto]  # from a file's content and the pixels a side that are needed

UNREADABLE: Final = "it is no whole image in a format that is read."
TOO_LARGE: Final = (
    f"it is over {decoding.MAX_BYTES // 2**20} MB or {decoding.MAX_PIXELS // 10**6} million pixels."
)


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Why an image is left out.

    Attributes:
        reason: a sentence for the host's log.
        until_changed: True if only another file helps. Else the image is tried again: a disk may come back,
            and memory may be free next time.
    """

    reason: str
    until_changed: bool


def read_image(
    gallery: Gallery, image: str, side: int, decode: Decoder | None = None
) -> DecodedPhoto | LeftOut:
    """Read and decode an image of a gallery.

    Args:
        gallery: the gallery.
        image: a name of the gallery.
        side: pixels a side of the network's input.
        decode: decodes the file, by default in this process.
    """
    try:
        file = gallery.path(image)
        if file.stat().st_size > decoding.MAX_BYTES:  # not read: a backup may be larger than the memory
            return LeftOut(TOO_LARGE, until_changed=True)
        return (decode or preprocess.decode_photo)(file.read_bytes(), side)
    except Exception as error:  # noqa: BLE001 - see above
        return _left_out(error)


def encode_image(network: Network, photo: DecodedPhoto | LeftOut) -> ImageFeatures | LeftOut:
    """Encode a decoded image; one that was left out stays so."""
    if isinstance(photo, LeftOut):
        return photo
    try:
        pixels = preprocess.to_tensor(photo.square, network.config.image_size)
        with torch.inference_mode():
            return network.encode_image(pixels.unsqueeze(0))
    except Exception as error:  # noqa: BLE001 - see above
        return _left_out(error)


def _left_out(error: Exception) -> LeftOut:
    if isinstance(error, PhotoTooLargeError):
        return LeftOut(TOO_LARGE, until_changed=True)
    if isinstance(error, BadInputError):
        return LeftOut(UNREADABLE, until_changed=True)
    if isinstance(error, OSError) and error.strerror:
        return LeftOut(f"{error.strerror}.", until_changed=False)
    return LeftOut(f"{type(error).__name__}: {error}", until_changed=False)
