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
import torch
from torch import Tensor
from tqdm import tqdm

from engine.model.network import Network
from engine.model.openvino_backend import fast_precision
from engine.model.vocabulary import PAD, UNKNOWN, pad

BATCH_SIZE = 50  # captions or images at once; the logits of all their words stay a few megabytes

Grids = np.ndarray | Tensor  # (N, P, W) feature grids, of any float precision; may be memory-mapped


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

    def score(self, cosines: Tensor, likelihood: Tensor, prior: Tensor | float = 0.0) -> Tensor:
        """Return the weighted sum; all tensors have one shape."""
        return self.joint * cosines + self.likelihood * (likelihood - self.prior * prior)


IMAGE_SEARCH = RerankConfig()
CAPTION_RETRIEVAL = RerankConfig(likelihood=0.01, prior=1.0)


def half_precision() -> torch.autocast:
    """Return a context that computes in bfloat16 if the processor supports it: exact enough for ranking."""
    return torch.autocast("cpu", torch.bfloat16, enabled=fast_precision() is torch.bfloat16)


def caption_likelihood(network: Network, states: Tensor, token_ids: Tensor, grid: Tensor) -> Tensor:
    """Return log p(caption | image) in nats, summed over the words and the end token; differentiable.

    Captions and images are paired in order, or there is one of either for all of the other. Words outside the
    output vocabulary count as unknown.

    Args:
        network: in eval mode.
        states: (Q, T, W) of the captions, from `encode_text`.
        token_ids: (Q, T), each start ... end, padded.
        grid: (K, P, W); K is Q, or one of both is 1.

    Returns:
        (K or Q,) float32, all below 0.
    """
    # One caption for many images is encoded once: the shapes broadcast until the first cross-attention.
    logits = network.caption_logits(states[:, :-1], network.prepare_decoder(grid))
    target = token_ids[:, 1:]
    known = target.where(target < logits.shape[-1], UNKNOWN).expand(len(logits), -1)
    words = logits.gather(2, known.unsqueeze(-1)).squeeze(-1) - logits.logsumexp(-1)  # (K or Q, T - 1)
    return (words.float() * (target != PAD)).sum(1)


@torch.inference_mode()
def likelihood_of_images(network: Network, token_ids: Sequence[int], grids: Grids) -> Tensor:
    """Return log p(caption | image) of one caption, start ... end, for every image: (N,)."""
    sentence = torch.tensor([token_ids])
    with half_precision():
        states = network.encode_text(sentence).states
        parts = [caption_likelihood(network, states, sentence, batch) for batch in _batches(grids)]
    return torch.cat(parts)


@torch.inference_mode()
def likelihood_of_captions(network: Network, captions: Sequence[Sequence[int]], grid: Tensor) -> Tensor:
    """Return log p(caption | image) of every caption for one image (P, W): (Q,)."""
    parts = []
    with half_precision():
        for first in range(0, len(captions), BATCH_SIZE):
            token_ids = pad(captions[first : first + BATCH_SIZE])
            states = network.encode_text(token_ids).states
            parts.append(caption_likelihood(network, states, token_ids, grid.float().unsqueeze(0)))
    return torch.cat(parts)


def rerank_image_search(
    network: Network,
    captions: Sequence[Sequence[int]],
    grids: Grids,
    cosines: Tensor,
    config: RerankConfig = IMAGE_SEARCH,
) -> Tensor:
    """Re-rank images for each caption.

    Args:
        network: in eval mode.
        captions: token ids of Q captions, each start ... end.
        grids: of the N images.
        cosines: (N, Q) in the joint space.
        config: weights of both scores.

    Returns:
        (N, Q) scores; within a column, the joint space's first `config.top` images are in their new order,
        and the others below them in their old one.
    """
    scores = torch.empty_like(cosines)
    for column, token_ids in enumerate(tqdm(captions, desc="image search", unit="")):
        scores[:, column] = rerank_images(network, token_ids, grids, cosines[:, column], config)
    return scores


def rerank_images(
    network: Network,
    token_ids: Sequence[int],
    grids: Grids,
    cosines: Tensor,
    config: RerankConfig = IMAGE_SEARCH,
) -> Tensor:
    """Re-rank images for one caption; cosines and scores are (N,)."""
    rows = cosines.topk(min(config.top, len(cosines))).indices
    likelihood = likelihood_of_images(network, token_ids, grids[rows.tolist()])
    return _merge_scores(cosines, rows, config.score(cosines[rows], likelihood))


def rerank_caption_retrieval(
    network: Network,
    captions: Sequence[Sequence[int]],
    grids: Grids,
    cosines: Tensor,
    config: RerankConfig = CAPTION_RETRIEVAL,
) -> Tensor:
    """Re-rank captions for each image; as `rerank_image_search`, but within a row."""
    prior = likelihood_of_captions(network, captions, mean_grid(grids))
    scores = torch.empty_like(cosines)
    for row, row_cosines in enumerate(tqdm(cosines, desc="caption retrieval", unit="")):
        columns = row_cosines.topk(min(config.top, len(row_cosines))).indices
        candidates = [captions[column] for column in columns.tolist()]
        likelihood = likelihood_of_captions(network, candidates, torch.as_tensor(grids[row]))
        new_scores = config.score(row_cosines[columns], likelihood, prior[columns])
        scores[row] = _merge_scores(row_cosines, columns, new_scores)
    return scores


def mean_grid(grids: Grids) -> Tensor:
    """Return the mean feature grid of a gallery: (P, W)."""
    return torch.stack([batch.sum(0) for batch in _batches(grids)]).sum(0) / len(grids)


def _merge_scores(old: Tensor, reranked: Tensor, new: Tensor) -> Tensor:
    """Return the new scores of re-ranked indices, and lower ones for the rest, in their old order."""
    scores = new.min() - (old[reranked].min() - old)
    scores[reranked] = new
    return scores


def _batches(grids: Grids) -> Iterator[Tensor]:
    for first in range(0, len(grids), BATCH_SIZE):
        yield torch.as_tensor(grids[first : first + BATCH_SIZE]).float()
