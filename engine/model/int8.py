"""Post-training int8 quantization of the layers that matter for speed (Jacob et al. 2018, arXiv 1712.05877).

Processors with int8 dot products (VNNI, AMX) multiply four times as many int8 values as float32 values, and a
decoding step mostly waits for weights from memory, of which int8 needs a quarter. Weights are quantized
symmetrically, a scale per output row. Activations are quantized within the range they had on training photos,
observed once and stored with the network (`engine.training.int8_calibration`). This module inserts fake
quantization; `engine.model.openvino_backend` turns it into int8 arithmetic.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.utils import parametrize

ActivationRange = tuple[float, float]  # least and greatest value
ActivationRanges = Mapping[str, ActivationRange]  # of each layer's input, by the layer's name

UINT8_MAX = 255  # activations are unsigned
INT8_MAX = 127  # weights are signed and symmetric
INT8_FEATURES = ("avx512_vnni", "avx_vnni", "amx_int8")


def has_int8_dot_product() -> bool:
    """Return whether this processor has instructions that make int8 faster than floating point."""
    can = torch.cpu.get_capabilities()
    return any(can.get(name) for name in INT8_FEATURES)


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


def quantize(network: nn.Module, ranges: ActivationRanges) -> None:
    """Insert fake quantization of inputs and weights into the named layers, in place.

    Raises:
        ValueError: the network has no such layer.
    """
    layers = dict(network.named_modules())
    for name, (low, high) in ranges.items():
        layer = layers.get(name)
        if not isinstance(layer, nn.Linear | nn.Conv2d):
            raise ValueError(f"no layer {name} to quantize")
        layer.register_forward_pre_hook(partial(_quantize_input, *_scale_and_zero_point(low, high)))
        parametrize.register_parametrization(layer, "weight", _PerRowInt8(layer.weight))


def _scale_and_zero_point(low: float, high: float) -> tuple[float, int]:
    """Return the scale that fits a range into uint8, and the integer that stands for 0."""
    low, high = min(low, 0.0), max(high, 1e-6)
    zero_point = round(-low / (high - low) * UINT8_MAX)
    return max(high / max(1, UINT8_MAX - zero_point), -low / max(1, zero_point)), zero_point


def _quantize_input(scale: float, zero_point: int, _: nn.Module, given: tuple[Any, ...]) -> tuple[Tensor]:
    return (torch.fake_quantize_per_tensor_affine(given[0], scale, zero_point, 0, UINT8_MAX),)


class _PerRowInt8(nn.Module):
    """Fake-quantize a weight (rows, ...), each row with its own scale."""

    def __init__(self, weight: Tensor) -> None:
        super().__init__()
        self._scales = (weight.detach().abs().flatten(1).amax(1) / INT8_MAX).clamp(min=1e-12)
        self._zero_points = torch.zeros(len(weight), dtype=torch.int32)

    def forward(self, weight: Tensor) -> Tensor:
        return torch.fake_quantize_per_channel_affine(
            weight, self._scales, self._zero_points, 0, -INT8_MAX, INT8_MAX
        )
