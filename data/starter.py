"""The starter gallery: photographs that scikit-image carries, for machines without Flickr8K."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

import skimage
from PIL import Image

SIDE = 640  # pixels of the longer side; Telegram shows little more in an album
# File name here, file name there. Only photographs of things that have an everyday name: no textures, no
# microscopy, no test charts, and only one of the two views of the motorcycle.
PHOTOS: Mapping[str, str] = MappingProxyType(
    {
        "astronaut.jpg": "astronaut.png",
        "cat.jpg": "chelsea.png",
        "coffee.jpg": "coffee.png",
        "coins.jpg": "coins.png",
        "motorcycle.jpg": "motorcycle_left.png",
        "photographer.jpg": "camera.png",
        "rocket.jpg": "rocket.jpg",
        "stars.jpg": "hubble_deep_field.jpg",
    }
)
STARTER_CREDIT = (
    "Photos carried by scikit-image: astronaut and stars by NASA, rocket by SpaceX (public domain); cat by "
    "Stefan van der Walt, coffee by Rachel Michetti, photographer by Lav Varshney (CC0); coins from the "
    "Brooklyn Museum (no known restrictions); motorcycle from the Middlebury 2014 stereo benchmark."
)


class StarterError(Exception):
    """This scikit-image does not carry the photos; the message is one sentence."""


def make_starter(folder: Path) -> Path:
    """Write the starter gallery's JPEGs into `folder`, those that are missing, and answer `folder`.

    Nothing is downloaded: the files are read from the installed package, not through `skimage.data`,
    which would fetch what it lacks.

    Raises:
        StarterError: a photo is not in the installed package.
    """
    carried = Path(skimage.__file__).parent / "data"
    folder.mkdir(parents=True, exist_ok=True)
    for name, source in PHOTOS.items():
        if not (folder / name).exists():
            _convert(carried / source, folder / name)
    return folder


def _convert(source: Path, target: Path) -> None:
    """Write one photo as an RGB JPEG; under another name first, so that a half-written one never counts."""
    if not source.is_file():
        raise StarterError(f"The installed scikit-image does not carry {source.name}: run `make env` again.")
    half = target.with_suffix(".part")
    with Image.open(source) as image:
        photo = image.convert("RGB")
    photo.thumbnail((SIDE, SIDE), Image.Resampling.LANCZOS)
    photo.save(half, "JPEG", quality=90)
    half.replace(target)
