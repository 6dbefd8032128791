"""The layers of the network (`engine.reference.network`).

Shapes: B photos or sentences, P patches, T tokens, R sentences decoded side by side about each photo,
W width, J joint width, C encoder width, V output vocabulary.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from engine.model.config import NetworkConfig

KeysValues = Tensor  # (2, B, heads, N, W / heads): the keys of N positions, then their values


class ImageFeatures(NamedTuple):
    """A photo as the decoder and the joint space see it.

    Attributes:
        grid: (B, M, W) for cross-attention: a vector per patch, then those of a name memory.
        joint: (B, J), length 1.
        classes: (B, K), probabilities of the recognizer's classes; None without a recognizer.
    """

    grid: Tensor
    joint: Tensor
    classes: Tensor | None = None


class Attention(nn.Module):
    """Multi-head attention (Vaswani et al. 2017, arXiv 1706.03762); keys and values are projected apart."""

    def __init__(self, config: NetworkConfig) -> None:
        super().__init__()
        width, self.heads = config.width, config.heads
        self.query = nn.Linear(width, width)
        self.key_value = nn.Linear(width, 2 * width)
        self.out = nn.Linear(width, width)

    def project_kv(self, context: Tensor) -> KeysValues:
        """Project (B, N, W) to keys and values (2, B, heads, N, W / heads)."""
        return self.key_value(context).unflatten(-1, (2, self.heads, -1)).permute(2, 0, 3, 1, 4)

    def forward(
        self, x: Tensor, keys_values: KeysValues, mask: Tensor | None = None, *, causal: bool = False
    ) -> Tensor:
        """Attend from (B, T, W) to keys and values; `mask` is True where attention is allowed."""
        q = self.query(x).unflatten(-1, (self.heads, -1)).transpose(1, 2)  # (B, heads, T, W / heads)
        k, v = keys_values.unbind()
        mixed = F.scaled_dot_product_attention(q, k, v, mask, is_causal=causal)
        return self.out(mixed.transpose(1, 2).flatten(2))  # (B, T, W)


class Block(nn.Module):
    """A pre-norm transformer block: self-attention, optional cross-attention to the photo, feed-forward."""

    def __init__(self, config: NetworkConfig, *, cross_attention: bool) -> None:
        super().__init__()
        width = config.width
        self.self_attention = Attention(config)
        self.cross_attention = Attention(config) if cross_attention else None
        self.feed_forward = nn.Sequential(nn.Linear(width, 4 * width), nn.GELU(), nn.Linear(4 * width, width))
        self.norms = nn.ModuleList(nn.LayerNorm(width) for _ in range(3 if cross_attention else 2))
        self.dropout = nn.Dropout(config.dropout)

    def forward(self, x: Tensor, image_kv: KeysValues | None = None) -> Tensor:
        """Run whole sentences (B, T, W) under a causal mask.

        Args:
            x: (B, T, W).
            image_kv: (2, B, heads, P, W / heads), keys and values of the photos' patches.
        """
        y = self.norms[0](x)
        x = x + self.dropout(self.self_attention(y, self.self_attention.project_kv(y), causal=True))
        return self._cross_attend_and_feed_forward(x, image_kv)

    def step(
        self, x: Tensor, past: KeysValues, visible: Tensor, image_kv: KeysValues | None = None
    ) -> tuple[Tensor, KeysValues]:
        """Run the next token of R sentences about each of B photos.

        Args:
            x: (B, R, W).
            past: (2, B, heads, N, W / heads), keys and values of all N earlier tokens.
            visible: (B, R, N + R), which earlier and which new tokens each sentence attends to.
            image_kv: (2, B, heads, P, W / heads), of the photos' patches.

        Returns:
            The output (B, R, W), and the new tokens' own keys and values (2, B, heads, R, W / heads).
        """
        y = self.norms[0](x)
        new = self.self_attention.project_kv(y)
        attended = self.self_attention(y, torch.cat((past, new), -2), visible.unsqueeze(1))
        return self._cross_attend_and_feed_forward(x + self.dropout(attended), image_kv), new

    def _cross_attend_and_feed_forward(self, x: Tensor, image_kv: KeysValues | None) -> Tensor:
        if self.cross_attention is not None:
            x = x + self.dropout(self.cross_attention(self.norms[1](x), image_kv))
        return x + self.dropout(self.feed_forward(self.norms[-1](x)))


class ImageHead(nn.Module):
    """Map the encoder's features to the decoder's patch vectors and to the joint vector."""

    def __init__(self, config: NetworkConfig) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(config.encoder_width)
        self.grid_projection = nn.Linear(config.encoder_width, config.width)
        self.position_embedding = nn.Parameter(torch.randn(config.num_patches, config.width) * 0.02)
        self.pooling = nn.Linear(config.encoder_width, 2)  # two learned poolings over the patches
        self.joint_projection = nn.Sequential(
            nn.Linear(3 * config.encoder_width, 2 * config.joint_width),
            nn.GELU(),
            nn.Dropout(config.dropout),
            nn.Linear(2 * config.joint_width, config.joint_width),
        )
        self.dropout = nn.Dropout(config.dropout)

    def forward(self, features: Tensor, focus: Tensor | None = None) -> ImageFeatures:
        """Map encoder features (B, P, C) to grid and joint vector.

        Args:
            features: (B, P, C).
            focus: (B, P), positive weights of the patches in the joint vector; None weighs all alike.
        """
        x = self.norm(features)
        grid = self.dropout(self.grid_projection(x) + self.position_embedding)
        return ImageFeatures(grid, self._pool(x, focus))

    def patch_joints(self, features: Tensor) -> Tensor:
        """Return the joint vector of each patch taken alone: (B, P, C) to (B, P, J)."""
        x = self.norm(features)
        return self._pool(x.flatten(0, 1).unsqueeze(1), None).unflatten(0, x.shape[:2])

    def _pool(self, x: Tensor, focus: Tensor | None) -> Tensor:
        weights = x.new_ones(x.shape[:2]) if focus is None else focus
        mean = (weights / weights.sum(1, keepdim=True)).unsqueeze(1)  # (B, 1, P)
        learned = (self.pooling(x) + weights.log().unsqueeze(-1)).softmax(dim=1).transpose(1, 2)  # (B, 2, P)
        pooled = (torch.cat((mean, learned), dim=1) @ x).flatten(1)
        return F.normalize(self.joint_projection(self.dropout(pooled)), dim=-1)


class WordEmbedding(nn.Module):
    """Frozen pretrained word vectors, projected, plus learned vectors of the output vocabulary.

    Words that sentences without photos taught are written with a vector of their own and read without it:
    what the joint space makes of them stays.
    """

    def __init__(self, config: NetworkConfig) -> None:
        super().__init__()
        self.pretrained = nn.Embedding(config.vocab_size, config.pretrained_width)
        self.pretrained.requires_grad_(requires_grad=False)  # the projection learns, the vectors stay
        self.projection = nn.Linear(config.pretrained_width, config.width)
        self.learned = nn.Embedding(config.output_vocab_size, config.width)
        nn.init.normal_(self.learned.weight, std=0.02)
        unpaired = torch.zeros(config.unpaired_words, config.width)
        self.written = nn.Parameter(unpaired) if config.unpaired_words else None
        self.caption_vocab_size = config.caption_vocab_size
        self.output_vocab_size, self.dropout = config.output_vocab_size, config.dropout

    def forward(self, token_ids: Tensor) -> Tensor:
        """Embed token ids (...) as (..., W)."""
        projected = self.projection(self.pretrained(token_ids))
        in_output = (token_ids < self.output_vocab_size).unsqueeze(-1)
        if self.training:  # the projection also has to serve alone, as it must for words no caption contains
            in_output = in_output & (torch.rand(in_output.shape, device=token_ids.device) > self.dropout)
        learned = self.learned(token_ids.clamp(max=self.output_vocab_size - 1))
        return projected + learned * in_output

    def output_table(self) -> Tensor:
        """Return the vectors of the words of captions (V, W), tied with the language-model head."""
        own = self.learned.weight if self.written is None else torch.cat((self.learned.weight, self.written))
        return self.projection(self.pretrained.weight[: self.caption_vocab_size]) + own
