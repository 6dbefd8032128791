"""The second stage of a gallery's search: re-ranking by the feature cache, as long as that can be kept."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence

import numpy as np

from engine.gallery.embeddings import ImageEmbeddings
from engine.gallery.image_reader import LeftOut
from engine.runtime.network import ImageFeatures, RuntimeNetwork
from engine.search.grids.feature_cache import FeatureCache
from engine.search.ranking import Hit, reranked_hits
from engine.search.reranking import IMAGE_SEARCH

log = logging.getLogger(__name__)

POOL_CHUNK = 500  # feature grids averaged at once


class SecondStage:
    """Re-ranks images by their feature grids; where these cannot be written, search goes on with one stage.

    Attributes:
        features: the cache; None without a second stage. Another thread drops it when the disk is full.
    """

    def __init__(self, features: FeatureCache | None, images: int) -> None:
        """Take a cache of all of some images, or of the first of them.

        Args:
            features: the cache; without it there is one stage.
            images: how many there are.
        """
        self.features, self._images = features, images

    @property
    def ready(self) -> bool:
        """True if the cache is complete or switched off."""
        return self.prepared >= self._images

    @property
    def prepared(self) -> int:
        """The number of images that are in the cache, or need not be."""
        features = self.features
        return self._images if features is None else features.filled

    @property
    def missing(self) -> int:
        """The number of images that the cache is made for and does not hold yet."""
        features = self.features
        return 0 if features is None else features.size - features.filled

    @property
    def next_image(self) -> str | None:
        """The image that is added next; None if there is none."""
        features = self.features
        return None if features is None else features.next_image

    def add(self, image: ImageFeatures | LeftOut) -> None:
        """Put `next_image` into the cache."""
        if self.features is None:
            return
        try:
            self.features.add(image)
        except OSError as error:
            self._give_up(error)

    def fetch(self) -> bool:
        """Put what other processes share into the cache; return True if there may be more of it."""
        features = self.features
        try:
            return features is not None and features.fetch()
        except OSError as error:
            self._give_up(error)
            return False

    def share(self, *, at_once: bool = False) -> None:
        """Let other processes have what is in the cache, some seconds later or at once."""
        if self.features is not None:
            self.features.share(at_once=at_once)

    def refresh(self) -> None:
        """Take note of what another process has put into the cache."""
        if self.features is not None:
            self.features.refresh()

    def is_that_of(self, other: SecondStage) -> bool:
        """Return True if both use one cache."""
        features = self.features
        return features is not None and features is other.features

    def features_of(self, embeddings: ImageEmbeddings) -> FeatureCache | None:
        """Return the cache if it fits the first of these images, too."""
        features = self.features
        return features if features is not None and features.is_part_of(embeddings) else None

    def reranked(
        self,
        hits: Iterator[Hit],
        network: RuntimeNetwork,
        token_ids: Sequence[int],
        states: np.ndarray | None = None,
    ) -> Iterator[Hit]:
        """Return hits in the order of this stage, once all that it re-ranks are in the cache.

        Args:
            hits: in the order of their cosines, at least one.
            network: the decoder.
            token_ids: the text, start ... end.
            states: (1, T, W) of the text, if they are computed already.
        """
        features = self.features
        if features is None:
            return hits
        return reranked_hits(hits, IMAGE_SEARCH.top, network, features, token_ids, states=states)

    def pooled(self) -> np.ndarray:
        """Return the mean vector of each image's grid (N, W).

        Raises:
            RuntimeError: the cache is switched off or incomplete.
        """
        features = self.features
        if features is None or not self.ready:
            raise RuntimeError("inversion needs the grids of all images")
        rows = list(range(self._images))
        chunks = [rows[first : first + POOL_CHUNK] for first in rows[::POOL_CHUNK]]
        return np.concatenate([features.rows(chunk).astype(np.float32).mean(axis=1) for chunk in chunks])

    def _give_up(self, error: OSError) -> None:
        warn_of_one_stage(error)
        self.features = None


def warn_of_one_stage(error: OSError) -> None:
    """Log that search has one stage, as a feature cache cannot be written."""
    log.warning("Search has one stage: grids cannot be kept (%s).", error.strerror)
