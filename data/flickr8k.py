"""Flickr8K on disk, in its official layout (M. Hodosh, P. Young, J. Hockenmaier, JAIR 2013).

root/Flicker8k_Dataset/*.jpg                    8,091 photos (the folder's name is spelled so)
root/Flickr8k_text/Flickr8k.token.txt           five captions a photo: name#number <tab> words
root/Flickr8k_text/Flickr_8k.trainImages.txt    a name a line; devImages and testImages beside it
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

IMAGES = 8_091
SPLITS: Mapping[str, int] = MappingProxyType({"train": 6_000, "dev": 1_000, "test": 1_000})
CREDIT = "Photos from Flickr8K (Hodosh, Young, Hockenmaier 2013); each belongs to its author on Flickr."


class Flickr8kError(Exception):
    """The folder does not hold Flickr8K; the message says what is missing."""


@dataclass(frozen=True, slots=True)
class Flickr8k:
    """What a Flickr8K folder holds, as far as it is there.

    Attributes:
        folder: the folder of photos.
        images: names of all photos, sorted.
        splits: names of the photos of train, dev and test, in the lists' order; a split whose list
            or photos are missing is shorter, or empty.
        captions: photo name to its captions, as written.
        notices: what differs from the official data, a sentence each.
    """

    folder: Path
    images: tuple[str, ...]
    splits: Mapping[str, tuple[str, ...]]
    captions: Mapping[str, tuple[str, ...]]
    notices: tuple[str, ...]


def open_flickr8k(root: Path) -> Flickr8k:
    """Read the names, splits and captions of a Flickr8K folder; no photo is opened.

    Raises:
        Flickr8kError: no photos, or no caption file.
    """
    folder, text = root / "Flicker8k_Dataset", root / "Flickr8k_text"
    images = tuple(sorted(path.name for path in folder.glob("*.jpg")))
    if not images:
        raise Flickr8kError(f"No photos in {folder}. Point FLICKR8K_DIR at the folder above it.")
    tokens = text / "Flickr8k.token.txt"
    if not tokens.is_file():
        raise Flickr8kError(f"No captions at {tokens}. Flickr8k_text.zip holds them.")
    lists = {split: _read_names(text / f"Flickr_8k.{split}Images.txt") for split in SPLITS}
    here = set(images)
    splits = {split: tuple(name for name in names if name in here) for split, names in lists.items()}
    captions = {name: texts for name, texts in _read_captions(tokens).items() if name in here}
    return Flickr8k(folder, images, splits, captions, _compare(images, lists, splits, captions))


def photo_page(image: str) -> str | None:
    """Web page of a Flickr8K photo, where its author is credited; None for other file names."""
    number = image.split("_", 1)[0]
    return f"https://www.flickr.com/photo.gne?id={number}" if number.isdigit() else None


def _read_names(path: Path) -> tuple[str, ...]:
    return tuple(path.read_text(encoding="utf-8").split()) if path.is_file() else ()


def _read_captions(path: Path) -> dict[str, tuple[str, ...]]:
    """Captions by photo. Five are of "2258277193_586949ec62.jpg.1", a photo that never existed."""
    captions: dict[str, list[str]] = defaultdict(list)
    for line in path.read_text(encoding="utf-8").splitlines():
        key, _, caption = line.partition("\t")
        if caption.strip():
            captions[key.partition("#")[0]].append(caption.strip())
    return {name: tuple(texts) for name, texts in captions.items()}


def _compare(
    images: tuple[str, ...],
    lists: Mapping[str, tuple[str, ...]],
    splits: Mapping[str, tuple[str, ...]],
    captions: Mapping[str, tuple[str, ...]],
) -> tuple[str, ...]:
    """Say where this folder differs from the official counts."""
    notices = []
    if len(images) != IMAGES:
        notices.append(f"{len(images):,} of {IMAGES:,} photos are here.")
    for split, expected in SPLITS.items():
        if not lists[split]:
            notices.append(f"The list of the {split} split is missing.")
        elif len(splits[split]) != expected:
            notices.append(f"{len(splits[split]):,} of {expected:,} photos of the {split} split are here.")
    silent = sum(1 for names in splits.values() for name in names if not captions.get(name))
    if silent:
        notices.append(f"{silent:,} photos of the splits have no captions.")
    return tuple(notices)
