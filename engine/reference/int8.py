"""Int8 post-training quantization in torch (Jacob et al. 2018, arXiv 1712.05877): ranges, and their effect.

Processors with int8 dot products (VNNI, AMX) multiply four times as many int8 values as float32 values, and a
decoding step mostly waits for weights from memory, of which int8 needs a quarter. Weights are quantized
symmetrically, a scale per output row. Activations are quantized within the range they had on training photos,
observed once and stored with the network (`engine.training.int8_calibration`). `engine.runtime` computes so;
here the rounding is simulated, to hold the runtime to it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from copy import deepcopy
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn

from engine.reference.kv_cache import DecoderContext
from engine.reference.network import Network
from engine.runtime.weights import (
    UINT8_MAX,
    ActivationRange,
    ActivationRanges,
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


@contextmanager
def observe_ranges(
    network: nn.Module, prefixes: tuple[str, ...] = ("",)
) -> Iterator[dict[str, ActivationRange]]:
    """Observe, while the block runs, the input range of each linear and convolution layer.

    Args:
        network: whose layers are observed.
        prefixes: only layers whose names begin with one of these.

    Yields:
        The ranges, filled as the network runs.
    """
    ranges: dict[str, ActivationRange] = {}

    def observe(name: str, _: nn.Module, given: tuple[Tensor]) -> None:
        low, high = ranges.get(name, (0.0, 0.0))
        ranges[name] = (min(low, float(given[0].min())), max(high, float(given[0].max())))

    hooks = [
        layer.register_forward_pre_hook(partial(observe, name))
        for name, layer in network.named_modules()
        if isinstance(layer, nn.Linear | nn.Conv2d) and name.startswith(prefixes)
    ]
    try:
        yield ranges
    finally:
        for hook in hooks:
            hook.remove()


def quantized(network: Network, ranges: ActivationRanges) -> FixedHeadNetwork:
    """Return a copy of a network that rounds the inputs and weights of the named layers as int8 does.

    Raises:
        ValueError: the network has no such layer.
    """
    fixed = FixedHeadNetwork(network)
    layers = dict(fixed.named_modules())
    for name, activations in ranges.items():
        layer = layers.get(name)
        if not isinstance(layer, nn.Linear | nn.Conv2d):
            raise ValueError(f"no layer {name} to quantize")
        rows = quantize_rows(layer.weight.numpy())
        layer.weight.copy_(torch.from_numpy(rows.values * rows.scales))
        layer.register_forward_pre_hook(partial(_round_input, *quantized_range(activations)))
    return fixed


def _round_input(low: float, high: float, _: nn.Module, given: tuple[Any, ...]) -> tuple[Tensor]:
    scale = (high - low) / UINT8_MAX
    return (torch.fake_quantize_per_tensor_affine(given[0], scale, round(-low / scale), 0, UINT8_MAX),)
