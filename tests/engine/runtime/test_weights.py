"""Weights as they are stored, and the integers that stand for them."""

from __future__ import annotations

import numpy as np
import pytest

from engine.runtime.weights import (
    INT8_MAX,
    SCALE,
    UINT8_MAX,
    Weights,
    bias_shift,
    quantize_rows,
    quantized_range,
)


def test_rows_are_rounded_to_the_nearest_of_255_levels() -> None:
    weight = np.random.default_rng(1).normal(size=(5, 3, 2, 2)).astype(np.float32)
    weight *= np.array([0.01, 1, 10, 100, 1000], np.float32).reshape(-1, 1, 1, 1)
    rows = quantize_rows(weight)
    assert rows.values.dtype == np.int8
    assert (np.abs(rows.values).reshape(5, -1).max(axis=1) == INT8_MAX).all()
    assert (np.abs(rows.values * rows.scales - weight) <= rows.scales / 2 * 1.001).all()


def test_a_row_of_zeros_stays_zero() -> None:
    rows = quantize_rows(np.zeros((2, 3), np.float32))
    assert np.isfinite(rows.scales).all()
    assert not rows.values.any()


@pytest.mark.parametrize("inputs", [6, 1], ids=["all inputs a row", "one input a row"])
def test_a_bias_shift_is_what_rounded_rows_lack_of_a_constant_input(inputs: int) -> None:
    rng = np.random.default_rng(2)
    weight, mean = rng.normal(size=(6, inputs, 3, 3)).astype(np.float32), rng.uniform(1, 6, 6)
    rounded = quantize_rows(weight)
    outputs = [
        (kernels.sum(axis=(2, 3)) * (mean if inputs > 1 else mean[:, None])).sum(axis=1)
        for kernels in (weight, rounded.values * rounded.scales)
    ]
    assert np.abs(outputs[0] - outputs[1]).max() > 0.01
    np.testing.assert_allclose(bias_shift(weight, mean), outputs[0] - outputs[1], rtol=1e-3, atol=1e-4)


def test_weights_stored_as_int8_come_back_in_float32() -> None:
    stored = {"a": np.array([[1, -2], [3, 4]], np.int8), "a" + SCALE: np.array([0.5, 2], np.float32)}
    stored |= {"b": np.array([0.5], np.float16)}
    weights = Weights(stored)
    assert weights["a"].tolist() == [[0.5, -1], [6, 8]]
    assert weights["a"].dtype == weights["b"].dtype == np.float32
    assert "a" in weights and "c" not in weights


@pytest.mark.parametrize(
    "observed", [(0.0, 6.0), (-3.0, 5.0), (-2.0, 0.0), (1.0, 2.0), (-0.001, 7.0), (0.0, 0.0)]
)
def test_zero_is_one_of_the_integers_in_any_range(observed: tuple[float, float]) -> None:
    low, high = quantized_range(observed)
    zero_point = -low / (high - low) * UINT8_MAX
    assert zero_point == pytest.approx(round(zero_point), abs=1e-6)
    assert low <= observed[0] or -observed[0] < (high - low) / UINT8_MAX
    assert observed[1] <= high or observed[1] - high < (high - low) / UINT8_MAX
