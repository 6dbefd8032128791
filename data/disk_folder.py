"""A folder of images on a disk."""

from __future__ import annotations

import os
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from data.listing import Listing, list_images


@dataclass(frozen=True, slots=True)
class DiskFolder:
    """A folder of this machine, an `ImageFolder`."""

    path: Path

    def __str__(self) -> str:
        return str(self.path)

    @property
    def key(self) -> bytes:
        """Its path from the root, whatever it is called here."""
        return os.fsencode(self.path.resolve())

    def listing(self) -> Listing:
        """List its images; see `ImageFolder.listing`."""
        return list_images(self.path)

    def states(self, paths: Iterable[str]) -> dict[str, str]:
        """Return the size and modification time of each file; see `ImageFolder.states`.

        A digest of the contents would need to read every file at every start, for little gain: a file that
        changes keeps its size and its nanosecond only on purpose, and a file that was only touched costs
        one encoding.
        """
        states, folder = {}, str(self.path)
        for path in paths:  # of thousands, objects would take half the time of a start
            with suppress(OSError):  # deleted meanwhile
                file = os.stat(os.path.join(folder, path))  # noqa: PTH116, PTH118
                states[path] = f"{file.st_size}-{file.st_mtime_ns}"
        return states

    def read(self, path: str, most: int) -> bytes:
        """Read a file; see `ImageFolder.read`."""
        with (self.path / path).open("rb") as file:
            return file.read(most)

    def exists(self, path: str) -> bool:
        """Return whether a file can be found now; the disk may be away."""
        return os.path.isfile(self.path / path)  # noqa: PTH113 - Path.is_file() raises for a failing disk

    def is_gone(self, path: str) -> bool:
        """Return whether a file is not there; so it seems of all files while the disk is away."""
        return not os.path.lexists(self.path / path)
