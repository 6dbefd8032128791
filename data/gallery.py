"""A gallery: a folder of images that can be found."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from data import flickr8k

SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".webp"})


@dataclass(frozen=True, slots=True)
class Gallery:
    """Images on disk; their vectors are kept elsewhere, by the network that made them.

    Attributes:
        name: what people call it; also names the file of its vectors.
        folder: where the images lie.
        images: paths relative to the folder, sorted, with forward slashes.
        credit: whose images they are, one sentence.
        notices: what the host should know, a sentence each.
        source: web page of an image's original, where there is one.
    """

    name: str
    folder: Path
    images: tuple[str, ...]
    credit: str = ""
    notices: tuple[str, ...] = ()
    source: Callable[[str], str | None] = field(default=lambda _: None, repr=False)
    _names: frozenset[str] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_names", frozenset(self.images))  # thousands, and asked for at every album

    def path(self, image: str) -> Path:
        """File of an image.

        Raises:
            KeyError: no such image; names are looked up, never taken as paths.
        """
        if image not in self._names:
            raise KeyError(image)
        return self.folder / image


def flickr8k_gallery(root: Path) -> Gallery:
    """All photos of Flickr8K, of whatever split.

    Raises:
        Flickr8kError: the folder does not hold Flickr8K.
    """
    found = flickr8k.open_flickr8k(root)
    return Gallery(
        "Flickr8K", found.folder, found.images, flickr8k.CREDIT, found.notices, flickr8k.photo_page
    )


def folder_gallery(folder: Path, name: str, credit: str = "") -> Gallery:
    """All images in a folder and the folders below it; empty where there are none."""
    files = (path for path in folder.rglob("*") if path.suffix.lower() in SUFFIXES and path.is_file())
    return Gallery(name, folder, tuple(sorted(path.relative_to(folder).as_posix() for path in files)), credit)
