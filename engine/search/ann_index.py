"""Nearest vectors by cosine. Annoy answers today; another provider may stand behind `Index`."""

from __future__ import annotations

import hashlib
import logging
import os
from pathlib import Path
from typing import Protocol

import numpy as np
from annoy import AnnoyIndex as Annoy

from engine.search import cache_dir

log = logging.getLogger(__name__)

TREES = 60
# Annoy inspects about this many vectors a query: of 8,000, enough for a recall above 0.99.
SEARCHED = 4_000
SEED = 1


class Index(Protocol):
    """Finds rows of a matrix of unit vectors."""

    def nearest(self, vector: np.ndarray, count: int) -> list[tuple[int, float]]:
        """Rows nearest to a unit vector (J,) with their cosines, best first."""


class ExactIndex:
    """A scan over everything: what approximate indexes are measured against."""

    def __init__(self, vectors: np.ndarray) -> None:
        """Take unit vectors (N, J)."""
        self.vectors = vectors

    def nearest(self, vector: np.ndarray, count: int) -> list[tuple[int, float]]:
        """See `Index.nearest`."""
        return _ranked(np.arange(len(self.vectors)), self.vectors @ vector, count)


class AnnoyIndex:
    """Annoy's forest, mapped from disk (github.com/spotify/annoy)."""

    def __init__(self, vectors: np.ndarray, folder: Path, gallery: str = "") -> None:
        """Map the forest of these vectors, growing it first where the folder has none, or a damaged one.

        The file is named by the vectors' content: it can be neither stale nor overwritten while
        another process maps it.

        Args:
            vectors: unit vectors (N, J).
            folder: where forests are kept.
            gallery: what the file's name begins with, see `engine.search.cache_dir`.

        Raises:
            OSError: there is no room, or it cannot be written.
        """
        self.vectors = vectors
        self.file = folder / f"{gallery}{_digest(vectors)}.annoy"
        if not _is_whole(self.file):
            _grow(vectors, self.file)
        cache_dir.mark_used(self.file)
        self._forest = Annoy(vectors.shape[1], "angular")
        self._forest.load(str(self.file))

    def nearest(self, vector: np.ndarray, count: int) -> list[tuple[int, float]]:
        """See `Index.nearest`.

        Raises:
            ValueError: the vector's width is not the index's (Annoy itself may crash on it).
        """
        if vector.shape != self.vectors.shape[1:]:
            raise ValueError(f"a vector of {vector.shape} does not fit an index of {self.vectors.shape}")
        rows = np.array(self._forest.get_nns_by_vector(vector.tolist(), count, SEARCHED), dtype=np.intp)
        # Annoy's angular distance is sqrt(2 - 2 cos) in single steps; the vectors are at hand, so
        # the cosine is taken from them.
        return _ranked(rows, self.vectors[rows] @ vector, count)


def recall_at(index: Index, exact: ExactIndex, queries: np.ndarray, count: int = 10) -> float:
    """Share of the truly nearest rows that an index finds, over queries (Q, J)."""
    count = min(count, len(exact.vectors))
    found = 0
    for query in queries:
        true = {row for row, _ in exact.nearest(query, count)}
        found += len(true & {row for row, _ in index.nearest(query, count)})
    return found / (len(queries) * count)


def _ranked(rows: np.ndarray, cosines: np.ndarray, count: int) -> list[tuple[int, float]]:
    order = np.argsort(-cosines, kind="stable")[:count]
    return [(int(rows[i]), float(cosines[i])) for i in order]


def _digest(vectors: np.ndarray) -> str:
    content = hashlib.sha256(np.ascontiguousarray(vectors, dtype=np.float32).tobytes())
    content.update(f"{vectors.shape} {TREES} {SEED}".encode())
    return content.hexdigest()[:16]


def _is_whole(file: Path) -> bool:
    """Tell whether a forest is as it was written: Annoy follows what it reads, out of its memory, too."""
    try:
        whole = _sum(file) == file.with_suffix(".sum").read_text("ascii")
    except (OSError, UnicodeDecodeError):
        whole = False
    if not whole and file.is_file():
        log.warning("%s is not known to be whole, and is made anew.", file)
    return whole


def _sum(file: Path) -> str:
    with file.open("rb") as content:
        return hashlib.file_digest(content, "blake2b").hexdigest()


def _grow(vectors: np.ndarray, file: Path) -> None:
    forest = Annoy(vectors.shape[1], "angular")
    forest.set_seed(SEED)
    for row, vector in enumerate(vectors):
        forest.add_item(row, vector.tolist())
    forest.build(TREES, n_jobs=1)
    file.parent.mkdir(parents=True, exist_ok=True)
    new = file.with_suffix(f".{os.getpid()}.new")
    forest.save(str(new))
    forest.unload()
    file.with_suffix(".sum").write_text(_sum(new), "ascii")
    new.replace(file)
