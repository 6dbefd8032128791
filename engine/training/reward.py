"""CIDEr-D of single captions, fast enough to learn from."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import NamedTuple

LONGEST = 4  # words of an n-gram
WIDTH = 6.0  # words; how far a caption's length may be from a reference's

Words = tuple[int, ...]


class _Sentence(NamedTuple):
    """Attributes: weights of the n-grams of each length, their norms, and the number of words."""

    weights: list[dict[Words, float]]
    norms: list[float]
    length: int


class Cider:
    """CIDEr-D (Vedantam et al. 2015, arXiv 1411.5726) against the captions of a training set.

    The same figures as pycocoevalcap's, whose scorer weighs n-grams by the set it is asked about: a
    batch of samples needs the weights of all the training captions. The end counts as a word, or a
    caption that breaks off would lose nothing.
    """

    def __init__(self, references: Sequence[Sequence[Sequence[int]]]) -> None:
        """Take the captions of every photo, as numbers with their end."""
        self._frequency: Counter[Words] = Counter()
        for captions in references:
            self._frequency.update({gram for caption in captions for gram in _grams(caption)})
        self._photos = math.log(len(references))
        self._references = [[self._weigh(caption) for caption in captions] for captions in references]

    def score(self, photo: int, caption: Sequence[int]) -> float:
        """How well a caption fits a photo of the training set, 0 to 10."""
        said = self._weigh(caption)
        references = self._references[photo]
        return 10 * sum(_alike(said, reference) for reference in references) / len(references)

    def _weigh(self, caption: Sequence[int]) -> _Sentence:
        weights: list[dict[Words, float]] = [{} for _ in range(LONGEST)]
        for gram, count in Counter(_grams(caption)).items():
            rarity = self._photos - math.log(max(1, self._frequency[gram]))
            weights[len(gram) - 1][gram] = count * rarity
        norms = [math.sqrt(sum(w * w for w in of_length.values())) for of_length in weights]
        return _Sentence(weights, norms, len(caption))


def _grams(caption: Sequence[int]) -> Iterator[Words]:
    for size in range(1, LONGEST + 1):
        yield from (tuple(caption[i : i + size]) for i in range(len(caption) - size + 1))


def _alike(said: _Sentence, reference: _Sentence) -> float:
    total = 0.0
    for ours, theirs, norm, other in zip(
        said.weights, reference.weights, said.norms, reference.norms, strict=True
    ):
        if norm and other:
            shared = sum(
                min(weight, theirs[gram]) * theirs[gram] for gram, weight in ours.items() if gram in theirs
            )
            total += shared / (norm * other)
    gap = said.length - reference.length
    return total / LONGEST * math.exp(-gap * gap / (2 * WIDTH * WIDTH))
