"""Attributes: which words describe which things, as captions use them: green of grass, red of a shirt.

The decoder knows it without being trained for it: after "a green", without a photo, grass is likelier.
"""

from __future__ import annotations

from functools import cached_property

import torch
from torch import Tensor

from engine.model.checkpoint import Checkpoint
from engine.model.kv_cache import DecoderContext
from engine.model.vocabulary import START

MIN_GAIN = 0.5  # nats of log probability that a thing gains by the attribute before it
MAX_COSINE = 0.58  # of the pretrained vectors: a sister is of the kind of a brother, and no attribute


class AttributeDetector:
    """Decides by the decoder's language model whether a word describes a thing."""

    def __init__(self, checkpoint: Checkpoint) -> None:
        self._network, self._vocabulary = checkpoint.network, checkpoint.vocabulary

    @torch.inference_mode()
    def describes(self, attribute: int, thing: int) -> bool:
        """Return True if a word is an attribute of a thing; both are token ids."""
        if thing >= self._vocabulary.output_size:
            return False
        vectors = self._network.word_embedding.pretrained.weight[[attribute, thing]]
        if float(vectors[0] @ vectors[1]) > MAX_COSINE:
            return False
        article = self._vocabulary.token_id("a")
        with_attribute = self._next_log_probabilities([START, article, attribute])
        gain = with_attribute[thing] - self._next_log_probabilities([START, article])[thing]
        return float(gain) > MIN_GAIN

    def _next_log_probabilities(self, token_ids: list[int]) -> Tensor:
        """Return the log probabilities (V,) of the next word."""
        states = self._network.encode_text(torch.tensor([token_ids])).states
        return self._network.caption_logits(states, self._blank_context)[0, -1].log_softmax(-1)

    @cached_property
    def _blank_context(self) -> DecoderContext:
        """The decoder's context of a grey square."""
        side = self._network.config.image_size
        return self._network.prepare_decoder(self._network.encode_image(torch.zeros(1, 3, side, side)).grid)
