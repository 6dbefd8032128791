"""Search by inversion of the decoder: from a caption to an image.

The decoder reads an image and writes a caption. Inversion asks which image it would have to read to write a
given caption: the network stays frozen, and a vector in the decoder's input space descends on the caption's
loss (Mahendran, Vedaldi 2015, arXiv 1412.0035, did so for pixels). The results are the images nearest to
where the descent ends. No joint space is needed.

An image is represented by one vector, its feature grid averaged over its positions, which the decoder reads
as a grid of a single position. Two ideas make the search accurate and fast, and each can be switched off:

- Start at the gallery's mean instead of at random, where no image is near: a few steps suffice.
- Compare directions from that mean: all images share most of their vector.

Shapes: N images of a gallery, S starting points, W width.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from engine.model.vocabulary import PAD, UNKNOWN
from engine.reference.network import Network


@dataclass(frozen=True, slots=True, kw_only=True)
class DescentConfig:
    """Hyperparameters of the gradient descent.

    Attributes:
        random_start: start at random instead of at the gallery's mean.
        restarts: vectors that descend in parallel; their mean counts.
        steps: number of steps.
        step_size: length of a step, as a share of the images' mean distance from their mean.
        centred: compare directions from the gallery's mean, not from the origin.
    """

    random_start: bool = False
    restarts: int = 1
    steps: int = 5
    step_size: float = 0.12
    centred: bool = True


FROM_MEAN = DescentConfig()
# Inversion without the two ideas above.
PLAIN = DescentConfig(random_start=True, steps=50, step_size=0.06, centred=False)


class Inversion:
    """Finds a gallery's images by inverting the decoder."""

    def __init__(self, network: Network, vectors: np.ndarray, config: DescentConfig = FROM_MEAN) -> None:
        """Take a gallery.

        Args:
            network: in eval mode.
            vectors: (N, W), the feature grids averaged over positions.
            config: hyperparameters of the descent.
        """
        self.network, self.config = network, config
        self.vectors = torch.from_numpy(vectors).float()
        self.mean = self.vectors.mean(0)
        self._step = config.step_size * (self.vectors - self.mean).norm(dim=-1).mean()
        origin = self.mean if config.centred else torch.zeros_like(self.mean)
        self._directions = F.normalize(self.vectors - origin, dim=-1)

    @torch.inference_mode(mode=False)  # the descent needs a gradient, whatever mode the caller is in
    def scores(self, token_ids: Sequence[int]) -> np.ndarray:
        """Return the cosine (N,) of every image with the end of the descent of a caption, start ... end."""
        sentence = torch.tensor([token_ids])
        with torch.no_grad():
            states = self.network.encode_text(sentence).states
        start = self._start()
        end = self._descend(states, sentence, start)
        target = (end - start if self.config.centred else end).mean(0)
        return (self._directions @ F.normalize(target, dim=0)).numpy()

    def nearest(self, token_ids: Sequence[int], count: int) -> list[tuple[int, float]]:
        """Return the rows of the nearest images with their cosines, best first, as `Index.nearest` does."""
        scores = self.scores(token_ids)
        best = np.argsort(-scores, kind="stable")[:count]
        return list(zip(best.tolist(), scores[best].tolist(), strict=True))

    def _start(self) -> Tensor:
        """Return the starting points: (S, W)."""
        shape = (self.config.restarts, len(self.mean))
        if self.config.random_start:  # seeded: the same caption finds the same images
            return torch.randn(shape, generator=torch.Generator().manual_seed(0)) * self.vectors.std()
        return self.mean.expand(shape)

    def _descend(self, states: Tensor, sentence: Tensor, start: Tensor) -> Tensor:
        """Descend on the caption's loss in steps of equal length: (S, W) to (S, W)."""
        point = start
        for _ in range(self.config.steps):
            point = point.detach().clone().requires_grad_()
            with torch.enable_grad():
                likelihood = caption_likelihood(self.network, states, sentence, point.unsqueeze(1))
                (gradient,) = torch.autograd.grad(likelihood.sum(), point)
            point = point.detach() + self._step * F.normalize(gradient, dim=-1)
        return point


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
