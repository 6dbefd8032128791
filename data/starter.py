"""The starter gallery: photos from the scikit-image package, for use without Flickr8K."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

import skimage
from PIL import Image

MAX_SIDE = 640  # pixels of the longer side; Telegram shows little more in an album
# File name in the gallery: file name in the package. Only photos of everyday things: no textures, no
# microscopy, no test charts, and one of the two views of the motorcycle.
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
    """The installed scikit-image lacks a photo; the message is one sentence."""


def make_starter(folder: Path) -> Path:
    """Write the missing photos of the starter gallery into `folder` as JPEG, and return `folder`.

    Nothing is downloaded: files are read from the installed package, not through `skimage.data`, which
    downloads missing ones.

    Raises:
        StarterError: a photo is not in the installed package.
    """
    package_data = Path(skimage.__file__).parent / "data"
    folder.mkdir(parents=True, exist_ok=True)
    for name, source in PHOTOS.items():
        if not (folder / name).exists():
            _write_jpeg(package_data / source, folder / name)
    return folder


def _write_jpeg(source: Path, target: Path) -> None:
    """Write a photo as an RGB JPEG, atomically."""
    if not source.is_file():
        raise StarterError(f"The installed scikit-image does not carry {source.name}: run `make env` again.")
    temporary = target.with_suffix(".part")
    with Image.open(source) as image:
        photo = image.convert("RGB")
    photo.thumbnail((MAX_SIDE, MAX_SIDE), Image.Resampling.LANCZOS)
    photo.save(temporary, "JPEG", quality=90)
    temporary.replace(target)
