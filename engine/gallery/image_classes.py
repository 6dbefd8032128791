"""The likeliest classes of each image of a gallery, in 32 bytes: so that a name finds what it names."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from engine.runtime.network import ImageFeatures

TOP = 8  # classes of an image; the others together are seldom likely
STEPS = 65_535  # a probability of 1, as an integer


def likeliest(features: ImageFeatures) -> np.ndarray:
    """Return the classes of one photo: (TOP, 2) uint16, their numbers and probabilities, the likeliest first.

    Without a recognizer, and of classes beyond the last, the probability is 0.
    """
    found = unknown(1)[0]
    probabilities = features.classes[0]
    best = np.argsort(-probabilities, kind="stable")[:TOP]
    found[: len(best), 0], found[: len(best), 1] = best, np.rint(probabilities[best] * STEPS)
    return found


def unknown(count: int) -> np.ndarray:
    """Return the classes (N, TOP, 2) of images that no recognizer saw."""
    return np.zeros((count, TOP, 2), np.uint16)


def are_unknown(classes: np.ndarray) -> np.ndarray:
    """Return which images (N,) no recognizer saw."""
    return np.asarray(classes[..., 1].max(axis=1) == 0)


def probabilities_of(classes: np.ndarray, numbers: Sequence[int]) -> np.ndarray:
    """Return the probability (N,) that each image (N, TOP, 2) shows one of some classes."""
    shown = np.isin(classes[..., 0], list(numbers))
    return np.asarray((classes[..., 1] * shown).sum(axis=1) / STEPS, np.float32)
