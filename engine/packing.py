"""A trained network's weights in the order that the processor reads fastest: the same sums, sooner.

oneDNN keeps weights in blocks that fill its registers. PyTorch has plain ones put in order at each
call, or takes a slower library: for one photo that costs as much as the sums themselves. Here it is
done once. The operators are those that PyTorch's own compiler emits for processors.

Where the processor multiplies bfloat16 faster, weights are packed in it: half as much to fetch from
memory, which small products wait for. Sums stay in single precision, and so does what layers hand on.
Convolutions are left to `engine.compiled`.
"""

from __future__ import annotations

import os
from collections.abc import Container

import torch
from torch import Tensor, nn

# oneDNN keeps what it compiled for each size of input. Its usual thousand places fill in an hour of use
# (`make soak`), with a hundred megabytes; with half as many as these, answers wait for it again.
os.environ.setdefault("ONEDNN_PRIMITIVE_CACHE_CAPACITY", "256")

ROWS = 4  # that a linear layer mostly sees: the hypotheses of one caption
HALF = ("avx512_bf16", "amx_bf16", "bf16")  # processors that compute bfloat16 faster than float32


def fast_precision() -> torch.dtype:
    """Tell what this processor multiplies fastest."""
    can = torch.cpu.get_capabilities()
    return torch.bfloat16 if any(can.get(name) for name in HALF) else torch.float32


def pack(network: nn.Module, precision: torch.dtype, exact: Container[nn.Module] = ()) -> None:
    """Pack every linear layer of a network that learns no more.

    Inference mode takes the packed weights; gradients and autocast pass through the plain ones. Names
    of parameters change: a packed network is not for saving. Where PyTorch was built without oneDNN,
    nothing happens.

    Args:
        network: whose layers are replaced.
        precision: that the weights are packed in.
        exact: layers that stay in single precision.
    """
    if not torch.backends.mkldnn.is_available():
        return
    for parent in list(network.modules()):
        for name, child in list(parent.named_children()):
            if isinstance(child, nn.Linear):
                here = torch.float32 if child in exact else precision
                setattr(parent, name, PackedLinear(child, here))


class PackedLinear(nn.Module):
    """A linear layer beside its packed weights."""

    def __init__(self, plain: nn.Linear, precision: torch.dtype) -> None:
        super().__init__()
        self.plain, self._precision = plain, precision
        weight = plain.weight.detach().to(precision)
        self._weight = torch.ops.mkldnn._reorder_linear_weight(weight, ROWS)
        self._bias = plain.bias.detach().to(precision)

    def forward(self, x: Tensor) -> Tensor:
        """See `nn.Linear`."""
        if not torch.is_inference_mode_enabled() or torch.is_autocast_enabled("cpu"):
            return self.plain(x)
        x = x.to(self._precision)
        return torch.ops.mkldnn._linear_pointwise(x, self._weight, self._bias, "none", [], "").float()
