"""Search by description in five ways, over the same photos and the same queries."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import asdict
from typing import Any

import numpy as np
import torch
from torch import Tensor
from tqdm import tqdm

from data.flickr8k import Flickr8k
from engine.model.checkpoint import Checkpoint
from engine.model.layers import ImageFeatures
from engine.model.network import Network
from engine.search.inversion import PURE, Inversion, average_place
from engine.search.reranking import likelihood_of_images, search_with
from engine.training.corpus import encode_captions
from engine.training.evaluate import encode_photos, photos_of
from engine.training.retrieval import image_search_ranks, recall

Way = Callable[[Sequence[int]], Tensor]  # a caption's numbers to scores of all photos (N,)


def compare(
    artifact: Checkpoint, flickr8k: Flickr8k, split: str, queries: int = 500, seed: int = 1
) -> dict[str, Any]:
    """Search a split's photos by its own captions, each way.

    Args:
        artifact: the network.
        flickr8k: the data.
        split: all of its photos are searched.
        queries: captions drawn from it; every way is asked the same ones. The likelihood of all
            photos takes about a second a query.
        seed: of the draw.

    Returns:
        The split and its counts; for each way R@1/5/10 in percent, median rank, and the median
        milliseconds of a query, from its words to the scores of all photos.

    Raises:
        GalleryError: the split's list, photos or captions are not there.
    """
    names = photos_of(flickr8k, split)
    numbers = encode_captions(
        artifact.vocabulary, names, flickr8k.captions, artifact.network.config.max_length
    )
    captions = [(photo, sentence) for photo, own in enumerate(numbers) for sentence in own]
    drawn = np.random.default_rng(seed).permutation(len(captions))[:queries]
    owner = np.array([captions[i][0] for i in drawn])
    sentences = [captions[i][1] for i in drawn]
    ways = ways_to_search(artifact.network, encode_photos(artifact, flickr8k, names))
    return {
        "split": split,
        "photos": len(names),
        "queries": len(drawn),
        **{name: _measure(name, way, sentences, owner) for name, way in ways.items()},
    }


def ways_to_search(network: Network, photos: ImageFeatures) -> dict[str, Way]:
    """Every way from a caption to scores of photos, from the first idea to what serves people."""
    vectors = average_place(photos.grid)

    def joint(numbers: Sequence[int]) -> Tensor:
        with torch.inference_mode():
            return photos.joint @ network.encode_text(torch.tensor([numbers])).joint[0]

    def likelihood(numbers: Sequence[int]) -> Tensor:
        return likelihood_of_images(network, numbers, photos.grid)

    def two_stages(numbers: Sequence[int]) -> Tensor:
        return search_with(network, numbers, photos.grid, joint(numbers))

    return {
        "inversion_pure": Inversion(network, vectors, PURE).scores,
        "inversion": Inversion(network, vectors).scores,
        "likelihood": likelihood,
        "joint": joint,
        "two_stages": two_stages,
    }


def _measure(name: str, way: Way, sentences: Sequence[Sequence[int]], owner: np.ndarray) -> dict[str, float]:
    way(sentences[0])  # nobody waits for the first answer, either: the engine warms up
    scores, seconds = [], []
    for numbers in tqdm(sentences, desc=name.replace("_", " "), unit=""):
        began = time.perf_counter()
        scores.append(way(numbers))
        seconds.append(time.perf_counter() - began)
    ranks = image_search_ranks(torch.stack(scores, dim=1).numpy(), owner)
    return {**asdict(recall(ranks)), "milliseconds": round(float(np.median(seconds)) * 1000, 1)}
