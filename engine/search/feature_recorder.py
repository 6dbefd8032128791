"""Keeps the feature grids of images while they are indexed, so that none is encoded for them again."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress

import numpy as np

from data.gallery import Gallery
from engine.gallery import cache_dir
from engine.gallery.embeddings import ImageEmbeddings
from engine.gallery.image_reader import LeftOut
from engine.model.checkpoint import Checkpoint
from engine.search.feature_cache import FeatureCache
from engine.search.indexing import EncodedImage, IndexStatus, encode_images
from engine.settings import EngineSettings


class FeatureRecorder:
    """Encodes images, an `indexing.ImagesEncoder`, and fills the feature cache that their gallery will have.

    If some images cannot be used, the gallery's own cache begins with what this one holds, as with an older
    one. Nothing is kept where images that were indexed before have no grids yet, and nothing more once the
    disk is full, or an image fails that may be read another time: the gallery's own cache is then completed
    later, and says what is wrong.
    """

    def __init__(self, status: IndexStatus, checkpoint: Checkpoint, settings: EngineSettings) -> None:
        """Open the cache of the images that are indexed, and of those that are missing, in this order."""
        self._checkpoint, self._has_stopped = checkpoint, False
        states = {name: status.states[name] for name in status.missing}
        vectors = np.zeros((len(states), status.embeddings.matrix.shape[1]), np.float32)
        planned = status.embeddings.joined(ImageEmbeddings(tuple(states), vectors, states))
        self._cache: FeatureCache | None = None
        with suppress(OSError):
            self._cache = FeatureCache(settings.home / cache_dir.GRIDS, status.key, planned, checkpoint)

    def __call__(self, gallery: Gallery, names: Sequence[str]) -> Iterator[EncodedImage]:
        """Encode images of a gallery."""
        for image in encode_images(self._checkpoint, gallery, names):
            self._keep(image)
            yield image

    def close(self, embeddings: ImageEmbeddings) -> None:
        """Remove the cache, unless it is that of the embeddings that the gallery has now."""
        cache, self._cache = self._cache, None
        if cache and not (cache.is_part_of(embeddings) and cache.size == len(embeddings.images)):
            cache.remove()

    def _keep(self, image: EncodedImage) -> None:
        cache, features = self._cache, image.features
        if cache is None or self._has_stopped or cache.next_image != image.name:
            return
        if isinstance(features, LeftOut) and not features.until_changed:
            self._has_stopped = True
            return
        try:
            cache.add_grid(cache.no_grid if isinstance(features, LeftOut) else features.grid[0])
        except OSError:
            self._has_stopped = True
