"""What speaks for a caption: the numbers that its confidence is made of (`engine.model.calibration`)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from engine.model.calibration import Calibration
from engine.model.class_names import ClassNames, name_key
from engine.model.vocabulary import Vocabulary
from engine.runtime.network import ImageFeatures
from engine.runtime.sentence import Sentence
from engine.words.stopwords import is_content

EVIDENCE = 6  # numbers about a caption


def caption_evidence(
    sentences: Sequence[Sentence],
    photo: ImageFeatures,
    vocabulary: Vocabulary,
    names: ClassNames,
    calibration: Calibration,
) -> np.ndarray:
    """Return what speaks for captions of one photo, or against them: (N, `EVIDENCE`).

    The mean log probability of the tokens; the z-score of the cosine with the photo; the probability of the
    likeliest recognised thing that the caption names; the nats that its words gained by what is recognised;
    how far the other sentences of its beams agree with it; how unusual the photo is.

    Args:
        sentences: N captions with their joint vectors.
        photo: features of a batch of one photo.
        vocabulary: of the captions.
        names: of the recognizer's classes.
        calibration: knows the photos in general.
    """
    joint = photo.joint[0]
    unusual = calibration.distance(joint)
    sums = names.sum_by_common_name(photo.classes[0]) if len(names) else {}
    rows = []
    for sentence in sentences:
        vector = joint if sentence.joint is None else sentence.joint
        z_score = float(calibration.z_score(vector, np.asarray(vector @ joint)))
        named = _likeliest_named(sums, names.common_keys, vocabulary.decode(sentence.token_ids))
        agreement = _agreement(sentence, vocabulary)
        rows.append((sentence.mean_log_probability, z_score, named, sentence.bonus, agreement, unusual))
    return np.array(rows, dtype=np.float32)


def _likeliest_named(sums: dict[str, float], keys: dict[str, str], text: str) -> float:
    """Return the greatest probability of the things that a text names; 0 if it names none."""
    words = f" {name_key(text)} "
    return max((p for name, p in sums.items() if f" {keys[name]} " in words), default=0.0)


def _agreement(sentence: Sentence, vocabulary: Vocabulary) -> float:
    """Return the share of a caption's content words that the other sentences of its beams have; 1 of none."""
    words = {token_id for token_id in sentence.token_ids if is_content(vocabulary.words[token_id])}
    shares = [len(words.intersection(other)) / max(len(words), 1) for other in sentence.others]
    return float(np.mean(shares)) if shares else 1.0
