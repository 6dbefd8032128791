"""How sure an answer is, as a probability that means something.

A cosine alone does not say whether a photo shows what was asked: some queries are close to everything,
some to nothing. What says it is how far a cosine stands above those that the query has with photos in
general, and for a caption whether the joint space agrees with the decoder. Their weights are fitted on
the dev split (`engine.training.fit_calibration`), where a sentence encoder judges.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from pathlib import Path

import numpy as np
from safetensors.numpy import load_file, save_file


@dataclass(frozen=True)
class Calibration:
    """Fitted numbers; travels with the weights.

    Attributes:
        mean: (J,) of the joint vectors of photos.
        covariance: (J, J) of the same.
        caption: (3,) weights of the log probability a word, of the photo's standing, and a constant.
        find: (3,) weights of the cosine, of its standing, and a constant.
        lookalike: (3,) the same between two photos.
    """

    mean: np.ndarray
    covariance: np.ndarray
    caption: np.ndarray
    find: np.ndarray
    lookalike: np.ndarray

    def z_score(self, query: np.ndarray, cosines: np.ndarray) -> np.ndarray:
        """Standard deviations that cosines (N,) stand above those of a query (J,) with photos in general."""
        spread = np.sqrt(max(float(query @ self.covariance @ query), 1e-6))
        return (cosines - query @ self.mean) / spread

    def of_find(self, query: np.ndarray, cosines: np.ndarray) -> np.ndarray:
        """Probability (N,) that photos with these cosines show what the text with this vector (J,) says."""
        return _probability(self.find, cosines, self.z_score(query, cosines))

    def of_lookalikes(self, query: np.ndarray, cosines: np.ndarray) -> np.ndarray:
        """Probability (N,) that photos with these cosines would be described alike."""
        return _probability(self.lookalike, cosines, self.z_score(query, cosines))

    def of_captions(self, texts: np.ndarray, photo: np.ndarray, log_probabilities: np.ndarray) -> np.ndarray:
        """Probability (N,) that captions say what people would.

        Args:
            texts: (N, J) joint vectors of the captions.
            photo: (J,) joint vector of the photo.
            log_probabilities: (N,) mean over the words.
        """
        standing = np.array([self.z_score(text, text @ photo) for text in texts])
        return _probability(self.caption, log_probabilities, standing)

    def save(self, file: Path) -> None:
        """Write it; `load` reads it."""
        values = {field.name: np.asarray(getattr(self, field.name), np.float32) for field in fields(self)}
        save_file({name: np.ascontiguousarray(value) for name, value in values.items()}, file)


def load(file: Path) -> Calibration:
    """Read a calibration. Errors are those of safetensors, and TypeError where a part is missing."""
    return Calibration(**load_file(file))


def uncalibrated(joint_width: int) -> Calibration:
    """The calibration of a network that was not measured: every answer is as likely right as wrong."""
    none = np.zeros(3, dtype=np.float32)
    return Calibration(
        np.zeros(joint_width, np.float32), np.eye(joint_width, dtype=np.float32), none, none, none
    )


def _probability(weights: np.ndarray, first: np.ndarray, second: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-(weights[0] * first + weights[1] * second + weights[2])))
