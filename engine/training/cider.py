"""CIDEr-D of single captions as a reward, fast enough for training."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import NamedTuple

MAX_N = 4  # words of the longest n-grams
SIGMA = 6.0  # words; standard deviation of the Gaussian length penalty

NGram = tuple[int, ...]


class _NGramVector(NamedTuple):
    """TF-IDF vector of a caption.

    Attributes:
        weights: of its n-grams, a dictionary for each n.
        norms: of these vectors.
        length: number of words.
    """

    weights: list[dict[NGram, float]]
    norms: list[float]
    length: int


class CiderD:
    """CIDEr-D (Vedantam et al. 2015, arXiv 1411.5726) against the captions of a training set.

    Same values as pycocoevalcap's scorer, which takes document frequencies from the captions it scores; a
    training batch needs those of the whole training set. The end token counts as a word, otherwise truncated
    captions would not be penalised.
    """

    def __init__(self, references: Sequence[Sequence[Sequence[int]]]) -> None:
        """Take the reference captions of every photo, as token ids with their end token."""
        self._document_frequency: Counter[NGram] = Counter()
        for captions in references:
            self._document_frequency.update({ngram for caption in captions for ngram in _ngrams(caption)})
        self._log_photos = math.log(len(references))
        self._references = [[self._vectorize(caption) for caption in captions] for captions in references]

    def score(self, photo: int, caption: Sequence[int]) -> float:
        """Return the CIDEr-D, 0 to 10, of a caption for a photo of the training set."""
        candidate = self._vectorize(caption)
        references = self._references[photo]
        return 10 * sum(_similarity(candidate, reference) for reference in references) / len(references)

    def _vectorize(self, caption: Sequence[int]) -> _NGramVector:
        weights: list[dict[NGram, float]] = [{} for _ in range(MAX_N)]
        for ngram, count in Counter(_ngrams(caption)).items():
            idf = self._log_photos - math.log(max(1, self._document_frequency[ngram]))
            weights[len(ngram) - 1][ngram] = count * idf
        norms = [math.sqrt(sum(w * w for w in of_length.values())) for of_length in weights]
        return _NGramVector(weights, norms, len(caption))


def _ngrams(caption: Sequence[int]) -> Iterator[NGram]:
    for size in range(1, MAX_N + 1):
        yield from (tuple(caption[i : i + size]) for i in range(len(caption) - size + 1))


def _similarity(candidate: _NGramVector, reference: _NGramVector) -> float:
    total = 0.0
    for ours, theirs, norm, reference_norm in zip(
        candidate.weights, reference.weights, candidate.norms, reference.norms, strict=True
    ):
        if norm and reference_norm:
            dot = sum(
                min(weight, theirs[ngram]) * theirs[ngram]
                for ngram, weight in ours.items()
                if ngram in theirs
            )
            total += dot / (norm * reference_norm)
    gap = candidate.length - reference.length
    return total / MAX_N * math.exp(-gap * gap / (2 * SIGMA * SIGMA))
