"""The near-duplicates of each image of a gallery, found once and kept in a file."""

from __future__ import annotations

import hashlib
import logging
import time
from functools import cache
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Final

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load_file

from engine import files
from engine.gallery import near_duplicates
from engine.search import ann_index
from engine.search.ann_index import Index

log = logging.getLogger(__name__)

CANDIDATES: Final = 64  # nearest images that are looked at first
MAX_COMPARED: Final = 1_000  # images at a time: 20 KB of windows each
MAX_PAIRS: Final = 200_000  # that idle moments look for: each of a thousand equal images has all the others
SAVE_INTERVAL: Final = 60.0  # seconds between two saves of what is found in idle moments


class NearDuplicates:
    """Finds the near-duplicates of a gallery's images, when they are asked for or in idle moments.

    Comparing takes a millisecond for each image, and an answer lists ten. So what was found is kept, in
    memory and in a file.
    """

    def __init__(
        self,
        index: Index,
        matrix: np.ndarray,
        signatures: np.ndarray,
        folder: Path | None = None,
        key: str = "",
    ) -> None:
        """Take the images of a gallery.

        Args:
            index: of the joint vectors.
            matrix: (N, J), the joint vectors.
            signatures: (N, 256) uint8; an unknown one is like no other.
            folder: of the file, if there is one. It is named by a digest of all that the result depends on.
            key: prefix of the file name, see `engine.gallery.cache_dir`.
        """
        self._index, self._matrix, self._signatures = index, matrix, signatures
        self._file = folder / f"{key}{_digest(index, matrix, signatures)}.safetensors" if folder else None
        self._is_known = np.zeros(len(matrix), np.bool_)
        self._groups: dict[int, tuple[int, ...]] = {}  # of the rows that have near-duplicates
        self._pairs = 0  # in them
        self._save_at = time.monotonic() + SAVE_INTERVAL
        if self._file:
            self._load(self._file)

    @property
    def is_complete(self) -> bool:
        """True if the near-duplicates of every image are known, or too many to be kept."""
        return self._pairs >= MAX_PAIRS or bool(self._is_known.all())

    def of(self, row: int) -> tuple[int, ...]:
        """Return the rows of an image's near-duplicates, the nearest first."""
        if not self._is_known[row]:
            if found := self._find(row):
                self._groups[row] = found
                self._pairs += len(found)
            self._is_known[row] = True
        return self._groups.get(row, ())

    def find_more(self, seconds: float) -> None:
        """Find those of images that nobody asked for yet, for some time, and store them now and then."""
        end = time.monotonic() + seconds
        for row in np.flatnonzero(~self._is_known).tolist():
            self.of(row)
            if self.is_complete or time.monotonic() >= end:
                break
        if self._file and (self.is_complete or time.monotonic() >= self._save_at):
            self._save(self._file)

    def _load(self, file: Path) -> None:
        """Read what `_save` wrote; a file that is damaged or missing is made anew."""
        try:
            stored = load_file(file)
            known, pairs = np.unpackbits(stored["known"], count=len(self._is_known)), stored["pairs"]
            if _checksum(stored) != stored["checksum"].tobytes():
                raise ValueError("its checksum differs")
        except FileNotFoundError:
            return
        except (OSError, SafetensorError, KeyError, ValueError) as error:
            log.warning("%s is damaged (%s), and is made anew.", file, error)
            return
        files.mark_used(file)
        self._is_known = known.astype(np.bool_)
        for row, group in groupby(pairs.tolist(), key=itemgetter(0)):
            self._groups[row] = tuple(other for _, other in group)
        self._pairs = len(pairs)

    def _save(self, file: Path) -> None:
        """Store what is known so far; what cannot be stored is found again after the next start."""
        known = np.packbits(self._is_known)  # before the groups: each row that is known has its own
        pairs = [(row, other) for row, found in list(self._groups.items()) for other in found]
        content: dict[str, np.ndarray] = {"known": known, "pairs": np.array(pairs, np.int32).reshape(-1, 2)}
        content["checksum"] = np.frombuffer(_checksum(content), np.uint8)
        self._save_at = time.monotonic() + SAVE_INTERVAL
        try:
            files.save_arrays(content, file)
        except OSError as error:
            log.warning("Near-duplicates cannot be stored: %s.", error.strerror or error)

    def _find(self, row: int) -> tuple[int, ...]:
        found: list[int] = []
        seen, count = {row}, CANDIDATES
        while True:
            hits = self._index.nearest(self._matrix[row], count)
            fresh = [hit for hit in hits if hit[0] not in seen]
            joined = self._same(row, fresh)
            found += joined
            if 2 * len(joined) < len(fresh) or len(hits) < count:
                return tuple(found)
            seen.update(hit[0] for hit in fresh)
            count += min(count, MAX_COMPARED)  # a long burst

    def _same(self, row: int, hits: list[tuple[int, float]]) -> list[int]:
        """Return the rows of those hits that are near-duplicates of a row, in their order."""
        others, cosines = np.array([other for other, _ in hits], np.intp), np.array([c for _, c in hits])
        same = near_duplicates.same_photos(self._signatures[[row, *others]], cosines)
        return [int(other) for other in others[same]]


def _digest(index: Index, matrix: np.ndarray, signatures: np.ndarray) -> str:
    """Return what near-duplicates depend on: the images, the index and the code that compares them."""
    content = hashlib.sha256(_source() + type(index).__name__.encode())
    for array in (matrix, signatures):
        content.update(f"{array.dtype} {array.shape}".encode())
        content.update(np.ascontiguousarray(array).data)
    return content.hexdigest()[:16]


@cache
def _source() -> bytes:
    modules = (__file__, near_duplicates.__file__, ann_index.__file__)
    return b"".join(Path(module).read_bytes() for module in modules)


def _checksum(stored: dict[str, np.ndarray]) -> bytes:
    return hashlib.sha256(stored["known"].tobytes() + stored["pairs"].tobytes()).digest()
