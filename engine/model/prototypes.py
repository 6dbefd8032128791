"""Zero-shot word prototypes: predicted joint vectors of words that no caption contains.

The idea is that of DeViSE (Frome et al. 2013): words and images share a space, so a word can be compared with
images even if it never described one in training. Where a word searches alone, its vector is multiplied by
the inverse covariance of photos: that direction of linear discriminant analysis tells its photos from others,
where the vector itself says most about what photos differ in anyhow. `engine.training.predict_prototypes`
makes the vectors.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from pathlib import Path

import numpy as np
from safetensors.numpy import load_file, save_file

from engine.model.vocabulary import tokenize

STEPS = 127  # quantization levels of a code on either side of 0: int8
SHARES = 255  # of how near a class is: uint8


class WordPrototypes:
    """Joint vectors of words, as int8 codes in two bases, and the classes nearest to them.

    Attributes:
        words: in the order of the rows.
    """

    def __init__(
        self,
        words: Sequence[str],
        codes: np.ndarray,
        basis: np.ndarray,
        detectors: np.ndarray | None = None,
        nearest: tuple[np.ndarray, np.ndarray] | None = None,
    ) -> None:
        """Take compressed vectors: word n has the direction of `codes[n] @ basis`.

        Args:
            words: N words.
            codes: (N, D), int8.
            basis: (D, J).
            detectors: (D, J), the same for directions that tell a word's photos from others; None if they are
                those of the vectors.
            nearest: the recognizer's classes whose names are nearest to each word (N, C), uint16, and how
                near they are (N, C), uint8, `SHARES` at most; None if there are none.

        Raises:
            ValueError: the shapes do not fit each other.
        """
        detectors = basis if detectors is None else detectors
        none = np.zeros((len(words), 0))
        classes, shares = nearest or (none.astype(np.uint16), none.astype(np.uint8))
        if not len(words) == len(codes) == len(classes) or codes.shape[1] != len(basis):
            raise ValueError(f"{len(words)} words, codes {codes.shape}, basis {basis.shape}")
        if basis.shape != detectors.shape or classes.shape != shares.shape:
            raise ValueError(f"detectors {detectors.shape}, classes {classes.shape}, shares {shares.shape}")
        self.words, self._codes = tuple(words), codes
        self._basis, self._detectors = basis, detectors
        self._classes, self._shares = classes, shares

    @cached_property
    def _rows(self) -> dict[str, int]:
        return {word: row for row, word in enumerate(self.words)}

    def __contains__(self, word: str) -> bool:
        return word in self._rows

    def of(self, text: str) -> np.ndarray:
        """Return the sum (J,) of the unit vectors of a text's words; unknown words are skipped."""
        return self._sum(text, self._basis)

    def detector(self, text: str) -> np.ndarray:
        """Return the direction (J,) in which photos that show what a text says differ from others."""
        return self._sum(text, self._detectors)

    def nearest_classes(self, text: str) -> dict[int, float]:
        """Return the classes whose names are nearest to a text's words, and how near each is."""
        nearest: dict[int, float] = {}
        for row in (self._rows[word] for word in tokenize(text) if word in self):
            for number, share in zip(self._classes[row].tolist(), self._shares[row].tolist(), strict=True):
                nearest[number] = nearest.get(number, 0.0) + share / SHARES
        return nearest

    def save(self, weights: Path, words: Path) -> None:
        """Write all arrays to a safetensors file, and the words to a text file, a word a line."""
        arrays = {
            "codes": self._codes,
            "basis": self._basis.astype(np.float16),
            "detectors": self._detectors.astype(np.float16),
            "classes": self._classes,
            "shares": self._shares,
        }
        save_file({name: np.ascontiguousarray(array) for name, array in arrays.items()}, weights)
        words.write_text("".join(f"{word}\n" for word in self.words), encoding="utf-8")

    def _sum(self, text: str, basis: np.ndarray) -> np.ndarray:
        rows = [self._rows[word] for word in tokenize(text) if word in self]
        vectors = self._codes[rows].astype(np.float32) @ basis
        lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
        return np.asarray((vectors / np.maximum(lengths, 1e-6)).sum(axis=0))


def no_prototypes(width: int) -> WordPrototypes:
    """Return prototypes of no words, in a joint space of this width."""
    return WordPrototypes((), np.zeros((0, 1), np.int8), np.zeros((1, width), np.float32))


def load(weights: Path, words: Path) -> WordPrototypes:
    """Read what `WordPrototypes.save` wrote.

    Raises:
        ValueError, safetensors.SafetensorError: the files are damaged or do not fit each other.
    """
    arrays = load_file(weights)
    older = {"codes", "basis"}
    if arrays.keys() not in (older, older | {"detectors", "classes", "shares"}):
        raise ValueError(f"{weights.name} holds {sorted(arrays)}")
    lines = words.read_text(encoding="utf-8").splitlines()
    basis = arrays["basis"].astype(np.float32)
    if arrays.keys() == older:
        return WordPrototypes(lines, arrays["codes"], basis)
    detectors = arrays["detectors"].astype(np.float32)
    return WordPrototypes(lines, arrays["codes"], basis, detectors, (arrays["classes"], arrays["shares"]))
