"""Image encoders: convolutional timm models without classifier, their batch norms folded away."""

from __future__ import annotations

from functools import cache

import torch
from torch import nn
from torch.nn.utils.fusion import fuse_conv_bn_weights

_SCHEMAS = (
    "nms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor",
    "qnms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor",
)


@cache  # the schemas live as long as the library object does
def declare_torchvision_operators() -> torch.library.Library | None:
    """Let timm import torchvision beside a CPU build of torch.

    A GPU build of torchvision cannot load its native operators there, and its import fails because two
    operator schemas are missing. Nothing here calls them, so declaring them is enough.
    """
    try:
        import torchvision  # noqa: F401
    except RuntimeError:
        library = torch.library.Library("torchvision", "DEF")
        for schema in _SCHEMAS:
            library.define(schema)
        return library
    return None


def create_encoder(name: str) -> nn.Module:
    """Build an encoder without classifier, with random weights.

    Args:
        name: of a convolutional timm model, such as `tf_efficientnet_lite2`.

    Returns:
        A module whose `forward_features` maps (B, 3, S, S) to (B, C, H, W), C being its `num_features`. The
        batch norms of an EfficientNet are folded (see `fold_norms`).
    """
    return fold_norms(create_unfolded(name))


def create_unfolded(name: str) -> nn.Module:
    """Build an encoder with its batch norms, as published weights expect it."""
    declare_torchvision_operators()
    import timm

    return timm.create_model(name, pretrained=False, num_classes=0).eval()


def fold_norms(encoder: nn.Module) -> nn.Module:
    """Fold each batch norm of an EfficientNet into the convolution before it, in place.

    The encoder computes the same with fewer operations, and fine-tuning leaves the statistics of ImageNet as
    they are, whatever the batches. Other families are returned unchanged: their norms may not follow
    convolutions.
    """
    from timm.layers.norm_act import BatchNormAct2d
    from timm.models.efficientnet import EfficientNet

    if not isinstance(encoder, EfficientNet):
        return encoder
    convolution: nn.Conv2d | None = None
    for parent in list(encoder.modules()):
        for name, child in list(parent.named_children()):
            if isinstance(child, nn.Conv2d):
                convolution = child
            elif isinstance(child, BatchNormAct2d) and convolution is not None:
                _fold(convolution, child)
                setattr(parent, name, child.act)
    return encoder


def _fold(convolution: nn.Conv2d, norm: nn.BatchNorm2d) -> None:
    mean, variance = norm.running_mean, norm.running_var
    if mean is None or variance is None:
        raise ValueError("a batch norm without statistics cannot be folded")
    weight, bias = fuse_conv_bn_weights(
        convolution.weight, convolution.bias, mean, variance, norm.eps, norm.weight, norm.bias
    )
    convolution.weight, convolution.bias = nn.Parameter(weight.detach()), nn.Parameter(bias.detach())
