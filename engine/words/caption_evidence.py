"""What speaks for a caption: the numbers that its confidence is made of (`engine.model.calibration`)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from engine.model.calibration import Calibration
from engine.model.class_names import ClassNames, name_key
from engine.runtime.network import ImageFeatures
from engine.runtime.sentence import Sentence

EVIDENCE = 4  # numbers about a caption


def caption_evidence(
    sentences: Sequence[Sentence],
    texts: Sequence[str],
    photo: ImageFeatures,
    names: ClassNames,
    calibration: Calibration,
) -> np.ndarray:
    """Return what speaks for captions of one photo, or against them: (N, `EVIDENCE`).

    The mean log probability of the tokens; the z-score of the cosine with the photo; the probability of the
    likeliest recognised thing that the caption names; the nats that its words gained by what is recognised.

    Args:
        sentences: N captions with their joint vectors.
        texts: the same as words.
        photo: features of a batch of one photo.
        names: of the recognizer's classes.
        calibration: knows the photos in general.
    """
    joint = photo.joint[0]
    sums = names.sum_by_common_name(photo.classes[0]) if len(names) else {}
    rows = []
    for sentence, text in zip(sentences, texts, strict=True):
        vector = joint if sentence.joint is None else sentence.joint
        z_score = float(calibration.z_score(vector, np.asarray(vector @ joint)))
        named = _likeliest_named(sums, names.common_keys, text)
        rows.append((sentence.mean_log_probability, z_score, named, sentence.bonus))
    return np.array(rows, dtype=np.float32)


def _likeliest_named(sums: dict[str, float], keys: dict[str, str], text: str) -> float:
    """Return the greatest probability of the things that a text names; 0 if it names none."""
    words = f" {name_key(text)} "
    return max((p for name, p in sums.items() if f" {keys[name]} " in words), default=0.0)
