"""Feature grids in a bucket: what one process has computed, others fetch, on whatever machine.

There is an object for each photo, as processes may have indexed in another order. It is named by gallery,
network, name and state of the file: it never changes, and two processes that write it write the same.
"""

from __future__ import annotations

import bisect
import hashlib
import logging
import math
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Final

import numpy as np

from data.bucket_folder import BucketFolder

log = logging.getLogger(__name__)

CHUNK: Final = 200  # grids that are fetched or stored at once: 10 MB
REQUESTS: Final = 16  # to the bucket, side by side
INTERVAL = 5.0  # seconds until what others have is looked for again, and until what is new is stored
RETRY_INTERVAL = 60.0  # seconds until a bucket that could not be used is tried again


class SharedGrids:
    """The grids of one gallery and one network, which other processes read and write, too."""

    def __init__(self, folder: BucketFolder, prefix: str, shape: tuple[int, ...]) -> None:
        """Ask for nothing yet.

        Args:
            folder: of a bucket.
            prefix: of gallery and network, see `engine.gallery.embeddings.gallery_key`.
            shape: of a grid.
        """
        self._folder, self._prefix, self._shape = folder, prefix, shape
        self._stored: int | None = None  # how many of the first photos have an object; None if unknown
        self._fetch_at = self._store_at = 0.0  # monotonic time

    def fetch(self, states: Sequence[str]) -> list[np.ndarray]:
        """Return the grids of the first of some photos, as far as the bucket has them.

        Args:
            states: of the photos, each with its name, see `FeatureCache`.
        """
        if not states or time.monotonic() < self._fetch_at:
            return []
        with self._reporting_errors():
            first = self._read(states[0])  # alone: most of the time it is not there
            if first is not None:
                with ThreadPoolExecutor(REQUESTS) as requests:
                    others = [*requests.map(self._read, states[1:])]
                self._stored = None
                missing = next((place for place, grid in enumerate(others) if grid is None), len(others))
                return [first, *(grid for grid in others[:missing] if grid is not None)]
            self._fetch_at = time.monotonic() + INTERVAL
        return []

    def store(
        self, states: Sequence[str], count: int, rows: Callable[[list[int]], np.ndarray], *, at_once: bool
    ) -> None:
        """Store the grids that the bucket does not have yet.

        Args:
            states: of all photos.
            count: how many of them have grids, counted from the first.
            rows: returns the grids of some of them.
            at_once: else it waits some seconds for more of them.
        """
        if not at_once and time.monotonic() < self._store_at:
            return
        self._store_at = time.monotonic() + INTERVAL
        with self._reporting_errors(), ThreadPoolExecutor(REQUESTS) as requests:
            if self._stored is None:
                self._stored = bisect.bisect(states, False, hi=count, key=self._is_missing)
            while self._stored < count:
                chunk = range(self._stored, min(self._stored + CHUNK, count))
                for _ in requests.map(self._write, states[chunk.start : chunk.stop], rows([*chunk])):
                    pass
                self._stored = chunk.stop

    def _read(self, state: str) -> np.ndarray | None:
        """Return the grid of a photo; None if there is none that could be one."""
        size = math.prod(self._shape) * np.float16().nbytes
        try:
            content = self._folder.read(self._name(state), size + 1)
        except FileNotFoundError:
            return None
        if len(content) != size:
            return None
        grid = np.frombuffer(content, np.float16).reshape(self._shape)
        return grid if np.isfinite(grid).all() else None

    def _is_missing(self, state: str) -> bool:
        return self._read(state) is None

    def _write(self, state: str, grid: np.ndarray) -> None:
        if grid.any():  # that of a photo that could not be read is zero: others may be able to
            self._folder.write(self._name(state), grid.tobytes())

    def _name(self, state: str) -> str:
        return f"{self._prefix}{hashlib.sha256(state.encode(errors='surrogateescape')).hexdigest()[:32]}"

    @contextmanager
    def _reporting_errors(self) -> Iterator[None]:
        """Go on without a bucket that cannot be used, and say so once a minute."""
        try:
            yield
        except OSError as error:
            self._fetch_at = self._store_at = time.monotonic() + RETRY_INTERVAL
            log.warning("Grids are not shared by %s: %s.", self._folder, error.strerror or error)
