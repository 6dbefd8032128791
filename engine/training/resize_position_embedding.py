"""Adapting a network to photos of another resolution."""

from __future__ import annotations

import math
from dataclasses import replace

from torch import Tensor
from torch.nn import functional as F

from engine.reference.network import Network

POSITION_EMBEDDING = "image_head.position_embedding"


def resize_position_embedding(network: Network, image_size: int) -> Network:
    """Return the network for photos of `image_size` x `image_size` pixels.

    The position embedding of the image grid is interpolated; all other weights are copied. The same network
    is returned if it has this size already. Its grid must be square.
    """
    config = network.config
    if image_size == config.image_size:
        return network
    old_side = math.isqrt(config.num_patches)
    new_side = old_side * image_size // config.image_size
    resized = Network(replace(config, image_size=image_size, num_patches=new_side**2))
    weights = network.state_dict()
    weights[POSITION_EMBEDDING] = _interpolate(weights[POSITION_EMBEDDING], old_side, new_side)
    resized.load_state_dict(weights)
    return resized


def _interpolate(embedding: Tensor, old_side: int, new_side: int) -> Tensor:
    """Interpolate a position embedding (old_side^2, W) to (new_side^2, W)."""
    grid = embedding.T.unflatten(-1, (old_side, old_side)).unsqueeze(0)
    size = (new_side, new_side)
    return F.interpolate(grid, size=size, mode="bicubic", align_corners=True)[0].flatten(1).T
