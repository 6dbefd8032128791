"""From a photo's grid to sentences: beam search over the decoder."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from engine.network import Look, Network
from engine.vocabulary import END, PAD, START, UNKNOWN

BEAMS = 4  # three to five are best on Flickr8K; twenty are worse everywhere
LENGTH_POWER = 0.9  # 0 favours short captions, 1 takes the mean over the words


@dataclass(frozen=True, slots=True)
class Sentence:
    """Attributes: numbers of the words, without start and end; their summed log probability."""

    numbers: tuple[int, ...]
    log_probability: float

    @property
    def rank(self) -> float:
        """What captions of one photo are ordered by, higher first."""
        return self.log_probability / math.pow(len(self.numbers) + 1, LENGTH_POWER)

    @property
    def confidence(self) -> float:
        """Geometric mean of the words' probabilities, 0 to 1."""
        return math.exp(self.log_probability / (len(self.numbers) + 1))


@torch.inference_mode()
def generate(network: Network, grid: Tensor, beams: int = BEAMS) -> list[list[Sentence]]:
    """Caption photos.

    Args:
        network: in eval mode.
        grid: (B, P, W) from `encode_image`.
        beams: hypotheses kept for each photo.

    Returns:
        For each photo up to `beams` different sentences, best first.
    """
    batch = len(grid)
    look = network.look(grid.repeat_interleave(beams, dim=0))
    numbers = torch.full((batch * beams, 1), START)
    scores = torch.full((batch, beams), -torch.inf)
    scores[:, 0] = 0.0  # the beams are alike at first: one of them speaks
    for place in range(network.config.length + 1):
        scores, numbers = _grow(network, look, numbers, scores, last=place == network.config.length)
        if ((numbers == END).any(1) | torch.isinf(scores.flatten())).all():
            break
    rows = zip(numbers.view(batch, beams, -1).tolist(), scores.tolist(), strict=True)
    return [_finish(sentences, totals) for sentences, totals in rows]


def _grow(
    network: Network, look: Look, numbers: Tensor, scores: Tensor, *, last: bool
) -> tuple[Tensor, Tensor]:
    """Add a word to every hypothesis and keep the best: scores (B, K), numbers (B * K, T + 1)."""
    batch, beams = scores.shape
    states = network.encode_text(numbers).states
    words = network.caption_logits(states, look, last=True)[:, 0].log_softmax(-1)
    words[:, [PAD, START, UNKNOWN]] = -torch.inf
    if last:  # what has not ended must: a sentence cut off in its middle then loses to whole ones
        words[:, END + 1 :] = -torch.inf
    ended = (numbers == END).any(1)
    words[ended] = -torch.inf
    words[ended, PAD] = 0.0  # an ended sentence goes on as it is
    spoken = words.shape[-1]
    total = (scores.view(-1, 1) + words).view(batch, -1)
    best, place = total.topk(beams, dim=-1)
    parent = (place // spoken + torch.arange(batch).unsqueeze(1) * beams).flatten()
    return best, torch.cat((numbers[parent], (place % spoken).view(-1, 1)), dim=1)


def _finish(sentences: list[list[int]], totals: list[float]) -> list[Sentence]:
    finished = [
        Sentence(tuple(n for n in numbers if n not in (PAD, START, END)), total)
        for numbers, total in zip(sentences, totals, strict=True)
        if math.isfinite(total)
    ]
    return sorted(finished, key=lambda sentence: -sentence.rank)
