"""Captions as beam search finds them, and the order in which they come."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from engine.model.vocabulary import END, PAD, START

LENGTH_POWER = 0.85  # 0 favours short captions, 1 ranks by the mean over the tokens
COSINE_WEIGHT = 2.0  # of the cosine between caption and photo in re-ranking; 1 to 3 are alike on dev


@dataclass(frozen=True, slots=True)
class Sentence:
    """A caption as token ids.

    Two sentences of the same tokens are equal: sums in another order round differently.

    Attributes:
        token_ids: of the words, without start and end.
        log_probability: summed over the words and the end.
        bonus: nats that words gained by what is recognised in the photo.
        joint: (J,), its joint vector, where it was re-ranked by it.
        others: the words of the other sentences that its group of beams ended with.
    """

    token_ids: tuple[int, ...]
    log_probability: float = field(compare=False)
    bonus: float = field(default=0.0, compare=False)
    joint: np.ndarray | None = field(default=None, compare=False, repr=False)
    others: tuple[tuple[int, ...], ...] = field(default=(), compare=False, repr=False)

    @property
    def rank(self) -> float:
        """Return the length-normalised log probability, by which captions of a photo are ordered."""
        return (self.log_probability + self.bonus) / math.pow(len(self.token_ids) + 1, LENGTH_POWER)

    @property
    def mean_log_probability(self) -> float:
        """Return the mean over the words and the end."""
        return self.log_probability / (len(self.token_ids) + 1)

    @property
    def confidence(self) -> float:
        """Return the geometric mean of the tokens' probabilities, 0 to 1."""
        return math.exp(self.mean_log_probability)


def by_worth(sentences: Sequence[Sentence], photo: np.ndarray) -> list[Sentence]:
    """Order the sentences about a photo by rank plus weighted cosine with its joint vector (J,)."""
    cosines = [0.0 if s.joint is None else float(s.joint @ photo) for s in sentences]
    worth = [s.rank + COSINE_WEIGHT * cosine for s, cosine in zip(sentences, cosines, strict=True)]
    return [sentences[place] for place in np.argsort(-np.array(worth), kind="stable")]


def finished(
    hypotheses: list[list[int]], scores: list[float], gained: list[float], joints: np.ndarray
) -> list[Sentence]:
    """Return the hypotheses of a group that have ended, best first.

    Args:
        hypotheses: token ids, from the start token on.
        scores: log probabilities with the bonus.
        gained: the bonus alone.
        joints: a joint vector or None for each.
    """
    ended = [
        Sentence(tuple(t for t in token_ids if t not in (PAD, START, END)), score - bonus, bonus, joint)
        for token_ids, score, bonus, joint in zip(hypotheses, scores, gained, joints, strict=True)
        if END in token_ids and math.isfinite(score)
    ]
    together = [
        replace(sentence, others=tuple(other.token_ids for other in ended if other is not sentence))
        for sentence in ended
    ]
    return sorted(together, key=lambda sentence: -sentence.rank)
