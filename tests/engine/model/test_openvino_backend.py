"""A compiled function gives what the plain one gives."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable

import pytest
import torch
from torch import Tensor, nn

from engine.model.image_encoder import create_encoder
from engine.model.openvino_backend import DYNAMIC, OpenVINOFunction, Shapes, fast_precision

SIDE = 64


@pytest.fixture(scope="module")
def encoder() -> nn.Module:
    torch.manual_seed(0)
    return create_encoder("tf_efficientnet_lite0").requires_grad_(requires_grad=False)


@pytest.fixture(scope="module")
def compiled(encoder: nn.Module) -> OpenVINOFunction:
    return made(encoder)


def made(encoder: nn.Module, precision: torch.dtype = torch.float32) -> OpenVINOFunction:
    def features(pixels: Tensor) -> tuple[Tensor]:
        return (encoder.forward_features(pixels),)

    return OpenVINOFunction(features, [((DYNAMIC, 3, SIDE, SIDE), torch.float32)], precision)


def watched(compile_: Callable[[Shapes], object], met: list[Shapes]) -> Callable[[Shapes], object]:
    """Compile, and note for what sizes."""

    def noting(sizes: Shapes) -> object:
        met.append(sizes)
        return compile_(sizes)

    return noting


def photos(count: int) -> Tensor:
    torch.manual_seed(count)
    return torch.rand(count, 3, SIDE, SIDE) * 2 - 1


@torch.inference_mode()
@pytest.mark.parametrize("count", [1, 3, 1])
def test_a_compiled_encoder_sees_what_the_plain_one_sees(
    encoder: nn.Module, compiled: OpenVINOFunction, count: int
) -> None:
    (seen,) = compiled(photos(count))
    torch.testing.assert_close(seen, encoder.forward_features(photos(count)), rtol=1e-4, atol=1e-5)


@torch.inference_mode()
def test_what_was_seen_stays_when_the_next_photo_comes(compiled: OpenVINOFunction) -> None:
    (first,) = compiled(photos(1))
    before = first.clone()
    compiled(photos(2)[:1])
    assert torch.equal(first, before)


@torch.inference_mode()
@pytest.mark.skipif(fast_precision() is torch.float32, reason="this processor has no fast bfloat16")
def test_half_as_precise_it_sees_nearly_the_same(encoder: nn.Module, compiled: OpenVINOFunction) -> None:
    half = made(encoder, torch.bfloat16)
    exact, near = (one(photos(1))[0] for one in (compiled, half))
    assert near.dtype is torch.float32
    assert not torch.equal(exact, near)
    assert torch.cosine_similarity(exact.flatten(), near.flatten(), dim=0) > 0.99


@torch.inference_mode()
def test_it_is_compiled_alike_whatever_its_first_caller_is_about(
    encoder: nn.Module, compiled: OpenVINOFunction
) -> None:
    other = made(encoder)
    with torch.autocast("cpu", torch.bfloat16):
        (seen,) = other(photos(1))
    torch.testing.assert_close(seen, compiled(photos(1))[0])


@torch.inference_mode()
def test_the_first_sizes_that_come_are_compiled_each_and_all_later_ones_share_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    doubled = OpenVINOFunction(
        lambda x: (x + x,), [((DYNAMIC,), torch.float32)], torch.float32, static_shapes=2
    )
    met: list[Shapes] = []
    monkeypatch.setattr(doubled, "_compile", watched(doubled._compile, met))
    for size in (3, 1, 4, 3, 5, 4):
        (found,) = doubled(torch.arange(size).float())
        assert found.tolist() == [2.0 * n for n in range(size)]
    assert met == [((3,),), ((1,),), ((DYNAMIC,),)]


def test_gradients_pass_through_the_plain_function(compiled: OpenVINOFunction) -> None:
    pixels = photos(1).requires_grad_()
    compiled(pixels)[0].sum().backward()
    assert pixels.grad is not None and pixels.grad.abs().sum() > 0


def test_nobody_is_told_that_openvino_is_used() -> None:
    """Its makers' package that tells them is kept out, though it is installed beside it."""
    code = (
        "import sys, torch\n"
        "from engine.model.openvino_backend import OpenVINOFunction\n"
        "with torch.inference_mode():\n"
        "    OpenVINOFunction(lambda x: (x.exp(),), [((2,), torch.float32)], torch.float32)(torch.zeros(2))\n"
        "print('openvino' in sys.modules, [n for n in sys.modules if n.startswith('openvino_telemetry.')])"
    )
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert told.stdout.split("\n")[0] == "True []"
