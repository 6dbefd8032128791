"""Galleries: folders of images to search."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from urllib.parse import quote

from data import flickr8k
from data.listing import list_images


@dataclass(frozen=True, slots=True)
class Gallery:
    """Images on disk. Their embeddings are stored elsewhere.

    Attributes:
        name: display name; also the name of the file of its embeddings.
        folder: folder of the images.
        images: names, sorted: paths relative to the folder, with forward slashes.
        credit: authors of the images, one sentence.
        notices: warnings for the operator, one sentence each.
        source: returns the web page of an image's original, or None.
        paths: paths relative to the folder of images whose names differ from them, see `data.listing`.
    """

    name: str
    folder: Path
    images: tuple[str, ...]
    credit: str = ""
    notices: tuple[str, ...] = ()
    source: Callable[[str], str | None] = field(default=lambda _: None, repr=False)
    paths: Mapping[str, str] = field(default_factory=dict, repr=False)
    _names: frozenset[str] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_names", frozenset(self.images))  # thousands, looked up for every album

    def path(self, image: str) -> Path:
        """Return the file of an image.

        Raises:
            KeyError: there is no such image. Names are looked up, never used as paths (path traversal).
        """
        if image not in self._names:
            raise KeyError(image)
        return self.folder / self.paths.get(image, image)

    def exists(self, image: str) -> bool:
        """Return whether the file of an image can be found now; its disk may be away."""
        return os.path.isfile(self.path(image))  # noqa: PTH113 - Path.is_file() raises for a failing disk

    def states(self) -> dict[str, str]:
        """Return the size and modification time of each existing image, to detect changed files.

        A digest of the contents would need to read every file at every start, for little gain: a file that
        changes keeps its size and its nanosecond only on purpose, and a file that was only touched costs
        one encoding.
        """
        states, folder = {}, str(self.folder)
        for image in self.images:  # of thousands, paths alone would take half the time of a start
            with suppress(OSError):  # deleted meanwhile
                file = os.stat(os.path.join(folder, self.paths.get(image, image)))  # noqa: PTH116, PTH118
                states[image] = f"{file.st_size}-{file.st_mtime_ns}"
        return states


def flickr8k_gallery(root: Path) -> Gallery:
    """Return the gallery of all photos of Flickr8K, from all splits.

    Raises:
        Flickr8kError: the folder does not contain Flickr8K.
    """
    found = flickr8k.open_flickr8k(root)
    return Gallery(
        "Flickr8K", found.folder, found.images, flickr8k.CREDIT, found.notices, flickr8k.photo_page
    )


def folder_gallery(folder: Path, name: str, credit: str = "", base_url: str | None = None) -> Gallery:
    """Return the gallery of all images in a folder and its subfolders; it may be empty.

    `data.listing` defines what counts as an image.

    Args:
        folder: folder of the images.
        name: display name.
        credit: authors of the images, one sentence.
        base_url: URL of the folder, if it has one; those of the images are below it.
    """
    listing = list_images(folder)
    renamed = {name: path for name, path in listing.files.items() if name != path}
    source = partial(_url_below, base_url, renamed) if base_url else _no_url
    return Gallery(name, folder, tuple(listing.files), credit, listing.notices, source, renamed)


def _url_below(base_url: str, paths: Mapping[str, str], image: str) -> str:
    # "…?file=" is an address, too. Names are bytes on most disks, and not always UTF-8.
    slash = "" if base_url.endswith(("/", "=")) else "/"
    return base_url + slash + quote(os.fsencode(paths.get(image, image)))


def _no_url(_: str) -> None:
    return None
