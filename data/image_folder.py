"""What a gallery needs of the folder of its images, wherever that is."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from data.listing import Listing


class ImageFolder(Protocol):
    """A folder of images: `data.disk_folder` on a disk, `data.bucket_folder` in an object store.

    Paths are below the folder, with forward slashes, as its listing has them.
    """

    def __str__(self) -> str:
        """Return the path or address, for the host."""

    @property
    def key(self) -> bytes:
        """What tells this folder from others, wherever the process runs."""

    def listing(self) -> Listing:
        """List the images in the folder and the folders below it.

        Raises:
            OSError: the folder cannot be read.
        """

    def states(self, paths: Iterable[str]) -> dict[str, str]:
        """Return the state of each existing file: it differs once the file has changed."""

    def read(self, path: str, most: int) -> bytes:
        """Return the content of a file.

        Args:
            path: of the file.
            most: how many bytes are read; of a longer file, these.

        Raises:
            OSError: it cannot be read.
        """

    def exists(self, path: str) -> bool:
        """Return whether a file can be found now."""

    def is_gone(self, path: str) -> bool:
        """Return whether a file is not there."""
