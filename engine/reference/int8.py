"""Int8 post-training quantization in torch (Jacob et al. 2018, arXiv 1712.05877): ranges, and their effect.

Processors with int8 dot products (VNNI, AMX) multiply four times as many int8 values as float32 values, and a
decoding step mostly waits for weights from memory, of which int8 needs a quarter. Weights are quantized
symmetrically, a scale per output row. Activations are quantized within the range they had on training photos,
observed once and stored with the network (`engine.training.int8_calibration`). Their mean is stored as well,
and corrects biases (`engine.runtime.weights`). `engine.runtime` computes so; here the rounding is simulated,
to hold the runtime to it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from engine.reference.kv_cache import DecoderContext
from engine.reference.network import Network
from engine.runtime.weights import (
    UINT8_MAX,
    ActivationMeans,
    ActivationRange,
    ActivationRanges,
    bias_shift,
    quantize_rows,
    quantized_range,
)


class FixedHeadNetwork(Network):
    """A network whose output table is a constant linear layer, which can be quantized as any other.

    It shares no weights with the network it is made of, and needs no output table.
    """

    def __init__(self, network: Network) -> None:
        super().__init__(network.config, with_encoder=False)
        self.encoder, self.recognizer = deepcopy(network.encoder), deepcopy(network.recognizer)
        self.load_state_dict(network.state_dict())
        self.lm_head = nn.Linear(self.config.width, self.config.caption_vocab_size)
        self.lm_head.weight = nn.Parameter(network.word_embedding.output_table().detach().clone())
        self.lm_head.bias = nn.Parameter(network.lm_bias.detach().clone())
        self.requires_grad_(requires_grad=False).eval()

    def _lm_head(self, states: Tensor, context: DecoderContext) -> Tensor:
        return self.lm_head(self.norm(states))


@dataclass
class ObservedActivations:
    """What was observed of the inputs of layers, by the layer's name.

    Attributes:
        ranges: least and greatest value.
        sums: (inputs,), over all photos and positions.
        counts: how many of them.
    """

    ranges: dict[str, ActivationRange] = field(default_factory=dict)
    sums: dict[str, Tensor] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)

    def add(self, name: str, given: Tensor, channel: int) -> None:
        """Add an input of a layer, whose channels are this dimension."""
        low, high = self.ranges.get(name, (0.0, 0.0))
        self.ranges[name] = (min(low, float(given.min())), max(high, float(given.max())))
        by_channel = given.transpose(0, channel).flatten(1)
        self.sums[name] = self.sums.get(name, torch.zeros(len(by_channel))) + by_channel.sum(1)
        self.counts[name] = self.counts.get(name, 0) + by_channel.shape[1]

    @property
    def means(self) -> dict[str, np.ndarray]:
        """The mean of each channel (inputs,), by the layer's name."""
        return {name: (total / self.counts[name]).numpy() for name, total in self.sums.items()}


@contextmanager
def observe_activations(
    network: nn.Module, prefixes: tuple[str, ...] = ("",)
) -> Iterator[ObservedActivations]:
    """Observe, while the block runs, the inputs of each linear and convolution layer.

    Args:
        network: whose layers are observed.
        prefixes: only layers whose names begin with one of these.

    Yields:
        What was observed, filled as the network runs.
    """
    observed = ObservedActivations()

    def observe(name: str, layer: nn.Module, given: tuple[Tensor]) -> None:
        observed.add(name, given[0], 1 if isinstance(layer, nn.Conv2d) else given[0].dim() - 1)

    hooks = [
        layer.register_forward_pre_hook(partial(observe, name))
        for name, layer in network.named_modules()
        if isinstance(layer, nn.Linear | nn.Conv2d) and name.startswith(prefixes)
    ]
    try:
        yield observed
    finally:
        for hook in hooks:
            hook.remove()


def quantized(
    network: Network, ranges: ActivationRanges, means: ActivationMeans | None = None
) -> FixedHeadNetwork:
    """Return a copy of a network that rounds the inputs and weights of the named layers as int8 does.

    Args:
        network: exact.
        ranges: of the layers' inputs.
        means: of the same; their biases are corrected.

    Raises:
        ValueError: the network has no such layer.
    """
    fixed = FixedHeadNetwork(network)
    layers = dict(fixed.named_modules())
    for name, activations in ranges.items():
        layer = layers.get(name)
        if not isinstance(layer, nn.Linear | nn.Conv2d):
            raise ValueError(f"no layer {name} to quantize")
        weight = layer.weight.numpy().copy()
        rows = quantize_rows(weight)
        layer.weight.copy_(torch.from_numpy(rows.values * rows.scales))
        if means is not None and name in means and layer.bias is not None:
            layer.bias.add_(torch.from_numpy(bias_shift(weight, means[name])))
        layer.register_forward_pre_hook(partial(_round_input, *quantized_range(activations)))
    return fixed


def _round_input(low: float, high: float, _: nn.Module, given: tuple[Any, ...]) -> tuple[Tensor]:
    scale = (high - low) / UINT8_MAX
    return (torch.fake_quantize_per_tensor_affine(given[0], scale, round(-low / scale), 0, UINT8_MAX),)
