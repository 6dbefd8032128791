"""Retrieval from a gallery: by vector, by text in two stages, zero-shot, or by inversion."""

from __future__ import annotations

import logging
import random
from collections.abc import Iterable, Sequence
from functools import cached_property
from itertools import islice

import numpy as np
import torch

from data.gallery import Gallery
from engine.errors import PhotosAwayError, UnknownImageError
from engine.model.checkpoint import Checkpoint
from engine.model.layers import ImageFeatures
from engine.results import Match, image_key
from engine.search import cache_dir
from engine.search.ann_index import AnnoyIndex, ExactIndex, Index
from engine.search.embeddings import ImageEmbeddings, gallery_key
from engine.search.feature_cache import FeatureCache
from engine.search.image_reader import LeftOut
from engine.search.inversion import Inversion, mean_pool
from engine.search.reranking import IMAGE_SEARCH, likelihood_of_images
from engine.settings import EngineSettings

log = logging.getLogger(__name__)

# Share of words outside all captions that have a fitting image among the first ten.
ZERO_SHOT_CONFIDENCE = 0.15
POOL_CHUNK = 500  # feature grids averaged at once
WIDER = 4  # how many times more images are looked at where files of the nearest are gone


class Retriever:
    """Finds images of one gallery, as it was at one time; a gallery that changes gets another retriever.

    The host may remove photos while they are served, or unmount their disk: only images whose files exist are
    returned. Every search raises `PhotosAwayError` if no file can be reached.
    """

    def __init__(
        self,
        checkpoint: Checkpoint,
        gallery: Gallery,
        embeddings: ImageEmbeddings,
        index: Index,
        features: FeatureCache | None,
    ) -> None:
        """Take a gallery and both stages of its search; see `open_retriever` and `grown_retriever`.

        Args:
            checkpoint: the network.
            gallery: the gallery.
            embeddings: of its images, possibly not of all.
            index: of the embeddings.
            features: of all these images, or of the first of them; without it there is one stage.
        """
        self.gallery, self.embeddings = gallery, embeddings
        self._checkpoint, self._images, self._matrix = checkpoint, embeddings.images, embeddings.matrix
        self._index, self._features = index, features

    def __len__(self) -> int:
        return len(self._images)

    @property
    def ready(self) -> bool:
        """True if the feature cache is complete or switched off."""
        return self._features is None or self._features.filled >= len(self)

    @property
    def prepared(self) -> int:
        """The number of images that are in the feature cache, or need not be."""
        return len(self) if self._features is None else self._features.filled

    @property
    def next_without_features(self) -> str | None:
        """The image that is put into the feature cache next, see `add_features`; None if there is none."""
        return None if self._features is None else self._features.next_image

    def add_features(self, features: ImageFeatures | LeftOut) -> None:
        """Put `next_without_features` into the feature cache.

        If it cannot be written, search continues with one stage.
        """
        if self._features is None:
            return
        try:
            self._features.add(features)
        except OSError as error:
            _warn_of_one_stage(error)
            self._features = None

    def features_of(self, embeddings: ImageEmbeddings) -> FeatureCache | None:
        """Return the feature cache if it fits the first of these images, too."""
        fits = self._features is not None and self._features.is_part_of(embeddings)
        return self._features if fits else None

    def sample(self, count: int) -> tuple[Match, ...]:
        """Return random images, no two the same; their score is 0, because there is no query."""
        rows = self._present(random.sample(range(len(self)), len(self)), count)
        return self._matches(rows, np.zeros(len(rows)))

    def search_by_photo(self, query: np.ndarray, count: int) -> tuple[Match, ...]:
        """Return the images nearest to a photo's joint vector (J,)."""
        rows, cosines = self._nearest(query, count)
        return self._matches(rows, cosines, self._checkpoint.calibration.of_lookalikes(query, cosines))

    def similar_images(self, image: str, count: int) -> tuple[Match, ...]:
        """Return the images nearest to one of the gallery, without the image itself.

        Raises:
            UnknownImageError: no image has this name or key.
        """
        row = self._rows.get(image)
        if row is None:
            raise UnknownImageError
        nearest = self.search_by_photo(self._matrix[row], count + 1)
        return tuple(match for match in nearest if match.image != self._images[row])[:count]

    @cached_property
    def _rows(self) -> dict[str, int]:
        """Rows of images by key and by name."""
        keys = {image_key(image): row for row, image in enumerate(self._images)}
        return keys | {image: row for row, image in enumerate(self._images)}

    def search_by_text(
        self, query: np.ndarray, count: int, token_ids: Sequence[int] | None = None
    ) -> tuple[Match, ...]:
        """Return the images that fit a text best, re-ranked once all candidates are in the feature cache.

        Args:
            query: (J,), joint vector of the text, length 1.
            count: how many.
            token_ids: the text for the decoder, start ... end; without it there is no second stage.
        """
        features = self._features
        two_stages = token_ids is not None and features is not None
        rows, cosines = self._nearest(query, max(count, IMAGE_SEARCH.top) if two_stages else count)
        confidences = self._checkpoint.calibration.of_find(query, cosines)
        if token_ids is None or features is None or not features.covers(rows):
            return self._matches(rows[:count], cosines[:count], confidences[:count])
        likelihood = likelihood_of_images(self._checkpoint.network, token_ids, features.rows(rows)).numpy()
        # The likeliest image keeps its cosine and the others lose: scores stay comparable to cosines.
        scores = cosines + IMAGE_SEARCH.likelihood / IMAGE_SEARCH.joint * (likelihood - likelihood.max())
        order = np.argsort(-scores, kind="stable")[:count]
        return self._matches([rows[i] for i in order], scores[order], confidences[order])

    def search_zero_shot(self, query: np.ndarray, count: int) -> tuple[Match, ...]:
        """Return images for words outside all captions, by an exact scan corrected for hubness.

        The confidence is low for all: one in ten of such words has its image first. `query` as for
        `search_by_text`.
        """
        cosines = self._matrix @ query
        rows = self._present(np.argsort(self._hubness - cosines, kind="stable").tolist(), count)
        return self._matches(rows, cosines[rows], np.full(len(rows), ZERO_SHOT_CONFIDENCE))

    def search_by_inversion(self, token_ids: Sequence[int], count: int) -> tuple[Match, ...]:
        """Return the images nearest to where inversion of a text, start ... end, leads.

        Raises:
            RuntimeError: the feature cache is switched off or incomplete.
        """
        if self._features is None or not self.ready:
            raise RuntimeError("inversion needs the grids of all images")
        hits = dict(self._inversion.nearest(token_ids, count))
        rows = self._present(hits, count)
        return self._matches(rows, np.array([hits[row] for row in rows]))

    @cached_property
    def _hubness(self) -> np.ndarray:
        return self._checkpoint.prototypes.hubs(self._matrix)

    @cached_property
    def _inversion(self) -> Inversion:
        if self._features is None:
            raise RuntimeError("inversion needs the grids of all images")
        rows = list(range(len(self._images)))
        chunks = [rows[first : first + POOL_CHUNK] for first in rows[::POOL_CHUNK]]
        pooled = [mean_pool(torch.from_numpy(self._features.rows(chunk))) for chunk in chunks]
        return Inversion(self._checkpoint.network, torch.cat(pooled))

    def _nearest(self, query: np.ndarray, count: int) -> tuple[list[int], np.ndarray]:
        wanted = count
        while True:
            hits = dict(self._index.nearest(query, wanted))
            present = [row for row in hits if self._exists(row)]
            if len(present) >= min(count, len(hits)) or wanted >= len(self):
                break
            wanted *= WIDER
        rows = self._present(present, count)
        return rows, np.array([hits[row] for row in rows])

    def _present(self, rows: Iterable[int], count: int) -> list[int]:
        """Return the first `count` rows whose files exist."""
        present = list(islice(filter(self._exists, rows), count))
        if not present:
            raise PhotosAwayError
        return present

    def _exists(self, row: int) -> bool:
        return self.gallery.exists(self._images[row])

    def _matches(
        self, rows: Sequence[int], scores: np.ndarray, confidences: np.ndarray | None = None
    ) -> tuple[Match, ...]:
        names = [self._images[row] for row in rows]
        listed = [None] * len(names) if confidences is None else confidences.tolist()
        return tuple(
            Match(name, score, self.gallery.source(name), confidence)
            for name, score, confidence in zip(names, scores.tolist(), listed, strict=True)
        )


def open_retriever(
    checkpoint: Checkpoint, gallery: Gallery, embeddings: ImageEmbeddings, settings: EngineSettings
) -> Retriever:
    """Open the index and the feature cache of a gallery; build the index if it is not on disk.

    Raises:
        OSError: the index cannot be written.
    """
    key = gallery_key(gallery, checkpoint)
    index = AnnoyIndex(embeddings.matrix, settings.home / cache_dir.INDEX, key)
    features = None
    if settings.two_stages:
        try:
            features = FeatureCache(settings.home / cache_dir.GRIDS, key, embeddings, checkpoint)
        except OSError as error:
            _warn_of_one_stage(error)
    return Retriever(checkpoint, gallery, embeddings, index, features)


def grown_retriever(
    former: Retriever, checkpoint: Checkpoint, gallery: Gallery, embeddings: ImageEmbeddings
) -> Retriever:
    """Return a retriever for more images at once, without writing anything: by an exact scan.

    The feature cache is the former retriever's, where that knows the first of the images.
    """
    index = ExactIndex(embeddings.matrix)
    return Retriever(checkpoint, gallery, embeddings, index, former.features_of(embeddings))


def _warn_of_one_stage(error: OSError) -> None:
    log.warning("Search has one stage: grids cannot be kept (%s).", error.strerror)
