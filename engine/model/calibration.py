"""Calibrated confidences: logistic regressions from scores to the probability that an answer is right.

A cosine alone does not tell whether a photo matches a query: some queries are close to every photo, some to
none. The features are therefore the cosine and its z-score among those that the query has with photos in
general. For captions they are the log probability, the z-score of the photo, and what the recognizer says of
the words (`engine.words.caption_evidence`). `engine.training.fit_calibration` fits the weights.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from functools import cached_property
from pathlib import Path

import numpy as np
from safetensors.numpy import load_file, save_file

SHRINKAGE = 0.02  # of the mean variance, added to each before the photos' covariance is inverted
MIN_VARIANCE = 1e-6


@dataclass(frozen=True)
class Calibration:
    """The fitted parameters; stored with the network's weights.

    Attributes:
        mean: (J,), of the joint vectors of photos.
        covariance: (J, J), of the same.
        caption: (E + 1,), weights of what speaks for a caption, and the bias.
        find: (3,), weights of the cosine between text and photo, of its z-score, and the bias.
        lookalike: (3,), the same between two photos.
    """

    mean: np.ndarray
    covariance: np.ndarray
    caption: np.ndarray
    find: np.ndarray
    lookalike: np.ndarray

    def z_score(self, query: np.ndarray, cosines: np.ndarray) -> np.ndarray:
        """Return how far cosines exceed those of a query with photos in general, in standard deviations.

        Args:
            query: (J,), joint vector of a text or a photo.
            cosines: (N,), of the query with N photos.

        Returns:
            (N,) z-scores.
        """
        deviation = np.sqrt(max(float(query @ self.covariance @ query), MIN_VARIANCE))
        return (cosines - query @ self.mean) / deviation

    def distance(self, photo: np.ndarray) -> float:
        """Return the Mahalanobis distance of a photo (J,) from photos in general: how unusual it is."""
        offset = photo - self.mean
        return float(np.sqrt(offset @ self._inverse_covariance @ offset))

    @cached_property
    def _inverse_covariance(self) -> np.ndarray:
        width = len(self.mean)
        added = max(SHRINKAGE * np.trace(self.covariance) / width, MIN_VARIANCE)
        shrunk = self.covariance + added * np.eye(width)
        return np.asarray(np.linalg.inv(shrunk), np.float32)

    def of_find(self, query: np.ndarray, cosines: np.ndarray) -> np.ndarray:
        """Return the probabilities (N,) that photos with these cosines show what a text (J,) describes."""
        return _probability(self.find, cosines, self.z_score(query, cosines))

    def of_lookalikes(self, query: np.ndarray, cosines: np.ndarray) -> np.ndarray:
        """Return the probabilities (N,) that photos with these cosines are described like a photo (J,)."""
        return _probability(self.lookalike, cosines, self.z_score(query, cosines))

    def of_captions(self, evidence: np.ndarray) -> np.ndarray:
        """Return the probabilities (N,) that captions say what people would write about a photo.

        Args:
            evidence: (N, E), see `engine.words.caption_evidence`. A network of an older version weighs fewer
                columns, the first ones.
        """
        known = evidence[:, : len(self.caption) - 1]
        return np.asarray(1 / (1 + np.exp(-(known @ self.caption[:-1] + self.caption[-1]))))

    def save(self, file: Path) -> None:
        """Write the parameters to a safetensors file."""
        values = {field.name: np.asarray(getattr(self, field.name), np.float32) for field in fields(self)}
        save_file({name: np.ascontiguousarray(value) for name, value in values.items()}, file)


def load(file: Path) -> Calibration:
    """Read what `Calibration.save` wrote.

    Raises:
        SafetensorError: the file is damaged.
        TypeError: a parameter is missing.
    """
    return Calibration(**load_file(file))


def uncalibrated(joint_width: int) -> Calibration:
    """Return the calibration of a network that was not measured: each confidence is 0.5."""
    zeros = np.zeros(3, dtype=np.float32)
    return Calibration(
        np.zeros(joint_width, np.float32), np.eye(joint_width, dtype=np.float32), zeros, zeros, zeros
    )


def _probability(weights: np.ndarray, first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Return the logistic of two features (N,) and a bias, weighted."""
    return 1 / (1 + np.exp(-(weights[0] * first + weights[1] * second + weights[2])))
