"""What words look like that no caption held: joint vectors made from what is said of them elsewhere.

The idea is DeViSE's (Frome et al. 2013): words and images share a space, so a word reaches its images
although nobody ever wrote it under one. `engine.training.predict_prototypes` tells how the vectors are made.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from pathlib import Path

import numpy as np
from safetensors.numpy import load_file, save_file

from engine.model.vocabulary import tokenize

# Some images are near to every word ("hubs"): half of how near they are to words that suit them well is
# taken off (Dinu et al. 2015, arXiv 1412.6568).
HUB_WEIGHT = 0.5
HUB_WORDS = 2_000  # words by which it is told
NEAREST = 20  # of them
STEPS = 127  # of one number, in 8 bits


class WordPrototypes:
    """Joint vectors of words, by word."""

    def __init__(self, words: Sequence[str], codes: np.ndarray, basis: np.ndarray) -> None:
        """Take vectors in few numbers.

        Args:
            words: N words.
            codes: (N, D) int8.
            basis: (D, J), what the numbers count.
        """
        if len(words) != len(codes) or codes.shape[1] != len(basis):
            raise ValueError(f"{len(words)} words, codes {codes.shape}, basis {basis.shape}")
        self.words, self._codes, self._basis = tuple(words), codes, basis

    @cached_property
    def _rows(self) -> dict[str, int]:
        return {word: row for row, word in enumerate(self.words)}

    def __contains__(self, word: str) -> bool:
        return word in self._rows

    def of(self, text: str) -> np.ndarray:
        """Sum of the vectors (J,), each of length 1, of those words of a text that are here."""
        rows = [self._rows[word] for word in tokenize(text) if word in self]
        return np.asarray(self._vectors(rows).sum(axis=0))

    def hubs(self, images: np.ndarray) -> np.ndarray:
        """Tell how near each of N images (N, J) is to words that suit it well: (N,), to be taken off."""
        if not self.words:
            return np.zeros(len(images), np.float32)
        rows = np.linspace(0, len(self.words) - 1, min(HUB_WORDS, len(self.words))).astype(int)
        near = np.sort(images @ self._vectors(rows.tolist()).T, axis=1)[:, -NEAREST:]
        return np.asarray(HUB_WEIGHT * near.mean(axis=1))

    def save(self, weights: Path, words: Path) -> None:
        """Write the vectors and the list of words."""
        arrays = {"codes": self._codes, "basis": self._basis.astype(np.float16)}
        save_file({name: np.ascontiguousarray(array) for name, array in arrays.items()}, weights)
        words.write_text("".join(f"{word}\n" for word in self.words), encoding="utf-8")

    def _vectors(self, rows: Sequence[int]) -> np.ndarray:
        vectors = self._codes[list(rows)].astype(np.float32) @ self._basis
        return vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-6)


def no_prototypes(width: int) -> WordPrototypes:
    """Know no such words, in a joint space of this width."""
    return WordPrototypes((), np.zeros((0, 1), np.int8), np.zeros((1, width), np.float32))


def load(weights: Path, words: Path) -> WordPrototypes:
    """Read what `WordPrototypes.save` wrote.

    Raises:
        ValueError, safetensors.SafetensorError: the files are damaged or do not fit each other.
    """
    arrays = load_file(weights)
    if arrays.keys() != {"codes", "basis"}:
        raise ValueError(f"{weights.name} holds {sorted(arrays)}")
    listed = words.read_text(encoding="utf-8").splitlines()
    return WordPrototypes(listed, arrays["codes"], arrays["basis"].astype(np.float32))
