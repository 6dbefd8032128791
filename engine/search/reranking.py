"""Re-ranking by caption likelihood, the second stage of search: log p(caption | image) of the decoder.

The joint space compares two vectors that were computed independently; the decoder reads the caption while it
attends to the image's patches, which is more accurate and more expensive. So search has two stages, as in
ALBEF (Li et al. 2021, arXiv 2107.07651): the joint space selects candidates, and the weighted sum of both
scores, a product of two experts, re-ranks them. For captions of an image the sum uses log p(caption | image)
- log p(caption): a sentence that is likely for any photo says little about this one (Li et al. 2016, arXiv
1510.03055).

Shapes: Q captions, N images of a gallery, K of them; T words, P positions of a feature grid, W width.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from tqdm import tqdm

from engine.model.vocabulary import PAD, pad
from engine.runtime.network import RuntimeNetwork

BATCH_SIZE = 50  # captions or images at once; the logits of all their words stay a few megabytes


@dataclass(frozen=True, slots=True, kw_only=True)
class RerankConfig:
    """Weights of the second stage.

    Log probabilities are summed over the words, not averaged: more words are more evidence.

    Attributes:
        top: candidates of the joint space that are re-ranked; the others follow in their order.
        joint: weight of the cosine in the joint space.
        likelihood: weight of log p(caption | image), in nats.
        prior: share of log p(caption | mean image) that is subtracted from it. Among images of one caption it
            changes nothing.
    """

    top: int = 50
    joint: float = 1.0
    likelihood: float = 0.05
    prior: float = 0.0

    def score(
        self, cosines: np.ndarray, likelihood: np.ndarray, prior: np.ndarray | float = 0.0
    ) -> np.ndarray:
        """Return the weighted sum; all arrays have one shape."""
        return self.joint * cosines + self.likelihood * (likelihood - self.prior * prior)


IMAGE_SEARCH = RerankConfig()
CAPTION_RETRIEVAL = RerankConfig(likelihood=0.01, prior=1.0)


def caption_likelihood(
    network: RuntimeNetwork, states: np.ndarray, token_ids: np.ndarray, grid: np.ndarray
) -> np.ndarray:
    """Return log p(caption | image) in nats, summed over the words and the end token.

    Captions and images are paired in order, or there is one of either for all of the other. Words outside the
    output vocabulary count as unknown.

    Args:
        network: the network.
        states: (Q, T, W) of the captions, from `encode_text`.
        token_ids: (Q, T), each start ... end, padded.
        grid: (K, P, W), float16 or float32; K is Q, or one of both is 1.

    Returns:
        (K or Q,) float32, all below 0.
    """
    # One caption for many images is encoded once: the shapes broadcast until the first cross-attention.
    targets = token_ids[:, 1:]
    words = network.caption_log_probabilities(states[:, :-1], grid, targets)
    return np.asarray((words * (targets != PAD)).sum(1))


def likelihood_of_images(
    network: RuntimeNetwork, token_ids: Sequence[int], grids: np.ndarray, states: np.ndarray | None = None
) -> np.ndarray:
    """Return log p(caption | image) of one caption for N images: (N,).

    Args:
        network: the network.
        token_ids: of the caption, start ... end.
        grids: (N, P, W), float16 or float32; they may be memory-mapped.
        states: (1, T, W) of the caption, if `encode_text` has computed them already.
    """
    sentence = np.array([token_ids])
    states = network.encode_text(sentence).states if states is None else states
    return np.concatenate([caption_likelihood(network, states, sentence, part) for part in _batches(grids)])


def likelihood_of_captions(
    network: RuntimeNetwork, captions: Sequence[Sequence[int]], grid: np.ndarray
) -> np.ndarray:
    """Return log p(caption | image) of every caption for one image (P, W): (Q,)."""
    parts = []
    for first in range(0, len(captions), BATCH_SIZE):
        token_ids = pad(captions[first : first + BATCH_SIZE])
        states = network.encode_text(token_ids).states
        parts.append(caption_likelihood(network, states, token_ids, grid[None]))
    return np.concatenate(parts)


def rerank_image_search(
    network: RuntimeNetwork,
    captions: Sequence[Sequence[int]],
    grids: np.ndarray,
    cosines: np.ndarray,
    config: RerankConfig = IMAGE_SEARCH,
) -> np.ndarray:
    """Re-rank images for each caption.

    Args:
        network: the network.
        captions: token ids of Q captions, each start ... end.
        grids: of the N images.
        cosines: (N, Q) in the joint space.
        config: weights of both scores.

    Returns:
        (N, Q) scores; within a column, the joint space's first `config.top` images are in their new order,
        and the others below them in their old one.
    """
    scores = np.empty_like(cosines)
    for column, token_ids in enumerate(tqdm(captions, desc="image search", unit="")):
        scores[:, column] = rerank_images(network, token_ids, grids, cosines[:, column], config)
    return scores


def rerank_images(
    network: RuntimeNetwork,
    token_ids: Sequence[int],
    grids: np.ndarray,
    cosines: np.ndarray,
    config: RerankConfig = IMAGE_SEARCH,
) -> np.ndarray:
    """Re-rank images for one caption; cosines and scores are (N,)."""
    rows = _top(cosines, config.top)
    likelihood = likelihood_of_images(network, token_ids, grids[rows])
    return _merge_scores(cosines, rows, config.score(cosines[rows], likelihood))


def rerank_caption_retrieval(
    network: RuntimeNetwork,
    captions: Sequence[Sequence[int]],
    grids: np.ndarray,
    cosines: np.ndarray,
    config: RerankConfig = CAPTION_RETRIEVAL,
) -> np.ndarray:
    """Re-rank captions for each image; as `rerank_image_search`, but within a row."""
    prior = likelihood_of_captions(network, captions, mean_grid(grids))
    scores = np.empty_like(cosines)
    for row, row_cosines in enumerate(tqdm(cosines, desc="caption retrieval", unit="")):
        columns = _top(row_cosines, config.top)
        candidates = [captions[column] for column in columns.tolist()]
        likelihood = likelihood_of_captions(network, candidates, grids[row])
        new_scores = config.score(row_cosines[columns], likelihood, prior[columns])
        scores[row] = _merge_scores(row_cosines, columns, new_scores)
    return scores


def mean_grid(grids: np.ndarray) -> np.ndarray:
    """Return the mean feature grid of a gallery: (P, W)."""
    sums = [np.asarray(batch, np.float32).sum(0) for batch in _batches(grids)]
    return np.asarray(np.sum(sums, axis=0) / len(grids))


def _top(scores: np.ndarray, count: int) -> np.ndarray:
    """Return the indices of the greatest scores, the greatest first."""
    return np.argsort(-scores, kind="stable")[:count]


def _merge_scores(old: np.ndarray, reranked: np.ndarray, new: np.ndarray) -> np.ndarray:
    """Return the new scores of re-ranked indices, and lower ones for the rest, in their old order."""
    scores = new.min() - (old[reranked].min() - old)
    scores[reranked] = new
    return scores


def _batches(grids: np.ndarray) -> Iterator[np.ndarray]:
    for first in range(0, len(grids), BATCH_SIZE):
        yield grids[first : first + BATCH_SIZE]
