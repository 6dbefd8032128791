"""Flickr8K on disk, in its official layout (M. Hodosh, P. Young, J. Hockenmaier, JAIR 2013).

root/Flicker8k_Dataset/*.jpg                    8,091 photos (the folder's name is spelled so)
root/Flickr8k_text/Flickr8k.token.txt           five captions a photo: name#number <tab> caption
root/Flickr8k_text/Flickr_8k.trainImages.txt    a name a line; devImages and testImages beside it
"""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

IMAGES = 8_091
SPLITS: Mapping[str, int] = MappingProxyType({"train": 6_000, "dev": 1_000, "test": 1_000})
CREDIT = "Photos from Flickr8K (Hodosh, Young, Hockenmaier 2013); each belongs to its author on Flickr."


class Flickr8kError(Exception):
    """The folder does not contain Flickr8K; the message names what is missing."""


@dataclass(frozen=True, slots=True)
class Flickr8k:
    """The contents of a Flickr8K folder, which may be incomplete.

    Attributes:
        folder: the folder of photos.
        images: names of all photos, sorted.
        splits: names of the photos of train, dev and test, in the lists' order; photos that are missing
            are left out, and a split without a list is empty.
        captions: photo name to its captions, unchanged.
        notices: differences from the official data, one sentence each.
    """

    folder: Path
    images: tuple[str, ...]
    splits: Mapping[str, tuple[str, ...]]
    captions: Mapping[str, tuple[str, ...]]
    notices: tuple[str, ...]


def open_flickr8k(root: Path) -> Flickr8k:
    """Read the names, splits and captions of a Flickr8K folder, without opening photos.

    Raises:
        Flickr8kError: there are no photos, or no caption file.
    """
    folder, text = root / "Flicker8k_Dataset", root / "Flickr8k_text"
    names = os.listdir(folder) if folder.is_dir() else ()  # noqa: PTH208 - of thousands, five times as fast
    images = tuple(sorted(name for name in names if name.endswith(".jpg")))
    if not images:
        raise Flickr8kError(f"No photos in {folder}. Point FLICKR8K_DIR at the folder above it.")
    tokens = text / "Flickr8k.token.txt"
    if not tokens.is_file():
        raise Flickr8kError(f"No captions at {tokens}. Flickr8k_text.zip holds them.")
    lists = {split: _read_names(text / f"Flickr_8k.{split}Images.txt") for split in SPLITS}
    on_disk = set(images)
    splits = {split: tuple(name for name in names if name in on_disk) for split, names in lists.items()}
    captions = {name: texts for name, texts in _read_captions(tokens).items() if name in on_disk}
    return Flickr8k(folder, images, splits, captions, _differences(images, lists, splits, captions))


def photo_page(image: str) -> str | None:
    """Return the web page of a Flickr8K photo, which credits its author; None for other file names."""
    number = image.split("_", 1)[0]
    return f"https://www.flickr.com/photo.gne?id={number}" if number.isdigit() else None


def _read_names(path: Path) -> tuple[str, ...]:
    return tuple(path.read_text(encoding="utf-8").split()) if path.is_file() else ()


def _read_captions(path: Path) -> dict[str, tuple[str, ...]]:
    """Return captions by photo; five belong to "2258277193_586949ec62.jpg.1", a photo that does not exist."""
    captions: dict[str, list[str]] = defaultdict(list)
    for line in path.read_text(encoding="utf-8").splitlines():
        key, _, caption = line.partition("\t")
        if caption.strip():
            captions[key.partition("#")[0]].append(caption.strip())
    return {name: tuple(texts) for name, texts in captions.items()}


def _differences(
    images: tuple[str, ...],
    lists: Mapping[str, tuple[str, ...]],
    splits: Mapping[str, tuple[str, ...]],
    captions: Mapping[str, tuple[str, ...]],
) -> tuple[str, ...]:
    """Return the differences from the official counts, one sentence each."""
    notices = []
    if len(images) != IMAGES:
        notices.append(f"{len(images):,} of {IMAGES:,} photos are here.")
    for split, expected in SPLITS.items():
        if not lists[split]:
            notices.append(f"The list of the {split} split is missing.")
        elif len(splits[split]) != expected:
            notices.append(f"{len(splits[split]):,} of {expected:,} photos of the {split} split are here.")
    without_captions = sum(1 for names in splits.values() for name in names if not captions.get(name))
    if without_captions:
        notices.append(f"{without_captions:,} photos of the splits have no captions.")
    return tuple(notices)
