"""What the decoder keeps between steps: keys and values of earlier tokens, and of the photo."""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor

from engine.model.config import NetworkConfig


class DecoderContext(NamedTuple):
    """What captions of B photos need at every step, computed once.

    Attributes:
        image_kv: (L, 2, B, heads, P, W / heads), the cross-attention cache: keys and values of the photos'
            patches for each of L caption layers.
        output_table: (V, W), the word vectors that the language-model head compares with.
    """

    image_kv: Tensor
    output_table: Tensor

    def repeat(self, times: int) -> DecoderContext:
        """Return the context with each photo repeated `times` times in a row."""
        return DecoderContext(self.image_kv.repeat_interleave(times, 2), self.output_table)


class KVCache:
    """Self-attention keys and values of R sentences about each of B photos.

    All beams share one cache. Each token is stored once, and a mask marks the ancestors of each sentence, so
    reordering beams copies no keys or values. The full room is allocated at the start: OpenVINO 2026.4
    computes wrong results where the cache grows beyond fifteen tokens.

    Attributes:
        keys_values: (L, 2, B, heads, N, W / heads), text layers first; step t owns columns t * R to
            (t + 1) * R.
        visible: (B, R, N), which of the N tokens each sentence attends to.
        position: how many tokens each sentence has.
    """

    def __init__(self, config: NetworkConfig, photos: int, sentences: int) -> None:
        room, layers = sentences * (config.max_length + 1), config.text_layers + config.caption_layers
        self.keys_values = torch.zeros(layers, 2, photos, config.heads, room, config.width // config.heads)
        self.visible = torch.zeros(photos, sentences, room, dtype=torch.bool)
        self.position = 0

    def append(self, keys_values: Tensor) -> None:
        """Store the keys and values (L, 2, B, heads, R, W / heads) of the next token of each sentence."""
        count = keys_values.shape[-2]
        new = slice(self.position * count, (self.position + 1) * count)
        self.keys_values[..., new, :] = keys_values
        self.visible[..., new] = torch.eye(count, dtype=torch.bool)
        self.position += 1

    def reorder(self, parents: Tensor) -> None:
        """Let each sentence continue sentence `parents` (B, R) about the same photo."""
        self.visible = self.visible.gather(1, parents.unsqueeze(-1).expand_as(self.visible))
