"""Comparison of five methods of text-to-image search on the same photos and queries."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import asdict
from typing import Any

import numpy as np
from tqdm import tqdm

from data.flickr8k import Flickr8k
from engine.evaluation.encoding import captioned_photos, encode_captions, encode_photos
from engine.evaluation.retrieval_metrics import image_search_ranks, recall
from engine.model.checkpoint import Checkpoint
from engine.reference.inversion import PLAIN, Inversion
from engine.reference.storage import load_reference
from engine.runtime.network import ImageFeatures
from engine.search.reranking import likelihood_of_images, rerank_images

SearchMethod = Callable[[Sequence[int]], np.ndarray]  # a query's token ids to the scores (N,) of all photos


def compare_search(
    checkpoint: Checkpoint, flickr8k: Flickr8k, split: str, queries: int = 500, seed: int = 1
) -> dict[str, Any]:
    """Search the photos of a split by its own captions, with each method.

    Args:
        checkpoint: the network.
        flickr8k: the data set.
        split: all of its photos are searched.
        queries: number of captions sampled from the split; every method gets the same ones. Scoring all
            photos by likelihood takes about a second a query.
        seed: of the sampling.

    Returns:
        The split and its counts; for each method recall@1/5/10 in percent, median rank, and the median
        milliseconds of a query, from token ids to the scores of all photos.

    Raises:
        GalleryError: the list, the photos or the captions of the split are missing.
    """
    names = captioned_photos(flickr8k, split)
    token_ids = encode_captions(
        checkpoint.vocabulary, names, flickr8k.captions, checkpoint.network.config.max_length
    )
    captions = [(photo, caption) for photo, of_photo in enumerate(token_ids) for caption in of_photo]
    sampled = np.random.default_rng(seed).permutation(len(captions))[:queries]
    owner = np.array([captions[i][0] for i in sampled])
    query_ids = [captions[i][1] for i in sampled]
    methods = search_methods(checkpoint, encode_photos(checkpoint, flickr8k, names))
    return {
        "split": split,
        "photos": len(names),
        "queries": len(sampled),
        **{name: _measure(name, method, query_ids, owner) for name, method in methods.items()},
    }


def search_methods(checkpoint: Checkpoint, photos: ImageFeatures) -> dict[str, SearchMethod]:
    """Return every search method by name, from the project's first idea to the one that serves people."""
    network, reference = checkpoint.network, load_reference(checkpoint.folder)
    pooled_grids = photos.grid.mean(axis=1)

    def joint(query: Sequence[int]) -> np.ndarray:
        return np.asarray(photos.joint @ network.encode_text(np.array([query])).joint[0])

    def likelihood(query: Sequence[int]) -> np.ndarray:
        return likelihood_of_images(network, query, photos.grid)

    def two_stages(query: Sequence[int]) -> np.ndarray:
        return rerank_images(network, query, photos.grid, joint(query))

    return {
        "inversion_pure": Inversion(reference, pooled_grids, PLAIN).scores,
        "inversion": Inversion(reference, pooled_grids).scores,
        "likelihood": likelihood,
        "joint": joint,
        "two_stages": two_stages,
    }


def _measure(
    name: str, method: SearchMethod, queries: Sequence[Sequence[int]], owner: np.ndarray
) -> dict[str, float]:
    method(queries[0])  # warm up: the served engine is warm before its first query, too
    scores, seconds = [], []
    for query in tqdm(queries, desc=name.replace("_", " "), unit=""):
        start = time.perf_counter()
        scores.append(method(query))
        seconds.append(time.perf_counter() - start)
    ranks = image_search_ranks(np.stack(scores, axis=1), owner)
    return {**asdict(recall(ranks)), "milliseconds": round(float(np.median(seconds)) * 1000, 1)}
