"""A network that learns no more, compiled for the processor (`engine.model.openvino_backend`): the same answers, sooner."""

from __future__ import annotations

from functools import partial

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from engine.model.int8 import Ranges, quantize
from engine.model.layers import ImageFeatures
from engine.model.network import Look, Network, TextFeatures
from engine.model.openvino_backend import FREE, Compiled, Function, Shape
from engine.model.vocabulary import PAD

# Sentences and their words come in multiples of it: what is made for each size is kept.
STEP = 4
CHANNELS = 3
EXACT = torch.float32
SIZES = 3  # of a step, that are compiled each: for one caption of a photo, for three, and for one more
SINGLE = ("encode_text", "step")  # in single precision, where not in bytes


class Settled(Network):
    """A network as it ships.

    Vectors of texts keep single precision. Where ranges are given, the encoder and the layers that read and
    caption are rounded to bytes. What is not, keeps single precision in a caption's words, for beams are
    often as near to each other as bfloat16 rounds, and has the precision given elsewhere.
    """

    def __init__(
        self, network: Network, precision: torch.dtype = EXACT, ranges: Ranges | None = None
    ) -> None:
        """Take a trained network with its image encoder, which stays as it is.

        Args:
            network: itself.
            precision: of what need not be exact.
            ranges: of what is rounded to bytes besides.
        """
        super().__init__(network.config)
        self.load_state_dict(network.state_dict())
        self.requires_grad_(requires_grad=False).eval()
        self._table = self.words.table()  # all answers share it
        self._ways = self._compiled(precision, ranges or {})

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

    def step(
        self, numbers: Tensor, place: Tensor, past: Tensor, heard: Tensor, look: Look
    ) -> tuple[Tensor, Tensor]:
        """See `Network.step`."""
        words, keys_values = self._ways["step"](numbers, place, past, heard, look.seen)
        return words, keys_values

    def _room(self, size: int, most: int) -> int:
        return min(-size % STEP, most - size)

    def _compiled(self, precision: torch.dtype, ranges: Ranges) -> dict[str, Compiled]:
        """What is compiled of it, by the names of its methods."""
        config, side, number, real = self.config, self.config.image_side, torch.int64, torch.float32
        layers, head = len(self.caption_layers), config.width // config.heads
        seen = ((layers, 2, FREE, config.heads, config.places, head), real)
        past = ((len(self.text_layers) + layers, 2, FREE, config.heads, FREE, head), real)
        inputs: dict[str, list[tuple[Shape, torch.dtype]]] = {
            "encode_image": [((FREE, CHANNELS, side, side), real)],
            "encode_text": [((FREE, FREE), number)],
            "look": [((FREE, config.places, config.width), real)],
            "caption_logits": [((FREE, FREE, config.width), real), seen],
            "step": [((FREE, FREE), number), ((), number), past, ((FREE, FREE, FREE), torch.bool), seen],
        }
        plain = rounded = _ways(self, self._table)
        if ranges:
            fixed = Fixed(self)
            quantize(fixed, ranges)
            rounded = _ways(fixed, self._table) | {"encode_text": plain["encode_text"]}
        return {
            name: Compiled(
                plain[name],
                given,
                EXACT if name in SINGLE else precision,
                rounded=rounded[name],
                sizes=SIZES if name == "step" else 0,
            )
            for name, given in inputs.items()
        }


class Fixed(Network):
    """A network whose table of spoken words stands still: a layer as others, which can be rounded.

    It shares its weights with the one that it is made of.
    """

    def __init__(self, network: Network) -> None:
        super().__init__(network.config)
        self.load_state_dict(network.state_dict(), assign=True)
        self.speak = nn.Linear(self.config.width, self.config.spoken)
        self.speak.weight, self.speak.bias = nn.Parameter(network.words.table()), self.bias
        self.requires_grad_(requires_grad=False).eval()

    def _speak(self, states: Tensor, look: Look) -> Tensor:
        return self.speak(self.norm(states))


def _ways(network: Network, table: Tensor) -> dict[str, Function]:
    """Methods of a network as functions of tensors alone."""

    def encode_image(pixels: Tensor) -> tuple[Tensor, ...]:
        features = Network.see(network, pixels)
        return features, *network.image(features)

    def look(grid: Tensor) -> tuple[Tensor]:
        return (Network.look(network, grid).seen,)

    def caption_logits(states: Tensor, seen: Tensor) -> tuple[Tensor]:
        return (Network.caption_logits(network, states, Look(seen, table)),)

    def step(
        numbers: Tensor, place: Tensor, past: Tensor, heard: Tensor, seen: Tensor
    ) -> tuple[Tensor, Tensor]:
        return Network.step(network, numbers, place, past, heard, Look(seen, table))

    return {
        "encode_image": encode_image,
        "encode_text": partial(Network.encode_text, network),
        "look": look,
        "caption_logits": caption_logits,
        "step": step,
    }
