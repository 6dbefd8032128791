"""Which words say what others are like, as captions put it: green of grass, red of a shirt.

The decoder was never asked, and knows: after "a green", with nothing to be seen, grass is likelier.
"""

from __future__ import annotations

from functools import cached_property

import torch
from torch import Tensor

from engine.model.checkpoint import Checkpoint
from engine.model.kv_cache import DecoderContext
from engine.model.vocabulary import START

LIKELIER = 1.5  # nats that a thing gains by the word before it


class Attributes:
    """Asks the decoder."""

    def __init__(self, artifact: Checkpoint) -> None:
        self._network, self._vocabulary = artifact.network, artifact.vocabulary

    @torch.inference_mode()
    def describes(self, word: int, thing: int) -> bool:
        """Tell whether a word says what a thing is like, both by their numbers."""
        if thing >= self._vocabulary.output_size:
            return False
        article = self._vocabulary.token_id("a")
        gain = self._next([START, article, word])[thing] - self._next([START, article])[thing]
        return float(gain) > LIKELIER

    def _next(self, numbers: list[int]) -> Tensor:
        """Log probabilities (V,) of the word after these."""
        states = self._network.encode_text(torch.tensor([numbers])).states
        return self._network.caption_logits(states, self._nothing)[0, -1].log_softmax(-1)

    @cached_property
    def _nothing(self) -> DecoderContext:
        """A grey square."""
        side = self._network.config.image_size
        return self._network.prepare_decoder(self._network.encode_image(torch.zeros(1, 3, side, side)).grid)
