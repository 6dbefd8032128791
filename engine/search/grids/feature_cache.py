"""The feature cache: patch features of every image of a gallery, memory-mapped, for the re-ranking stage.

Image embeddings are small and can be shipped; patch features are a hundred times as large and are computed
where they are used, a few images at a time while the engine is idle. Until all are there, search has one
stage.
"""

from __future__ import annotations

import errno
import hashlib
import json
import logging
import os
import shutil
import time
import weakref
from itertools import takewhile
from pathlib import Path

import numpy as np
from numpy.lib.format import open_memmap

from data.bucket_folder import BucketFolder
from engine import files
from engine.gallery import cache_dir
from engine.gallery.embeddings import ImageEmbeddings
from engine.gallery.image_reader import LeftOut
from engine.model.checkpoint import Checkpoint
from engine.model.config import NetworkConfig
from engine.runtime.network import ImageFeatures
from engine.search.grids import shared_grids
from engine.search.grids.shared_grids import SharedGrids

log = logging.getLogger(__name__)

CHUNK_SIZE = 500  # images copied at once: 26 MB
COUNTER_WIDTH = 12  # digits and spaces
SAVE_INTERVAL = 1.0  # seconds between two saves of how many grids there are


class FeatureCache:
    """Feature grids (N, M, W) of a gallery's images, float16, memory-mapped.

    Attributes:
        filled: how many images have theirs, counted from the first.
    """

    def __init__(
        self,
        folder: Path,
        gallery: str,
        embeddings: ImageEmbeddings,
        checkpoint: Checkpoint,
        shared: BucketFolder | None = None,
    ) -> None:
        """Open the file of these images and this network, or create it.

        The name is a digest of both: if another process fills the file at the same time, it writes the same.

        Args:
            folder: the cache of feature grids.
            gallery: prefix of the file name, see `engine.gallery.cache_dir`.
            embeddings: the images, in their order.
            checkpoint: the network.
            shared: where other processes leave grids, and find those of this one.

        Raises:
            OSError: the disk is full, or the file cannot be written.
        """
        self._names, self._config = embeddings.images, checkpoint.network.config
        self._states = states = _row_states(embeddings)
        content = "\n".join((checkpoint.fingerprint, *states)).encode(errors="surrogateescape")
        self._files = _CacheFiles(folder, gallery, hashlib.sha256(content).hexdigest()[:16])
        folder.mkdir(parents=True, exist_ok=True)
        self._files.remove_damaged((len(states), self._config.memory_size, self._config.width))
        if not self._files.grids.is_file():
            self._create(states)
        files.mark_used(self._files.grids)
        # Written by calls: a write through a map of a file without room kills the process with SIGBUS.
        self._grids = open_memmap(self._files.grids, mode="r")
        self._output = self._files.grids.open("rb+", buffering=0)
        weakref.finalize(self, self._output.close)
        self.filled, self._saved_at = self._files.read_counter(), time.monotonic()
        self._shared = SharedGrids(shared, gallery, self._grids.shape[1:]) if shared else None
        if not self.ready:
            self._take_over()

    @property
    def size(self) -> int:
        """The number of its images."""
        return len(self._names)

    @property
    def ready(self) -> bool:
        """True if every image has its grid."""
        return self.filled == self.size

    @property
    def no_grid(self) -> np.ndarray:
        """The grid (M, W) of an image that cannot be used."""
        return np.zeros(self._grids.shape[1:], np.float16)

    @property
    def next_image(self) -> str | None:
        """The image whose grid is added next; None if every image has its grid."""
        return None if self.ready else self._names[self.filled]

    @property
    def missing_images(self) -> tuple[str, ...]:
        """The images without a grid, in the order in which these are added."""
        return self._names[self.filled :]

    def add(self, features: ImageFeatures | LeftOut) -> None:
        """Add the grid of `next_image`; that of an image that can no longer be used is zero.

        Raises:
            OSError: the disk is full, or the file cannot be written.
        """
        if isinstance(features, LeftOut):
            log.warning("%s has no grid: %s", self.next_image, features.reason)
            self.add_grid(self.no_grid)
        else:
            self.add_grid(features.grid[0])

    def add_grid(self, grid: np.ndarray) -> None:
        """Add the grid (M, W) of `next_image`.

        Raises:
            OSError: the disk is full, or the file cannot be written.
        """
        self._append(grid.astype(np.float16))
        if self.ready or time.monotonic() - self._saved_at >= SAVE_INTERVAL:
            self.save()

    def refresh(self) -> None:
        """Take note of the grids that another process has added."""
        if not self.ready:
            self.filled = max(self.filled, self._files.read_counter())

    def fetch(self) -> bool:
        """Add grids that other processes have shared; return True if there may be more of them.

        Raises:
            OSError: the disk is full, or the file cannot be written.
        """
        if self._shared is None:
            return False
        grids = self._shared.fetch(self._states[self.filled : self.filled + shared_grids.CHUNK])
        for grid in grids:
            self._append(grid)
        if grids:
            self.save()
        return bool(grids) and not self.ready

    def share(self, *, at_once: bool = False) -> None:
        """Let other processes have the grids of this one; else than at once, some seconds later."""
        if self._shared:
            self._shared.store(self._states, self.filled, self.rows, at_once=at_once)

    def save(self) -> None:
        """Make sure that the grids so far outlive the process.

        Raises:
            OSError: the disk is full, or the file cannot be written.
        """
        os.fsync(self._output.fileno())
        self._files.write_counter(self.filled)  # after the grids that it counts
        self._saved_at = time.monotonic()

    def covers(self, rows: list[int]) -> bool:
        """Return True if the images of these rows have their grids."""
        return max(rows, default=-1) < self.filled

    def is_part_of(self, embeddings: ImageEmbeddings) -> bool:
        """Return True if the images of this cache are the first ones of these embeddings, unchanged."""
        return self._states == _row_states(embeddings)[: len(self._states)]

    def remove(self) -> None:
        """Remove the files; processes that have them mapped keep them."""
        self._files.remove()

    def rows(self, rows: list[int]) -> np.ndarray:
        """Return the grids (K, M, W) of K images."""
        return self._grids[rows]

    def _append(self, grid: np.ndarray) -> None:
        self._output.seek(self._grids.offset + self.filled * grid.nbytes)
        files.write(self._output, grid.tobytes())
        self.filled += 1

    def _take_over(self) -> None:
        """Add the grids that another file of this gallery has beyond those of this one."""
        other, rows = self._files.leading_rows(self._states, self._grids.shape[1:])
        if len(rows) <= self.filled:
            return
        source = open_memmap(other, mode="r")
        for first in range(self.filled, len(rows), CHUNK_SIZE):
            for grid in source[rows[first : first + CHUNK_SIZE]]:
                self._append(grid)
        self.save()

    def _create(self, states: list[str]) -> None:
        cache, config = self._files, self._config
        shape = (len(states), config.memory_size, config.width)
        needed = size_on_disk(len(states), config)
        if shutil.disk_usage(cache.folder).free < needed + cache_dir.MIN_FREE_BYTES:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        new = cache.grids.with_suffix(f".{os.getpid()}.new")
        files.create_array(new, shape, np.float16)
        with files.removed_on_failure(new):
            if cache.grids.is_file():  # another process created it first, and may have it mapped
                new.unlink()
                return
            cache.write_counter(0)
            cache.row_states.write_text(json.dumps(states))
            files.replace(new, cache.grids)


def size_on_disk(images: int, config: NetworkConfig) -> int:
    """Return the bytes of disk space for the feature grids of `images` images."""
    return images * config.memory_size * config.width * np.float16().nbytes


def _row_states(embeddings: ImageEmbeddings) -> list[str]:
    return [f"{name} {embeddings.file_states.get(name, '')}" for name in embeddings.images]


class _CacheFiles:
    """The files of one feature cache.

    Attributes:
        grids: the array of feature grids.
        counter: how many of them are filled.
        row_states: the image of each row, and the state of its file.
    """

    def __init__(self, folder: Path, gallery: str, digest: str) -> None:
        self.folder, self._gallery = folder, gallery
        self.grids = folder / f"{gallery}{digest}.npy"
        self.counter, self.row_states = self.grids.with_suffix(".done"), self.grids.with_suffix(".rows")

    def remove_damaged(self, shape: tuple[int, ...]) -> None:
        """Remove an array that is truncated or has another shape; processes that have it mapped keep it."""
        if not self.grids.is_file() or self._is_intact(shape):
            return
        log.warning("%s is damaged, and is made anew.", self.grids)
        self.remove()

    def _is_intact(self, shape: tuple[int, ...]) -> bool:
        """Return True if the array is whole and has this shape."""
        try:
            grids = open_memmap(self.grids, mode="r")
        except (OSError, ValueError, EOFError, SyntaxError):  # everything that NumPy raises for damaged files
            return False
        return grids.shape == shape and grids.dtype == np.float16

    def remove(self) -> None:
        """Remove all three."""
        for file in (self.counter, self.row_states, self.grids):  # the counter first: it validates the others
            file.unlink(missing_ok=True)

    def read_counter(self) -> int:
        """Return how many grids are filled; 0 if that is unknown."""
        try:
            return min(int(self.counter.read_text()), len(json.loads(self.row_states.read_text())))
        except (OSError, ValueError):
            return 0

    def write_counter(self, filled: int) -> None:
        """Store how many grids are filled, in the same bytes again: a full disk has no others."""
        with self.counter.open("rb+" if self.counter.is_file() else "wb", buffering=0) as file:
            files.write(file, f"{filled:{COUNTER_WIDTH}}".encode())

    def leading_rows(self, states: list[str], shape: tuple[int, ...]) -> tuple[Path, list[int]]:
        """Return the array of this gallery, and its rows, that has the longest known prefix of `states`.

        Embeddings keep their order and new images come last, so known images lead.

        Args:
            states: of the images that are wanted.
            shape: of a grid.
        """
        digests = [
            file.stem.removeprefix(self._gallery) for file in self.folder.glob(f"{self._gallery}*.rows")
        ]
        candidates = [
            _CacheFiles(self.folder, self._gallery, digest)._leading_rows(states, shape) for digest in digests
        ]
        return max(candidates, key=lambda candidate: len(candidate[1]), default=(self.grids, []))

    def _leading_rows(self, states: list[str], shape: tuple[int, ...]) -> tuple[Path, list[int]]:
        """Return the array of these files, and its rows of the longest known prefix of `states`."""
        try:
            images = json.loads(self.row_states.read_text())
        except (OSError, ValueError):
            return self.grids, []
        if not self._is_intact((len(images), *shape)):
            return self.grids, []
        row_of = {state: row for row, state in enumerate(images[: self.read_counter()])}
        return self.grids, [row_of[state] for state in takewhile(row_of.__contains__, states)]
