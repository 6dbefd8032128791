"""What the decoder keeps of the tokens that it has read."""

from __future__ import annotations

import numpy as np

from engine.model.config import NetworkConfig
from engine.runtime.layers import HIDDEN


class KVCache:
    """Self-attention keys and values, and text states, of R sentences about each of B photos.

    All beams share one cache. Each token is stored once, and a mask marks the ancestors of each sentence, so
    reordering beams copies no keys or values. The full room is allocated at the start: OpenVINO 2026.4
    computes wrong results where the cache grows beyond fifteen tokens.

    Attributes:
        keys_values: (L, 2, B, heads, N, W / heads), text layers first; step t owns columns t * R to
            (t + 1) * R.
        states: (B, N, W), of the same tokens after the text layers.
        mask: (B, 1, R, N + R), 0 where a sentence attends to one of the N tokens, or of the R next ones, and
            `HIDDEN` elsewhere.
        position: how many tokens each sentence has.
    """

    def __init__(self, config: NetworkConfig, photos: int, sentences: int) -> None:
        room, layers = sentences * (config.max_length + 2), config.text_layers + config.caption_layers
        shape = (layers, 2, photos, config.heads, room, config.width // config.heads)
        self.keys_values = np.zeros(shape, np.float32)
        self.states = np.zeros((photos, room, config.width), np.float32)
        self._own = np.where(np.eye(sentences, dtype=np.bool_), 0, HIDDEN).astype(np.float32)
        self.mask = np.full((photos, 1, sentences, room + sentences), HIDDEN, np.float32)
        self.mask[..., room:] = self._own  # each next token attends to itself
        self.position = 0

    def append(self, keys_values: np.ndarray, states: np.ndarray) -> None:
        """Store the next token of each sentence.

        Args:
            keys_values: (L, 2, B, heads, R, W / heads).
            states: (B, R, W), after the text layers.
        """
        count = keys_values.shape[-2]
        new = slice(self.position * count, (self.position + 1) * count)
        self.keys_values[..., new, :] = keys_values
        self.states[:, new] = states
        self.mask[..., new] = self._own
        self.position += 1

    def reorder(self, parents: np.ndarray) -> None:
        """Let each sentence continue sentence `parents` (B, R) about the same photo."""
        used = self.position * parents.shape[1]
        photos = np.arange(len(parents))[:, None]
        self.mask[:, 0, :, :used] = self.mask[photos, 0, parents, :used]

    def text_states(self) -> np.ndarray:
        """Return the states (B, R, T, W) of the T tokens of each sentence."""
        photos, sentences = self.mask.shape[0], self.mask.shape[2]
        *_, tokens = np.nonzero(self.mask[:, 0, :, : self.position * sentences] == 0)
        places = tokens.reshape(photos, sentences, self.position)
        return self.states[np.arange(photos)[:, None, None], places]
