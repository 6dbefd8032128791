"""Nearest neighbours by pgvector, as an `Index`."""

from __future__ import annotations

import logging
import math
import time
from typing import Final

import numpy as np
import psycopg

from engine.database import describe
from engine.gallery.embeddings import ImageEmbeddings
from engine.search.ann_index import ExactIndex, best
from engine.search.postgres.vector_table import VectorTable

log = logging.getLogger(__name__)

# One image of so many is looked at. A caption is about as near to all photos of one event: of a million
# photos, of events of 141, 800 candidates hold nine of its ten nearest, and 5,000 all but one in two hundred
# (`tests.benchmarks.nearest`).
IMAGES_PER_CANDIDATE: Final = 100
MAX_CANDIDATES: Final = 5_000
MAX_COUNT: Final = 1_000  # images that the server is asked for: a scan returns more of them sooner
RETRY_INTERVAL = 5.0  # seconds between two attempts while the server is away
REPORT_INTERVAL = 60.0  # seconds between two lines of the log


class PostgresIndex:
    """Asks the server for candidates and orders them by their exact cosines.

    The vectors are in this process, too: while the server is away, they are scanned, which takes longer and
    finds no less.
    """

    def __init__(self, table: VectorTable, embeddings: ImageEmbeddings) -> None:
        """Take a table that holds these embeddings, at least."""
        self._table, self._rows, self._matrix = table, embeddings.rows, embeddings.matrix
        self._exact = ExactIndex(embeddings.matrix)
        self._retry_at = self._reported_at = -math.inf

    def nearest(self, vector: np.ndarray, count: int) -> list[tuple[int, float]]:
        """Return the nearest rows; see `Index.nearest`."""
        rows = self._candidates(vector, count) if count <= MAX_COUNT else None
        if rows is None:
            return self._exact.nearest(vector, count)
        return best(rows, self._matrix[rows] @ vector, count)

    def _candidates(self, vector: np.ndarray, count: int) -> np.ndarray | None:
        """Return at least `count` rows, if there are as many; None while the server is away."""
        wanted = count
        while True:
            images = self._ask(vector, wanted)
            if images is None:
                return None
            known = [self._rows[image] for image in images if image in self._rows]  # others add images, too
            if len(known) >= count or len(images) < wanted:
                return np.array(known, dtype=np.intp) if len(known) >= min(count, len(self._rows)) else None
            wanted *= 2

    def _ask(self, vector: np.ndarray, count: int) -> list[str] | None:
        now = time.monotonic()
        if now < self._retry_at:
            return None
        try:
            candidates = min(len(self._rows) // IMAGES_PER_CANDIDATE, MAX_CANDIDATES)
            images = self._table.nearest(vector, count, candidates=candidates)
        except (psycopg.Error, OSError) as error:
            self._retry_at = time.monotonic() + RETRY_INTERVAL
            if now - self._reported_at >= REPORT_INTERVAL:
                self._reported_at = now
                log.warning(
                    "The index in PostgreSQL cannot be used, and all vectors are compared instead: %s",
                    describe(error),
                )
            return None
        if self._reported_at > -math.inf:
            self._reported_at = -math.inf
            log.info("The index in PostgreSQL can be used again.")
        return images
