"""How many copies and bursts are recognised, and which photos of a split are taken for near-duplicates."""

from __future__ import annotations

import io
import random
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, Final

import numpy as np
from PIL import Image, ImageEnhance

from data.flickr8k import Flickr8k
from engine.gallery.near_duplicates import signature
from engine.model.checkpoint import Checkpoint
from engine.photos import preprocess
from engine.photos.decoding import decode
from engine.search.ann_index import ExactIndex
from engine.search.duplicate_groups import NearDuplicates

SAMPLE: Final = 100  # photos of which copies are made
Alteration = Callable[[Image.Image, random.Random], tuple[Image.Image, Image.Image]]


def near_duplicate_metrics(
    checkpoint: Checkpoint, flickr8k: Flickr8k, names: Sequence[str], joint: np.ndarray
) -> dict[str, Any]:
    """Measure the recognition of near-duplicates.

    Args:
        checkpoint: the network.
        flickr8k: the data set.
        names: of N photos.
        joint: (N, J), their joint vectors.

    Returns:
        For each kind of alteration, the percentage of altered photos that are joined with their original; and
        the pairs of photos that are joined as they are: whether rightly, people have to look.
    """
    photos = [
        decode((flickr8k.folder / name).read_bytes(), checkpoint.network.config.image_size) for name in names
    ]
    found = NearDuplicates(
        ExactIndex(joint), joint, np.array([_signature(checkpoint, one) for one in photos])
    )
    pairs = [
        [names[row], names[other]] for row in range(len(names)) for other in found.of(row) if row < other
    ]
    rng = random.Random(1)
    sample = rng.sample(photos, min(SAMPLE, len(photos)))
    joined = {
        kind: round(100 * float(np.mean([_is_joined(checkpoint, *alter(one, rng)) for one in sample])), 1)
        for kind, alter in ALTERATIONS.items()
    }
    return {"joined": joined, "pairs": pairs}


def _is_joined(checkpoint: Checkpoint, one: Image.Image, other: Image.Image) -> bool:
    joint = np.stack([_embed(checkpoint, photo) for photo in (one, other)])
    signatures = np.stack([_signature(checkpoint, photo) for photo in (one, other)])
    return NearDuplicates(ExactIndex(joint), joint, signatures).of(0) == (1,)


def _embed(checkpoint: Checkpoint, photo: Image.Image) -> np.ndarray:
    pixels = preprocess.to_pixels(photo, checkpoint.network.config.image_size)
    joint: np.ndarray = checkpoint.network.encode_image(pixels[None]).joint[0]
    return joint


def _signature(checkpoint: Checkpoint, photo: Image.Image) -> np.ndarray:
    return signature(preprocess.resize_to_square(photo, checkpoint.network.config.image_size))


def _recompressed(photo: Image.Image, quality: int) -> Image.Image:
    file = io.BytesIO()
    photo.save(file, "JPEG", quality=quality)
    return Image.open(file).convert("RGB")


def _resized(photo: Image.Image, share: float) -> Image.Image:
    return photo.resize((round(photo.width * share), round(photo.height * share)), Image.Resampling.LANCZOS)


def _crop(photo: Image.Image, side: float, x: float, y: float) -> Image.Image:
    """Crop to a share of each side; x and y place it, 0 to 1."""
    width, height = photo.width * side, photo.height * side
    left, top = x * (photo.width - width), y * (photo.height - height)
    return photo.crop((round(left), round(top), round(left + width), round(top + height)))


def _cropped(side: float) -> Alteration:
    return lambda photo, rng: (photo, _recompressed(_crop(photo, side, rng.random(), rng.random()), 85))


def _turned(degrees: float) -> Alteration:
    """Turn, and crop the corners that it leaves empty."""
    return lambda photo, _: (photo, _crop(photo.rotate(degrees, Image.Resampling.BICUBIC), 0.88, 0.5, 0.5))


def _burst(shift: float) -> Alteration:
    """Move the camera by a share of the picture, in slightly other light."""

    def burst(photo: Image.Image, rng: random.Random) -> tuple[Image.Image, Image.Image]:
        second = _crop(photo, 1 - shift, 1, rng.random())
        return _crop(photo, 1 - shift, 0, 0), ImageEnhance.Brightness(second).enhance(rng.uniform(0.93, 1.07))

    return burst


ALTERATIONS: Final[Mapping[str, Alteration]] = MappingProxyType({
    "recompressed": lambda photo, _: (photo, _recompressed(photo, 40)),
    "resized_by_0.7": lambda photo, _: (photo, _recompressed(_resized(photo, 0.7), 75)),
    "brighter_by_1.3": lambda photo, _: (photo, ImageEnhance.Brightness(photo).enhance(1.3)),
    "darker_by_0.7": lambda photo, _: (photo, ImageEnhance.Brightness(photo).enhance(0.7)),
    "paler": lambda photo, _: (photo, ImageEnhance.Color(photo).enhance(0.6)),
    "cropped_to_0.95": _cropped(0.95),
    "cropped_to_0.9": _cropped(0.9),
    "cropped_to_0.85": _cropped(0.85),
    "turned_by_2_degrees": _turned(2),
    "burst_moved_by_0.05": _burst(0.05),
    "burst_moved_by_0.1": _burst(0.1),
})  # fmt: skip
