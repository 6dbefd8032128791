"""What the decoder sees of every image of a gallery, on disk, for the second stage of search.

Vectors are small and travel; grids are forty times as large and are made where they are used, a few
at a time while nobody asks for anything. Until all are there, search has one stage.
"""

from __future__ import annotations

import hashlib
import logging
import os
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch
from numpy.lib.format import open_memmap

from data.gallery import Gallery
from engine import images
from engine.artifact import Artifact
from engine.errors import BadInput
from engine.likelihood import half_precision

log = logging.getLogger(__name__)


class Grids:
    """Grids (N, P, W) of a gallery's images, float16, mapped from disk.

    Attributes:
        done: how many images have theirs, counted from the first.
    """

    def __init__(self, folder: Path, names: tuple[str, ...], artifact: Artifact) -> None:
        """Open the file of these images and this network, or begin it.

        The file is named by both: another process may fill it at the same time, with the same.

        Args:
            folder: where such files are kept; how far one is filled is counted in a file beside it.
            names: the images, in the order of their vectors.
            artifact: the network.

        Raises:
            OSError: there is no room, or it cannot be written.
        """
        self._names, self._network = names, artifact.network
        digest = hashlib.sha256("\n".join((artifact.fingerprint, *names)).encode()).hexdigest()
        file = folder / f"{digest[:16]}.npy"
        self._counter = file.with_suffix(".done")
        folder.mkdir(parents=True, exist_ok=True)
        if not file.is_file():  # sparse: it takes its place on disk as it is filled
            config = self._network.config
            new = file.with_suffix(f".{os.getpid()}.new")
            open_memmap(new, mode="w+", dtype=np.float16, shape=(len(names), config.places, config.width))
            new.replace(file)
            self._counter.write_text("0")
        self._grids = open_memmap(file, mode="r+")
        self.done = self._counted()

    @property
    def ready(self) -> bool:
        """Whether every image has its grid."""
        return self.done == len(self._names)

    def fill(self, gallery: Gallery, count: int) -> None:
        """Make the grids of the next images; one that cannot be read any more stays empty."""
        names = self._names[self.done : self.done + count]
        side = self._network.config.image_side
        for row, name in enumerate(names, self.done):
            try:
                pixels = images.load(gallery.path(name).read_bytes(), side)
            except (OSError, BadInput) as error:
                log.warning("%s has no grid: %s", name, error)
                continue
            with torch.inference_mode(), half_precision():
                self._grids[row] = self._network.encode_image(pixels.unsqueeze(0)).grid[0].half().numpy()
        self.done += len(names)
        self._grids.flush()
        self._counter.write_text(str(self.done))

    def of(self, rows: list[int]) -> np.ndarray:
        """Grids (K, P, W) of some images."""
        return self._grids[rows]

    def parts(self, size: int = 500) -> Iterator[np.ndarray]:
        """All grids, some (K, P, W) at a time."""
        for first in range(0, len(self._names), size):
            yield np.array(self._grids[first : first + size])

    def _counted(self) -> int:
        try:
            return min(int(self._counter.read_text()), len(self._names))
        except (OSError, ValueError):
            return 0
