"""A function compiled by OpenVINO computes what the plain one computes."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from unittest.mock import Mock

import openvino
import pytest
import torch
from torch import Tensor, nn

from engine.model.network import Network
from engine.model.openvino_backend import (
    DYNAMIC,
    PRECISION_HINTS,
    OpenVINOFunction,
    Shapes,
    fast_precision,
)
from tests.processors import HAS_BFLOAT16, Processor, by_precision

SIDE = 64


@pytest.fixture(scope="module")
def encoder(frozen_network: Network) -> nn.Module:
    assert frozen_network.encoder is not None
    return frozen_network.encoder


@pytest.fixture(scope="module")
def compiled(encoder: nn.Module) -> OpenVINOFunction:
    return compile_encoder(encoder)


def compile_encoder(encoder: nn.Module, precision: torch.dtype = torch.float32) -> OpenVINOFunction:
    def features(pixels: Tensor) -> tuple[Tensor]:
        return (encoder.forward_features(pixels),)

    return OpenVINOFunction(features, [((DYNAMIC, 3, SIDE, SIDE), torch.float32)], precision)


def recording(compile_: Callable[[Shapes], object], shapes: list[Shapes]) -> Callable[[Shapes], object]:
    """Wrap a method so that it records the shapes it compiles for."""

    def compile_and_record(wanted: Shapes) -> object:
        shapes.append(wanted)
        return compile_(wanted)

    return compile_and_record


def photos(count: int) -> Tensor:
    torch.manual_seed(count)
    return torch.rand(count, 3, SIDE, SIDE) * 2 - 1


@torch.inference_mode()
@pytest.mark.parametrize("count", [1, 3, 1])
def test_a_compiled_encoder_computes_what_the_plain_one_computes(
    encoder: nn.Module, compiled: OpenVINOFunction, count: int
) -> None:
    (features,) = compiled(photos(count))
    torch.testing.assert_close(features, encoder.forward_features(photos(count)), rtol=1e-4, atol=1e-5)


@torch.inference_mode()
def test_the_next_call_leaves_earlier_results_as_they_are(compiled: OpenVINOFunction) -> None:
    (first,) = compiled(photos(1))
    before = first.clone()
    compiled(photos(2)[:1])
    assert torch.equal(first, before)


@torch.inference_mode()
@by_precision
def test_in_the_fast_precision_it_computes_nearly_the_same(
    processor: Processor, encoder: nn.Module, compiled: OpenVINOFunction
) -> None:
    exact, near = (one(photos(1))[0] for one in (compiled, compile_encoder(encoder, fast_precision())))
    assert near.dtype is torch.float32
    assert torch.cosine_similarity(exact.flatten(), near.flatten(), dim=0) > 0.99
    if HAS_BFLOAT16 and fast_precision() is torch.bfloat16:
        assert not torch.equal(exact, near)


@torch.inference_mode()
@pytest.mark.parametrize("precision", PRECISION_HINTS)
def test_openvino_is_asked_for_the_precision(precision: torch.dtype, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the processor lacks it, OpenVINO may compute in another one: the hint is what can be tested."""
    core = Mock()
    monkeypatch.setattr(openvino, "Core", lambda: core)
    OpenVINOFunction(lambda x: (x + x,), [((2,), torch.float32)], precision)._compile(((2,),))
    (_, _, hints), _ = core.compile_model.call_args
    assert hints["INFERENCE_PRECISION_HINT"] == {torch.float32: "f32", torch.bfloat16: "bf16"}[precision]


@torch.inference_mode()
def test_autocast_of_the_first_caller_changes_nothing(encoder: nn.Module, compiled: OpenVINOFunction) -> None:
    other = compile_encoder(encoder)
    with torch.autocast("cpu", torch.bfloat16):
        (features,) = other(photos(1))
    torch.testing.assert_close(features, compiled(photos(1))[0])


@torch.inference_mode()
def test_the_first_shapes_are_compiled_each_and_all_later_ones_share_a_dynamic_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    doubled = OpenVINOFunction(
        lambda x: (x + x,), [((DYNAMIC,), torch.float32)], torch.float32, static_shapes=2
    )
    shapes: list[Shapes] = []
    monkeypatch.setattr(doubled, "_compile", recording(doubled._compile, shapes))
    for size in (3, 1, 4, 3, 5, 4):
        (result,) = doubled(torch.arange(size).float())
        assert result.tolist() == [2.0 * n for n in range(size)]
    assert shapes == [((3,),), ((1,),), ((DYNAMIC,),)]


def test_gradients_pass_through_the_plain_function(compiled: OpenVINOFunction) -> None:
    pixels = photos(1).requires_grad_()
    compiled(pixels)[0].sum().backward()
    assert pixels.grad is not None and pixels.grad.abs().sum() > 0


def test_openvino_sends_no_telemetry() -> None:
    """The package that would report its use to its makers is installed with it, and never imported."""
    code = (
        "import sys, torch\n"
        "from engine.model.openvino_backend import OpenVINOFunction\n"
        "with torch.inference_mode():\n"
        "    OpenVINOFunction(lambda x: (x.exp(),), [((2,), torch.float32)], torch.float32)(torch.zeros(2))\n"
        "print('openvino' in sys.modules, [n for n in sys.modules if n.startswith('openvino_telemetry.')])"
    )
    process = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert process.stdout.split("\n")[0] == "True []"
