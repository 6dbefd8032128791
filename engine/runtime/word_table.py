"""Vectors of words: pretrained ones, projected to the network's width, plus learned ones of its own words.

See `engine.reference.layers.WordEmbedding`. Few rows are looked up at a time, and the pretrained vectors of
twenty thousand words stay float16.

Shapes: V words of captions, W width.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

import numpy as np

from engine.model.config import NetworkConfig
from engine.runtime.weights import Weights

EMBEDDING = "word_embedding."


class WordTable:
    """Looks up the vectors of words.

    Attributes:
        pretrained: (words, pretrained width), float16, of the general word vectors.
        positions: (tokens, W), added to the vectors of a sentence's tokens.
    """

    def __init__(self, weights: Weights, config: NetworkConfig) -> None:
        self.pretrained = weights.arrays[f"{EMBEDDING}pretrained.weight"]
        self.positions = weights["position_embedding"]
        self._projection = np.ascontiguousarray(weights[f"{EMBEDDING}projection.weight"].T)
        self._bias = weights[f"{EMBEDDING}projection.bias"]
        self._learned = weights.arrays[f"{EMBEDDING}learned.weight"]
        self._written = weights.arrays.get(f"{EMBEDDING}written")
        self._config = config

    def embed(self, token_ids: np.ndarray) -> np.ndarray:
        """Embed token ids (...) as (..., W), float32."""
        if token_ids.max(initial=0) < len(self._of_captions):
            return self._of_captions[token_ids]
        return self._embed(token_ids)

    def general(self, token_ids: Sequence[int]) -> np.ndarray:
        """Return the pretrained vectors (N, pretrained width) of N words, float32."""
        return self.pretrained[list(token_ids)].astype(np.float32)

    @cached_property
    def output_table(self) -> np.ndarray:
        """The vectors (V, W) that the language-model head compares with."""
        own = self._learned if self._written is None else np.concatenate((self._learned, self._written))
        return np.asarray(self._project(np.arange(self._config.caption_vocab_size)) + own)

    @cached_property
    def _of_captions(self) -> np.ndarray:
        """The vectors (V, W) of the words of captions: the decoder asks for some at each step."""
        return self._embed(np.arange(self._config.caption_vocab_size))

    def _embed(self, token_ids: np.ndarray) -> np.ndarray:
        size = self._config.output_vocab_size
        learned = self._learned[np.minimum(token_ids, size - 1)] * (token_ids < size)[..., None]
        return np.asarray(self._project(token_ids) + learned)

    def _project(self, token_ids: np.ndarray) -> np.ndarray:
        return np.asarray(self.pretrained[token_ids].astype(np.float32) @ self._projection + self._bias)
