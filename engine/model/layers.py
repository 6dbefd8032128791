"""The layers that the network is made of (`engine.model.network`), and what fixes their sizes.

Shapes: B batch, P places of the grid, T words, R sentences that are being written, W width, J joint
width, C width of the encoder, V spoken words.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional as F

KeysValues = Tensor  # (2, B, heads, P, W / heads): the key of each place, and its value


@dataclass(frozen=True, kw_only=True)
class NetworkConfig:
    """Everything that fixes the network's shape; travels with its weights."""

    encoder: str = "tf_efficientnet_lite2"
    image_side: int = 224  # pixels
    encoder_width: int = 1280
    places: int = 49
    width: int = 288
    heads: int = 6
    text_layers: int = 2
    caption_layers: int = 2
    joint_width: int = 256
    general_width: int = 100
    known: int = 20_000  # words understood
    spoken: int = 2_533  # words a caption may hold
    length: int = 24  # words of a sentence; longer ones are cut
    dropout: float = 0.2

    def to_dict(self) -> dict[str, Any]:
        """Give plain values for a manifest."""
        return asdict(self)


class ImageFeatures(NamedTuple):
    """Attributes: grid (B, P, W), what the decoder looks at; joint (B, J), length 1."""

    grid: Tensor
    joint: Tensor


class Attention(nn.Module):
    """Multi-head attention (Vaswani et al. 2017), of words to words or of words to places."""

    def __init__(self, config: NetworkConfig) -> None:
        super().__init__()
        width, self.heads = config.width, config.heads
        self.query = nn.Linear(width, width)
        self.key_value = nn.Linear(width, 2 * width)
        self.out = nn.Linear(width, width)

    def remember(self, context: Tensor) -> KeysValues:
        """Keys and values of what is attended to: (B, P, W)."""
        return self.key_value(context).unflatten(-1, (2, self.heads, -1)).permute(2, 0, 3, 1, 4)

    def forward(
        self, x: Tensor, context: KeysValues, mask: Tensor | None = None, *, causal: bool = False
    ) -> Tensor:
        q = self.query(x).unflatten(-1, (self.heads, -1)).transpose(1, 2)  # (B, heads, T, W / heads)
        k, v = context.unbind()
        mixed = F.scaled_dot_product_attention(q, k, v, mask, is_causal=causal)
        return self.out(mixed.transpose(1, 2).flatten(2))  # (B, T, W)


class Block(nn.Module):
    """One transformer layer, normalised before each part; looks at the grid where `looks`."""

    def __init__(self, config: NetworkConfig, *, looks: bool) -> None:
        super().__init__()
        width = config.width
        self.read = Attention(config)
        self.look = Attention(config) if looks else None
        self.think = nn.Sequential(nn.Linear(width, 4 * width), nn.GELU(), nn.Linear(4 * width, width))
        self.norms = nn.ModuleList(nn.LayerNorm(width) for _ in range(3 if looks else 2))
        self.dropout = nn.Dropout(config.dropout)

    def forward(self, x: Tensor, seen: KeysValues | None = None) -> Tensor:
        """Sentences (B, T, W), each word blind to later ones."""
        y = self.norms[0](x)
        x = x + self.dropout(self.read(y, self.read.remember(y), causal=True))
        return self._reflect(x, seen)

    def step(
        self, x: Tensor, past: KeysValues, heard: Tensor, seen: KeysValues | None = None
    ) -> tuple[Tensor, KeysValues]:
        """Read the next words of R sentences about each of B photos.

        Args:
            x: (B, R, W).
            past: of all N words before.
            heard: (B, R, N + R), which of them, and of the next ones, each sentence hears.
            seen: the photos.

        Returns:
            What comes of x, and the words' own keys and values.
        """
        y = self.norms[0](x)
        words = self.read.remember(y)
        x = x + self.dropout(self.read(y, torch.cat((past, words), -2), heard.unsqueeze(1)))
        return self._reflect(x, seen), words

    def _reflect(self, x: Tensor, seen: KeysValues | None) -> Tensor:
        """Look at the photo, then think."""
        if self.look is not None:
            x = x + self.dropout(self.look(self.norms[1](x), seen))
        return x + self.dropout(self.think(self.norms[-1](x)))


class ImageHead(nn.Module):
    """From the encoder's grid to the two views of a photo."""

    def __init__(self, config: NetworkConfig) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(config.encoder_width)
        self.grid = nn.Linear(config.encoder_width, config.width)
        self.place = nn.Parameter(torch.randn(config.places, config.width) * 0.02)
        self.attend = nn.Linear(config.encoder_width, 2)  # two learned ways to pool the places
        self.joint = nn.Sequential(
            nn.Linear(3 * config.encoder_width, 2 * config.joint_width),
            nn.GELU(),
            nn.Dropout(config.dropout),
            nn.Linear(2 * config.joint_width, config.joint_width),
        )
        self.dropout = nn.Dropout(config.dropout)

    def forward(self, features: Tensor, focus: Tensor | None = None) -> ImageFeatures:
        """Features (B, P, C); focus (B, P), above 0, says how much each place counts for the joint vector."""
        x = self.norm(features)
        return ImageFeatures(self.dropout(self.grid(x) + self.place), self._pool(x, focus))

    def places(self, features: Tensor) -> Tensor:
        """Joint vector of each place on its own: (B, P, J)."""
        x = self.norm(features)
        return self._pool(x.flatten(0, 1).unsqueeze(1), None).unflatten(0, x.shape[:2])

    def _pool(self, x: Tensor, focus: Tensor | None) -> Tensor:
        counts = x.new_ones(x.shape[:2]) if focus is None else focus
        mean = (counts / counts.sum(1, keepdim=True)).unsqueeze(1)  # (B, 1, P)
        attended = (self.attend(x) + counts.log().unsqueeze(-1)).softmax(dim=1).transpose(1, 2)  # (B, 2, P)
        pooled = (torch.cat((mean, attended), dim=1) @ x).flatten(1)
        return F.normalize(self.joint(self.dropout(pooled)), dim=-1)


class WordEmbedding(nn.Module):
    """Word vectors: general knowledge, mapped, plus what the captions add for spoken words."""

    def __init__(self, config: NetworkConfig) -> None:
        super().__init__()
        self.general = nn.Embedding(config.known, config.general_width)
        self.general.requires_grad_(requires_grad=False)  # the map learns, the knowledge stays
        self.map = nn.Linear(config.general_width, config.width)
        self.learned = nn.Embedding(config.spoken, config.width)
        nn.init.normal_(self.learned.weight, std=0.02)
        self.spoken, self.dropout = config.spoken, config.dropout

    def forward(self, numbers: Tensor) -> Tensor:
        mapped = self.map(self.general(numbers))
        is_spoken = (numbers < self.spoken).unsqueeze(-1)
        if self.training:  # now and then the map alone has to do, as it must for words no caption held
            is_spoken = is_spoken & (torch.rand(is_spoken.shape, device=numbers.device) > self.dropout)
        learned = self.learned(numbers.clamp(max=self.spoken - 1))
        return mapped + learned * is_spoken  # (..., W)

    def table(self) -> Tensor:
        """The vectors of all spoken words, as what the decoder says is compared to: (V, W)."""
        return self.map(self.general.weight[: self.spoken]) + self.learned.weight
