"""Search by description through the decoder run backwards: from a caption to an image.

The decoder looks at an image and says a caption. Inversion asks which image it would have to look at
to say the caption that is given: the network stays frozen, and a vector in the decoder's input
space descends on the caption's loss (Mahendran, Vedaldi 2015, arXiv 1412.0035, did so for pixels).
The answer is the images nearest to where it arrives. No joint space is needed.

An image is one vector here, its grid averaged over its places, which the decoder reads as a grid of
a single place. Two ideas make the search good and fast, and each can be switched off:

- Start at the gallery's average instead of at random, where no image lies near: a few steps will do.
- Compare directions seen from that average: all images share most of their vector.

Shapes: N images of a gallery, S starts, W width.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional as F

from engine.model.network import Network
from engine.search.reranking import caption_likelihood, half_precision


@dataclass(frozen=True, slots=True, kw_only=True)
class Descent:
    """How inversion descends.

    Attributes:
        at_random: start at random instead of at the gallery's average.
        starts: vectors that descend side by side; their average counts.
        steps: of the descent.
        stride: length of a step, as a share of the images' mean distance from their average.
        centred: compare directions seen from the gallery's average, not from the origin.
    """

    at_random: bool = False
    starts: int = 1
    steps: int = 5
    stride: float = 0.12
    centred: bool = True


FROM_AVERAGE = Descent()
PURE = Descent(at_random=True, steps=50, stride=0.06, centred=False)  # the idea with nothing added


class Inversion:
    """Finds a gallery's images by inverting the decoder."""

    def __init__(self, network: Network, vectors: Tensor, descent: Descent = FROM_AVERAGE) -> None:
        """Take a gallery.

        Args:
            network: in eval mode.
            vectors: (N, W), each image's grid averaged over its places, see `average_place`.
            descent: how to descend.
        """
        self.network, self.descent = network, descent
        self.vectors = vectors.float()
        self.average = self.vectors.mean(0)
        self._step = descent.stride * (self.vectors - self.average).norm(dim=-1).mean()
        origin = self.average if descent.centred else torch.zeros_like(self.average)
        self._directions = F.normalize(self.vectors - origin, dim=-1)

    @torch.inference_mode(mode=False)  # a gradient is needed, whatever the caller is about
    def scores(self, numbers: Sequence[int]) -> Tensor:
        """Cosine of every image (N,) with where a caption leads, its numbers being start ... end."""
        line = torch.tensor([numbers])
        with torch.no_grad(), half_precision():
            states = self.network.encode_text(line).states
        start = self._start()
        arrived = self._descend(states, line, start)
        target = (arrived - start if self.descent.centred else arrived).mean(0)
        return self._directions @ F.normalize(target, dim=0)

    def nearest(self, numbers: Sequence[int], count: int) -> list[tuple[int, float]]:
        """Rows of the nearest images with their cosines, best first, as `Index.nearest` gives them."""
        best = self.scores(numbers).topk(min(count, len(self.vectors)))
        return list(zip(best.indices.tolist(), best.values.tolist(), strict=True))

    def _start(self) -> Tensor:
        """Where the descent begins: (S, W)."""
        shape = (self.descent.starts, len(self.average))
        if self.descent.at_random:  # seeded: the same caption finds the same images
            return torch.randn(shape, generator=torch.Generator().manual_seed(0)) * self.vectors.std()
        return self.average.expand(shape)

    def _descend(self, states: Tensor, line: Tensor, start: Tensor) -> Tensor:
        """Go down the caption's loss in steps of one length: (S, W) to (S, W)."""
        place = start
        for _ in range(self.descent.steps):
            place = place.detach().clone().requires_grad_()
            with torch.enable_grad(), half_precision():
                likelihood = caption_likelihood(self.network, states, line, place.unsqueeze(1))
                (uphill,) = torch.autograd.grad(likelihood.sum(), place)
            place = place.detach() + self._step * F.normalize(uphill, dim=-1)
        return place


def average_place(grid: Tensor) -> Tensor:
    """One vector an image, in the decoder's input space: (N, P, W) to (N, W)."""
    return grid.float().mean(1)
