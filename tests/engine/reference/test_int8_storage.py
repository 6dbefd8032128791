"""Weights at a quarter of their size."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from engine.reference.int8_storage import pack
from engine.runtime.weights import INT8_MAX, SCALE, Weights


def restored(weight: Tensor) -> np.ndarray:
    """Return a weight as the runtime reads it from what is stored."""
    return Weights({name: stored.numpy() for name, stored in pack({"weight": weight}).items()})["weight"]


def test_weights_come_back_within_half_a_step_of_their_row() -> None:
    weight = torch.randn(5, 3, 2, 2) * torch.tensor([0.01, 1, 10, 100, 1000]).view(-1, 1, 1, 1)
    step = weight.abs().flatten(1).amax(1) / INT8_MAX
    error = np.abs(restored(weight) - weight.numpy()).reshape(5, -1).max(axis=1)
    assert (error <= step.numpy() / 2 * 1.01).all()


def test_rows_are_stored_as_bytes_and_biases_as_halves() -> None:
    packed = pack({"weight": torch.randn(4, 3), "bias": torch.randn(4)})
    assert packed["weight"].dtype == torch.int8
    assert packed["bias"].dtype == torch.float16
    assert packed.keys() == {"weight", "weight" + SCALE, "bias"}


def test_a_row_of_zeros_stays_zero() -> None:
    assert not restored(torch.zeros(2, 3)).any()
