"""Image encoders, by their timm name."""

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
    """Make `import torchvision`, which timm does, work beside a CPU build of torch.

    A GPU build of torchvision cannot load its native operators there, and its import fails for
    want of two operator schemas that nothing here calls. Declaring them is enough.
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
    """Build an encoder without a classifier; `forward_features` gives its grid.

    Args:
        name: any convolutional timm model, such as `tf_efficientnet_lite2`.

    Returns:
        A module with `num_features` channels whose `forward_features` maps
        (B, 3, S, S) to (B, num_features, H, W). Weights are random; the batch norms of
        EfficientNets are folded away (see `fold_norms`).
    """
    return fold_norms(create_unfolded(name))


def create_unfolded(name: str) -> nn.Module:
    """Build an encoder as its published weights know it, batch norms and all."""
    declare_torchvision_operators()
    import timm

    return timm.create_model(name, pretrained=False, num_classes=0).eval()


def fold_norms(encoder: nn.Module) -> nn.Module:
    """Fold each batch norm of an EfficientNet into the convolution before it.

    The network computes the same with less, and batches of any kind can tune it: the statistics of
    ImageNet stay what they are. Other families are left alone: their norms may not follow convolutions.
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
