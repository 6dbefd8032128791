"""How well images fit words that no caption contains: by their detectors and by the classes nearest to them.

The detectors know what captions tell of; the classes, such as kinds of food, what no caption names. Adding
them up by the likeness of their names to the word is ConSE (Norouzi et al. 2014, arXiv 1312.5650).
"""

from __future__ import annotations

import numpy as np

from engine.gallery.image_classes import probabilities_of
from engine.model.prototypes import WordPrototypes

CLASS_WEIGHT = 0.25  # of the classes beside the detectors, in standard deviations; 0.15 and 0.3 are alike


def zero_shot_scores(
    prototypes: WordPrototypes, text: str, images: np.ndarray, classes: np.ndarray
) -> np.ndarray:
    """Return scores (N,) that order images by how well they fit such words.

    Args:
        prototypes: of the words.
        text: the words.
        images: (N, J), joint vectors.
        classes: (N, TOP, 2), the likeliest classes of each, see `engine.gallery.image_classes`.
    """
    likely = np.zeros(len(images), np.float32)
    for number, share in prototypes.nearest_classes(text).items():
        likely += share * np.sqrt(probabilities_of(classes, [number]))  # the root: some are seldom likely
    return _standardised(images @ prototypes.detector(text)) + CLASS_WEIGHT * _standardised(likely)


def _standardised(scores: np.ndarray) -> np.ndarray:
    """Return scores (N,) less their mean, in standard deviations; zeros if all are alike."""
    if not len(scores):
        return scores
    return np.asarray((scores - scores.mean()) / max(float(scores.std()), 1e-9))
