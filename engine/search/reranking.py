"""How well a caption fits an image by what the decoder would say: log p(caption | image).

The joint space compares two vectors, each made without a look at the other; the decoder reads the
caption while it looks at the image's places, which tells more and costs more. So search has two
stages, as in ALBEF (Li et al. 2021, arXiv 2107.07651): the joint space picks some images, and the
sum of both scores, a product of two experts, puts these in order. For captions of an image, what is
summed is log p(caption | image) - log p(caption): a sentence that is likely beside any photo says
little about this one (Li et al. 2016, arXiv 1510.03055).

Shapes: Q captions, N images of a gallery, K of them; T words, P places, W width.
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

BATCH = 50  # captions or images at once; the scores of all their words stay a few megabytes

Grids = np.ndarray | Tensor  # (N, P, W), of any float precision; may be mapped from disk


@dataclass(frozen=True, slots=True, kw_only=True)
class RerankConfig:
    """How the second stage weighs what it knows.

    Log probabilities are summed over the words, not averaged: more words are more evidence.

    Attributes:
        top: results of the joint space that are put in order anew; the rest follow as they were.
        joint: weight of the cosine in the joint space.
        likelihood: weight of log p(caption | image), in nats.
        prior: share of log p(caption | average image) that is taken off it. Among images of one
            caption it changes nothing.
    """

    top: int = 50
    joint: float = 1.0
    likelihood: float = 0.05
    prior: float = 0.0

    def score(self, cosines: Tensor, likelihood: Tensor, prior: Tensor | float = 0.0) -> Tensor:
        """Sum up; all of one shape."""
        return self.joint * cosines + self.likelihood * (likelihood - self.prior * prior)


IMAGE_SEARCH = RerankConfig()
CAPTION_RETRIEVAL = RerankConfig(likelihood=0.01, prior=1.0)


def half_precision() -> torch.autocast:
    """Compute in bfloat16 where the processor is made for it: fast, and exact enough to rank by."""
    return torch.autocast("cpu", torch.bfloat16, enabled=fast_precision() is torch.bfloat16)


def caption_likelihood(network: Network, states: Tensor, numbers: Tensor, grid: Tensor) -> Tensor:
    """Log p(caption | image) in nats, summed over the words and the end; autograd can pass through.

    Captions and images pair up in order, or there is one of either for all of the other. Words the
    decoder cannot say count as unknown.

    Args:
        network: in eval mode.
        states: (Q, T, W) of the captions, from `encode_text`.
        numbers: (Q, T), each start ... end, padded.
        grid: (K, P, W); K is Q, or one of both is 1.

    Returns:
        (K or Q,) float32, all below 0.
    """
    # One caption beside many images is read once: the shapes broadcast until the first look.
    logits = network.caption_logits(states[:, :-1], network.prepare_decoder(grid))
    target = numbers[:, 1:]
    said = target.where(target < logits.shape[-1], UNKNOWN).expand(len(logits), -1)
    words = logits.gather(2, said.unsqueeze(-1)).squeeze(-1) - logits.logsumexp(-1)  # (K or Q, T - 1)
    return (words.float() * (target != PAD)).sum(1)


@torch.inference_mode()
def likelihood_of_images(network: Network, numbers: Sequence[int], grids: Grids) -> Tensor:
    """Log p(caption | image) of one caption, start ... end, beside every image: (N,)."""
    line = torch.tensor([numbers])
    with half_precision():
        states = network.encode_text(line).states
        parts = [caption_likelihood(network, states, line, part) for part in _batches(grids)]
    return torch.cat(parts)


@torch.inference_mode()
def likelihood_of_captions(network: Network, sentences: Sequence[Sequence[int]], grid: Tensor) -> Tensor:
    """Log p(caption | image) of every caption beside one image (P, W): (Q,)."""
    parts = []
    with half_precision():
        for first in range(0, len(sentences), BATCH):
            lines = pad(sentences[first : first + BATCH])
            states = network.encode_text(lines).states
            parts.append(caption_likelihood(network, states, lines, grid.float().unsqueeze(0)))
    return torch.cat(parts)


def search_images(
    network: Network,
    sentences: Sequence[Sequence[int]],
    grids: Grids,
    cosines: Tensor,
    blend: RerankConfig = IMAGE_SEARCH,
) -> Tensor:
    """Second stage of image search.

    Args:
        network: in eval mode.
        sentences: Q captions as numbers, each start ... end.
        grids: of the N images.
        cosines: (N, Q) in the joint space.
        blend: how both scores are weighed.

    Returns:
        (N, Q) scores; within a column, the joint space's first `blend.top` images are in their new
        order, and the others below them in their old one.
    """
    scores = torch.empty_like(cosines)
    for column, numbers in enumerate(tqdm(sentences, desc="image search", unit="")):
        scores[:, column] = search_with(network, numbers, grids, cosines[:, column], blend)
    return scores


def search_with(
    network: Network,
    numbers: Sequence[int],
    grids: Grids,
    cosines: Tensor,
    blend: RerankConfig = IMAGE_SEARCH,
) -> Tensor:
    """Second stage of image search for one caption; cosines and scores are (N,)."""
    rows = cosines.topk(min(blend.top, len(cosines))).indices
    fit = likelihood_of_images(network, numbers, grids[rows.tolist()])
    return _above_the_rest(cosines, rows, blend.score(cosines[rows], fit))


def retrieve_captions(
    network: Network,
    sentences: Sequence[Sequence[int]],
    grids: Grids,
    cosines: Tensor,
    blend: RerankConfig = CAPTION_RETRIEVAL,
) -> Tensor:
    """Second stage of caption retrieval; as `search_images`, but within a row, over captions."""
    prior = likelihood_of_captions(network, sentences, average_grid(grids))
    scores = torch.empty_like(cosines)
    for row, first in enumerate(tqdm(cosines, desc="caption retrieval", unit="")):
        columns = first.topk(min(blend.top, len(first))).indices
        chosen = [sentences[column] for column in columns.tolist()]
        fit = likelihood_of_captions(network, chosen, torch.as_tensor(grids[row]))
        best = blend.score(first[columns], fit, prior[columns])
        scores[row] = _above_the_rest(first, columns, best)
    return scores


def average_grid(grids: Grids) -> Tensor:
    """What the decoder sees on average in a gallery: (P, W)."""
    return torch.stack([part.sum(0) for part in _batches(grids)]).sum(0) / len(grids)


def _above_the_rest(first: Tensor, chosen: Tensor, best: Tensor) -> Tensor:
    """Scores of all: the chosen ones' new ones, and below them the rest in the order of `first`."""
    scores = best.min() - (first[chosen].min() - first)
    scores[chosen] = best
    return scores


def _batches(grids: Grids) -> Iterator[Tensor]:
    for first in range(0, len(grids), BATCH):
        yield torch.as_tensor(grids[first : first + BATCH]).float()
