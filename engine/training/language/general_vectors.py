"""General vectors of English words, and the words that are near each other in them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from engine.model.checkpoint import Checkpoint
from engine.model.vocabulary import SPECIALS


class GeneralVectors:
    """General vectors of words.

    Attributes:
        words: N words.
        matrix: (N, G) float32, of length 1.
    """

    def __init__(self, words: Sequence[str], matrix: np.ndarray) -> None:
        """Take words and their vectors (N, G), of any length."""
        self.words = tuple(words)
        lengths = np.linalg.norm(matrix, axis=1, keepdims=True)
        self.matrix = (matrix / np.maximum(lengths, 1e-6)).astype(np.float32)
        self._rows = {word: row for row, word in enumerate(self.words)}

    def of(self, words: Sequence[str]) -> np.ndarray:
        """Return the vectors (M, G) of M words, zeros for those without one."""
        rows = [self._rows.get(word, -1) for word in words]
        return np.where(np.array(rows)[:, None] < 0, np.float32(0), self.matrix[rows])

    def neighbours(self, words: Iterable[str], count: int, cosine: float) -> dict[str, list[str]]:
        """Return for each word with a vector the nearest ones from a cosine on, at most `count`."""
        near: dict[str, list[str]] = {}
        for word in filter(self._rows.__contains__, words):
            cosines = self.matrix @ self.matrix[self._rows[word]]
            best = np.flatnonzero(cosines >= cosine)
            best = best[np.argsort(-cosines[best], kind="stable")][1 : count + 1]
            near[word] = [self.words[row] for row in best.tolist()]
        return near


def general_vectors(checkpoint: Checkpoint) -> GeneralVectors:
    """Return the general word vectors that a network holds."""
    first = len(SPECIALS)
    matrix = checkpoint.network.words.pretrained.astype(np.float32)
    return GeneralVectors(checkpoint.vocabulary.words[first:], matrix[first:])
