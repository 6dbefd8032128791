"""Products of bytes: what a settled network multiplies, rounded to eight bits.

After Jacob et al. (2018, arXiv 1712.05877). Newer processors multiply four times as many bytes as numbers
of single precision, and a caption waits for its weights more than for anything else: a quarter of them has
to come from memory. Weights are rounded within the range of their row; what meets them within the range
that it had in training, noted once and kept with the network (`engine.training.int8_calibration`). Here the rounding
is only said; `engine.model.openvino_backend` makes bytes of it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.utils import parametrize

Range = tuple[float, float]  # least and most
Ranges = Mapping[str, Range]  # of what each layer is given, by the layer's name

LEVELS = 255  # a byte less one: 0 is one of them
MOST = 127  # of a weight's


def multiplies_bytes() -> bool:
    """Tell whether this processor multiplies bytes faster than anything else."""
    can = torch.cpu.get_capabilities()
    return any(can.get(name) for name in ("avx512_vnni", "avx_vnni", "amx_int8"))


@contextmanager
def noted(network: nn.Module, names: tuple[str, ...] = ("",)) -> Iterator[dict[str, Range]]:
    """Note the range of what each layer is given meanwhile, of those whose names begin so."""
    ranges: dict[str, Range] = {}

    def note(name: str, _: nn.Module, given: tuple[Tensor]) -> None:
        low, high = ranges.get(name, (0.0, 0.0))
        ranges[name] = (min(low, float(given[0].min())), max(high, float(given[0].max())))

    hooks = [
        layer.register_forward_pre_hook(partial(note, name))
        for name, layer in network.named_modules()
        if isinstance(layer, nn.Linear | nn.Conv2d) and name.startswith(names)
    ]
    try:
        yield ranges
    finally:
        for hook in hooks:
            hook.remove()


def quantize(network: nn.Module, ranges: Ranges) -> None:
    """Round, from now on, what these layers of a network multiply.

    Raises:
        ValueError: the network has no such layer.
    """
    layers = dict(network.named_modules())
    for name, (low, high) in ranges.items():
        layer = layers.get(name)
        if not isinstance(layer, nn.Linear | nn.Conv2d):
            raise ValueError(f"no layer {name} to round")
        layer.register_forward_pre_hook(partial(_round, *_steps(low, high)))
        parametrize.register_parametrization(layer, "weight", _RoundedRows(layer.weight))


def _steps(low: float, high: float) -> tuple[float, int]:
    """Size of a step that takes a range into a byte, and the byte that stands for 0."""
    low, high = min(low, 0.0), max(high, 1e-6)
    zero = round(-low / (high - low) * LEVELS)
    return max(high / max(1, LEVELS - zero), -low / max(1, zero)), zero


def _round(step: float, zero: int, _: nn.Module, given: tuple[Any, ...]) -> tuple[Tensor]:
    return (torch.fake_quantize_per_tensor_affine(given[0], step, zero, 0, LEVELS),)


class _RoundedRows(nn.Module):
    """A weight (rows, ...), each row within its own range."""

    def __init__(self, weight: Tensor) -> None:
        super().__init__()
        self._steps = (weight.detach().abs().flatten(1).amax(1) / MOST).clamp(min=1e-12)
        self._zeros = torch.zeros(len(weight), dtype=torch.int32)

    def forward(self, weight: Tensor) -> Tensor:
        return torch.fake_quantize_per_channel_affine(weight, self._steps, self._zeros, 0, -MOST, MOST)
