"""Weights at a quarter of their size."""

from __future__ import annotations

import torch

from engine.model.int8 import INT8_MAX
from engine.model.int8_storage import pack, unpack


def test_weights_come_back_within_half_a_step_of_their_row() -> None:
    weight = torch.randn(5, 3, 2, 2) * torch.tensor([0.01, 1, 10, 100, 1000]).view(-1, 1, 1, 1)
    restored = unpack(pack({"layer.weight": weight}))["layer.weight"]
    step = weight.abs().flatten(1).amax(1) / INT8_MAX
    assert ((restored - weight).abs().flatten(1).amax(1) <= step / 2 * 1.01).all()


def test_rows_are_stored_as_bytes_and_biases_as_halves() -> None:
    packed = pack({"weight": torch.randn(4, 3), "bias": torch.randn(4)})
    assert packed["weight"].dtype == torch.int8
    assert packed["bias"].dtype == torch.float16
    assert unpack(packed).keys() == {"weight", "bias"}


def test_a_row_of_zeros_stays_zero() -> None:
    assert not unpack(pack({"weight": torch.zeros(2, 3)}))["weight"].any()
