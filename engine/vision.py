"""Image encoders, by their timm name."""

from __future__ import annotations

from functools import cache

import torch
from torch import nn

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
        (B, 3, S, S) to (B, num_features, H, W). Weights are random.
    """
    declare_torchvision_operators()
    import timm

    return timm.create_model(name, pretrained=False, num_classes=0)
