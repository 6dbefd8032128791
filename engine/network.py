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

from engine.compiled import FREE, Compiled, CompiledEncoder
from engine.layers import Block, ImageFeatures, ImageHead, NetworkConfig, WordEmbedding
from engine.packing import pack
from engine.vision import create_encoder
from engine.vocabulary import END, PAD

STEP = 4  # sentences of a settled network, and their words, come in multiples of it


class TextFeatures(NamedTuple):
    """Attributes: states (B, T, W), one a word, each blind to later words; joint (B, J), length 1."""

    states: Tensor
    joint: Tensor


class Look(NamedTuple):
    """Attributes: seen (L, B, P, 2 W), photos as each layer attends to them; table (V, W), spoken words."""

    seen: Tensor
    table: Tensor

    def repeat(self, times: int) -> Look:
        """Each photo so many times in a row, for as many sentences about it."""
        return Look(self.seen.repeat_interleave(times, 1), self.table)


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
        self.table: Tensor | None = None  # of spoken words, once they are settled
        self.speak: nn.Linear | None = None
        self._next: Compiled | None = None

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
        count, words = numbers.shape
        longer, more = self._room(words, self.config.length + 2), self._room(count, count + STEP)
        numbers = F.pad(numbers, (0, longer, 0, more), value=PAD)
        embedded = self.words(numbers)
        x = self.dropout(embedded + self.position[: numbers.shape[1]])
        for block in self.text_layers:
            x = block(x)
        return TextFeatures(x[:count, :words], self._pool(x, embedded, numbers)[:count])

    def _room(self, size: int, most: int) -> int:
        """How much is added to a size, so that a settled network meets few: oneDNN compiles its operators
        for each anew, and keeps them.
        """
        return 0 if self.table is None else min(-size % STEP, most - size)

    def _pool(self, states: Tensor, embedded: Tensor, numbers: Tensor) -> Tensor:
        """Joint vector of a text: its last state, the mean of its states and its bag of words."""
        content = (numbers >= END).unsqueeze(-1)  # neither padding nor start
        count = content.sum(1).clamp(min=1)
        last = (numbers != PAD).sum(1) - 1
        final = states[torch.arange(len(states)), last]
        mean = (states * content).sum(1) / count
        bag = (embedded * content).sum(1) / count
        return F.normalize(self.text_joint(torch.cat((final, mean), -1)) + self.bag_joint(bag), dim=-1)

    def look(self, grid: Tensor) -> Look:
        """Prepare what a caption of these grids (B, P, W) needs at every word."""
        layers = cast(Iterable[Block], self.caption_layers)
        table = self.words.table() if self.table is None else self.table
        return Look(torch.stack([block.look.remember(grid) for block in layers if block.look]), table)

    def settle(self, precision: torch.dtype = torch.float32) -> None:
        """Learn no more: what all answers share is computed once, the encoder is compiled
        (`engine.compiled`), weights are packed (`engine.packing`).

        Scores of words keep single precision: beams are often as near to each other as bfloat16 rounds.
        """
        self.requires_grad_(requires_grad=False).eval()
        self.table = self.words.table()
        self.speak = nn.Linear(*self.table.T.shape)
        self.speak.weight, self.speak.bias = nn.Parameter(self.table, requires_grad=False), self.bias
        if self.encoder is not None:
            self.encoder = CompiledEncoder(self.encoder, self.config.image_side, precision)
        pack(self, precision, exact=(self.speak,))
        self._next = self._compile_next()

    def caption_logits(self, states: Tensor, look: Look, *, last: bool = False) -> Tensor:
        """Scores of the next word after each state (B, T, W), or after the last one: (B, T or 1, V)."""
        words = states.shape[1]
        states = F.pad(states, (0, 0, 0, self._room(words, self.config.length + 2)))
        for block, seen in zip(self.caption_layers, look.seen, strict=True):
            states = block(states, seen)
        return self._speak(states[:, words - 1 : words] if last else states, look)[:, :words]

    def _speak(self, states: Tensor, look: Look) -> Tensor:
        x = self.norm(states)
        return F.linear(x, look.table, self.bias) if self.speak is None else self.speak(x)

    def blank(self, rows: int) -> Tensor:
        """The memory of so many sentences before their first word, with room for all: (L, R, T, 2 W)."""
        layers = len(self.text_layers) + len(self.caption_layers)
        return torch.zeros(layers, rows, self.config.length + 1, 2 * self.config.width)

    def next_word(
        self, numbers: Tensor, parents: Tensor, place: int, memory: Tensor, look: Look
    ) -> tuple[Tensor, Tensor]:
        """Read one more word of each sentence.

        Args:
            numbers: (R,), the words.
            parents: (R,), the rows of the memory that hold the sentences they go on from.
            place: how many words came before.
            memory: (L, R, T, 2 W), keys and values of these, text layers first; see `blank`. Its size is
                the same from the first word to the last: OpenVINO errs where it grows beyond fifteen.
            look: at B photos, each with R / B sentences in a row.

        Returns:
            Log probabilities (R, V) of the word after, and the memory with these words in their place.
        """
        where = torch.tensor(place)
        if self._next is not None and torch.is_inference_mode_enabled():
            words, memory = self._next(numbers, parents, where, memory, look.seen)
            return words, memory
        return self._next_word(numbers, parents, where, memory, look)

    def _next_word(
        self, numbers: Tensor, parents: Tensor, place: Tensor, memory: Tensor, look: Look
    ) -> tuple[Tensor, Tensor]:
        x = (look.table[numbers] + self.position[place]).unsqueeze(1)
        past, texts, kept = memory.index_select(1, parents), len(self.text_layers), []
        for layer, block in enumerate(cast(Iterable[Block], self.text_layers)):
            x, words = block.step(x, place, past[layer])
            kept.append(words)
        for layer, block in enumerate(cast(Iterable[Block], self.caption_layers)):
            x, words = block.step(x, place, past[texts + layer], look.seen[layer])
            kept.append(words)
        return self._speak(x[:, 0], look).log_softmax(-1), torch.stack(kept)

    def _compile_next(self) -> Compiled:
        free, layers, double = FREE, len(self.text_layers) + len(self.caption_layers), 2 * self.config.width
        shapes = [
            (free,),
            (free,),
            (),
            (layers, free, self.config.length + 1, double),
            (len(self.caption_layers), free, self.config.places, double),
        ]
        types = [torch.int64, torch.int64, torch.int64, torch.float32, torch.float32]
        return Compiled(_NextWord(self), list(zip(shapes, types, strict=True)), torch.float32)


class _NextWord(nn.Module):
    """What is compiled of a network to write captions."""

    def __init__(self, network: Network) -> None:
        super().__init__()
        self.network = network

    def forward(
        self, numbers: Tensor, parents: Tensor, place: Tensor, memory: Tensor, seen: Tensor
    ) -> tuple[Tensor, Tensor]:
        look = Look(seen, cast(Tensor, self.network.table))
        return self.network._next_word(numbers, parents, place, memory, look)
