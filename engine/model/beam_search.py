"""Beam search: from a photo's grid to captions, with groups of beams that differ."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import NamedTuple

import torch
from torch import Tensor

from engine.model.kv_cache import KVCache
from engine.model.layers import ImageFeatures
from engine.model.network import Network
from engine.model.vocabulary import END, PAD, START, UNKNOWN, pad

BEAMS = 4  # three to five are best on Flickr8K; twenty are worse everywhere
LENGTH_POWER = 0.85  # 0 favours short captions, 1 ranks by the mean over the tokens
COSINE_WEIGHT = 2.0  # of the cosine between caption and photo in re-ranking; 1 to 3 are alike on dev
DIVERSITY_PENALTY = 2.5  # nats that a content word costs where an earlier caption of the photo has it


@dataclass(frozen=True, slots=True)
class Sentence:
    """A caption as token ids.

    Two sentences of the same tokens are equal: sums in another order round differently.

    Attributes:
        token_ids: of the words, without start and end.
        log_probability: summed over the words and the end.
        bonus: nats that words gained by what is recognised in the photo.
    """

    token_ids: tuple[int, ...]
    log_probability: float = field(compare=False)
    bonus: float = field(default=0.0, compare=False)

    @property
    def rank(self) -> float:
        """Return the length-normalised log probability, by which captions of a photo are ordered."""
        return (self.log_probability + self.bonus) / math.pow(len(self.token_ids) + 1, LENGTH_POWER)

    @property
    def confidence(self) -> float:
        """Return the geometric mean of the tokens' probabilities, 0 to 1."""
        return math.exp(self.log_probability / (len(self.token_ids) + 1))


def generate(
    network: Network,
    grid: Tensor,
    joint: Tensor | None = None,
    beams: int = BEAMS,
    *,
    bonus: Tensor | None = None,
) -> list[list[Sentence]]:
    """Caption photos.

    Args:
        network: in eval mode.
        grid: (B, P, W) from `encode_image`.
        joint: (B, J) from `encode_image`; given, captions are re-ranked by their cosine with the photo.
        beams: hypotheses kept for each photo.
        bonus: (B, V), see `_search`.

    Returns:
        For each photo up to `beams` different sentences, best first. Hypotheses that had not ended when the
        best one was certain are left out.
    """
    found = _search(network, grid, beams, 1, torch.zeros(network.config.caption_vocab_size), bonus=bonus)
    sentences = [groups[0] for groups in found]
    return sentences if joint is None else _rerank(network, sentences, joint)


def diverse_captions(
    network: Network,
    photo: ImageFeatures,
    count: int,
    content: Tensor,
    beams: int = BEAMS,
    *,
    bonus: Tensor | None = None,
) -> list[Sentence]:
    """Caption one photo in different ways by diverse beam search (Vijayakumar et al. 2016, arXiv 1610.02424).

    The first caption is that of `generate`. Each further group of beams is penalised for the content words of
    the groups before it.

    Args:
        network: in eval mode.
        photo: features of one photo.
        count: how many captions.
        content: (V,), 1 for content words, 0 for function words.
        beams: hypotheses kept for each caption.
        bonus: (1, V), see `_search`.

    Returns:
        Up to `count` different sentences: the best one, then the others, best first.
    """
    groups = _search(network, photo.grid, beams, count, DIVERSITY_PENALTY * content, bonus=bonus)[0]
    groups = _rerank(network, groups, photo.joint.expand(len(groups), -1))
    best, *others = dict.fromkeys(sentence for group in groups for sentence in group[:1])
    return [best, *sorted(others, key=lambda sentence: -sentence.rank)]


class _Beams(NamedTuple):
    """The hypotheses of B photos, G groups and K beams.

    Attributes:
        token_ids: (B, G, K, T), from the start token on.
        scores: (B, G, K), their summed log probabilities.
        penalties: (B, G, K), what they paid for words of earlier groups, in nats.
    """

    token_ids: Tensor
    scores: Tensor
    penalties: Tensor


@torch.inference_mode()
def _search(
    network: Network, grid: Tensor, beams: int, groups: int, penalty: Tensor, *, bonus: Tensor | None
) -> list[list[list[Sentence]]]:
    """Run the search; return for each photo and each group its finished sentences, best first.

    Args:
        network: in eval mode.
        grid: (B, P, W).
        beams: hypotheses of each group.
        groups: of hypotheses that differ.
        penalty: (V,) of a word that an earlier group has chosen, in nats.
        bonus: (B, V), nats that words gain where a sentence has them for the first time; may be below 0.
    """
    batch, max_length = len(grid), network.config.max_length
    if bonus is not None:  # what an earlier group has named need not be named again
        penalty = penalty + bonus.clamp(min=0)
    context = network.prepare_decoder(grid)
    cache = KVCache(network.config, batch, groups * beams)
    scores = torch.full((batch, groups, beams), -torch.inf)
    scores[..., 0] = 0.0  # all beams are equal at first: one of them continues
    state = _Beams(torch.full((batch, groups, beams, 1), START), scores, torch.zeros_like(scores))
    usual, at_limit, after_end = _masks(network.config.caption_vocab_size)
    for length in range(max_length + 1):
        words = network.decode_step(state.token_ids[..., -1].flatten(1), cache, context)
        words = words.view(batch, groups, beams, -1) + (at_limit if length == max_length else usual)
        if bonus is not None:
            words = words + _first_time(state.token_ids, bonus)
        words = torch.where((state.token_ids == END).any(-1, keepdim=True), after_end, words)
        state, parents = _extend(words, state, penalty)
        cache.reorder(parents)
        if _is_decided(state.token_ids, state.scores, max_length):
            break
    gained = torch.zeros_like(state.scores) if bonus is None else _gained(state.token_ids, bonus)
    rows = zip(state.token_ids.tolist(), state.scores.tolist(), gained.tolist(), strict=True)
    return [[_finish(*group) for group in zip(*photo, strict=True)] for photo in rows]


def _used(token_ids: Tensor, vocab_size: int) -> Tensor:
    """Return which words (B, G, K, V) hypotheses (B, G, K, T) have."""
    used = torch.zeros(*token_ids.shape[:-1], vocab_size, dtype=torch.bool)
    return used.scatter_(-1, token_ids, value=True)


def _first_time(token_ids: Tensor, bonus: Tensor) -> Tensor:
    """Return the bonus (B, G, K, V) of words that hypotheses (B, G, K, T) do not have yet."""
    return bonus[:, None, None] * ~_used(token_ids, bonus.shape[-1])


def _gained(token_ids: Tensor, bonus: Tensor) -> Tensor:
    """Return the sum (B, G, K) of the bonus of the words that hypotheses (B, G, K, T) have."""
    return (bonus[:, None, None] * _used(token_ids, bonus.shape[-1])).sum(-1)


def _is_decided(token_ids: Tensor, scores: Tensor, max_length: int) -> bool:
    """Return whether, in every group, no open hypothesis can still outrank the best finished one.

    A longer sentence is never likelier, so the best rank it can reach is its score so far, normalised by the
    greatest length.
    """
    is_end = token_ids == END
    finished = is_end.any(-1)
    length = is_end.int().argmax(-1).clamp(min=1)  # the end counts, the start does not
    best = (scores / length**LENGTH_POWER).masked_fill(~finished, -torch.inf).amax(-1)
    bound = (scores / (max_length + 1) ** LENGTH_POWER).masked_fill(finished, -torch.inf).amax(-1)
    return bool((best >= bound).all())


def _masks(vocab_size: int) -> tuple[Tensor, Tensor, Tensor]:
    """Return three vectors (V,) of log probabilities.

    The first is added to those of the next token, the second in its place at the greatest length, where only
    the end may follow. The third replaces them in hypotheses that have ended, which stay as they are.
    """
    usual = torch.zeros(vocab_size)
    usual[[PAD, START, UNKNOWN]] = -torch.inf
    at_limit, after_end = (torch.full((vocab_size,), -torch.inf) for _ in range(2))
    at_limit[END] = 0.0  # a sentence cut in its middle then loses to whole ones
    after_end[PAD] = 0.0
    return usual, at_limit, after_end


def _extend(words: Tensor, state: _Beams, penalty: Tensor) -> tuple[_Beams, Tensor]:
    """Choose the best continuations, group after group; words of one group are penalised in the next.

    Args:
        words: (B, G, K, V) log probabilities of the next token.
        state: the hypotheses so far.
        penalty: (V,) or (B, V), of a word that an earlier group has chosen, in nats.

    Returns:
        The hypotheses a token longer, and which (B, G * K) they continue.
    """
    batch, groups, beams, vocab_size = words.shape
    used = torch.zeros(batch, vocab_size, dtype=torch.bool)
    photos = torch.arange(batch).unsqueeze(1)
    chosen = []
    for group in range(groups):
        price = (used * penalty).unsqueeze(1)  # (B, 1, V)
        total = state.scores[:, group].unsqueeze(-1) + words[:, group]
        paid = state.penalties[:, group]
        worth = (total - paid.unsqueeze(-1) - price if group else total).flatten(1)
        best = worth.topk(beams, dim=-1).indices  # (B, K)
        parent, word = best // vocab_size, best % vocab_size
        longer = torch.cat((state.token_ids[photos, group, parent], word.unsqueeze(-1)), dim=-1)
        paid = paid.gather(1, parent) + price[:, 0].gather(1, word)
        chosen.append((longer, total.flatten(1).gather(1, best), paid, group * beams + parent))
        used.scatter_(1, longer[:, 0], value=True)
    *parts, parents = (torch.stack(part, dim=1) for part in zip(*chosen, strict=True))
    return _Beams(*parts), parents.flatten(1)


@torch.inference_mode()
def _rerank(network: Network, found: list[list[Sentence]], joint: Tensor) -> list[list[Sentence]]:
    """Order the sentences about each photo by rank plus weighted cosine with its joint vector (B, J)."""
    texts = pad([[START, *sentence.token_ids, END] for sentences in found for sentence in sentences])
    counts = torch.tensor([len(sentences) for sentences in found])
    cosines = iter((network.encode_text(texts).joint * joint.repeat_interleave(counts, 0)).sum(1).tolist())
    worth = [[(s.rank + COSINE_WEIGHT * next(cosines), s) for s in sentences] for sentences in found]
    return [[s for _, s in sorted(one, key=lambda pair: -pair[0])] for one in worth]


def _finish(hypotheses: list[list[int]], scores: list[float], gained: list[float]) -> list[Sentence]:
    finished = [
        Sentence(tuple(t for t in token_ids if t not in (PAD, START, END)), score - bonus, bonus)
        for token_ids, score, bonus in zip(hypotheses, scores, gained, strict=True)
        if END in token_ids and math.isfinite(score)
    ]
    return sorted(finished, key=lambda sentence: -sentence.rank)
