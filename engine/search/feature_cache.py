"""What the decoder sees of every image of a gallery, on disk, for the second stage of search.

Vectors are small and travel; grids are forty times as large and are made where they are used, a few
at a time while nobody asks for anything. Until all are there, search has one stage.
"""

from __future__ import annotations

import errno
import hashlib
import json
import logging
import os
import shutil
from collections.abc import Iterator
from itertools import takewhile
from pathlib import Path

import numpy as np
import torch
from numpy.lib.format import open_memmap

from data.gallery import Gallery
from engine.errors import BadInputError
from engine.model.checkpoint import Checkpoint
from engine.model.config import NetworkConfig
from engine.photos import preprocess
from engine.search import cache_dir
from engine.search.embeddings import ImageEmbeddings

log = logging.getLogger(__name__)

PART = 500  # grids that are held in memory at once: 14 MB


class FeatureCache:
    """Grids (N, P, W) of a gallery's images, float16, mapped from disk.

    Attributes:
        done: how many images have theirs, counted from the first.
    """

    def __init__(self, folder: Path, gallery: str, vectors: ImageEmbeddings, artifact: Checkpoint) -> None:
        """Open the file of these images and this network, or begin it.

        The file is named by both: another process may fill it at the same time, with the same.

        Args:
            folder: where such files are kept.
            gallery: what the file's name begins with, see `engine.search.cache_dir`.
            vectors: the images, in their order.
            artifact: the network.

        Raises:
            OSError: there is no room, or it cannot be written.
        """
        self._names, self._network = vectors.images, artifact.network
        states = [f"{name} {vectors.seen.get(name, '')}" for name in vectors.images]
        digest = hashlib.sha256("\n".join((artifact.fingerprint, *states)).encode(errors="surrogateescape"))
        self._files = _Files(folder, gallery, digest.hexdigest()[:16])
        folder.mkdir(parents=True, exist_ok=True)
        config = artifact.network.config
        self._files.forget_damaged((len(states), config.num_patches, config.width))
        if not self._files.grids.is_file():
            self._begin(states)
        cache_dir.mark_used(self._files.grids)
        self._grids = open_memmap(self._files.grids, mode="r+")
        self.done = self._files.counted()

    @property
    def ready(self) -> bool:
        """Whether every image has its grid."""
        return self.done == len(self._names)

    def fill(self, gallery: Gallery, count: int) -> None:
        """Make the grids of the next images; one that cannot be read any more stays empty."""
        names = self._names[self.done : self.done + count]
        side = self._network.config.image_size
        for row, name in enumerate(names, self.done):
            try:
                pixels = preprocess.load(gallery.path(name).read_bytes(), side)
            except (OSError, BadInputError) as error:
                log.warning("%s has no grid: %s", name, error)
                continue
            with torch.inference_mode():
                self._grids[row] = self._network.encode_image(pixels.unsqueeze(0)).grid[0].half().numpy()
        self.done += len(names)
        self._grids.flush()
        self._files.counter.write_text(str(self.done))

    def of(self, rows: list[int]) -> np.ndarray:
        """Grids (K, P, W) of some images."""
        return self._grids[rows]

    def parts(self, size: int = PART) -> Iterator[np.ndarray]:
        """All grids, some (K, P, W) at a time."""
        for first in range(0, len(self._names), size):
            yield np.array(self._grids[first : first + size])

    def _begin(self, states: list[str]) -> None:
        """Begin the file with what an older one of this gallery already has."""
        files, config = self._files, self._network.config
        shape = (len(states), config.num_patches, config.width)
        # The file is sparse: it takes its place on disk as it is filled, and a disk that is full then
        # would end the process.
        if shutil.disk_usage(files.folder).free < room_of(len(states), config):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        new = files.grids.with_suffix(f".{os.getpid()}.new")
        begun = open_memmap(new, mode="w+", dtype=np.float16, shape=shape)
        done = files.take_over(begun, states)
        begun.flush()
        if files.grids.is_file():  # another process was quicker, and may have it mapped
            new.unlink()
            return
        files.counter.write_text(str(done))
        files.rows.write_text(json.dumps(states))
        new.replace(files.grids)


def room_of(images: int, config: NetworkConfig) -> int:
    """How many bytes of disk the grids of so many images take."""
    return images * config.num_patches * config.width * np.float16().nbytes


class _Files:
    """The files of one gallery's grids.

    Attributes:
        grids: the grids themselves.
        counter: how many of them are done.
        rows: which image each is of, and in which state it was.
    """

    def __init__(self, folder: Path, gallery: str, digest: str) -> None:
        self.folder, self._gallery = folder, gallery
        self.grids = folder / f"{gallery}{digest}.npy"
        self.counter, self.rows = self.grids.with_suffix(".done"), self.grids.with_suffix(".rows")

    def forget_damaged(self, shape: tuple[int, ...]) -> None:
        """Throw away grids that are not of this shape, or cut; who has them mapped goes on with them."""
        if not self.grids.is_file():
            return
        try:
            grids = open_memmap(self.grids, mode="r")
            if grids.shape == shape and grids.dtype == np.float16:
                return
        except (ValueError, EOFError, SyntaxError):  # all that NumPy says of it
            pass
        log.warning("%s is damaged, and is made anew.", self.grids)
        for file in (self.counter, self.rows, self.grids):  # the counter first: it vouches for the others
            file.unlink(missing_ok=True)

    def counted(self) -> int:
        """How many grids are done; none where that cannot be told."""
        try:
            return min(int(self.counter.read_text()), len(json.loads(self.rows.read_text())))
        except (OSError, ValueError):
            return 0

    def take_over(self, begun: np.ndarray, states: list[str]) -> int:
        """Copy what older files have of the leading rows; returns how many those are.

        Vectors keep their order, and new ones come last: what is known already leads.
        """
        digests = [
            rows.stem.removeprefix(self._gallery) for rows in self.folder.glob(f"{self._gallery}*.rows")
        ]
        found = [_Files(self.folder, self._gallery, digest)._leading(states) for digest in digests]
        older, rows = max(found, key=lambda one: len(one[1]), default=(self.grids, []))
        if rows:
            grids = open_memmap(older, mode="r")
            for first in range(0, len(rows), PART):
                part = rows[first : first + PART]
                begun[first : first + len(part)] = grids[part]
        return len(rows)

    def _leading(self, states: list[str]) -> tuple[Path, list[int]]:
        """Which of our rows are the first of these states."""
        try:
            names = json.loads(self.rows.read_text())[: self.counted()] if self.grids.is_file() else []
        except (OSError, ValueError):
            names = []
        at = {state: row for row, state in enumerate(names)}
        return self.grids, [at[state] for state in takewhile(at.__contains__, states)]
