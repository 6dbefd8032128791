"""A gallery: a folder of images that can be found."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from urllib.parse import quote

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

    def states(self) -> dict[str, str]:
        """Each image that is there, and what changes whenever its file does: its size and its time.

        The contents would tell the same and no more that matters: two states of one file with the same
        size and the same nanosecond do not come about by themselves, and a file that was only touched
        costs one needless encoding. But they would have to be read, all of them, at every start.
        """
        found = {}
        for image in self.images:
            with suppress(OSError):  # it went away meanwhile
                file = (self.folder / image).stat()
                found[image] = f"{file.st_size}-{file.st_mtime_ns}"
        return found


def flickr8k_gallery(root: Path) -> Gallery:
    """All photos of Flickr8K, of whatever split.

    Raises:
        Flickr8kError: the folder does not hold Flickr8K.
    """
    found = flickr8k.open_flickr8k(root)
    return Gallery(
        "Flickr8K", found.folder, found.images, flickr8k.CREDIT, found.notices, flickr8k.photo_page
    )


def folder_gallery(folder: Path, name: str, credit: str = "", address: str | None = None) -> Gallery:
    """All images in a folder and the folders below it; empty where there are none.

    Hidden files and folders are left out: they are thumbnails and notes of other programs.

    Args:
        folder: where the images lie.
        name: what people call it.
        credit: whose images they are, one sentence.
        address: web address of the folder, if it has one: images have theirs below it.
    """
    files = (path for path in folder.rglob("*") if path.suffix.lower() in SUFFIXES and path.is_file())
    inside = (path.relative_to(folder) for path in files)
    images = sorted(path.as_posix() for path in inside if not any(part[0] == "." for part in path.parts))
    source = partial(_below, address) if address else _nowhere
    return Gallery(name, folder, tuple(images), credit, source=source)


def _below(address: str, image: str) -> str:
    # "…?file=" is an address, too. Names are bytes on most disks, and not always UTF-8.
    slash = "" if address.endswith(("/", "=")) else "/"
    return address + slash + quote(os.fsencode(image))


def _nowhere(_: str) -> None:
    return None
