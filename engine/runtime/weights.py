"""A network's weights by name, and the int8 form of those that are computed in int8.

Rounded weights are wrong by as much for every photo, and their inputs have means far from 0, so that outputs
are shifted. The shift is known beforehand, and subtracted in the bias (Nagel et al. 2019, arXiv 1906.04721).

Layers are named as in the reference network: "caption_layers.0.cross_attention.query".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

ActivationRange = tuple[float, float]  # least and greatest value
ActivationRanges = Mapping[str, ActivationRange]  # of each layer's input, by the layer's name
ActivationMeans = Mapping[str, np.ndarray]  # (inputs,), of each channel of the same

UINT8_MAX = 255  # activations are unsigned
INT8_MAX = 127  # weights are signed and symmetric
SCALE = ".scale"  # suffix of the scales of a weight that is stored as int8
MIN_SCALE = 1e-12


@dataclass(frozen=True)
class Weights:
    """Weights as they are stored: float16, or int8 with a scale for each row.

    Attributes:
        arrays: by name.
        ranges: activation ranges of the layers that are computed in int8, by the layer's name.
        means: their mean inputs, by which biases are corrected; without them they are left as they are.
    """

    arrays: Mapping[str, np.ndarray]
    ranges: ActivationRanges = field(default_factory=dict)
    means: ActivationMeans = field(default_factory=dict)

    @property
    def parameters(self) -> int:
        """The number of weights, without the scales of int8 and tables of integers."""
        return sum(
            values.size
            for name, values in self.arrays.items()
            if not name.endswith(SCALE) and values.dtype != np.int64
        )

    def __contains__(self, name: str) -> bool:
        return name in self.arrays

    def __getitem__(self, name: str) -> np.ndarray:
        """Return an array in float32."""
        values = self.arrays[name].astype(np.float32)
        scales = self.arrays.get(name + SCALE)
        return values if scales is None else values * _by_row(scales, values)


@dataclass(frozen=True)
class Int8Rows:
    """A weight whose rows are int8, each with its own scale.

    Attributes:
        values: (rows, ...), int8.
        scales: (rows, 1, ...), float32.
    """

    values: np.ndarray
    scales: np.ndarray


def quantize_rows(weight: np.ndarray) -> Int8Rows:
    """Round each row of a float32 weight to int8, symmetrically about 0."""
    greatest = np.abs(weight).reshape(len(weight), -1).max(axis=1)
    scales = _by_row(np.maximum(greatest / INT8_MAX, MIN_SCALE).astype(np.float32), weight)
    return Int8Rows(np.clip(np.rint(weight / scales), -INT8_MAX, INT8_MAX).astype(np.int8), scales)


def bias_shift(weight: np.ndarray, mean: np.ndarray) -> np.ndarray:
    """Return what the outputs (rows,) of a layer lack on average when its weight is rounded to int8.

    Args:
        weight: (rows, inputs, ...), or (rows, 1, ...) if each row has an input of its own.
        mean: (inputs,), of the layer's input.
    """
    rounded = quantize_rows(weight)
    lacks = weight - rounded.values * rounded.scales
    lacks = lacks.reshape(*weight.shape[:2], -1).sum(axis=-1)  # (rows, inputs), of a kernel's positions
    mean = mean.astype(np.float32)
    return np.asarray(lacks[:, 0] * mean if len(mean) != lacks.shape[1] else lacks @ mean)


def quantized_range(activations: ActivationRange) -> ActivationRange:
    """Return what the integers 0 and 255 stand for, so that a range fits and 0 is exact."""
    low, high = min(activations[0], 0.0), max(activations[1], 1e-6)
    zero_point = round(-low / (high - low) * UINT8_MAX)
    scale = max(high / max(1, UINT8_MAX - zero_point), -low / max(1, zero_point))
    return -zero_point * scale, (UINT8_MAX - zero_point) * scale


def _by_row(scales: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """Shape scales (rows,) so that they multiply rows (rows, ...)."""
    return scales.reshape(-1, *[1] * (rows.ndim - 1))
