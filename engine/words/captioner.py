"""Captions of encoded photos: sentences that the decoder writes, with calibrated confidences."""

from __future__ import annotations

import numpy as np

from engine.model.checkpoint import Checkpoint
from engine.results import Caption
from engine.runtime.beam_search import diverse_captions
from engine.runtime.network import ImageFeatures
from engine.words.caption_evidence import caption_evidence
from engine.words.recognition import CaptionBonus
from engine.words.stopwords import is_content


class Captioner:
    """Writes captions with one network.

    Attributes:
        bonuses: what is added to words that name what the recognizer saw.
    """

    def __init__(self, checkpoint: Checkpoint) -> None:
        """Mark the words that tell captions apart."""
        self._checkpoint, self._vocabulary = checkpoint, checkpoint.vocabulary
        output_words = self._vocabulary.words[: self._vocabulary.caption_size]
        self.bonuses = CaptionBonus(checkpoint.class_names, self._vocabulary)
        self._content_mask = np.array([float(is_content(word)) for word in output_words], np.float32)

    def captions(self, features: ImageFeatures, count: int) -> tuple[Caption, ...]:
        """Return different captions of one photo, best first.

        Args:
            features: of a batch of one photo.
            count: how many.
        """
        network, bonus = self._checkpoint.network, self.bonuses.of(features.classes)
        sentences = diverse_captions(network, features, count, self._content_mask, bonus=bonus)
        texts = [self._vocabulary.decode(s.token_ids) for s in sentences]
        calibration, names = self._checkpoint.calibration, self._checkpoint.class_names
        evidence = caption_evidence(sentences, features, self._vocabulary, names, calibration)
        confidences = calibration.of_captions(evidence).tolist()
        return tuple(
            Caption(text, s.confidence, confidence)
            for text, s, confidence in zip(texts, sentences, confidences, strict=True)
        )
