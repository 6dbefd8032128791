"""Fine-tuning the later stages of an EfficientNet on a CPU, five times as fast as with plain layers.

The first stages detect edges and textures; they keep their ImageNet weights, and their output is computed
once for every view of a photo (`engine.training.stem_features`). The later stages hold 97 % of the parameters
and a third of the computation.

Three things make their steps fast: 1 x 1 convolutions run as matrix products; the weights of depthwise
convolutions, a hundredth of the parameters, stay frozen, so that only the gradient of their input is needed,
which is again a depthwise convolution; and everything runs in bfloat16.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from engine.model.config import SHARED_STAGES

EfficientNet = Any  # timm's class; its parts have no types
CHUNK_SIZE = 64  # photos whose activations fit the processor's cache


def stem(encoder: EfficientNet, pixels: Tensor) -> Tensor:
    """Run the frozen stages: photos (B, 3, S, S) to features (B, S / 8, S / 8, C)."""
    x = encoder.bn1(encoder.conv_stem(pixels))
    for stage in encoder.blocks[:SHARED_STAGES]:
        x = stage(x)
    return x.permute(0, 2, 3, 1)


def tail(encoder: EfficientNet, x: Tensor) -> Tensor:
    """Run the later stages: stem features (B, H, W, C) to those of `Network.image_features`, (B, P, C)."""
    return torch.cat([_tail(encoder, chunk) for chunk in x.split(CHUNK_SIZE)])


def tuned_parameters(encoder: EfficientNet) -> Iterable[nn.Parameter]:
    """Yield the parameters that `tail` computes gradients for."""
    for block in _tail_blocks(encoder):
        for layer in (block.conv_pw, block.conv_pwl):
            yield from (layer.weight, layer.bias)
    yield from (encoder.conv_head.weight, encoder.conv_head.bias)


def _tail_blocks(encoder: EfficientNet) -> Iterable[Any]:
    return (block for stage in encoder.blocks[SHARED_STAGES:] for block in stage)


def _tail(encoder: EfficientNet, x: Tensor) -> Tensor:
    for block in _tail_blocks(encoder):
        y = block.bn1(_pointwise(block.conv_pw, x))
        y = block.bn2(_depthwise(y.permute(0, 3, 1, 2), block.conv_dw).permute(0, 2, 3, 1))
        y = _pointwise(block.conv_pwl, y)
        x = x + y if block.has_skip else y
    return encoder.bn2(_pointwise(encoder.conv_head, x)).flatten(1, 2)


def _pointwise(convolution: nn.Conv2d, x: Tensor) -> Tensor:
    return F.linear(x, convolution.weight[:, :, 0, 0], convolution.bias)


def _depthwise(x: Tensor, convolution: nn.Conv2d) -> Tensor:
    return _DepthwiseConvolution.apply(x, convolution)  # type: ignore[no-untyped-call]


class _DepthwiseConvolution(torch.autograd.Function):
    """A depthwise convolution with TensorFlow's padding and no gradient for its weights."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, convolution: nn.Conv2d) -> Tensor:  # noqa: ANN401 - torch's own
        bias = convolution.bias
        weight, size, stride = (
            convolution.weight.to(x.dtype),
            convolution.kernel_size[0],
            convolution.stride[0],
        )
        side = x.shape[-1]
        padding = max(0, (-(-side // stride) - 1) * stride + size - side)
        before = padding // 2
        ctx.weight, ctx.stride, ctx.before, ctx.side = weight, stride, before, side
        x = F.pad(x, (before, padding - before, before, padding - before))
        return F.conv2d(x, weight, None if bias is None else bias.to(x.dtype), stride, groups=len(weight))

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor, None]:  # noqa: ANN401
        size = ctx.weight.shape[-1]
        if ctx.stride > 1:  # dilate the gradient: zeros at the positions that the stride skipped
            dilated_shape = (len(grad), grad.shape[1], *(ctx.stride * (n - 1) + 1 for n in grad.shape[2:]))
            dilated = grad.new_zeros(dilated_shape).contiguous(memory_format=torch.channels_last)
            dilated[:, :, :: ctx.stride, :: ctx.stride] = grad
            grad = dilated
        first = size - 1 - ctx.before
        last = ctx.side - (grad.shape[-1] + first - size + 1)
        grad = F.pad(grad, (first, last, first, last))
        return F.conv2d(grad, ctx.weight.flip(2, 3), groups=len(ctx.weight)), None
