"""Searching a gallery: by a vector of the joint space, in two stages, or by inversion."""

from __future__ import annotations

import logging
import random
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path

import numpy as np
import torch

from data.gallery import Gallery
from engine.errors import UnknownImageError
from engine.model.checkpoint import Checkpoint
from engine.results import Match, key_of
from engine.search import cache_dir
from engine.search.ann_index import AnnoyIndex, Index
from engine.search.embeddings import ImageEmbeddings, gallery_key
from engine.search.feature_cache import FeatureCache
from engine.search.inversion import Inversion, average_place
from engine.search.reranking import IMAGE_SEARCH, likelihood_of_images
from engine.settings import EngineSettings

log = logging.getLogger(__name__)

UNSEEN_CONFIDENCE = 0.15  # share of words unseen in training that have a fitting image among the first ten


class Retriever:
    """Finds images of one gallery."""

    def __init__(
        self, artifact: Checkpoint, gallery: Gallery, vectors: ImageEmbeddings, settings: EngineSettings
    ) -> None:
        """Take a gallery and the vectors of its images, which may be fewer."""
        self._artifact, self._gallery, self._images = artifact, gallery, vectors.images
        self._matrix = vectors.matrix
        key = gallery_key(gallery, artifact)
        self._index: Index = AnnoyIndex(vectors.matrix, settings.home / cache_dir.INDEX, key)
        self._grids = (
            self._open_grids(settings.home / cache_dir.GRIDS, key, vectors) if settings.two_stages else None
        )

    def __len__(self) -> int:
        return len(self._images)

    @property
    def ready(self) -> bool:
        """Whether there is nothing left to prepare."""
        return self._grids is None or self._grids.ready

    @property
    def prepared(self) -> int:
        """How many images there is nothing left to prepare of."""
        return len(self) if self._grids is None else self._grids.done

    def prepare(self, count: int) -> None:
        """Make the grids of some more images; the second stage begins when all are there.

        Where they cannot be kept, search goes on with one stage.
        """
        if self._grids is None:
            return
        try:
            self._grids.fill(self._gallery, count)
        except OSError as error:
            log.warning("Search has one stage: grids cannot be kept (%s).", error.strerror)
            self._grids = None

    def sample(self, count: int) -> tuple[Match, ...]:
        """Some images at random, none twice; nothing was asked, so they have no score."""
        rows = random.sample(range(len(self)), min(count, len(self)))
        return self._matches(rows, np.zeros(len(rows)))

    def lookalikes(self, query: np.ndarray, count: int) -> tuple[Match, ...]:
        """Images nearest to a photo's joint vector (J,)."""
        rows, cosines = self._nearest(query, count)
        return self._matches(rows, cosines, self._artifact.calibration.of_lookalikes(query, cosines))

    def similar_images(self, image: str, count: int) -> tuple[Match, ...]:
        """Images nearest to one of the gallery, itself left out.

        Raises:
            UnknownImage: no image has this name or key.
        """
        row = self._rows.get(image)
        if row is None:
            raise UnknownImageError
        near = self.lookalikes(self._matrix[row], count + 1)
        return tuple(match for match in near if match.image != self._images[row])[:count]

    @cached_property
    def _rows(self) -> dict[str, int]:
        """Rows of images by key and by name."""
        keys = {key_of(image): row for row, image in enumerate(self._images)}
        return keys | {image: row for row, image in enumerate(self._images)}

    def find(self, query: np.ndarray, count: int, numbers: Sequence[int] | None = None) -> tuple[Match, ...]:
        """Images that fit a text.

        Args:
            query: (J,), its joint vector, length 1.
            count: how many.
            numbers: the text as the decoder reads it, start ... end, for the second stage.
        """
        two_stages = numbers is not None and self._grids is not None and self._grids.ready
        rows, cosines = self._nearest(query, max(count, IMAGE_SEARCH.top) if two_stages else count)
        sure = self._artifact.calibration.of_find(query, cosines)
        if numbers is None or self._grids is None or not two_stages:
            return self._matches(rows, cosines, sure)
        fit = likelihood_of_images(self._artifact.network, numbers, self._grids.of(rows)).numpy()
        # The likeliest image keeps its cosine, the others lose: the scores stay what people know.
        scores = cosines + IMAGE_SEARCH.likelihood / IMAGE_SEARCH.joint * (fit - fit.max())
        order = np.argsort(-scores, kind="stable")[:count]
        return self._matches([rows[i] for i in order], scores[order], sure[order])

    def find_unseen(self, query: np.ndarray, count: int) -> tuple[Match, ...]:
        """Images that fit words no caption held, all compared; `query` as for `find`.

        Nobody knows how sure to be: one in ten of such words has its image first, so all are weak.
        """
        cosines = self._matrix @ query
        rows = np.argsort(self._hubs - cosines, kind="stable")[:count]
        return self._matches(rows.tolist(), cosines[rows], np.full(len(rows), UNSEEN_CONFIDENCE))

    def invert(self, numbers: Sequence[int], count: int) -> tuple[Match, ...]:
        """Images nearest to what the decoder would have to see to say a text: start ... end.

        Raises:
            RuntimeError: the grids are switched off or not all there, see `prepare`.
        """
        if self._grids is None or not self._grids.ready:
            raise RuntimeError("inversion needs the grids of all images")
        found = self._inversion.nearest(numbers, count)
        return self._matches([row for row, _ in found], np.array([cosine for _, cosine in found]))

    @cached_property
    def _hubs(self) -> np.ndarray:
        return self._artifact.prototypes.hubs(self._matrix)

    @cached_property
    def _inversion(self) -> Inversion:
        if self._grids is None:
            raise RuntimeError("inversion needs the grids of all images")
        rows = range(len(self._images))
        parts = [
            average_place(torch.from_numpy(self._grids.of(list(rows[i : i + 500])))) for i in rows[::500]
        ]
        return Inversion(self._artifact.network, torch.cat(parts))

    def _nearest(self, query: np.ndarray, count: int) -> tuple[list[int], np.ndarray]:
        found = self._index.nearest(query, count)
        return [row for row, _ in found], np.array([cosine for _, cosine in found])

    def _matches(
        self, rows: Sequence[int], scores: np.ndarray, sure: np.ndarray | None = None
    ) -> tuple[Match, ...]:
        names = [self._images[row] for row in rows]
        confidences = [None] * len(names) if sure is None else sure.tolist()
        return tuple(
            Match(name, score, self._gallery.source(name), confidence)
            for name, score, confidence in zip(names, scores.tolist(), confidences, strict=True)
            if self._gallery.path(name).exists()  # the host may remove photos while we serve them
        )

    def _open_grids(self, folder: Path, key: str, vectors: ImageEmbeddings) -> FeatureCache | None:
        try:
            return FeatureCache(folder, key, vectors, self._artifact)
        except OSError as error:
            log.warning("Search has one stage: grids cannot be kept (%s).", error.strerror)
            return None
