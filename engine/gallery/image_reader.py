"""Reading and encoding the images of a gallery: a file that cannot be used costs only itself.

Decoders and the network may raise anything at all for a file of somebody's disk. Whatever it is becomes a
`LeftOut`, a value that names the reason, and indexing goes on.
"""

from __future__ import annotations

import logging
import math
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, TypeVar

import numpy as np

from data.gallery import Gallery
from engine.errors import BadInputError, BrokenInstallationError, DecoderEndedError, PhotoTooLargeError
from engine.gallery import near_duplicates
from engine.photos import decoding, preprocess
from engine.photos.preprocess import DecodedPhoto
from engine.runtime.network import ImageFeatures, RuntimeNetwork

log = logging.getLogger(__name__)

Decoder = Callable[[bytes, int], DecodedPhoto]  # from a file's content and the pixels a side that are needed

T = TypeVar("T")

SOME_ATTEMPTS: Final = 3
DECODER_ENDED: Final = "its decoder crashed, or took too long."
UNREADABLE: Final = "it is no whole image in a format that is read."
TOO_LARGE: Final = (
    f"it is over {decoding.MAX_BYTES // 2**20} MB or {decoding.MAX_PIXELS // 10**6} million pixels."
)


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Why an image is left out.

    Attributes:
        reason: a sentence for the host's log.
        attempts: how many attempts the file is worth while it does not change. A second one may find more
            memory or a processor with time; and a disk may come back at any time.
    """

    reason: str
    attempts: float = 1

    @property
    def until_changed(self) -> bool:
        """True if only another file helps, even after a new start."""
        return self.attempts == 1


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

    def read() -> DecodedPhoto:
        content = gallery.read(image, decoding.MAX_BYTES + 1)  # a backup may be larger than the memory
        if len(content) > decoding.MAX_BYTES:
            raise PhotoTooLargeError
        return (decode or preprocess.decode_photo)(content, side)

    return _attempt(read)


def encode_image(network: RuntimeNetwork, photo: DecodedPhoto | LeftOut) -> ImageFeatures | LeftOut:
    """Encode a decoded image; one that was left out stays so."""
    if isinstance(photo, LeftOut):
        return photo

    def encode() -> ImageFeatures:
        return network.encode_image(preprocess.to_pixels(photo.square, network.config.image_size)[None])

    return _attempt(encode)


def signature_of(photo: DecodedPhoto | LeftOut) -> np.ndarray:
    """Return the signature (256,) of a decoded image.

    That of one that was left out is like no other, and unknown if another try may succeed.
    """
    if isinstance(photo, LeftOut):
        return (
            near_duplicates.FEATURELESS if photo.until_changed else near_duplicates.unknown_signatures(1)[0]
        )
    return near_duplicates.signature(photo.square)


class Failures:
    """The images that could not be used: why, how often, and which are not tried again."""

    def __init__(self) -> None:
        self._reasons: dict[str, str] = {}
        self._counts: Counter[str] = Counter()
        self._given_up: dict[str, str] = {}

    def __contains__(self, image: object) -> bool:
        return image in self._reasons

    def note(self, image: str, state: str, left_out: LeftOut, attempts: float) -> bool:
        """Note a failure, and log it if it is a new one; return True after so many attempts.

        Args:
            image: the image's name.
            state: state of its file, see `Gallery.states`; in another one it is tried again.
            left_out: the reason.
            attempts: how many attempts it is worth.
        """
        if self._reasons.get(image) != left_out.reason:
            log.warning("%s is left out: %s", image, left_out.reason)
        self._reasons[image] = left_out.reason
        self._counts[image] += 1
        if self._counts[image] < attempts:
            return False
        del self._counts[image]
        self._given_up[image] = state
        return True

    def forget(self, image: str) -> None:
        """Forget an image that can be used."""
        self._reasons.pop(image, None)
        self._counts.pop(image, None)

    def is_given_up(self, image: str, state: str) -> bool:
        """Return True if an image in this state is not worth another attempt."""
        return self._given_up.get(image) == state


def _attempt(step: Callable[[], T]) -> T | LeftOut:
    """Return the result of a step with a file of somebody's disk, or why the file is left out."""
    try:
        return step()
    except Exception as error:  # noqa: BLE001 - decoders and the network raise anything at all
        return _left_out(error)


def _left_out(error: Exception) -> LeftOut:
    if isinstance(error, PhotoTooLargeError):
        return LeftOut(TOO_LARGE)
    if isinstance(error, DecoderEndedError):
        return LeftOut(DECODER_ENDED, attempts=SOME_ATTEMPTS)
    if isinstance(error, BadInputError):
        return LeftOut(UNREADABLE)
    if isinstance(error, OSError) and error.strerror:
        return LeftOut(f"{error.strerror}.", attempts=math.inf)
    if isinstance(error, BrokenInstallationError):  # no decoder starts: that is not the image's fault
        return LeftOut(str(error), attempts=math.inf)
    return LeftOut(f"{type(error).__name__}: {error}", attempts=SOME_ATTEMPTS)
