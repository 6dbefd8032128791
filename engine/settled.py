"""A network that learns no more, compiled for the processor (`engine.compiled`): the same answers, sooner."""

from __future__ import annotations

from functools import partial

import torch
from torch import Tensor
from torch.nn import functional as F

from engine.compiled import FREE, Compiled
from engine.layers import ImageFeatures
from engine.network import Look, Network, TextFeatures
from engine.vocabulary import PAD

# Sentences and their words come in multiples of it: what is made for each size is kept.
STEP = 4
CHANNELS = 3
EXACT = torch.float32


class Settled(Network):
    """A network as it ships.

    Vectors of texts and scores of a caption's words keep single precision: beams are often as near to each
    other as bfloat16 rounds. What comes from a whole photo, and how likely fifty photos make a caption, is
    computed in the precision given.
    """

    def __init__(self, network: Network, precision: torch.dtype = EXACT) -> None:
        """Take a trained network with its image encoder, which stays as it is."""
        super().__init__(network.config)
        self.load_state_dict(network.state_dict())
        self.requires_grad_(requires_grad=False).eval()
        self._table = self.words.table()  # all answers share it
        self._ways = self._compiled(precision)

    def see(self, pixels: Tensor) -> Tensor:
        """See `Network.see`."""
        return self._ways["encode_image"](pixels)[0]

    def encode_image(self, pixels: Tensor) -> ImageFeatures:
        """See `Network.encode_image`."""
        return ImageFeatures(*self._ways["encode_image"](pixels)[1:])

    def encode_text(self, numbers: Tensor) -> TextFeatures:
        """See `Network.encode_text`."""
        count, words = numbers.shape
        longer, more = self._room(words, len(self.position)), self._room(count, count + STEP)
        states, joint = self._ways["encode_text"](F.pad(numbers, (0, longer, 0, more), value=PAD))
        return TextFeatures(states[:count, :words], joint[:count])

    def look(self, grid: Tensor) -> Look:
        """See `Network.look`."""
        return Look(self._ways["look"](grid)[0], self._table)

    def caption_logits(self, states: Tensor, look: Look) -> Tensor:
        """See `Network.caption_logits`."""
        words = states.shape[1]
        states = F.pad(states, (0, 0, 0, self._room(words, len(self.position))))
        return self._ways["caption_logits"](states, look.seen)[0][:, :words]

    def next_word(
        self, numbers: Tensor, parents: Tensor, place: Tensor, memory: Tensor, look: Look
    ) -> tuple[Tensor, Tensor]:
        """See `Network.next_word`."""
        words, memory = self._ways["next_word"](numbers, parents, place, memory, look.seen)
        return words, memory

    def _room(self, size: int, most: int) -> int:
        return min(-size % STEP, most - size)

    def _compiled(self, precision: torch.dtype) -> dict[str, Compiled]:
        """What is compiled of it, by the names of its methods."""
        config, side, double = self.config, self.config.image_side, 2 * self.config.width
        number, real = torch.int64, torch.float32
        seen = ((len(self.caption_layers), FREE, config.places, double), real)
        memory = ((len(self.blank(0)), FREE, config.length + 1, double), real)

        def encode_image(pixels: Tensor) -> tuple[Tensor, ...]:
            features = Network.see(self, pixels)
            return features, *self.image(features)

        def look(grid: Tensor) -> tuple[Tensor]:
            return (Network.look(self, grid).seen,)

        def caption_logits(states: Tensor, seen: Tensor) -> tuple[Tensor]:
            return (Network.caption_logits(self, states, Look(seen, self._table)),)

        def next_word(
            numbers: Tensor, parents: Tensor, place: Tensor, memory: Tensor, seen: Tensor
        ) -> tuple[Tensor, Tensor]:
            return Network.next_word(self, numbers, parents, place, memory, Look(seen, self._table))

        return {
            "encode_image": Compiled(encode_image, [((FREE, CHANNELS, side, side), real)], precision),
            "encode_text": Compiled(partial(Network.encode_text, self), [((FREE, FREE), number)], EXACT),
            "look": Compiled(look, [((FREE, config.places, config.width), real)], precision),
            "caption_logits": Compiled(caption_logits, [((FREE, FREE, config.width), real), seen], precision),
            "next_word": Compiled(
                next_word, [((FREE,), number), ((FREE,), number), ((), number), memory, seen], EXACT
            ),
        }
