"""Opens retrievers: with index and feature cache on disk, or at once, without writing anything."""

from __future__ import annotations

from data.bucket_folder import BucketFolder
from data.gallery import Gallery
from engine.gallery import cache_dir
from engine.gallery.embeddings import ImageEmbeddings, gallery_key
from engine.model.checkpoint import Checkpoint
from engine.search.ann_index import ExactIndex
from engine.search.duplicate_groups import NearDuplicates
from engine.search.grids.feature_cache import FeatureCache
from engine.search.indexes import open_index
from engine.search.retriever import Retriever
from engine.search.second_stage import warn_of_one_stage
from engine.settings import EngineSettings


def open_retriever(
    checkpoint: Checkpoint,
    gallery: Gallery,
    embeddings: ImageEmbeddings,
    settings: EngineSettings,
    former: Retriever | None = None,
) -> Retriever:
    """Open the index and the feature cache of a gallery; build the index if it is not on disk.

    Where there is no room for a feature cache, that of the former retriever goes on, if it fits.

    Raises:
        OSError: the index cannot be written.
        DatabaseError: the database that holds it cannot be used.
    """
    key = gallery_key(gallery, checkpoint)
    index = open_index(gallery, checkpoint, embeddings, settings)
    folder = settings.home / cache_dir.INDEX
    near_duplicates = NearDuplicates(index, embeddings.matrix, embeddings.signatures, folder, key)
    features = None
    if settings.two_stages:
        try:
            shared = BucketFolder(settings.features) if settings.features else None
            features = FeatureCache(settings.home / cache_dir.GRIDS, key, embeddings, checkpoint, shared)
        except OSError as error:
            features = former.second_stage.features_of(embeddings) if former else None
            if features is None:
                warn_of_one_stage(error)
    return Retriever(checkpoint, gallery, embeddings, index, features, near_duplicates=near_duplicates)


def grown_retriever(
    former: Retriever, checkpoint: Checkpoint, gallery: Gallery, embeddings: ImageEmbeddings
) -> Retriever:
    """Return a retriever for more images at once, without writing anything: by an exact scan.

    The feature cache is the former retriever's, where that knows the first of the images.
    """
    index = ExactIndex(embeddings.matrix)
    return Retriever(checkpoint, gallery, embeddings, index, former.second_stage.features_of(embeddings))
