"""A recognizer of photos that are not there: names with probabilities, made of what sentences mention.

How often what is there is recognised, and how surely, is as on everyday photos; the beta and normal
distributions below are rough fits.
"""

from __future__ import annotations

import math
import random
from collections.abc import Sequence

import numpy as np

from engine.training.names.sentences import NamedSentences

MENTIONED, MENTIONED_ELSEWHERE = (
    0.8,
    0.5,
)  # chance that what a sentence, or another of its group, names is seen
MOST_OWN, MOST_OTHERS, MOST_TRUE, CLASS_NAMES = 4, 6, 5, 6
MAX_TRUE = 0.97  # sum of the probabilities of what is there
OF_CONTEXT, ALIKE = 0.45, 0.2  # shares of the wrong names that fit the sentence, or resemble what it names
CONTEXT_DECAY = 0.12
MOST_TRIES = 60  # to find wrong names
UNSURE = 0.75  # share of sentences whose wrong names take much of the probability
DETECTED, NOT_DETECTED = (-0.2, 1.5), (-3.2, 1.0)  # log odds of detected words: mean, standard deviation


class SimulatedRecognizer:
    """Draws what a recognizer might say of the photo that a sentence describes."""

    def __init__(
        self,
        sentences: NamedSentences,
        detected_rows: Sequence[int],
        alike: np.ndarray,
        frequency: np.ndarray,
        count: int,
    ) -> None:
        """Take what it draws from.

        Args:
            sentences: prepared.
            detected_rows: the rows of the E detected words' names.
            alike: (names, K), of each name the rows of those that resemble it.
            frequency: (names,), how often each is recognised, in all 1.
            count: of the names it returns.
        """
        self._sentences, self._detected_rows, self._alike = sentences, detected_rows, alike
        self._frequency, self._count = frequency, count

    def draw(self, sentence: int, rng: random.Random, noise: np.random.Generator) -> list[tuple[int, float]]:
        """Return rows of names with probabilities, the likeliest first."""
        sums = dict(self._add_wrong(sentence, self._true_names(sentence, rng), rng, noise))
        shares = self._sentences.detected[sentence].tolist()
        normal = noise.normal(size=len(shares)).tolist()
        for row, share, z in zip(self._detected_rows, shares, normal, strict=True):
            mean, deviation = DETECTED if rng.random() < share else NOT_DETECTED
            probability = 1 / (1 + math.exp(-(mean + deviation * z)))
            sums[row] = min(1.0, sums.get(row, 0.0) + probability)
        return sorted(sums.items(), key=lambda pair: -pair[1])[: self._count]

    def _true_names(self, sentence: int, rng: random.Random) -> list[tuple[int, float]]:
        own, others = self._sentences.own[sentence], self._sentences.others[sentence]
        names = [(n, rng.betavariate(1.1, 1.3)) for n in own[:MOST_OWN] if rng.random() < MENTIONED]
        names += [
            (n, rng.betavariate(0.8, 1.6)) for n in others[:MOST_OTHERS] if rng.random() < MENTIONED_ELSEWHERE
        ]
        rng.shuffle(names)
        names = names[:MOST_TRUE]
        excess = max(1.0, sum(p for _, p in names) / MAX_TRUE)
        return [(n, p / excess) for n, p in names]

    def _add_wrong(
        self, sentence: int, names: list[tuple[int, float]], rng: random.Random, noise: np.random.Generator
    ) -> list[tuple[int, float]]:
        """Share what is left of the probability among wrong names."""
        left, used, unsure = 1 - sum(p for _, p in names), {n for n, _ in names}, rng.random() < UNSURE
        for _ in range(MOST_TRIES):
            name = self._wrong_name(sentence, rng, noise)
            if name in used or name == 0:
                continue
            if len(names) == CLASS_NAMES:
                break
            probability = left * (rng.betavariate(0.5, 2.4) if unsure else rng.betavariate(0.3, 4))
            used.add(name)
            names.append((name, probability))
            left -= probability
        return names

    def _wrong_name(self, sentence: int, rng: random.Random, noise: np.random.Generator) -> int:
        kind, own = rng.random(), self._sentences.own[sentence]
        if kind < OF_CONTEXT:
            context = self._sentences.context[sentence]
            return int(context[min(len(context) - 1, int(rng.expovariate(CONTEXT_DECAY)))])
        if own and kind < OF_CONTEXT + ALIKE:
            return int(rng.choice(self._alike[rng.choice(own)].tolist()))
        return int(noise.choice(len(self._frequency), p=self._frequency))
