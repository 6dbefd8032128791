"""Weights stored as int8: each row of a matrix or convolution with its own scale, everything else in float16.

These are the values that int8 inference computes with, at half the size (`engine.runtime.weights`).
"""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor

from engine.runtime.weights import SCALE, quantize_rows


def pack(weights: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Return weights as they are stored: int8 with float32 scales where they have rows, else float16."""
    packed: dict[str, Tensor] = {}
    for name, weight in weights.items():
        if weight.dim() < 2:
            packed[name] = weight.half().contiguous()
            continue
        rows = quantize_rows(weight.detach().float().numpy())
        packed[name] = torch.from_numpy(rows.values)
        packed[name + SCALE] = torch.from_numpy(rows.scales.ravel().copy())
    return packed
