"""Keeps the feature grids of images while they are indexed, so that none is encoded for them again."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress

import numpy as np

from data.gallery import Gallery
from engine.gallery import cache_dir
from engine.gallery.embeddings import ImageEmbeddings, gallery_key
from engine.gallery.image_reader import LeftOut
from engine.model.checkpoint import Checkpoint
from engine.runtime.network import ImageFeatures
from engine.search.feature_cache import FeatureCache
from engine.search.indexing import EncodedImage, ImagesEncoder
from engine.settings import EngineSettings


class FeatureRecorder:
    """Fills the feature cache that a gallery will have once its images are indexed.

    If some of them cannot be used, or others come meanwhile, the gallery's own cache begins with what this
    one holds, as with an older one. Nothing is kept where images that were indexed before have no grids yet,
    and nothing more once the disk is full, or an image fails that may be read another time: the gallery's own
    cache is then completed later, and says what is wrong.
    """

    def __init__(
        self,
        gallery: Gallery,
        known: ImageEmbeddings,
        coming: Mapping[str, str],
        checkpoint: Checkpoint,
        settings: EngineSettings,
    ) -> None:
        """Open the cache of all images.

        Args:
            gallery: the gallery.
            known: the embeddings of those that are indexed.
            coming: states of those that are going to be, in their order.
            checkpoint: the network.
            settings: the host's settings.
        """
        self._has_stopped = False
        vectors = np.zeros((len(coming), known.matrix.shape[1]), np.float32)
        planned = known.joined(ImageEmbeddings(tuple(coming), vectors, coming))
        self._cache: FeatureCache | None = None
        with suppress(OSError):
            folder, key = settings.home / cache_dir.GRIDS, gallery_key(gallery, checkpoint)
            self._cache = FeatureCache(folder, key, planned, checkpoint)

    def recording(self, encode: ImagesEncoder) -> ImagesEncoder:
        """Return an encoder of images that does as another one, and keeps the grids."""

        def encode_and_keep(gallery: Gallery, names: Sequence[str]) -> Iterator[EncodedImage]:
            for image in encode(gallery, names):
                self.keep(image.name, image.features)
                yield image

        return encode_and_keep

    def keep(self, image: str, features: ImageFeatures | LeftOut) -> None:
        """Keep the grid of an image, if it is the next one."""
        cache = self._cache
        if cache is None or self._has_stopped or cache.next_image != image:
            return
        if isinstance(features, LeftOut) and not features.until_changed:
            self._has_stopped = True
            return
        try:
            cache.add_grid(cache.no_grid if isinstance(features, LeftOut) else features.grid[0])
        except OSError:
            self._has_stopped = True

    def close(self, embeddings: ImageEmbeddings) -> None:
        """Remove the cache, unless it is that of the embeddings that the gallery has now."""
        cache, self._cache = self._cache, None
        if cache and not (cache.is_part_of(embeddings) and cache.size == len(embeddings.images)):
            cache.remove()
