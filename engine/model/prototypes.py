"""Zero-shot word prototypes: predicted joint vectors of words that no caption contains.

The idea is that of DeViSE (Frome et al. 2013): words and images share a space, so a word can be compared with
images even if it never described one in training. `engine.training.predict_prototypes` makes the vectors.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from pathlib import Path

import numpy as np
from safetensors.numpy import load_file, save_file

from engine.model.vocabulary import tokenize

# Some images are near every word ("hubs"): half of their mean cosine with the words nearest to them is
# subtracted from their cosines (Dinu et al. 2015, arXiv 1412.6568).
HUB_WEIGHT = 0.5
HUB_WORDS = 2_000  # words that the nearest ones are chosen from
NEAREST = 20  # words in the mean
CHUNK_SIZE = 2_000  # images compared with the words at once: 16 MB
STEPS = 127  # quantization levels of a code on either side of 0: int8


class WordPrototypes:
    """Joint vectors of words, as int8 codes in a basis.

    Attributes:
        words: in the order of the rows.
    """

    def __init__(self, words: Sequence[str], codes: np.ndarray, basis: np.ndarray) -> None:
        """Take compressed vectors: word n has the direction of `codes[n] @ basis`.

        Args:
            words: N words.
            codes: (N, D), int8.
            basis: (D, J).

        Raises:
            ValueError: the shapes do not fit each other.
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
        """Return the sum (J,) of the unit vectors of a text's words; unknown words are skipped."""
        rows = [self._rows[word] for word in tokenize(text) if word in self]
        return np.asarray(self._vectors(rows).sum(axis=0))

    def hubs(self, images: np.ndarray) -> np.ndarray:
        """Return the hubness of images, to be subtracted from their cosines with prototypes.

        Args:
            images: (N, J), joint vectors.

        Returns:
            (N,), the weighted mean cosine with the nearest words; zeros without words.
        """
        if not self.words:
            return np.zeros(len(images), np.float32)
        rows = np.linspace(0, len(self.words) - 1, min(HUB_WORDS, len(self.words))).astype(int)
        words = self._vectors(rows.tolist()).T
        chunks = (images[first : first + CHUNK_SIZE] for first in range(0, len(images), CHUNK_SIZE))
        means = [_mean_of_greatest(chunk @ words) for chunk in chunks]
        return HUB_WEIGHT * np.concatenate(means) if means else np.zeros(0, np.float32)

    def save(self, weights: Path, words: Path) -> None:
        """Write codes and basis to a safetensors file, and the words to a text file, a word a line."""
        arrays = {"codes": self._codes, "basis": self._basis.astype(np.float16)}
        save_file({name: np.ascontiguousarray(array) for name, array in arrays.items()}, weights)
        words.write_text("".join(f"{word}\n" for word in self.words), encoding="utf-8")

    def _vectors(self, rows: Sequence[int]) -> np.ndarray:
        vectors = self._codes[list(rows)].astype(np.float32) @ self._basis
        return vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-6)


def _mean_of_greatest(cosines: np.ndarray) -> np.ndarray:
    """Return the mean (N,) of the `NEAREST` greatest of each row of cosines (N, words)."""
    count = min(NEAREST, cosines.shape[1])
    greatest = np.partition(cosines, -count, axis=1)[:, -count:]
    return np.asarray(np.sort(greatest, axis=1).mean(axis=1))  # sorted: the same sum on any processor


def no_prototypes(width: int) -> WordPrototypes:
    """Return prototypes of no words, in a joint space of this width."""
    return WordPrototypes((), np.zeros((0, 1), np.int8), np.zeros((1, width), np.float32))


def load(weights: Path, words: Path) -> WordPrototypes:
    """Read what `WordPrototypes.save` wrote.

    Raises:
        ValueError, safetensors.SafetensorError: the files are damaged or do not fit each other.
    """
    arrays = load_file(weights)
    if arrays.keys() != {"codes", "basis"}:
        raise ValueError(f"{weights.name} holds {sorted(arrays)}")
    lines = words.read_text(encoding="utf-8").splitlines()
    return WordPrototypes(lines, arrays["codes"], arrays["basis"].astype(np.float32))
