"""From a photo's grid to sentences: beam search over the decoder, in groups that differ."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import torch
from torch import Tensor

from engine.model.layers import ImageFeatures
from engine.model.network import Memory, Network
from engine.model.vocabulary import END, PAD, START, UNKNOWN, pad

BEAMS = 4  # three to five are best on Flickr8K; twenty are worse everywhere
LENGTH_POWER = 0.85  # 0 favours short captions, 1 takes the mean over the words
AGREEMENT = 2.0  # of the cosine between sentence and photo beside the rank; 1 to 3 are alike on dev
REPEATED = 2.5  # nats that a word costs where an earlier caption of the photo has it


@dataclass(frozen=True, slots=True)
class Sentence:
    """Attributes: numbers of the words, without start and end; their summed log probability.

    Sentences of the same words are the same: sums in another order round in another way.
    """

    numbers: tuple[int, ...]
    log_probability: float = field(compare=False)

    @property
    def rank(self) -> float:
        """What captions of one photo are ordered by, higher first."""
        return self.log_probability / math.pow(len(self.numbers) + 1, LENGTH_POWER)

    @property
    def confidence(self) -> float:
        """Geometric mean of the words' probabilities, 0 to 1."""
        return math.exp(self.log_probability / (len(self.numbers) + 1))


def generate(
    network: Network, grid: Tensor, joint: Tensor | None = None, beams: int = BEAMS
) -> list[list[Sentence]]:
    """Caption photos.

    Args:
        network: in eval mode.
        grid: (B, P, W) from `encode_image`.
        joint: (B, J) from `encode_image`: the sentences found are then ordered by how near they are to
            their photo in the joint space, too.
        beams: hypotheses kept for each photo.

    Returns:
        For each photo up to `beams` different sentences, best first; those that had not ended when
        the best one was certain are left out.
    """
    found = _search(network, grid, beams, 1, torch.zeros(network.config.spoken))
    sentences = [groups[0] for groups in found]
    return sentences if joint is None else _agree(network, sentences, joint)


def candidates(
    network: Network, photo: ImageFeatures, count: int, content: Tensor, beams: int = BEAMS
) -> list[Sentence]:
    """Caption one photo in ways that differ (diverse beam search, Vijayakumar et al. 2016, arXiv 1610.02424).

    The first caption is that of `generate`. Each further one is searched beside it, and pays for the
    content words that those before it have said.

    Args:
        network: in eval mode.
        photo: features of one.
        count: of captions.
        content: (V,), 1 for words that say something, 0 for those that hold a sentence together.
        beams: hypotheses kept for each caption.

    Returns:
        Up to `count` different sentences: the best one, then the others, best first.
    """
    groups = _search(network, photo.grid, beams, count, REPEATED * content)[0]
    groups = _agree(network, groups, photo.joint.expand(len(groups), -1))
    best, *others = dict.fromkeys(sentence for group in groups for sentence in group[:1])
    return [best, *sorted(others, key=lambda sentence: -sentence.rank)]


@torch.inference_mode()
def _search(
    network: Network, grid: Tensor, beams: int, groups: int, cost: Tensor
) -> list[list[list[Sentence]]]:
    """Search for captions: of each photo, of each group, best first."""
    batch, length = len(grid), network.config.length
    look = network.look(grid)
    memory = Memory(network.config, batch, groups * beams)
    numbers = torch.full((batch, groups, beams, 1), START)
    scores = torch.full((batch, groups, beams), -torch.inf)
    scores[..., 0] = 0.0  # the beams are alike at first: one of them speaks
    paid = torch.zeros_like(scores)
    usual, last, ended = _bans(network.config.spoken)
    for place in range(length + 1):
        words = network.next_word(numbers[..., -1].flatten(1), memory, look)
        words = words.view(batch, groups, beams, -1) + (last if place == length else usual)
        words = torch.where((numbers == END).any(-1, keepdim=True), ended, words)
        numbers, scores, paid, parents = _choose(words, numbers, scores, paid, cost)
        memory.follow(parents)
        if _is_decided(numbers, scores, length):
            break
    rows = zip(numbers.tolist(), scores.tolist(), strict=True)
    return [[_finish(*group) for group in zip(*photo, strict=True)] for photo in rows]


def _is_decided(numbers: Tensor, scores: Tensor, length: int) -> bool:
    """Whether no hypothesis that goes on can still outrank the best that has ended, in any group.

    A longer sentence is never likelier, so its rank is at best that of its probability so far, spread
    over the greatest length.
    """
    is_end = numbers == END
    ended = is_end.any(-1)
    words = is_end.int().argmax(-1).clamp(min=1)  # the end counts, the start does not
    best = (scores / words**LENGTH_POWER).masked_fill(~ended, -torch.inf).amax(-1)
    hope = (scores / (length + 1) ** LENGTH_POWER).masked_fill(ended, -torch.inf).amax(-1)
    return bool((best >= hope).all())


def _bans(spoken: int) -> tuple[Tensor, Tensor, Tensor]:
    """What is added to the log probabilities (V,) of words: usually, and where a sentence must end.

    And what stands in their place where it has ended: it goes on as it is.
    """
    usual = torch.zeros(spoken)
    usual[[PAD, START, UNKNOWN]] = -torch.inf
    last, ended = (torch.full((spoken,), -torch.inf) for _ in range(2))
    last[END] = 0.0  # one cut off in its middle then loses to whole ones
    ended[PAD] = 0.0
    return usual, last, ended


def _choose(
    words: Tensor, numbers: Tensor, scores: Tensor, paid: Tensor, cost: Tensor
) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Pick the best ways to go on, group after group: what one says costs the next.

    Args:
        words: (B, G, K, V) log probabilities of the next word.
        numbers: (B, G, K, T) hypotheses so far.
        scores: (B, G, K) their summed log probabilities.
        paid: (B, G, K) what they paid for words of earlier groups.
        cost: (V,) of a word that an earlier group has said.

    Returns:
        Hypotheses a word longer, their scores, what they paid, and which (B, G * K) they go on from.
    """
    batch, groups, beams, spoken = words.shape
    said = torch.zeros(batch, spoken, dtype=torch.bool)
    photos = torch.arange(batch).unsqueeze(1)
    chosen = []
    for group in range(groups):
        price = (said * cost).unsqueeze(1)  # (B, 1, V)
        total = scores[:, group].unsqueeze(-1) + words[:, group]
        worth = (total - paid[:, group].unsqueeze(-1) - price if group else total).flatten(1)
        place = worth.topk(beams, dim=-1).indices  # (B, K)
        parent, word = place // spoken, place % spoken
        longer = torch.cat((numbers[photos, group, parent], word.unsqueeze(-1)), dim=-1)
        score = total.flatten(1).gather(1, place)
        fee = paid[:, group].gather(1, parent) + price[:, 0].gather(1, word)
        chosen.append((longer, score, fee, group * beams + parent))
        said.scatter_(1, longer[:, 0], value=True)
    longer, score, fee, parents = (torch.stack(parts, dim=1) for parts in zip(*chosen, strict=True))
    return longer, score, fee, parents.flatten(1)


@torch.inference_mode()
def _agree(network: Network, found: list[list[Sentence]], joint: Tensor) -> list[list[Sentence]]:
    """Order the sentences about each photo by what the joint space (B, J) says of them, too."""
    texts = pad([[START, *sentence.numbers, END] for sentences in found for sentence in sentences])
    counts = torch.tensor([len(sentences) for sentences in found])
    cosines = iter((network.encode_text(texts).joint * joint.repeat_interleave(counts, 0)).sum(1).tolist())
    worth = [[(s.rank + AGREEMENT * next(cosines), s) for s in sentences] for sentences in found]
    return [[s for _, s in sorted(one, key=lambda pair: -pair[0])] for one in worth]


def _finish(sentences: list[list[int]], totals: list[float]) -> list[Sentence]:
    finished = [
        Sentence(tuple(n for n in numbers if n not in (PAD, START, END)), total)
        for numbers, total in zip(sentences, totals, strict=True)
        if END in numbers and math.isfinite(total)
    ]
    return sorted(finished, key=lambda sentence: -sentence.rank)
