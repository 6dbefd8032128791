"""Comparison of the indexes on one gallery: recall, time, and whether searches answer the same."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

import numpy as np

from data.flickr8k import Flickr8k
from data.gallery import Gallery
from engine.gallery import cache_dir
from engine.gallery.embeddings import gallery_key
from engine.model.checkpoint import Checkpoint
from engine.search.ann_index import AnnoyIndex, ExactIndex, Index, recall_at
from engine.search.indexes import open_index
from engine.search.indexing import open_embeddings
from engine.search.retriever import Retriever
from engine.settings import EngineSettings
from engine.words.text_embedding import TextEmbedder

COUNT = 10  # matches of a search
SCAN = "scan"


def compare_indexes(
    checkpoint: Checkpoint,
    gallery: Gallery,
    settings: EngineSettings,
    flickr8k: Flickr8k | None = None,
    *,
    queries: int = 500,
    seed: int = 1,
) -> dict[str, Any]:
    """Search a gallery by its own photos and by captions, with each index.

    Args:
        checkpoint: the network.
        gallery: is searched as far as it has embeddings.
        settings: the host's; they name a database, or pgvector is left out.
        flickr8k: its dev captions are asked; without it there are queries by photo only.
        queries: how many photos, and how many captions.
        seed: of the sampling.

    Returns:
        The counts, and for each index recall@10 against the scan, the share of searches whose ten matches are
        those of the scan, in the same order, and the median milliseconds of finding ten rows.

    Raises:
        GalleryError: the gallery has no embeddings.
        DatabaseError: the database cannot be used.
    """
    embeddings = open_embeddings(gallery, checkpoint, settings)
    rng = np.random.default_rng(seed)
    photos = embeddings.matrix[rng.permutation(len(embeddings.images))[:queries]]
    captions = _captions(checkpoint, flickr8k, queries, rng)
    folder, key = settings.home / cache_dir.INDEX, gallery_key(gallery, checkpoint)
    indexes: dict[str, Index] = {
        SCAN: ExactIndex(embeddings.matrix),
        "annoy": AnnoyIndex(embeddings.matrix, folder, key),
    }
    if settings.names_database:
        chosen = settings.model_copy(update={"index": "postgresql"})
        indexes["postgresql"] = open_index(gallery, checkpoint, embeddings, chosen)
    vectors = np.concatenate([photos, captions])
    answers = {
        name: _answers(Retriever(checkpoint, gallery, embeddings, index, None), photos, captions)
        for name, index in indexes.items()
    }
    return {
        "gallery": gallery.name,
        "images": len(embeddings.images),
        "photos": len(photos),
        "captions": len(captions),
        **{
            name: {
                "recall_at_10": round(recall_at(index, ExactIndex(embeddings.matrix), vectors, COUNT), 4),
                "same_answers": _share_of_same(answers[name], answers[SCAN]),
                "milliseconds": _milliseconds(index, vectors),
            }
            for name, index in indexes.items()
        },
    }


def _captions(
    checkpoint: Checkpoint, flickr8k: Flickr8k | None, count: int, rng: np.random.Generator
) -> np.ndarray:
    """Return joint vectors of captions: (Q, J)."""
    if flickr8k is None:
        return np.empty((0, checkpoint.network.config.joint_width), np.float32)
    texts = [text for name in flickr8k.splits["dev"] for text in flickr8k.captions.get(name, ())]
    return TextEmbedder(checkpoint).embed([texts[i] for i in rng.permutation(len(texts))[:count]])


def _answers(retriever: Retriever, photos: np.ndarray, captions: np.ndarray) -> list[tuple[str, ...]]:
    """Return the images of each search, as the engine finds them, near-duplicates once."""
    found = [retriever.search_by_photo(query, COUNT) for query in photos]
    found += [retriever.search_by_text(query, COUNT) for query in captions]
    return [tuple(match.image for match in matches) for matches in found]


def _share_of_same(some: Sequence[tuple[str, ...]], others: Sequence[tuple[str, ...]]) -> float:
    return round(sum(one == other for one, other in zip(some, others, strict=True)) / len(some), 4)


def _milliseconds(index: Index, vectors: np.ndarray) -> float:
    seconds = []
    for query in vectors:
        start = time.perf_counter()
        index.nearest(query, COUNT)
        seconds.append(time.perf_counter() - start)
    return round(float(np.median(seconds)) * 1000, 2)
