"""Captions of photos with references: what speaks for each, and whether it is right."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from engine.evaluation.wild import is_right
from engine.model.calibration import Calibration
from engine.model.class_names import ClassNames
from engine.model.vocabulary import Vocabulary
from engine.photos import preprocess
from engine.runtime.beam_search import generate
from engine.runtime.network import RuntimeNetwork
from engine.words.caption_evidence import EVIDENCE, caption_evidence
from engine.words.recognition import CaptionBonus


def judge_captions(
    network: RuntimeNetwork,
    vocabulary: Vocabulary,
    names: ClassNames,
    general: Calibration,
    photos: Sequence[tuple[Path, Sequence[str]]],
) -> tuple[np.ndarray, np.ndarray]:
    """Caption photos as the bot does.

    Args:
        network: writes the captions.
        vocabulary: its words.
        names: of the recognizer's classes.
        general: knows the photos in general.
        photos: N files with their reference captions.

    Returns:
        What speaks for each caption (N, `EVIDENCE`), and whether it is right (N,).
    """
    bonuses = CaptionBonus(names, vocabulary)
    evidence = np.zeros((len(photos), EVIDENCE), np.float32)
    right = np.zeros(len(photos), dtype=bool)
    for row, (file, references) in enumerate(photos):
        pixels = preprocess.decode_to_pixels(file.read_bytes(), network.config.image_size)[None]
        photo = network.encode_image(pixels)
        best = generate(network, photo.grid, photo.joint, bonus=bonuses.of(photo.classes))[0][0]
        text = vocabulary.decode(best.token_ids)
        evidence[row] = caption_evidence([best], photo, vocabulary, names, general)[0]
        right[row] = is_right(text, references)
    return evidence, right
