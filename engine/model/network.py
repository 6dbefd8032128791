"""One network with many uses: CoCa in small (Yu et al. 2022, arXiv 2205.01917).

    pixels ── image encoder ── grid ──┬── pooled ─────────────── joint vector of the photo
                                      └──────────┐
    words ── embedding ── text layers ─┬─ pooled ─│───────────── joint vector of the text
                                       └── caption layers ────── next word

The embedding is general word vectors, mapped to the network's width, plus what the captions
taught about each spoken word. A word no caption held goes through the map alone, and so finds
its place beside the photos all the same (DeViSE, Frome et al. 2013).

Shapes: B batch, P places of the grid, T words, W width, J joint width, V spoken words.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple, cast

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from engine.model.image_encoder import create_encoder
from engine.model.layers import Block, ImageFeatures, ImageHead, NetworkConfig, WordEmbedding
from engine.model.vocabulary import END, PAD


class TextFeatures(NamedTuple):
    """Attributes: states (B, T, W), one a word, each blind to later words; joint (B, J), length 1."""

    states: Tensor
    joint: Tensor


class Look(NamedTuple):
    """What captions of B photos look at.

    Attributes:
        seen: (L, 2, B, heads, P, W / heads), the photos as each layer attends to them.
        table: (V, W), the spoken words.
    """

    seen: Tensor
    table: Tensor

    def repeat(self, times: int) -> Look:
        """Each photo so many times in a row, for as many sentences about it."""
        return Look(self.seen.repeat_interleave(times, 2), self.table)


class Memory:
    """What was read so far of R sentences about each of B photos.

    Every word is kept once, and each sentence knows which of them it hears: where one goes on from another,
    nothing moves. There is room for all from the first word on: OpenVINO errs where it grows beyond fifteen.

    Attributes:
        words: (L, 2, B, heads, N, W / heads), keys and values, text layers first; R of the N at every place.
        heard: (B, R, N), which of these each sentence hears.
        place: how many words of a sentence were read.
    """

    def __init__(self, config: NetworkConfig, photos: int, sentences: int) -> None:
        room, layers = sentences * (config.length + 1), config.text_layers + config.caption_layers
        self.words = torch.zeros(layers, 2, photos, config.heads, room, config.width // config.heads)
        self.heard = torch.zeros(photos, sentences, room, dtype=torch.bool)
        self.place = 0

    def add(self, words: Tensor) -> None:
        """Keep the keys and values (L, 2, B, heads, R, W / heads) of one more word of each sentence."""
        count = words.shape[-2]
        here = slice(self.place * count, (self.place + 1) * count)
        self.words[..., here, :] = words
        self.heard[..., here] = torch.eye(count, dtype=torch.bool)
        self.place += 1

    def follow(self, parents: Tensor) -> None:
        """Let each sentence go on from another one about its photo: (B, R), which."""
        self.heard = self.heard.gather(1, parents.unsqueeze(-1).expand_as(self.heard))


class Network(nn.Module):
    """The one network. Losses live outside, in training."""

    def __init__(self, config: NetworkConfig, *, with_encoder: bool = True) -> None:
        super().__init__()
        self.config = config
        self.encoder = create_encoder(config.encoder) if with_encoder else None
        self.image = ImageHead(config)
        self.words = WordEmbedding(config)
        self.position = nn.Parameter(torch.randn(config.length + 2, config.width) * 0.02)
        self.dropout = nn.Dropout(config.dropout)
        self.text_layers = nn.ModuleList(Block(config, looks=False) for _ in range(config.text_layers))
        self.caption_layers = nn.ModuleList(Block(config, looks=True) for _ in range(config.caption_layers))
        self.text_joint = nn.Linear(2 * config.width, config.joint_width)
        self.bag_joint = nn.Linear(config.width, config.joint_width)
        self.norm = nn.LayerNorm(config.width)
        self.bias = nn.Parameter(torch.zeros(config.spoken))
        self.scale = nn.Parameter(torch.tensor(20.0).log())  # inverse temperature of the joint space

    def see(self, pixels: Tensor) -> Tensor:
        """Run the image encoder: (B, 3, S, S) to (B, P, C)."""
        if self.encoder is None:
            raise RuntimeError("this network was made without its image encoder")
        features: Tensor = self.encoder.forward_features(pixels)  # type: ignore[operator]
        return features.flatten(2).transpose(1, 2)

    def encode_image(self, pixels: Tensor) -> ImageFeatures:
        """Photos (B, 3, S, S) in [-1, 1] to their grid and joint vector."""
        return self.image(self.see(pixels))

    def encode_text(self, numbers: Tensor) -> TextFeatures:
        """Sentences (B, T) of word numbers, each start ... end, padded, to states and joint vector."""
        embedded = self.words(numbers)
        x = self.dropout(embedded + self.position[: numbers.shape[1]])
        for block in self.text_layers:
            x = block(x)
        return TextFeatures(x, self._pool(x, embedded, numbers))

    def _pool(self, states: Tensor, embedded: Tensor, numbers: Tensor) -> Tensor:
        """Joint vector of a text: its last state, the mean of its states and its bag of words."""
        content = (numbers >= END).unsqueeze(-1)  # neither padding nor start
        count = content.sum(1).clamp(min=1)
        last = ((numbers != PAD).sum(1) - 1).clamp(min=0)
        final = states.gather(1, last.view(-1, 1, 1).expand(-1, 1, states.shape[-1])).squeeze(1)
        mean = (states * content).sum(1) / count
        bag = (embedded * content).sum(1) / count
        return F.normalize(self.text_joint(torch.cat((final, mean), -1)) + self.bag_joint(bag), dim=-1)

    def look(self, grid: Tensor) -> Look:
        """Prepare what a caption of these grids (B, P, W) needs at every word."""
        layers = cast(Iterable[Block], self.caption_layers)
        seen = torch.stack([block.look.remember(grid) for block in layers if block.look])
        return Look(seen, self.words.table())

    def caption_logits(self, states: Tensor, look: Look) -> Tensor:
        """Scores of the next word after each state (B, T, W): (B, T, V)."""
        for layer, block in enumerate(self.caption_layers):
            states = block(states, look.seen[layer])
        return self._speak(states, look)

    def _speak(self, states: Tensor, look: Look) -> Tensor:
        return F.linear(self.norm(states), look.table, self.bias)

    def next_word(self, numbers: Tensor, memory: Memory, look: Look) -> Tensor:
        """Read one more word of each sentence, and keep it in the memory.

        Args:
            numbers: (B, R), the words.
            memory: of what came before.
            look: at B photos.

        Returns:
            Log probabilities (B, R, V) of the word after.
        """
        place = torch.tensor(memory.place)
        words, keys_values = self.step(numbers, place, memory.words, memory.heard, look)
        memory.add(keys_values)
        return words

    def step(
        self, numbers: Tensor, place: Tensor, past: Tensor, heard: Tensor, look: Look
    ) -> tuple[Tensor, Tensor]:
        """What `next_word` computes: log probabilities, and the words' own keys and values.

        Args:
            numbers: (B, R), the words.
            place: (), where in their sentences they stand.
            past: see `Memory.words`.
            heard: see `Memory.heard`.
            look: at B photos.
        """
        own = torch.eye(numbers.shape[1], dtype=torch.bool).expand(numbers.shape[0], -1, -1)
        heard = torch.cat((heard, own), dim=-1)
        x, texts, kept = look.table[numbers] + self.position[place], len(self.text_layers), []
        for layer, block in enumerate(cast(Iterable[Block], self.text_layers)):
            x, words = block.step(x, past[layer], heard)
            kept.append(words)
        for layer, block in enumerate(cast(Iterable[Block], self.caption_layers)):
            x, words = block.step(x, past[texts + layer], heard, look.seen[layer])
            kept.append(words)
        return self._speak(x, look).log_softmax(-1), torch.stack(kept)
