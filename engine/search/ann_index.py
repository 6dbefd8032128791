"""Nearest neighbours by cosine: an exact scan and an approximate index by Annoy."""

from __future__ import annotations

import hashlib
import logging
import math
import os
from pathlib import Path
from typing import Protocol

import numpy as np
from annoy import AnnoyIndex as Annoy

from engine import files

log = logging.getLogger(__name__)

TREE_COUNT = 60
# Vectors that Annoy inspects for each query, for a recall of 0.99 at any size (`tests.benchmarks.nearest`):
# 5,000 of 8,000, 9,500 of 100,000, 30,000 of a million. More trees do not make up for fewer.
MIN_SEARCH_K = 5_000
SEARCH_K_PER_ROOT = 30  # times the square root of the number of vectors
SEED = 1


class Index(Protocol):
    """Finds the nearest rows of a matrix of unit vectors."""

    def nearest(self, vector: np.ndarray, count: int) -> list[tuple[int, float]]:
        """Return the rows nearest to a unit vector (J,) with their cosines, best first."""


class ExactIndex:
    """An exact scan, the reference for approximate indexes."""

    def __init__(self, vectors: np.ndarray) -> None:
        """Take unit vectors (N, J)."""
        self.vectors = vectors

    def nearest(self, vector: np.ndarray, count: int) -> list[tuple[int, float]]:
        """Return the nearest rows; see `Index.nearest`."""
        return best(np.arange(len(self.vectors)), self.vectors @ vector, count)


class AnnoyIndex:
    """An Annoy index, memory-mapped from disk (github.com/spotify/annoy)."""

    def __init__(self, vectors: np.ndarray, folder: Path, gallery: str = "") -> None:
        """Map the index of these vectors; build it first if the folder has none or a damaged one.

        The file is named by a digest of the vectors: it can be neither stale nor overwritten while another
        process maps it.

        Args:
            vectors: unit vectors (N, J).
            folder: the cache of indexes.
            gallery: prefix of the file name, see `engine.gallery.cache_dir`.

        Raises:
            OSError: the disk is full, or the file cannot be written.
        """
        self.vectors = vectors
        self.file = index_file(vectors, folder, gallery)
        if not _is_intact(self.file):
            _build(vectors, self.file)
        files.mark_used(self.file)
        self._search_k = search_k(len(vectors))
        self._annoy = Annoy(vectors.shape[1], "angular")
        self._annoy.load(str(self.file))

    def nearest(self, vector: np.ndarray, count: int) -> list[tuple[int, float]]:
        """Return the nearest rows; see `Index.nearest`.

        Raises:
            ValueError: the vector's width is not that of the index (Annoy may crash on it).
        """
        if vector.shape != self.vectors.shape[1:]:
            raise ValueError(f"a vector of {vector.shape} does not fit an index of {self.vectors.shape}")
        rows = np.array(self._annoy.get_nns_by_vector(vector.tolist(), count, self._search_k), dtype=np.intp)
        # Annoy's angular distance, sqrt(2 - 2 cos), loses precision; the cosine is computed from the vectors.
        return best(rows, self.vectors[rows] @ vector, count)


def best(rows: np.ndarray, cosines: np.ndarray, count: int) -> list[tuple[int, float]]:
    """Return the first `count` of some rows (K,), best first, by their cosines (K,)."""
    if count < len(cosines):  # of equals at the end of the list, those of the first rows
        limit = np.partition(cosines, len(cosines) - count)[len(cosines) - count]
        near = np.flatnonzero(cosines >= limit)
        rows, cosines = rows[near], cosines[near]
    order = np.argsort(-cosines, kind="stable")[:count]
    return [(int(rows[i]), float(cosines[i])) for i in order]


def search_k(size: int) -> int:
    """Return how many of some vectors Annoy inspects for a query."""
    return max(MIN_SEARCH_K, round(SEARCH_K_PER_ROOT * math.sqrt(size)))


def index_file(vectors: np.ndarray, folder: Path, gallery: str = "") -> Path:
    """Return the file of the Annoy index of these vectors; see `AnnoyIndex`."""
    return folder / f"{gallery}{_digest(vectors)}.annoy"


def recall_at(index: Index, exact: ExactIndex, queries: np.ndarray, count: int = 10) -> float:
    """Return the recall at `count` of an index, averaged over queries (Q, J)."""
    count = min(count, len(exact.vectors))
    hits = 0
    for query in queries:
        true = {row for row, _ in exact.nearest(query, count)}
        hits += len(true & {row for row, _ in index.nearest(query, count)})
    return hits / (len(queries) * count)


def _digest(vectors: np.ndarray) -> str:
    content = hashlib.sha256(np.ascontiguousarray(vectors, dtype=np.float32).tobytes())
    content.update(f"{vectors.shape} {TREE_COUNT} {SEED}".encode())
    return content.hexdigest()[:16]


def _is_intact(file: Path) -> bool:
    """Return True if a file has its checksum: Annoy follows damaged offsets, even out of its memory."""
    try:
        is_intact = _checksum(file) == file.with_suffix(".sum").read_text("ascii")
    except (OSError, UnicodeDecodeError):
        is_intact = False
    if not is_intact and file.is_file():
        log.warning("%s is not known to be whole, and is made anew.", file)
    return is_intact


def _checksum(file: Path) -> str:
    with file.open("rb") as content:
        return hashlib.file_digest(content, "blake2b").hexdigest()


def _build(vectors: np.ndarray, file: Path) -> None:
    index = Annoy(vectors.shape[1], "angular")
    index.set_seed(SEED)
    for row, vector in enumerate(vectors):
        index.add_item(row, vector.tolist())
    index.build(TREE_COUNT, n_jobs=1)
    file.parent.mkdir(parents=True, exist_ok=True)
    with files.removed_on_failure(file.with_suffix(f".{os.getpid()}.new")) as new:
        index.save(str(new))
        index.unload()
        file.with_suffix(".sum").write_text(_checksum(new), "ascii")
        files.replace(new, file)
