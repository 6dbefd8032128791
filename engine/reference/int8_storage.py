"""Weights stored as int8: each row of a matrix or convolution with its own scale, everything else in float16.

These are the values that int8 inference computes with, at half the size (`engine.runtime.weights`).
"""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor

from engine.runtime.weights import INT8_MAX, MIN_SCALE, SCALE


def pack(weights: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Return weights as they are stored: int8 with float32 scales where they have rows, else float16."""
    packed: dict[str, Tensor] = {}
    for name, weight in weights.items():
        if weight.dim() < 2:
            packed[name] = weight.half().contiguous()
            continue
        scale = (weight.abs().flatten(1).amax(1) / INT8_MAX).clamp(min=MIN_SCALE)
        rows = weight / scale.view(-1, *[1] * (weight.dim() - 1))
        packed[name], packed[name + SCALE] = rows.round().to(torch.int8).contiguous(), scale
    return packed
