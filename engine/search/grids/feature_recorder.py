"""Keeps the feature grids of images while they are indexed, so that none is encoded for them again."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from itertools import islice

import numpy as np

from data.gallery import Gallery
from engine.gallery import cache_dir
from engine.gallery.embeddings import ImageEmbeddings, gallery_key
from engine.gallery.image_reader import LeftOut
from engine.model.checkpoint import Checkpoint
from engine.runtime.network import ImageFeatures
from engine.search.grids.feature_cache import FeatureCache
from engine.search.indexing import EncodedImage, ImagesEncoder
from engine.settings import EngineSettings


class FeatureRecorder:
    """Fills the feature cache that a gallery will have once its images are indexed.

    If some of them cannot be used, or others come meanwhile, the gallery's own cache begins with what this
    one holds, as with an older one. Nothing is kept where images that were indexed before have no grids yet,
    and nothing more once the disk is full, or an image fails that may be read another time: the gallery's own
    cache is then completed later, and says what is wrong.

    Attributes:
        planned: the images of the cache, those to be indexed without vectors.
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
        self._coming, self._has_stopped = dict(coming), False
        vectors = np.zeros((len(coming), known.matrix.shape[1]), np.float32)
        self.planned = planned = known.joined(ImageEmbeddings(tuple(coming), vectors, coming))
        self._cache: FeatureCache | None = None
        with suppress(OSError):
            folder, key = settings.home / cache_dir.GRIDS, gallery_key(gallery, checkpoint)
            self._cache = FeatureCache(folder, key, planned, checkpoint)

    @property
    def is_open(self) -> bool:
        """True unless the disk had no room for the cache, or it is closed."""
        return self._cache is not None

    def fits(self, coming: Mapping[str, str]) -> bool:
        """Return True if the images whose grids are missing come next, unchanged and in this order."""
        missing = self._cache.missing_images if self._cache else ()
        next_ones = dict(islice(coming.items(), len(missing)))
        return tuple(next_ones) == missing and next_ones.items() <= self._coming.items()

    def recording(self, encode: ImagesEncoder) -> ImagesEncoder:
        """Return an encoder of images that does as another one, and keeps the grids."""

        def encode_and_keep(gallery: Gallery, names: Sequence[str]) -> Iterator[EncodedImage]:
            try:
                for image in encode(gallery, names):
                    self.keep(image.name, self._coming.get(image.name), image.features)
                    yield image
            finally:  # of a run that is interrupted, too
                self.save()

        return encode_and_keep

    def keep(self, image: str, state: str | None, features: ImageFeatures | LeftOut) -> None:
        """Keep the grid of an image, if it is the next one.

        Args:
            image: its name.
            state: of the file that was read, see `Gallery.states`.
            features: of the network, or why it is left out.
        """
        cache = self._cache
        if (
            cache is None
            or self._has_stopped
            or (cache.next_image, self._coming.get(image)) != (image, state)
        ):
            return
        if isinstance(features, LeftOut) and not features.until_changed:
            self._has_stopped = True
            return
        try:
            cache.add_grid(cache.no_grid if isinstance(features, LeftOut) else features.grid[0])
        except OSError:
            self._has_stopped = True

    def save(self) -> None:
        """Make sure that the grids so far outlive the process, and that other caches can begin with them."""
        with suppress(OSError):
            if self._cache:
                self._cache.save()

    def close(self, embeddings: ImageEmbeddings) -> None:
        """Remove the cache, unless it is that of the embeddings that the gallery has now."""
        cache, self._cache = self._cache, None
        if cache and not (cache.is_part_of(embeddings) and cache.size == len(embeddings.images)):
            cache.remove()
