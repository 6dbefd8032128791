"""Galleries: folders of images to search."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Final
from urllib.parse import quote

from data import flickr8k
from data.bucket_folder import BucketFolder
from data.disk_folder import DiskFolder
from data.image_folder import ImageFolder

MAX_BYTES: Final = 20 * 2**20  # of a file: no larger one is indexed, but one may have grown since


@dataclass(frozen=True, slots=True)
class Gallery:
    """Images in a folder. Their embeddings are stored elsewhere.

    Attributes:
        name: display name; also the name of the file of its embeddings.
        folder: folder of the images.
        images: names, sorted: paths below the folder, with forward slashes.
        credit: authors of the images, one sentence.
        notices: warnings for the operator, one sentence each.
        source: returns the web page of an image's original, or None.
        paths: paths below the folder of images whose names differ from them, see `data.listing`.
    """

    name: str
    folder: ImageFolder
    images: tuple[str, ...]
    credit: str = ""
    notices: tuple[str, ...] = ()
    source: Callable[[str], str | None] = field(default=lambda _: None, repr=False)
    paths: Mapping[str, str] = field(default_factory=dict, repr=False)
    _names: frozenset[str] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_names", frozenset(self.images))  # thousands, looked up for every album

    def read(self, image: str, most: int = MAX_BYTES) -> bytes:
        """Return the content of an image's file; of a longer one, the first `most` bytes.

        Raises:
            KeyError: there is no such image. Names are looked up, never used as paths (path traversal).
            OSError: the file cannot be read.
        """
        return self.folder.read(self._path(image), most)

    def exists(self, image: str) -> bool:
        """Return whether the file of an image can be found now; its disk may be away.

        Raises:
            KeyError: there is no such image.
        """
        return self.folder.exists(self._path(image))

    def is_gone(self, image: str) -> bool:
        """Return whether the file of an image is not there; the image may be unknown here."""
        return self.folder.is_gone(self.paths.get(image, image))

    def states(self) -> dict[str, str]:
        """Return the state of each existing image, to detect changed files; see `ImageFolder.states`."""
        if not self.paths:
            return self.folder.states(self.images)
        names = {self.paths.get(image, image): image for image in self.images}
        return {names[path]: state for path, state in self.folder.states(names).items()}

    def _path(self, image: str) -> str:
        if image not in self._names:
            raise KeyError(image)
        return self.paths.get(image, image)


def flickr8k_gallery(root: Path) -> Gallery:
    """Return the gallery of all photos of Flickr8K, from all splits.

    Raises:
        Flickr8kError: the folder does not contain Flickr8K.
    """
    found = flickr8k.open_flickr8k(root)
    return Gallery(
        "Flickr8K",
        DiskFolder(found.folder),
        found.images,
        flickr8k.CREDIT,
        found.notices,
        flickr8k.photo_page,
    )


def folder_gallery(
    folder: Path | BucketFolder, name: str, credit: str = "", base_url: str | None = None
) -> Gallery:
    """Return the gallery of all images in a folder and its subfolders; it may be empty.

    `data.listing` defines what counts as an image.

    Args:
        folder: folder of the images.
        name: display name.
        credit: authors of the images, one sentence.
        base_url: URL of the folder, if it has one; those of the images are below it.

    Raises:
        OSError: a bucket cannot be read.
    """
    place = DiskFolder(folder) if isinstance(folder, Path) else folder
    listing = place.listing()
    renamed = {name: path for name, path in listing.files.items() if name != path}
    source = partial(_url_below, base_url, renamed) if base_url else _no_url
    return Gallery(name, place, tuple(listing.files), credit, listing.notices, source, renamed)


def _url_below(base_url: str, paths: Mapping[str, str], image: str) -> str:
    # "…?file=" is an address, too. Names are bytes on most disks, and not always UTF-8.
    slash = "" if base_url.endswith(("/", "=")) else "/"
    return base_url + slash + quote(os.fsencode(paths.get(image, image)))


def _no_url(_: str) -> None:
    return None
