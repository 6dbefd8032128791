"""Tuning the deeper part of an EfficientNet on a processor, five times as fast as as-is.

The first stages see edges and textures that every photo shares; they stay as ImageNet made them, and
what they give is computed once for every view of a photo (`engine.training.features`). The stages
after them hold 97 % of the parameters and a third of the work.

Three things make their steps fast: convolutions of one pixel are matrix products; depthwise
convolutions, a hundredth of the parameters, stay as they are, so that only the gradient of their input
is needed, which is a depthwise convolution again; and all of it is computed in bfloat16.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

EfficientNet = Any  # timm's own, whose parts have no types
FROZEN = 3  # stages; the next one begins at 28 x 28 places
CHUNK = 64  # photos whose activations fit the processor's cache


def stem(encoder: EfficientNet, pixels: Tensor) -> Tensor:
    """What the frozen stages give: photos (B, 3, S, S) to (B, S / 8, S / 8, channels)."""
    x = encoder.bn1(encoder.conv_stem(pixels))
    for stage in encoder.blocks[:FROZEN]:
        x = stage(x)
    return x.permute(0, 2, 3, 1)


def tail(encoder: EfficientNet, x: Tensor) -> Tensor:
    """The other stages: the stem's (B, H, W, channels) to grids (B, P, C), as `Network.image_features` gives them."""
    return torch.cat([_tail(encoder, part) for part in x.split(CHUNK)])


def tuned_parameters(encoder: EfficientNet) -> Iterable[nn.Parameter]:
    """The parameters that `tail` has gradients for."""
    for block in _blocks(encoder):
        for layer in (block.conv_pw, block.conv_pwl):
            yield from (layer.weight, layer.bias)
    yield from (encoder.conv_head.weight, encoder.conv_head.bias)


def _blocks(encoder: EfficientNet) -> Iterable[Any]:
    return (block for stage in encoder.blocks[FROZEN:] for block in stage)


def _tail(encoder: EfficientNet, x: Tensor) -> Tensor:
    for block in _blocks(encoder):
        y = block.bn1(_pointwise(block.conv_pw, x))
        y = block.bn2(_depthwise(y.permute(0, 3, 1, 2), block.conv_dw).permute(0, 2, 3, 1))
        y = _pointwise(block.conv_pwl, y)
        x = x + y if block.has_skip else y
    return encoder.bn2(_pointwise(encoder.conv_head, x)).flatten(1, 2)


def _pointwise(convolution: nn.Conv2d, x: Tensor) -> Tensor:
    return F.linear(x, convolution.weight[:, :, 0, 0], convolution.bias)


def _depthwise(x: Tensor, convolution: nn.Conv2d) -> Tensor:
    return _Depthwise.apply(x, convolution)  # type: ignore[no-untyped-call]


class _Depthwise(torch.autograd.Function):
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
        outside = max(0, (-(-side // stride) - 1) * stride + size - side)
        before = outside // 2
        ctx.weight, ctx.stride, ctx.before, ctx.side = weight, stride, before, side
        x = F.pad(x, (before, outside - before, before, outside - before))
        return F.conv2d(x, weight, None if bias is None else bias.to(x.dtype), stride, groups=len(weight))

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor, None]:  # noqa: ANN401
        size = ctx.weight.shape[-1]
        if ctx.stride > 1:  # put the gradients where the convolution stood
            spread = (len(grad), grad.shape[1], *(ctx.stride * (n - 1) + 1 for n in grad.shape[2:]))
            wide = grad.new_zeros(spread).contiguous(memory_format=torch.channels_last)
            wide[:, :, :: ctx.stride, :: ctx.stride] = grad
            grad = wide
        first = size - 1 - ctx.before
        last = ctx.side - (grad.shape[-1] + first - size + 1)
        grad = F.pad(grad, (first, last, first, last))
        return F.conv2d(grad, ctx.weight.flip(2, 3), groups=len(ctx.weight)), None
